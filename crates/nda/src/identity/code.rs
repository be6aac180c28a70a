//! Numbers of the canonical form that are not operators. They are part of every hash and never change.
//!
//! Everything in the canonical form is little-endian words of 64 bits. The first word of a node holds its code in
//! bits 0 to 7, a count in bits 8 to 31 and an immediate in bits 32 to 63. Operators, loads and stores have the numbers
//! of [`ops`](crate::module::UnaryOp), the other nodes WebAssembly's where it has one.

/// Codes of nodes.
pub(crate) mod node {
    pub(crate) const UNREACHABLE: u8 = 0x00;
    pub(crate) const BLOCK: u8 = 0x02;
    pub(crate) const LOOP: u8 = 0x03;
    pub(crate) const IF: u8 = 0x04;
    pub(crate) const IF_ELSE: u8 = 0x05;
    pub(crate) const SEQUENCE: u8 = 0x06;
    pub(crate) const TUPLE: u8 = 0x07;
    pub(crate) const LOCAL_SET_MANY: u8 = 0x08;
    pub(crate) const ADDRESS: u8 = 0x09;
    pub(crate) const BREAK: u8 = 0x0C;
    pub(crate) const BREAK_TABLE: u8 = 0x0E;
    pub(crate) const RETURN: u8 = 0x0F;
    pub(crate) const CALL: u8 = 0x10;
    pub(crate) const CALL_INDIRECT: u8 = 0x11;
    pub(crate) const DROP: u8 = 0x1A;
    pub(crate) const SELECT: u8 = 0x1B;
    pub(crate) const LOCAL_GET: u8 = 0x20;
    pub(crate) const LOCAL_SET: u8 = 0x21;
    pub(crate) const LOCAL_TEE: u8 = 0x22;
    pub(crate) const GLOBAL_GET: u8 = 0x23;
    pub(crate) const GLOBAL_SET: u8 = 0x24;
    pub(crate) const MEMORY_SIZE: u8 = 0x3F;
    pub(crate) const MEMORY_GROW: u8 = 0x40;
    pub(crate) const I32: u8 = 0x41;
    pub(crate) const I64: u8 = 0x42;
    pub(crate) const F32: u8 = 0x43;
    pub(crate) const F64: u8 = 0x44;
    pub(crate) const MEMORY_COPY: u8 = 0xF0;
    pub(crate) const MEMORY_FILL: u8 = 0xF1;
    pub(crate) const MEMORY_INIT: u8 = 0xF2;
    pub(crate) const DATA_DROP: u8 = 0xF3;
    pub(crate) const TABLE_INIT: u8 = 0xF4;
    pub(crate) const TABLE_COPY: u8 = 0xF5;
    pub(crate) const ELEMENT_DROP: u8 = 0xF6;
}

/// Kinds of definitions: bits 0 to 7 of the first word of their canonical form.
pub(crate) mod kind {
    pub(crate) const FUNCTION: u8 = 1;
    pub(crate) const HOST_FUNCTION: u8 = 2;
    pub(crate) const GLOBAL: u8 = 3;
    pub(crate) const HOST_GLOBAL: u8 = 4;
    pub(crate) const TABLE: u8 = 5;
    pub(crate) const HOST_TABLE: u8 = 6;
    pub(crate) const MEMORY: u8 = 7;
    pub(crate) const HOST_MEMORY: u8 = 8;
    pub(crate) const STATIC: u8 = 9;
    pub(crate) const PASSIVE_DATA: u8 = 10;
    pub(crate) const PLACED_DATA: u8 = 11;
    pub(crate) const PASSIVE_ELEMENT: u8 = 12;
    pub(crate) const PLACED_ELEMENT: u8 = 13;
}

/// Kinds of what a reference leads to: bits 0 to 7 of its word.
pub(crate) mod reference {
    pub(crate) const FUNCTION: u8 = 1;
    pub(crate) const GLOBAL: u8 = 2;
    pub(crate) const TABLE: u8 = 3;
    pub(crate) const DATA: u8 = 4;
    pub(crate) const ELEMENT: u8 = 5;
    /// Set in bits 8 to 15 when what follows is no hash but a position in the same cycle.
    pub(crate) const IN_CYCLE: u64 = 1 << 8;
    /// Words of a reference: its own and its hash.
    pub(crate) const WORDS: usize = 5;
}

/// Where a constant comes from: the first of its two words.
pub(crate) mod constant {
    pub(crate) const VALUE: u32 = 0;
    pub(crate) const GLOBAL: u32 = 1;
    pub(crate) const ADDRESS: u32 = 2;
}

/// What stands in front of everything that is hashed: its role and the version of the algorithm.
pub(crate) mod domain {
    pub(crate) const DEFINITION: &[u8; 16] = b"NDA-def-v1\0\0\0\0\0\0";
    pub(crate) const CYCLE: &[u8; 16] = b"NDA-cycle-v1\0\0\0\0";
    pub(crate) const PART: &[u8; 16] = b"NDA-part-v1\0\0\0\0\0";
    pub(crate) const ROOT: &[u8; 16] = b"NDA-root-v1\0\0\0\0\0";
}
