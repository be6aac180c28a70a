//! Linear memories of programs, with unmapped addresses behind them as far as an access of machine code reaches.

use super::layout::LINEAR;
use super::range::{self, Addresses, Kind};
use spin::LazyLock;
use velocity_interp::engine::Storage;
use velocity_jit::REACH;
use velocity_nda::module::PAGE_BYTES;

/// Addresses of one memory: a whole number of its pages.
const RESERVED: u64 = REACH.next_multiple_of(PAGE_BYTES as u64);

/// The most bytes that it holds.
const MOST: u64 = 1 << 32;

static FREE: LazyLock<Addresses> = LazyLock::new(|| Addresses::of(LINEAR));

/// A linear memory. Its bytes lie in one place for good.
#[derive(Debug)]
pub struct Linear {
    start: u64,
    len: u64,
}

impl Linear {
    /// With no bytes; `None` if there are no addresses left.
    #[must_use]
    pub fn new() -> Option<Self> {
        Some(Self { start: FREE.take(RESERVED)?, len: 0 })
    }
}

impl Storage for Linear {
    fn bytes(&self) -> &[u8] {
        // SAFETY: 1. So many bytes are mapped from there on, and were zero at first; 2. who writes has `self` for itself, or is machine
        // code, which runs while nobody here does.
        unsafe { core::slice::from_raw_parts(self.start as *const u8, self.len as usize) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: 1. As in `bytes`; 2. they can be written, and `self` is ours alone.
        unsafe { core::slice::from_raw_parts_mut(self.start as *mut u8, self.len as usize) }
    }

    fn extend(&mut self, bytes: usize) -> bool {
        let more = bytes as u64;
        let len = self.len.checked_add(more).filter(|&len| len <= MOST && len.is_multiple_of(u64::from(PAGE_BYTES)));
        let Some(len) = len else { return false };
        // SAFETY: 1. `range` gives `len` bytes that nobody else has.
        let clear = |_, to: *mut u8, len| unsafe { to.write_bytes(0, len) };
        let is_done = range::map((self.start + self.len, more), Kind::Linear, clear);
        if is_done {
            self.len = len;
        }
        is_done
    }
}

impl Drop for Linear {
    fn drop(&mut self) {
        range::unmap((self.start, self.len), Kind::Linear);
        FREE.give_back(self.start, RESERVED);
    }
}
