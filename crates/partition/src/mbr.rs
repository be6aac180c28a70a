//! Master boot records and the chain of logical partitions.
//!
//! An extended partition is a list: each record in it has one entry for a logical partition (counted from that
//! record) and one for the next record (counted from the extended partition's start). A hostile list may be a ring, so
//! the records visited are remembered, and there are at most [`MAX_PARTITIONS`] of them.

use crate::{
    Kind, LinkFault, MAX_PARTITIONS, Scheme, Table, Warning,
    front::Front,
    layout::{mbr as at, mbr_entry as entry},
    table::Found,
};
use alloc::{string::String, vec::Vec};
use velocity_base::Lba;
use velocity_base::le::{u16_at, u32_at};

/// A block that has the form of an MBR (UEFI 2.10, section 5.2.1).
pub struct Record<'a> {
    bytes: &'a [u8],
}

/// One entry of a record.
#[derive(Clone, Copy, Debug)]
struct Entry {
    os_type: u8,
    first: u64,
    blocks: u64,
}

impl<'a> Record<'a> {
    /// The record in `block`, if its signature and all its boot indicators are those of an MBR.
    pub fn new(block: &'a [u8]) -> Option<Self> {
        let bytes = block.get(..at::BYTES)?;
        let indicator = |slot: usize| bytes[at::ENTRIES + slot * entry::BYTES + entry::BOOT_INDICATOR];
        let plausible = (0..at::ENTRY_COUNT).all(|slot| matches!(indicator(slot), 0x00 | 0x80));
        (u16_at(bytes, at::SIGNATURE) == 0xAA55 && plausible).then_some(Self { bytes })
    }

    /// True if the record only guards a GPT (UEFI 2.10, section 5.2.3).
    pub fn is_protective(&self) -> bool {
        self.entries().any(|(_, entry)| entry.os_type == 0xEE)
    }

    /// True if it has partitions of its own.
    pub fn is_used(&self) -> bool {
        self.entries().any(|(_, entry)| entry.os_type != 0xEE)
    }

    /// Used entries with their number from 1.
    fn entries(&self) -> impl Iterator<Item = (u32, Entry)> {
        let slots = self.bytes[at::ENTRIES..at::SIGNATURE].chunks_exact(entry::BYTES);
        (1..).zip(slots.map(Entry::parse)).filter(|(_, entry)| entry.os_type != 0 && entry.blocks != 0)
    }
}

impl Entry {
    fn parse(bytes: &[u8]) -> Self {
        Self {
            os_type: bytes[entry::OS_TYPE],
            first: u32_at(bytes, entry::STARTING_LBA).into(),
            blocks: u32_at(bytes, entry::SIZE_IN_LBA).into(),
        }
    }

    fn is_extended(&self) -> bool {
        matches!(self.os_type, 0x05 | 0x0F | 0x85)
    }

    /// The partition this entry stands for when it counts from block `base`.
    fn found(&self, number: u32, base: u64) -> Found {
        let first = base + self.first;
        Found { number, first, last: first + self.blocks - 1, kind: Kind::Mbr(self.os_type), name: String::new() }
    }
}

/// Lists the partitions of the device that `record` opens: primary ones first, then logical ones from number 5 on.
pub fn scan(device: &mut Front<'_>, record: &Record<'_>) -> Table {
    let mut table = Table::new(Scheme::Mbr);
    let usable = (1, device.block_count() - 1);
    for (number, entry) in record.entries().filter(|(_, entry)| !entry.is_extended()) {
        table.push(entry.found(number, 0), usable);
    }
    let mut chain = Chain { visited: Vec::new(), next_number: 5 };
    for (_, extended) in record.entries().filter(|(_, entry)| entry.is_extended()) {
        if let Err((at, fault)) = chain.follow(device, extended, &mut table) {
            table.warn(Warning::BrokenChain { at: Lba(at), fault });
        }
    }
    table
}

/// What has been seen of the logical partitions so far.
struct Chain {
    visited: Vec<u64>,
    next_number: u32,
}

impl Chain {
    /// Lists the logical partitions inside `extended`.
    fn follow(&mut self, device: &mut Front<'_>, extended: Entry, table: &mut Table) -> Result<(), (u64, LinkFault)> {
        let end = device.block_count().min(extended.first + extended.blocks);
        let mut at = extended.first;
        loop {
            if at >= end {
                return Err((at, LinkFault::OutOfRange));
            }
            if self.visited.contains(&at) {
                return Err((at, LinkFault::Loop));
            }
            if self.visited.len() == MAX_PARTITIONS {
                table.warn(Warning::TooMany);
                return Ok(());
            }
            self.visited.push(at);
            let block = device.read(Lba(at), 1).map_err(|error| (at, LinkFault::Unreadable(error)))?;
            let record = Record::new(&block).ok_or((at, LinkFault::NotARecord))?;
            if let Some((_, logical)) = record.entries().find(|(_, entry)| !entry.is_extended()) {
                if !table.push(logical.found(self.next_number, at), (at + 1, end - 1)) {
                    return Ok(());
                }
                self.next_number += 1;
            }
            match record.entries().find(|(_, entry)| entry.is_extended()) {
                Some((_, link)) => at = extended.first + link.first,
                None => return Ok(()),
            }
        }
    }
}
