//! Linear memory in address space of its own, of which nobody else has a part as far as an access reaches.

use super::fault;
use super::memory::REACH;
use super::ranges::Listed;
use core::ffi::c_void;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
use velocity_interp::engine::Storage;
use velocity_nda::module::PAGE_BYTES;

/// Address space of a memory: a whole number of pages.
const RESERVED: usize = REACH.next_multiple_of(PAGE_BYTES as u64) as usize;

/// The most bytes that it holds.
const MOST: usize = 1 << 32;

/// Address space that can be touched up to `len`. It is listed from before the first access until after the last one.
#[derive(Debug)]
pub(super) struct Guarded {
    start: *mut c_void,
    len: usize,
    listed: Option<Listed>,
}

// SAFETY: 1. The mapping belongs to no thread.
unsafe impl Send for Guarded {}

impl Guarded {
    /// With no bytes; `None` if there is not enough address space, or faults cannot be made exits.
    pub(super) fn new() -> Option<Self> {
        if !fault::is_handled() {
            return None;
        }
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: 1. No address is asked for, so nothing that exists is replaced.
        let start = unsafe { mmap_anonymous(core::ptr::null_mut(), RESERVED, ProtFlags::empty(), flags) };
        let mut memory = Self { start: start.ok()?, len: 0, listed: None };
        memory.listed = Some(fault::MEMORIES.list(memory.start as u64, RESERVED as u64)?);
        Some(memory)
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
        // SAFETY: 1. The range is our own mapping; 2. no reference into it outlives `self`.
        let _ = unsafe { munmap(self.start, RESERVED) };
    }
}
