//! Linear memory in address space of its own, of which nobody else has a part as far as an access reaches. Some that was given back is kept,
//! emptied: the next memory of that size or more costs the host one call less.

use super::fault;
use super::memory::REACH;
use super::ranges::Listed;
use alloc::vec::Vec;
use core::ffi::c_void;
use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mmap_anonymous, mprotect, munmap};
use spin::Mutex;
use velocity_interp::engine::Storage;
use velocity_nda::module::PAGE_BYTES;

/// Address space of a memory: a whole number of pages.
const RESERVED: usize = REACH.next_multiple_of(PAGE_BYTES as u64) as usize;

/// The most bytes that it holds.
const MOST: usize = 1 << 32;

/// How much address space without a memory is kept, and with how many bytes that can be touched at most.
const SPARE_SPACES: usize = 8;
const MAX_SPARE: usize = 1 << 24;

static SPARE: Mutex<Vec<Space>> = Mutex::new(Vec::new());

/// Address space of our own that can be touched up to `len`.
#[derive(Debug)]
struct Space {
    start: *mut c_void,
    len: usize,
}

/// A linear memory. It is listed from before the first access until after the last one.
#[derive(Debug)]
pub(super) struct Guarded {
    space: Option<Space>,
    start: *mut c_void,
    len: usize,
    listed: Option<Listed>,
}

// SAFETY: 1. The mapping belongs to no thread; 2. only who has it for itself touches it.
unsafe impl Send for Space {}
// SAFETY: 1. The mapping belongs to no thread.
unsafe impl Send for Guarded {}

impl Space {
    /// Some that can be touched no further than `bytes`, where all is zero.
    fn take(bytes: usize) -> Option<Self> {
        let mut spare = SPARE.lock();
        let fits = spare.iter().enumerate().filter(|(_, space)| space.len <= bytes);
        if let Some((at, _)) = fits.max_by_key(|(_, space)| space.len) {
            return Some(spare.swap_remove(at));
        }
        drop(spare);
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: 1. No address is asked for, so nothing that exists is replaced.
        let start = unsafe { mmap_anonymous(core::ptr::null_mut(), RESERVED, ProtFlags::empty(), flags) };
        Some(Self { start: start.ok()?, len: 0 })
    }

    /// Keeps it for a later memory, in the place of an older one if there are enough.
    fn give_back(self) {
        if self.len > MAX_SPARE {
            return;
        }
        // SAFETY: 1. The range is our own mapping, private and of no file, so that its pages are zero when they are touched again (Linux,
        // madvise(2)); 2. no reference into it exists.
        if self.len > 0 && unsafe { madvise(self.start, self.len, Advice::LinuxDontNeed) }.is_err() {
            return;
        }
        let mut spare = SPARE.lock();
        let oldest = (spare.len() >= SPARE_SPACES).then(|| spare.remove(0));
        spare.push(self);
        drop(spare);
        drop(oldest);
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        // SAFETY: 1. The range is our own mapping; 2. no reference into it outlives `self`.
        let _ = unsafe { munmap(self.start, RESERVED) };
    }
}

impl Guarded {
    /// For so many bytes, with some of them or none; `None` if there is not enough address space, or faults cannot be made exits.
    pub(super) fn new(bytes: usize) -> Option<Self> {
        if !fault::is_handled() {
            return None;
        }
        let space = Space::take(bytes)?;
        let listed = fault::MEMORIES.list(space.start as u64, RESERVED as u64)?;
        Some(Self { start: space.start, len: space.len, space: Some(space), listed: Some(listed) })
    }
}

impl Storage for Guarded {
    fn bytes(&self) -> &[u8] {
        // SAFETY: 1. So many bytes can be read, and were zero at first; 2. who writes has `self` for itself, or is machine code, which
        // runs while nobody here does.
        unsafe { core::slice::from_raw_parts(self.start.cast(), self.len) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: 1. As in `bytes`; 2. so many bytes can be written, and `self` is ours alone.
        unsafe { core::slice::from_raw_parts_mut(self.start.cast(), self.len) }
    }

    fn extend(&mut self, bytes: usize) -> bool {
        let len = self.len.checked_add(bytes).filter(|&len| len <= MOST && len % PAGE_BYTES as usize == 0);
        let Some(len) = len else { return false };
        if bytes > 0 {
            // SAFETY: 1. The range lies inside of our own mapping, behind what can be touched already; 2. it begins and ends with a page.
            let done =
                unsafe { mprotect(self.start.byte_add(self.len), bytes, MprotectFlags::READ | MprotectFlags::WRITE) };
            if done.is_err() {
                return false;
            }
        }
        self.len = len;
        true
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.listed = None;
        if let Some(mut space) = self.space.take() {
            space.len = self.len;
            space.give_back();
        }
    }
}
