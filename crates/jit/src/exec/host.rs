//! Code memory of a host program: anonymous mappings, written first and executable afterwards. Faults know where they lie.

use super::fault;
use super::guarded::Guarded;
use super::memory::{CodeMemory, CodePages, PublishError};
use super::ranges::Listed;
use alloc::boxed::Box;
use core::ffi::c_void;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
use velocity_interp::engine::Storage;

/// Code memory of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostCode;

#[derive(Debug)]
struct Mapping {
    start: *mut c_void,
    len: usize,
    /// Without it, a fault in this code ends the process.
    listed: Option<Listed>,
}

// SAFETY: 1. The mapping belongs to no thread; 2. after it is made nobody writes to it.
unsafe impl Send for Mapping {}
// SAFETY: 1. The mapping belongs to no thread; 2. after it is made nobody writes to it.
unsafe impl Sync for Mapping {}

// SAFETY: 1. The bytes are copied to the start of a new mapping; 2. `mprotect` takes the right to write away before it is given out,
// and nothing here gives it back; 3. see `guarded` and `fault`: the code is listed before anybody can run it.
unsafe impl CodeMemory for HostCode {
    fn publish(&self, bytes: &[u8]) -> Result<Box<dyn CodePages>, PublishError> {
        let len = bytes.len().max(1);
        // SAFETY: 1. No address is asked for, so nothing that exists is replaced.
        let start = unsafe {
            mmap_anonymous(core::ptr::null_mut(), len, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
        };
        let mut mapping = Mapping { start: start.map_err(|_| PublishError::OutOfMemory)?, len, listed: None };
        // SAFETY: 1. The mapping is at least as long as `bytes`, and writable; 2. it is new, so they do not overlap.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), mapping.start.cast(), bytes.len()) };
        // SAFETY: 1. The range is our own mapping; 2. no reference into it exists.
        let published = unsafe { mprotect(mapping.start, len, MprotectFlags::READ | MprotectFlags::EXEC) };
        published.map_err(|_| PublishError::OutOfMemory)?;
        let listed = fault::CODE.list(mapping.start as u64, len as u64);
        mapping.listed = Some(listed.ok_or(PublishError::NoRoom)?);
        Ok(Box::new(mapping))
    }

    fn guarded(&self) -> Option<Box<dyn Storage>> {
        Some(Box::new(Guarded::new()?))
    }
}

// SAFETY: 1. The start of the mapping never changes.
unsafe impl CodePages for Mapping {
    fn address(&self) -> u64 {
        self.start as u64
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        self.listed = None;
        // SAFETY: 1. The range is our own mapping; 2. who runs its code holds it.
        let _ = unsafe { munmap(self.start, self.len) };
    }
}
