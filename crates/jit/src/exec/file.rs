//! A file in memory that holds all machine code of this process. Code is written into the file, not to an address: where it is mapped, it
//! can be read and executed, and never written.

use super::memory::PublishError;
use core::sync::atomic::{AtomicU64, Ordering};
use rustix::fd::OwnedFd;
use rustix::fs::{FallocateFlags, MemfdFlags, fallocate, memfd_create};
use rustix::io::{Errno, IoSlice, pwritev};
use rustix::process::{Resource, getrlimit};
use rustix::thread::{MembarrierCommand, membarrier};
use spin::Once;

/// The file. Parts of it are given out once: it has as many bytes as an offset can say, of which only those that are written take memory.
#[derive(Debug)]
pub(super) struct File {
    pub(super) fd: OwnedFd,
    /// Where the part begins that nobody was given.
    next: AtomicU64,
}

/// The file of this process, which the first call makes. It belongs to its children as well: of two processes that go on after a `fork`, one
/// must not compile.
pub(super) fn file() -> Result<&'static File, PublishError> {
    static FILE: Once<Option<File>> = Once::new();
    FILE.call_once(File::new).as_ref().ok_or(PublishError::Denied)
}

impl File {
    /// `None` if the host does not let this process have executable files in memory of any size, or cannot tell all of its threads
    /// that there is new code.
    fn new() -> Option<Self> {
        // To write behind the limit would end the process.
        if getrlimit(Resource::Fsize).current.is_some() {
            return None;
        }
        let make = |flags| memfd_create(c"velocity-code", flags | MemfdFlags::CLOEXEC);
        // Before Linux 6.3, they are executable without being asked for.
        let fd = match make(MemfdFlags::EXEC) {
            Err(Errno::INVAL) => make(MemfdFlags::empty()),
            made => made,
        };
        membarrier(MembarrierCommand::RegisterPrivateExpeditedSyncCore).ok()?;
        Some(Self { fd: fd.ok()?, next: AtomicU64::new(0) })
    }

    /// The offset of a part of so many bytes that nobody was given.
    pub(super) fn part(&self, bytes: usize) -> u64 {
        self.next.fetch_add(bytes as u64, Ordering::Relaxed)
    }

    /// Writes all of these, one behind the other, for every processor to see that executes them from now on.
    pub(super) fn write(&self, offset: u64, all: [&[u8]; 2]) -> Result<(), PublishError> {
        let written = pwritev(&self.fd, &all.map(IoSlice::new), offset);
        if written != Ok(all.iter().map(|bytes| bytes.len()).sum()) {
            return Err(PublishError::OutOfMemory);
        }
        // It is written at another address than that where it is fetched, so a serializing instruction comes first (Intel SDM volume 3,
        // section 9.1.3), on every processor that runs this process (membarrier(2)).
        membarrier(MembarrierCommand::PrivateExpeditedSyncCore).map_err(|_| PublishError::Denied)
    }

    /// Gives the memory of a part back, which is not used again.
    pub(super) fn forget(&self, offset: u64, bytes: usize) {
        let _ = fallocate(&self.fd, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, offset, bytes as u64);
    }
}
