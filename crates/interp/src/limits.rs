//! What a store and its runs may use.

/// What a store and each of its runs may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How much fuel a run has: one unit for each node, charged by segments, and more for bulk operations. A run may
    /// pass this by the nodes of one function before it is noticed.
    pub fuel: u64,
    /// How many calls may be active at once, the first one included.
    pub call_depth: u32,
    /// How many slots the active calls of a run may take, each as many as its function needs at most; a slot is a value
    /// or a pending task and takes at most 12 bytes.
    pub stack_slots: u32,
    /// How many pages of 64 KiB all memories of a store may have together.
    pub memory_pages: u32,
    /// How many entries all tables of a store may have together.
    pub table_entries: u32,
}

impl Default for Limits {
    /// 20 million nodes, 10,000 calls, 131,072 slots, 256 pages, 65,536 entries: about a second at most, about a mebibyte
    /// of stacks and 16 MiB of memory.
    fn default() -> Self {
        Self { fuel: 20_000_000, call_depth: 10_000, stack_slots: 1 << 17, memory_pages: 256, table_entries: 1 << 16 }
    }
}
