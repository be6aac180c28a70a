//! What can be wrong with a ledger.

use super::MAX_BODY_BYTES;
use core::fmt;
use velocity_hal::BlockError;

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// There is none where one has to be.
    Missing,
    /// It has another number.
    Sequence {
        /// This one.
        found: u64,
    },
    /// It follows on another record.
    Chain,
    /// It is not what was written.
    Hash,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("it is not there"),
            Self::Sequence { found } => write!(f, "record {found} is there instead"),
            Self::Chain => f.write_str("it follows on another record than the one before it"),
            Self::Hash => f.write_str("it is not what was written"),
        }
    }
}

/// Why a ledger cannot be used, or not be added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerError {
    /// The device failed.
    Device(BlockError),
    /// The device has fewer than two blocks.
    TooSmall,
    /// Something else lies there.
    Foreign,
    /// It was written with blocks of another size.
    BlockSize,
    /// A record is not what it was.
    Corrupt {
        /// Its number.
        sequence: u64,
        /// What is wrong with it.
        what: What,
    },
    /// A body is too long.
    TooLarge {
        /// Its bytes.
        bytes: usize,
    },
    /// There is no room.
    Full {
        /// Bytes that are left.
        free: u64,
        /// Bytes that the record takes.
        needed: u64,
    },
}

impl From<BlockError> for LedgerError {
    fn from(error: BlockError) -> Self {
        Self::Device(error)
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(error) => write!(f, "the ledger's disk: {error}"),
            Self::TooSmall => f.write_str("the ledger's partition is too small; make it 1 MiB or more"),
            Self::Foreign => {
                f.write_str("the ledger's partition holds something else; fill it with zeros if that may go")
            }
            Self::BlockSize => f.write_str("the ledger was written with blocks of another size; put it on such a disk"),
            Self::Corrupt { sequence, what } => {
                write!(
                    f,
                    "record {sequence} of the ledger: {what}; keep a copy of the partition, then fill it with zeros"
                )
            }
            Self::TooLarge { bytes } => write!(f, "a record of {bytes} bytes; the longest has {MAX_BODY_BYTES}"),
            Self::Full { free, needed } => {
                write!(f, "the ledger is full: {needed} bytes are needed, {free} are left; make its partition larger")
            }
        }
    }
}

impl core::error::Error for LedgerError {}
