//! Counters behind `mem`: every allocator of the kernel adds what it takes.

use super::{heap, layout};
use core::sync::atomic::{AtomicU64, Ordering};
use velocity_hal::{MemoryReport, MemoryUsage};

/// A byte counter.
pub struct Bytes(AtomicU64);

impl Bytes {
    pub(super) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Counts `bytes` more.
    pub fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts `bytes` less.
    pub fn sub(&self, bytes: u64) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Memory of the machine.
pub static TOTAL: Bytes = Bytes::new();
/// Stacks.
pub static STACKS: Bytes = Bytes::new();
/// Page tables.
pub static PAGE_TABLES: Bytes = Bytes::new();
/// Device queues and buffers.
pub static QUEUES: Bytes = Bytes::new();
/// Machine code of programs.
pub static CODE: Bytes = Bytes::new();
/// Linear memories of programs.
pub static LINEAR: Bytes = Bytes::new();
/// The screen's back buffer, which lies in the heap and is told apart.
pub static SCREEN: Bytes = Bytes::new();

/// The kernel's [`MemoryReport`].
pub struct KernelMemory;

impl MemoryReport for KernelMemory {
    fn usage(&self) -> MemoryUsage {
        let heap = heap::usage();
        let (screen, linear) = (SCREEN.get(), LINEAR.get());
        MemoryUsage {
            total: TOTAL.get(),
            heap: heap.taken.saturating_sub(screen) + linear,
            heap_used: heap.allocated.saturating_sub(screen) + linear,
            stacks: STACKS.get(),
            page_tables: PAGE_TABLES.get(),
            code: layout::image().len() + CODE.get(),
            queues: QUEUES.get(),
            screen,
        }
    }
}
