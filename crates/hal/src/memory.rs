//! The system's own account of memory.

/// Memory by purpose, in bytes. The sum of all but `total` and `screen` is what the system uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct MemoryUsage {
    /// What the machine has.
    pub total: u64,
    /// Heap memory taken from the machine (used or not), without screen buffers.
    pub heap: u64,
    /// Of that, bytes allocated right now, without screen buffers.
    pub heap_used: u64,
    /// Stacks of all cores, interrupt stacks included.
    pub stacks: u64,
    /// Page tables.
    pub page_tables: u64,
    /// The image: code, constants, static data.
    pub code: u64,
    /// Device queues and transfer buffers.
    pub queues: u64,
    /// Back buffers of the screen; told apart because their size is the screen's.
    pub screen: u64,
}

impl MemoryUsage {
    /// Everything the system holds, screen buffers apart.
    #[must_use]
    pub const fn in_use(&self) -> u64 {
        self.heap + self.stacks + self.page_tables + self.code + self.queues
    }
}

/// Answers how memory is used.
pub trait MemoryReport: Send + Sync {
    /// The account as of now.
    fn usage(&self) -> MemoryUsage;
}
