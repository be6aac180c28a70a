//! Where machine code lies.

use alloc::boxed::Box;
use core::fmt;

/// Makes code executable.
///
/// # Safety
/// 1. The pages given by [`Self::publish`] hold the bytes that were asked for, from their start on, and can be executed.
/// 2. They can be read, but not be written by anybody, from then on until they are dropped.
pub unsafe trait CodeMemory: fmt::Debug + Send + Sync {
    /// Pages with these bytes; `None` if there is no room.
    fn publish(&self, bytes: &[u8]) -> Option<Box<dyn CodePages>>;
}

/// Published code. Dropping it gives the pages back.
///
/// # Safety
/// [`Self::address`] is where the bytes begin, and is the same every time.
pub unsafe trait CodePages: fmt::Debug + Send + Sync {
    /// Where it begins.
    fn address(&self) -> u64;
}
