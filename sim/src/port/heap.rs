//! Heap accounting: the host's allocator with a counter in front.
//!
//! The host cannot tell whose an allocation is, so a [`HeapAccount`] counts all of the process since it was opened. It is
//! opened right before the system starts, when the machine's own memory (guest memory, disk image, window) is there
//! already. Invariant: the account may count too much, for example what the window library allocates later, never too
//! little.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes allocated by this process right now.
static LIVE: AtomicU64 = AtomicU64::new(0);

/// Highest value of [`LIVE`] so far.
static PEAK: AtomicU64 = AtomicU64::new(0);

#[global_allocator]
static HEAP: CountingHeap = CountingHeap;

/// The host's allocator, counted.
struct CountingHeap;

// SAFETY: 1. every method hands its arguments to `System` unchanged and returns what that returned, so `System`'s
// guarantees hold for callers, and callers' promises reach `System`; 2. counting touches atomics only: it neither
// allocates nor unwinds.
unsafe impl GlobalAlloc for CountingHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: 1. the caller promises a layout of non-zero size, which is all that `System::alloc` asks for.
        let block = unsafe { System.alloc(layout) };
        count(block, layout.size());
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: 1. the caller promises a layout of non-zero size, which is all that `System::alloc_zeroed` asks for.
        let block = unsafe { System.alloc_zeroed(layout) };
        count(block, layout.size());
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: 1. the caller promises that `block` came from this allocator with `layout`; 2. this allocator hands
        // out nothing but blocks of `System`.
        unsafe { System.dealloc(block, layout) };
        LIVE.fetch_sub(layout.size() as u64, Ordering::Relaxed);
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: 1. the caller promises that `block` came from this allocator with `layout` and that `new_size` is not
        // zero and does not overflow; 2. this allocator hands out nothing but blocks of `System`.
        let moved = unsafe { System.realloc(block, layout, new_size) };
        if !moved.is_null() {
            LIVE.fetch_sub(layout.size() as u64, Ordering::Relaxed);
        }
        count(moved, new_size);
        moved
    }
}

/// Counts `bytes` in, unless the allocation failed.
fn count(block: *mut u8, bytes: usize) {
    if !block.is_null() {
        let live = LIVE.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        PEAK.fetch_max(live, Ordering::Relaxed);
    }
}

/// What this process allocated since the account was opened.
#[derive(Clone, Copy, Debug)]
pub struct HeapAccount {
    baseline: u64,
}

impl HeapAccount {
    /// An account of everything from now on. Restarts the high-water mark of the whole process.
    #[must_use]
    pub fn open() -> Self {
        let baseline = LIVE.load(Ordering::Relaxed);
        PEAK.store(baseline, Ordering::Relaxed);
        Self { baseline }
    }

    /// Bytes allocated since then and not freed.
    #[must_use]
    pub fn used(&self) -> u64 {
        LIVE.load(Ordering::Relaxed).saturating_sub(self.baseline)
    }

    /// The most that [`HeapAccount::used`] ever was.
    #[must_use]
    pub fn peak(&self) -> u64 {
        PEAK.load(Ordering::Relaxed).saturating_sub(self.baseline).max(self.used())
    }
}
