//! Machine code of programs.
//!
//! Code is written through the direct map, which cannot be executed, to frames that have no other address yet. Then the direct map
//! loses the right to write them, and they are mapped for execution at an address of their own: no frame can be written and executed at
//! a time, by whatever address. When the code goes away, this goes back the same way. Programs run on the core that runs the system, and only
//! there: other cores have no code to forget, and may take the direct map for writable until they look at the tables again.

use super::PAGE;
use super::layout::CODE;
use super::linear::Linear;
use super::range::{self, Addresses, Kind};
use alloc::boxed::Box;
use spin::LazyLock;
use velocity_interp::engine::Storage;
use velocity_jit::{CodeMemory, CodePages, PublishError};

/// What a debugger stops at, behind the code.
const FILLER: u8 = 0xcc;

static FREE: LazyLock<Addresses> = LazyLock::new(|| Addresses::of(CODE));

/// Code memory of the kernel.
#[derive(Clone, Copy, Debug, Default)]
pub struct KernelCode;

/// Addresses of published code; `bytes` of them are mapped.
#[derive(Debug)]
struct Pages {
    start: u64,
    bytes: u64,
}

// SAFETY: 1. The bytes are copied to the frames before they are mapped at the address that is given out; 2. there they can be read and
// executed, never written, nor anywhere else (`range::Kind::Code`); 3. see `linear` and `cpu::trap`.
unsafe impl CodeMemory for KernelCode {
    fn publish(&self, bytes: &[u8]) -> Result<Box<dyn CodePages>, PublishError> {
        let len = (bytes.len().max(1) as u64).next_multiple_of(PAGE);
        let start = FREE.take(len).ok_or(PublishError::NoRoom)?;
        let write = |done: u64, to: *mut u8, len: usize| {
            let rest = bytes.get(done as usize..).unwrap_or_default();
            let part = &rest[..rest.len().min(len)];
            // SAFETY: 1. `range` gives `len` bytes that nobody else has, and the part is no longer than that.
            unsafe {
                to.copy_from_nonoverlapping(part.as_ptr(), part.len());
                to.add(part.len()).write_bytes(FILLER, len - part.len());
            }
        };
        if !range::map((start, len), Kind::Code, write) {
            FREE.give_back(start, len);
            return Err(PublishError::OutOfMemory);
        }
        // It was written at another address than that where it is fetched, so a serializing instruction comes first (Intel SDM volume 3,
        // section 9.1.3).
        core::arch::x86_64::__cpuid(0);
        Ok(Box::new(Pages { start, bytes: len }))
    }

    fn guarded(&self, _: usize) -> Option<Box<dyn Storage>> {
        Some(Box::new(Linear::new()?))
    }
}

// SAFETY: 1. The start never changes.
unsafe impl CodePages for Pages {
    fn address(&self) -> u64 {
        self.start
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        range::unmap((self.start, self.bytes), Kind::Code);
        FREE.give_back(self.start, self.bytes);
    }
}
