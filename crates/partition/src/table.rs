//! The table that a scan hands out, and the checks that every partition passes on its way in.

use crate::{Kind, Warning};
use alloc::{string::String, vec::Vec};
use velocity_base::Lba;

/// Most partitions that a table lists; a GPT of the usual 16 KiB has as many entries.
pub const MAX_PARTITIONS: usize = 128;

/// How a device is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// GUID partition table.
    Gpt,
    /// Master boot record, with or without logical partitions.
    Mbr,
    /// Not divided.
    None,
}

/// A range of blocks with a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Place in the table, from 1: a GPT entry, an MBR entry (1–4), a logical partition (from 5 on).
    pub number: u32,
    /// First block.
    pub first: Lba,
    /// Number of blocks, at least 1.
    pub blocks: u64,
    /// What the table says it holds.
    pub kind: Kind,
    /// GPT's name for it, control characters replaced by U+FFFD; empty in an MBR.
    pub name: String,
}

/// What [`scan`](crate::scan) found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// How the device is divided.
    pub scheme: Scheme,
    /// Usable partitions in the order of the table.
    pub partitions: Vec<Partition>,
    /// What was wrong and could be worked around; worth a line each in the log.
    pub warnings: Vec<Warning>,
}

impl Table {
    pub(crate) fn new(scheme: Scheme) -> Self {
        Self { scheme, partitions: Vec::new(), warnings: Vec::new() }
    }

    /// One partition over all `blocks` of a device.
    pub(crate) fn whole(blocks: u64) -> Self {
        let all = Partition { number: 1, first: Lba(0), blocks, kind: Kind::Whole, name: String::new() };
        Self { scheme: Scheme::None, partitions: alloc::vec![all], warnings: Vec::new() }
    }

    /// Lists the partition `first..=last`, or warns why not. `usable` holds the first and last block that one may use.
    ///
    /// Returns false when the table is full, so that the caller stops.
    pub(crate) fn push(&mut self, found: Found, usable: (u64, u64)) -> bool {
        let Found { number, first, last, kind, name } = found;
        if self.partitions.len() == MAX_PARTITIONS {
            self.warn(Warning::TooMany);
            return false;
        }
        if first > last || first < usable.0 || last > usable.1 {
            self.warn(Warning::OutOfRange { number, first: Lba(first), last: Lba(last) });
        } else if let Some(with) = self.owner_of(first, last) {
            self.warn(Warning::Overlap { number, with });
        } else {
            self.partitions.push(Partition { number, first: Lba(first), blocks: last - first + 1, kind, name });
        }
        true
    }

    /// Keeps a warning, up to a bound: a hostile table must not fill the log.
    pub(crate) fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < MAX_PARTITIONS {
            self.warnings.push(warning);
        }
    }

    /// The listed partition that shares a block with `first..=last`.
    fn owner_of(&self, first: u64, last: u64) -> Option<u32> {
        let shares = |other: &&Partition| first <= other.first.0 + (other.blocks - 1) && other.first.0 <= last;
        self.partitions.iter().find(shares).map(|other| other.number)
    }
}

/// An entry as the disk has it, not yet checked.
pub(crate) struct Found {
    pub number: u32,
    pub first: u64,
    pub last: u64,
    pub kind: Kind,
    pub name: String,
}
