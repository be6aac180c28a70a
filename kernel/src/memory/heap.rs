//! The kernel heap: `talc` over chunks of contiguous frames (decision record 0002).
//!
//! Memory is taken from the frame allocator when needed, in chunks of at least [`CHUNK`] bytes, and stays with the
//! heap. Interrupt handlers never allocate, so a plain spin lock is enough.

use super::{PAGE, frames, paging};
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{NonNull, null_mut};
use spin::Mutex;
use talc::DefaultBinning;
use talc::base::{Talc, binning::Binning};
use talc::source::Source;

/// Least memory taken from the machine at once, in bytes.
const CHUNK: u64 = 256 * 1024;
/// Room for the allocator's own records in a chunk made for one large allocation, in bytes.
const OVERHEAD: u64 = 16 * 1024;

/// Gives the allocator more frames when it runs dry.
#[derive(Debug)]
struct Frames;

// SAFETY: 1. each chunk is fresh memory from the frame allocator, mapped writable and used by nobody else; 2. `acquire`
// does not allocate from the heap; 3. it returns `Ok` only after a successful claim.
unsafe impl Source for Frames {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let wanted = (layout.size() as u64).checked_add(layout.align() as u64 + OVERHEAD).ok_or(())?;
        let bytes = wanted.max(CHUNK).checked_next_multiple_of(PAGE).ok_or(())?;
        let chunk = frames::take(bytes).ok_or(())?;
        // SAFETY: 1. the frames are ours; 2. the direct map covers them, writable; 3. they stay with the heap for good.
        match unsafe { talc.claim(paging::window(chunk), bytes as usize) } {
            Some(_) => {
                TAKEN.add(bytes);
                Ok(())
            }
            None => {
                frames::give_back(chunk, bytes);
                Err(())
            }
        }
    }
}

use super::account::Bytes;
static TAKEN: Bytes = Bytes::new();
static ALLOCATED: Bytes = Bytes::new();

/// What the heap holds, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapUsage {
    /// Taken from the machine.
    pub taken: u64,
    /// Allocated right now.
    pub allocated: u64,
}

/// The heap's account.
#[must_use]
pub fn usage() -> HeapUsage {
    HeapUsage { taken: TAKEN.get(), allocated: ALLOCATED.get() }
}

/// The global allocator of the kernel.
pub struct Heap(Mutex<Talc<Frames, DefaultBinning>>);

impl Heap {
    /// An empty heap.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Talc::new(Frames)))
    }
}

impl Default for Heap {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: 1. `Talc` upholds the allocator contract; 2. the lock makes each call exclusive; 3. sizes of zero never reach
// it, as `GlobalAlloc` demands of its callers.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: 1. the caller passes a layout of non-zero size.
        let allocated = unsafe { self.0.lock().allocate(layout) };
        allocated.map_or(null_mut(), |pointer: NonNull<u8>| {
            ALLOCATED.add(layout.size() as u64);
            pointer.as_ptr()
        })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.sub(layout.size() as u64);
        // SAFETY: 1. the caller passes what `alloc` returned for this layout.
        unsafe { self.0.lock().deallocate(pointer, layout) };
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: 1. the caller passes what `alloc` returned for this layout; 2. `new_size` is not zero.
        let in_place = unsafe { self.0.lock().try_realloc_in_place(pointer, layout, new_size) };
        if in_place {
            ALLOCATED.add(new_size as u64);
            ALLOCATED.sub(layout.size() as u64);
            return pointer;
        }
        // SAFETY: 1. the size is not zero and the alignment unchanged, hence valid; 2. both blocks hold at least the
        // copied bytes and are distinct.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(pointer, layout.size().min(new_size));
                self.dealloc(pointer, layout);
            }
            moved
        }
    }
}
