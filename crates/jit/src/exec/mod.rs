//! Machine code and what runs it, and threaded code: the only unsafe part of the engines.
//!
//! [`memory`] publishes code so that no page is ever writable and executable at once; [`fiber`] gives it a stack of its own, on which it
//! starts, stops at an exit and goes on. What may be published is decided before: see `native`. [`thread`] goes from one operation of
//! the closure tier to the next.
//!
//! On a host, `guarded` gives linear memory with nothing behind it for as far as an access reaches, and `fault` makes an exit of an access
//! to that; `ranges` tells it where published code and such memory lie.

#[cfg(feature = "host")]
mod fault;
pub(crate) mod fiber;
#[cfg(feature = "host")]
mod file;
#[cfg(feature = "host")]
mod guarded;
#[cfg(feature = "host")]
mod host;
mod memory;
#[cfg(feature = "host")]
mod ranges;
#[cfg(all(test, feature = "host"))]
mod tests;
pub(crate) mod thread;

pub use fiber::exit;
#[cfg(feature = "host")]
pub use host::HostCode;
pub use memory::{CodeMemory, CodePages, PublishError, REACH};

/// Whether the processor has what native code uses beside the basic instructions: SSE4.1 and `popcnt`. It is asked once: in a virtual
/// machine the question alone takes microseconds.
pub(crate) fn is_supported() -> bool {
    const SSE41: u32 = 1 << 19;
    const POPCNT: u32 = 1 << 23;
    static SUPPORTED: spin::Once<bool> = spin::Once::new();
    *SUPPORTED.call_once(|| core::arch::x86_64::__cpuid(1).ecx & (SSE41 | POPCNT) == SSE41 | POPCNT)
}

/// What the processor's counter of cycles says.
pub(crate) fn cycles() -> u64 {
    // SAFETY: 1. Every processor of this architecture has the counter; 2. nothing here forbids reading it (CR4.TSD).
    unsafe { core::arch::x86_64::_rdtsc() }
}
