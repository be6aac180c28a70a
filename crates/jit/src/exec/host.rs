//! Code memory of a host program: anonymous mappings, written first and executable afterwards. Faults know where they lie. Some of those
//! whose code was dropped are kept: for the next code, executable ones become writable, and never are both.

use super::fault;
use super::guarded::Guarded;
use super::memory::{CodeMemory, CodePages, PublishError};
use super::ranges::Listed;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ffi::c_void;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
use spin::Mutex;
use velocity_interp::engine::Storage;

/// Code memory of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostCode;

/// How many mappings without code are kept for later code, and of how many bytes at most.
const SPARE_PAGES: usize = 8;
const MAX_SPARE: usize = 1 << 17;

/// A mapping is a whole number of pages.
const PAGE: usize = 4096;

/// A breakpoint, behind the code: nothing of older code is left there.
const NO_CODE: u8 = 0xCC;

/// Mappings whose code was dropped: what comes next in them costs no page faults, and two calls of the host less.
static SPARE: Mutex<Vec<Pages>> = Mutex::new(Vec::new());

/// A mapping of our own, with a page before it and one behind it that cannot be touched: rights of its pages are changed for half the time
/// if the host has nothing beside them to join them with.
#[derive(Debug)]
struct Pages {
    start: *mut c_void,
    len: usize,
    /// How much of it may be anything; the rest is [`NO_CODE`].
    used: usize,
}

// SAFETY: 1. The mapping belongs to no thread; 2. only who has it for itself writes to it.
unsafe impl Send for Pages {}
// SAFETY: 1. The mapping belongs to no thread; 2. nothing can be done with a shared one.
unsafe impl Sync for Pages {}

/// Published code: it is given back when it is dropped.
#[derive(Debug)]
struct Mapping {
    pages: Option<Pages>,
    start: u64,
    /// Without it, a fault in this code ends the process.
    listed: Option<Listed>,
}

impl Pages {
    /// Pages that can be written and not executed, perhaps some that other code is done with.
    fn take(bytes: usize) -> Result<Self, PublishError> {
        let len = bytes.max(1).checked_next_multiple_of(PAGE).ok_or(PublishError::OutOfMemory)?;
        let fits = |pages: &Self| pages.len >= len && pages.len <= 2 * len;
        let found = {
            let mut spare = SPARE.lock();
            spare.iter().position(fits).map(|at| spare.swap_remove(at))
        };
        let Some(pages) = found else { return Self::new(len) };
        pages.protect(MprotectFlags::READ | MprotectFlags::WRITE)?;
        Ok(pages)
    }

    fn new(len: usize) -> Result<Self, PublishError> {
        let whole = len.checked_add(2 * PAGE).ok_or(PublishError::OutOfMemory)?;
        // SAFETY: 1. No address is asked for, so nothing that exists is replaced.
        let start = unsafe { mmap_anonymous(core::ptr::null_mut(), whole, ProtFlags::empty(), MapFlags::PRIVATE) };
        let first = start.map_err(|_| PublishError::OutOfMemory)?;
        let pages = Self { start: first.wrapping_byte_add(PAGE), len, used: len };
        pages.protect(MprotectFlags::READ | MprotectFlags::WRITE)?;
        Ok(pages)
    }

    fn protect(&self, flags: MprotectFlags) -> Result<(), PublishError> {
        // SAFETY: 1. The range is our own mapping; 2. no reference into it exists, and no code in it runs: who may run it holds it.
        unsafe { mprotect(self.start, self.len, flags) }.map_err(|_| PublishError::OutOfMemory)
    }

    /// Keeps them for later code, if there are not enough.
    fn give_back(self) {
        let mut spare = SPARE.lock();
        if self.len <= MAX_SPARE && spare.len() < SPARE_PAGES {
            spare.push(self);
        }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: 1. The range is our own mapping; 2. who runs its code holds it.
        let _ = unsafe { munmap(self.start.wrapping_byte_sub(PAGE), self.len + 2 * PAGE) };
    }
}

// SAFETY: 1. The bytes are copied to the start of pages that nobody else has; 2. `mprotect` takes the right to write away before they are
// given out, and nothing gives it back until they are dropped; 3. see `guarded` and `fault`: the code is listed before anybody can run it.
unsafe impl CodeMemory for HostCode {
    fn publish(&self, bytes: &[u8]) -> Result<Box<dyn CodePages>, PublishError> {
        let mut pages = Pages::take(bytes.len())?;
        // SAFETY: 1. The pages are at least as long as `bytes`, and writable; 2. they are ours alone, so they do not overlap.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), pages.start.cast(), bytes.len()) };
        // SAFETY: 1. The range is what the pages have behind `bytes`, or less of it; 2. as above.
        unsafe {
            pages.start.cast::<u8>().add(bytes.len()).write_bytes(NO_CODE, pages.used.saturating_sub(bytes.len()))
        };
        pages.used = bytes.len();
        pages.protect(MprotectFlags::READ | MprotectFlags::EXEC)?;
        let start = pages.start as u64;
        let listed = fault::CODE.list(start, pages.len as u64).ok_or(PublishError::NoRoom)?;
        Ok(Box::new(Mapping { pages: Some(pages), start, listed: Some(listed) }))
    }

    fn guarded(&self, bytes: usize) -> Option<Box<dyn Storage>> {
        Some(Box::new(Guarded::new(bytes)?))
    }
}

// SAFETY: 1. The start of the mapping never changes.
unsafe impl CodePages for Mapping {
    fn address(&self) -> u64 {
        self.start
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        self.listed = None;
        if let Some(pages) = self.pages.take() {
            pages.give_back();
        }
    }
}
