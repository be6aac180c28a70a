//! What can be wrong with a table: errors that stop a scan, and warnings that don't.

use core::fmt;
use velocity_base::Lba;
use velocity_hal::BlockError;

/// Why a device's table cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionError {
    /// Block 0, or both copies of a GPT, cannot be read.
    Io(BlockError),
    /// The device names a block size that is not a power of two from 512 to 65,536.
    BlockSize(u32),
    /// The device has no blocks.
    NoBlocks,
    /// A protective MBR announces a GPT and neither copy is sound.
    GptDamaged {
        /// What is wrong with the copy at block 1.
        primary: HeaderFault,
        /// What is wrong with the copy in the last block.
        backup: HeaderFault,
    },
}

/// Why one copy of a GPT is not sound (UEFI 2.10, section 5.3.2 lists the checks).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderFault {
    /// Its blocks cannot be read.
    Unreadable(BlockError),
    /// There is no `EFI PART`.
    NoSignature,
    /// A revision other than 1.0.
    Revision(u32),
    /// A header size below 92 or beyond its block, in bytes.
    HeaderSize(u32),
    /// The header does not match its CRC32.
    HeaderCrc,
    /// It says that it lies in another block.
    Position(Lba),
    /// The range for partitions is empty or leaves the device.
    UsableRange,
    /// Entries of this many bytes: not 128 times a power of two.
    EntrySize(u32),
    /// More entries than the 128 KiB that a scan is ready to read.
    EntryCount(u32),
    /// The entry array lies outside the device or over the partitions.
    EntriesPlace(Lba),
    /// The entry array does not match its CRC32.
    EntriesCrc,
}

/// What a scan worked around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The primary GPT is damaged and the backup at the device's end was used.
    BackupGptUsed(HeaderFault),
    /// Beside the GPT, the MBR lists partitions of its own; they were ignored.
    HybridMbr,
    /// A partition that leaves the device (or a GPT's usable range) was left out.
    OutOfRange {
        /// Its number.
        number: u32,
        /// Its first block.
        first: Lba,
        /// Its last block.
        last: Lba,
    },
    /// A partition that overlaps an earlier one was left out.
    Overlap {
        /// Its number.
        number: u32,
        /// The earlier one.
        with: u32,
    },
    /// There are more than [`MAX_PARTITIONS`](crate::MAX_PARTITIONS); the rest was left out.
    TooMany,
    /// The chain of logical partitions ends early.
    BrokenChain {
        /// The extended boot record that could not be used.
        at: Lba,
        /// Why not.
        fault: LinkFault,
    },
}

/// Why a link in the chain of logical partitions cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// The chain comes back to a record that it has visited.
    Loop,
    /// The record leaves the extended partition.
    OutOfRange,
    /// The record has no 0x55 0xAA, or its entries make no sense.
    NotARecord,
    /// The record cannot be read.
    Unreadable(BlockError),
}

impl fmt::Display for PartitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the partition table cannot be read: {error}"),
            Self::BlockSize(bytes) => write!(f, "a block size of {bytes} bytes is not supported"),
            Self::NoBlocks => f.write_str("the device has no blocks; check its medium"),
            Self::GptDamaged { primary, backup } => write!(
                f,
                "both copies of the GPT are damaged (first: {primary}; backup: {backup}); \
                 repair them with gdisk or restore a backup"
            ),
        }
    }
}

impl fmt::Display for HeaderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "{error}"),
            Self::NoSignature => f.write_str("no EFI PART signature"),
            Self::Revision(revision) => write!(f, "unknown revision {revision:#010x}"),
            Self::HeaderSize(bytes) => write!(f, "impossible header size of {bytes} bytes"),
            Self::HeaderCrc => f.write_str("the header does not match its checksum"),
            Self::Position(lba) => write!(f, "the header says that it lies in block {}", lba.0),
            Self::UsableRange => f.write_str("the range for partitions leaves the device"),
            Self::EntrySize(bytes) => write!(f, "impossible entry size of {bytes} bytes"),
            Self::EntryCount(count) => write!(f, "{count} entries are more than are read"),
            Self::EntriesPlace(lba) => write!(f, "the entries cannot lie at block {}", lba.0),
            Self::EntriesCrc => f.write_str("the entries do not match their checksum"),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BackupGptUsed(fault) => write!(f, "the backup GPT is in use, the first is damaged ({fault})"),
            Self::HybridMbr => f.write_str("the MBR lists partitions beside the GPT; the GPT counts"),
            Self::OutOfRange { number, first, last } => {
                write!(f, "partition {number} (blocks {} to {}) leaves the device; left out", first.0, last.0)
            }
            Self::Overlap { number, with } => write!(f, "partition {number} overlaps partition {with}; left out"),
            Self::TooMany => write!(f, "more than {} partitions; the rest was left out", crate::MAX_PARTITIONS),
            Self::BrokenChain { at, fault } => {
                write!(f, "logical partitions end early at block {}: {fault}", at.0)
            }
        }
    }
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loop => f.write_str("the chain comes back to itself"),
            Self::OutOfRange => f.write_str("the next record leaves the extended partition"),
            Self::NotARecord => f.write_str("that block is not a boot record"),
            Self::Unreadable(error) => write!(f, "{error}"),
        }
    }
}

impl core::error::Error for PartitionError {}
