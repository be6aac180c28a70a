//! Where machine code lies.

use alloc::boxed::Box;
use core::fmt;
use velocity_interp::engine::Storage;

/// What an access reaches at most: 32 bits of address, 32 bits of offset, and its bytes.
pub const REACH: u64 = (1 << 33) + 8;

/// Why code is not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishError {
    /// It is more than this memory gives to all code together, or more than is left of that.
    NoRoom,
    /// The machine, or the host, has no memory for it.
    OutOfMemory,
    /// The host lets this process have no executable memory, or none that is safe to use again.
    Denied,
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRoom => "there is no room for the code",
            Self::OutOfMemory => "there is no memory for the code",
            Self::Denied => "the host allows no memory for code (memfd_create, membarrier, files of any size)",
        })
    }
}

impl core::error::Error for PublishError {}

/// Makes code executable.
///
/// # Safety
/// 1. The pages given by [`Self::publish`] hold the bytes that were asked for, from their start on, and can be executed.
/// 2. They can be read, but not be written by anybody, from then on until they are dropped.
/// 3. The bytes of what [`Self::guarded`] gives never move. An instruction of the published code that touches what lies behind them, up
///    to [`REACH`] from their start, has no effect: the code goes on as if it had called the exit instead, in such a way that one
///    more than the address of the instruction is where the call returns to.
pub unsafe trait CodeMemory: fmt::Debug + Send + Sync {
    /// Pages with these bytes.
    ///
    /// # Errors
    /// [`PublishError`]; nothing is kept then.
    fn publish(&self, bytes: &[u8]) -> Result<Box<dyn CodePages>, PublishError>;

    /// A storage for a linear memory of so many bytes, of which it holds some, zeros, or none at first. Published code may use it without
    /// asking whether an access stays inside. `None` if there is no such thing.
    fn guarded(&self, _bytes: usize) -> Option<Box<dyn Storage>> {
        None
    }
}

/// Published code. Dropping it gives the pages back.
///
/// # Safety
/// [`Self::address`] is where the bytes begin, and is the same every time.
pub unsafe trait CodePages: fmt::Debug + Send + Sync {
    /// Where it begins.
    fn address(&self) -> u64;
}
