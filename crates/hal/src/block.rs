//! Storage in whole blocks.

use core::fmt;
use velocity_base::Lba;

/// What went wrong with a transfer, by who can act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockErrorKind {
    /// The range leaves the device: the caller is wrong, or the volume on it lies about its size.
    OutOfRange,
    /// The buffer is not a whole number of blocks: the caller is wrong.
    Misaligned,
    /// The device did not answer in time; it was reset and may work again.
    TimedOut,
    /// The device reports that these blocks cannot be read or written.
    Media,
    /// The device refused the command for another reason; `code` in [`BlockError`] tells.
    Refused,
    /// The device is gone.
    Gone,
}

/// A failed transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockError {
    /// What went wrong.
    pub kind: BlockErrorKind,
    /// First block of the transfer.
    pub lba: Lba,
    /// The device's own status code, for the log; 0 when there is none. NVMe: status code type << 8 | status code.
    pub code: u16,
}

impl BlockError {
    /// An error of `kind` at `lba` without a device code.
    #[must_use]
    pub const fn new(kind: BlockErrorKind, lba: Lba) -> Self {
        Self { kind, lba, code: 0 }
    }
}

impl fmt::Display for BlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.lba.0;
        match self.kind {
            BlockErrorKind::OutOfRange => write!(f, "block {at} lies outside the device"),
            BlockErrorKind::Misaligned => write!(f, "transfer at block {at} is not a whole number of blocks"),
            BlockErrorKind::TimedOut => write!(f, "the device did not answer in time at block {at}; try again"),
            BlockErrorKind::Media => write!(f, "block {at} cannot be read or written (status {:#06x})", self.code),
            BlockErrorKind::Refused => write!(f, "the device refused block {at} (status {:#06x})", self.code),
            BlockErrorKind::Gone => write!(f, "the device is gone (at block {at}); attach it and restart"),
        }
    }
}

impl core::error::Error for BlockError {}

/// A device of equal blocks. Calls return when the transfer is over; a device that fails stays usable.
pub trait BlockDevice: Send {
    /// Bytes in a block: a power of two, 512 to 65,536.
    fn block_bytes(&self) -> u32;

    /// Number of blocks.
    fn block_count(&self) -> u64;

    /// Fills `out` from `first` on. `out.len()` is a multiple of the block size; empty is allowed and does nothing.
    ///
    /// # Errors
    /// [`BlockError`]; `out` then holds unspecified bytes.
    fn read(&mut self, first: Lba, out: &mut [u8]) -> Result<(), BlockError>;

    /// Writes `data` from `first` on.
    ///
    /// # Errors
    /// [`BlockError`]; any subset of the blocks may then have been written.
    fn write(&mut self, first: Lba, data: &[u8]) -> Result<(), BlockError>;

    /// Returns when everything written so far is durable.
    ///
    /// # Errors
    /// [`BlockError`]; durability of earlier writes is then unknown.
    fn flush(&mut self) -> Result<(), BlockError>;
}
