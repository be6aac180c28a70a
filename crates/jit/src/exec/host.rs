//! Code memory of a host program: parts of a file in memory, mapped to be read and executed. Faults know where they lie. Some of those whose
//! code was dropped are kept for the next code.

use super::fault;
use super::file::file;
use super::guarded::Guarded;
use super::memory::{CodeMemory, CodePages, PublishError};
use super::ranges::Listed;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr::null_mut;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use spin::Mutex;
use velocity_interp::engine::Storage;

/// Code memory of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostCode;

impl HostCode {
    /// Does what the first code would have to wait for, several milliseconds where a process has more than one thread: call it before there is a
    /// second one. Code may come without it.
    pub fn prepare() {
        // Whether the host refuses is told to who publishes code.
        let _ = file();
    }
}

/// How many mappings without code are kept for later code, and of how many bytes at most.
const SPARE_PAGES: usize = 8;
const MAX_SPARE: usize = 1 << 17;

/// A mapping is a whole number of pages.
const PAGE: usize = 4096;

/// A page of breakpoints, which stand behind the code: nothing of older code is left there.
static NO_CODE: [u8; PAGE] = [0xCC; PAGE];

/// Mappings whose code was dropped: what comes next in them costs no page faults, and two calls of the host less.
static SPARE: Mutex<Vec<Pages>> = Mutex::new(Vec::new());

/// A part of the file, mapped.
#[derive(Debug)]
struct Pages {
    start: *mut c_void,
    len: usize,
    /// Where it begins in the file.
    offset: u64,
    /// How much of it may be anything; the rest is [`NO_CODE`].
    used: usize,
}

// SAFETY: 1. The mapping belongs to no thread; 2. nothing can be done with it but to execute what it holds, and to unmap it.
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
    /// With these bytes, perhaps where other code was before.
    fn holding(bytes: &[u8]) -> Result<Self, PublishError> {
        let len = bytes.len().max(1).checked_next_multiple_of(PAGE).ok_or(PublishError::OutOfMemory)?;
        let fits = |pages: &Self| pages.len == len;
        let found = {
            let mut spare = SPARE.lock();
            spare.iter().position(fits).map(|at| spare.swap_remove(at))
        };
        let Some(mut pages) = found else { return Self::new(len, bytes) };
        let rest = pages.used.saturating_sub(bytes.len());
        file()?.write(pages.offset, [bytes, &NO_CODE[..rest]])?;
        pages.used = bytes.len();
        Ok(pages)
    }

    fn new(len: usize, bytes: &[u8]) -> Result<Self, PublishError> {
        let file = file()?;
        let offset = file.part(len);
        let written = file.write(offset, [bytes, &NO_CODE[..len - bytes.len()]]);
        let (rights, flags) = (ProtFlags::READ | ProtFlags::EXEC, MapFlags::SHARED | MapFlags::POPULATE);
        // SAFETY: 1. No address is asked for, so nothing that exists is replaced.
        let start = written.and_then(|()| unsafe {
            mmap(null_mut(), len, rights, flags, &file.fd, offset).map_err(|_| PublishError::OutOfMemory)
        });
        if start.is_err() {
            file.forget(offset, len);
        }
        Ok(Self { start: start?, len, offset, used: bytes.len() })
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
        let _ = unsafe { munmap(self.start, self.len) };
        if let Ok(file) = file() {
            file.forget(self.offset, self.len);
        }
    }
}

// SAFETY: 1. The bytes are in the file before its part is mapped, or before what was mapped is given out again; 2. the mapping gives no right
// to write, and nobody else has a part of the file; 3. see `guarded` and `fault`: the code is listed before anybody can run it.
unsafe impl CodeMemory for HostCode {
    fn publish(&self, bytes: &[u8]) -> Result<Box<dyn CodePages>, PublishError> {
        let pages = Pages::holding(bytes)?;
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
