//! Partition tables: GPT, MBR, or none.
//!
//! [`scan`] reads the table of a [`BlockDevice`] of any block size and lists what can be used; [`Slice`] is one
//! partition as a device of its own. Neighbours: `velocity-nvme` below, `velocity-fat32` above.
//!
//! A table comes from a disk that anybody may have written, so nothing in it is believed before it is checked.
//! Invariants: every listed partition lies inside the device and no two listed partitions share a block; at most
//! [`MAX_PARTITIONS`] are listed; a scan makes at most [`MAX_PARTITIONS`] + 7 reads of at most 192 KiB.
//!
//! Sources: UEFI Specification 2.10, sections 5.2 (MBR) and 5.3 (GPT). The chain of extended boot records is in no
//! specification; it is followed as Linux and fdisk follow it.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod crc32;
mod error;
mod front;
mod gpt;
mod guid;
mod kind;
mod layout;
mod mbr;
mod slice;
mod table;
mod volume;

pub use error::{HeaderFault, LinkFault, PartitionError, Warning};
pub use guid::Guid;
pub use kind::Kind;
pub use slice::Slice;
pub use table::{MAX_PARTITIONS, Partition, Scheme, Table};

use front::Front;
use velocity_base::Lba;
use velocity_hal::{BlockDevice, BlockError, BlockErrorKind};

/// Reads the partition table of `device`.
///
/// A table that can be used in part is a [`Table`] with warnings; a device without a table is one partition that
/// covers all of it ([`Scheme::None`]), and whoever mounts that finds out whether a volume lies there.
///
/// # Errors
/// [`PartitionError`] if block 0 cannot be read, or a GPT announces itself and neither copy is sound.
pub fn scan(device: &mut dyn BlockDevice) -> Result<Table, PartitionError> {
    let block_bytes = device.block_bytes();
    if !block_bytes.is_power_of_two() || !(512..=65_536).contains(&block_bytes) {
        return Err(PartitionError::BlockSize(block_bytes));
    }
    if device.block_count() == 0 {
        return Err(PartitionError::NoBlocks);
    }
    let mut front = Front::new(device).map_err(PartitionError::Io)?;
    let block = front.read(Lba(0), 1).map_err(PartitionError::Io)?;
    let record = mbr::Record::new(&block);
    match record {
        Some(record) if record.is_protective() => gpt::scan(&mut front, &record),
        Some(record) if record.is_used() && !volume::starts_in(&block) => Ok(mbr::scan(&mut front, &record)),
        _ => Ok(Table::whole(front.block_count())),
    }
}
