//! What a store and its runs may use.

/// What a store and each of its runs may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How much fuel a run has: one unit for each node, charged by segments, and more for bulk operations. A run may
    /// pass this by the nodes of one function before it is noticed.
    pub fuel: u64,
    /// How many slots the active calls of a run may take, the first one included: each as many as its function needs at
    /// most, and [`CALL_SLOTS`](crate::engine::CALL_SLOTS) of them for the call itself. It bounds the depth of calls and
    /// the memory of a run: an engine keeps at most 12 bytes for a slot (a value, a pending task, a part of the record of
    /// a call), apart from what its vectors reserve when they grow.
    pub stack_slots: u32,
    /// How many pages of 64 KiB all memories of a store may have together.
    pub memory_pages: u32,
    /// How many entries all tables of a store may have together.
    pub table_entries: u32,
}

impl Default for Limits {
    /// 20 million nodes, 131,072 slots, 256 pages, 65,536 entries: about a second at most, calls of small functions
    /// some 7,000 deep, at most 1.5 MiB of stacks and 16 MiB of memory.
    fn default() -> Self {
        Self { fuel: 20_000_000, stack_slots: 1 << 17, memory_pages: 256, table_entries: 1 << 16 }
    }
}
