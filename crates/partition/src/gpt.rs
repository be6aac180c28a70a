//! GUID partition tables.
//!
//! A GPT lies twice on a device: header in block 1 with its entries behind it, and in the last block with its entries
//! before it. Each copy is checked as UEFI 2.10, section 5.3.2 asks before an entry is looked at. The backup is read
//! only when the primary is damaged, because a scan is part of every start.

use crate::{
    Guid, HeaderFault, Kind, PartitionError, Scheme, Table, Warning,
    crc32::Crc32,
    front::Front,
    layout::{gpt_entry, gpt_header as at},
    mbr::Record,
    table::Found,
};
use alloc::{string::String, vec::Vec};
use velocity_base::Lba;
use velocity_base::le::{u16_at, u32_at, u64_at};

/// Most bytes of entries that a scan reads: eight times the usual array.
const MAX_ENTRIES_BYTES: u64 = 128 * 1024;

/// Lists the partitions of a device whose block 0 is the protective `record`.
pub fn scan(device: &mut Front<'_>, record: &Record<'_>) -> Result<Table, PartitionError> {
    let mut table = Table::new(Scheme::Gpt);
    if record.is_used() {
        table.warn(Warning::HybridMbr);
    }
    let backup_at = Lba(device.block_count() - 1);
    let (header, entries) = match load(device, Lba(1)) {
        Ok(loaded) => loaded,
        Err(primary) => {
            table.warn(Warning::BackupGptUsed(primary));
            load(device, backup_at).map_err(|backup| hopeless(primary, backup))?
        }
    };
    list(&header, &entries, &mut table);
    Ok(table)
}

/// The error for two unusable copies: the device's own, where it is the device that fails.
fn hopeless(primary: HeaderFault, backup: HeaderFault) -> PartitionError {
    match (primary, backup) {
        (HeaderFault::Unreadable(error), HeaderFault::Unreadable(_)) => PartitionError::Io(error),
        _ => PartitionError::GptDamaged { primary, backup },
    }
}

/// The fields of a header that this crate uses, checked against the device.
struct Header {
    first_usable: u64,
    last_usable: u64,
    entries_at: u64,
    entry_count: u32,
    entry_bytes: u32,
    entries_crc: u32,
}

/// One copy: its header and the bytes of its entries, both found sound.
fn load(device: &mut Front<'_>, my_lba: Lba) -> Result<(Header, Vec<u8>), HeaderFault> {
    let block = device.read(my_lba, 1).map_err(HeaderFault::Unreadable)?;
    let header = Header::parse(&block, my_lba, device.block_count())?;
    let bytes = u64::from(header.entry_count) * u64::from(header.entry_bytes);
    let blocks = bytes.div_ceil(u64::from(device.block_bytes()));
    header.check_entries_place(my_lba, blocks)?;
    let mut entries = device.read(Lba(header.entries_at), blocks as usize).map_err(HeaderFault::Unreadable)?;
    entries.truncate(bytes as usize);
    let mut crc = Crc32::new();
    crc.update(&entries);
    if crc.finish() != header.entries_crc {
        return Err(HeaderFault::EntriesCrc);
    }
    Ok((header, entries))
}

impl Header {
    fn parse(block: &[u8], my_lba: Lba, device_blocks: u64) -> Result<Self, HeaderFault> {
        if !block[at::SIGNATURE..].starts_with(b"EFI PART") {
            return Err(HeaderFault::NoSignature);
        }
        let revision = u32_at(block, at::REVISION);
        if revision != 0x0001_0000 {
            return Err(HeaderFault::Revision(revision));
        }
        check_crc(block)?;
        let claimed = Lba(u64_at(block, at::MY_LBA));
        if claimed != my_lba {
            return Err(HeaderFault::Position(claimed));
        }
        let header = Self {
            first_usable: u64_at(block, at::FIRST_USABLE_LBA),
            last_usable: u64_at(block, at::LAST_USABLE_LBA),
            entries_at: u64_at(block, at::PARTITION_ENTRY_LBA),
            entry_count: u32_at(block, at::ENTRY_COUNT),
            entry_bytes: u32_at(block, at::ENTRY_BYTES),
            entries_crc: u32_at(block, at::ENTRIES_CRC32),
        };
        header.check_fields(device_blocks)?;
        Ok(header)
    }

    fn check_fields(&self, device_blocks: u64) -> Result<(), HeaderFault> {
        if self.first_usable < 2 || self.first_usable > self.last_usable || self.last_usable >= device_blocks {
            return Err(HeaderFault::UsableRange);
        }
        let units = self.entry_bytes / gpt_entry::BYTES as u32;
        if !self.entry_bytes.is_multiple_of(gpt_entry::BYTES as u32) || !units.is_power_of_two() {
            return Err(HeaderFault::EntrySize(self.entry_bytes));
        }
        if u64::from(self.entry_count) * u64::from(self.entry_bytes) > MAX_ENTRIES_BYTES {
            return Err(HeaderFault::EntryCount(self.entry_count));
        }
        Ok(())
    }

    /// The primary's entries lie before the partitions, the backup's behind them (UEFI 2.10, section 5.3.1).
    fn check_entries_place(&self, my_lba: Lba, blocks: u64) -> Result<(), HeaderFault> {
        let (from, to) = if my_lba.0 == 1 { (2, self.first_usable) } else { (self.last_usable + 1, my_lba.0) };
        match self.entries_at.checked_add(blocks) {
            Some(end) if self.entries_at >= from && end <= to => Ok(()),
            _ => Err(HeaderFault::EntriesPlace(Lba(self.entries_at))),
        }
    }
}

/// The header's CRC covers `HeaderSize` bytes with its own field taken as zero.
fn check_crc(block: &[u8]) -> Result<(), HeaderFault> {
    let size = u32_at(block, at::HEADER_SIZE);
    let header = match block.get(..size as usize) {
        Some(header) if header.len() >= at::BYTES => header,
        _ => return Err(HeaderFault::HeaderSize(size)),
    };
    let mut crc = Crc32::new();
    crc.update(&header[..at::HEADER_CRC32]);
    crc.update(&[0; 4]);
    crc.update(&header[at::HEADER_CRC32 + 4..]);
    if crc.finish() == u32_at(header, at::HEADER_CRC32) { Ok(()) } else { Err(HeaderFault::HeaderCrc) }
}

fn list(header: &Header, entries: &[u8], table: &mut Table) {
    let usable = (header.first_usable, header.last_usable);
    for (number, entry) in (1..).zip(entries.chunks_exact(header.entry_bytes as usize)) {
        let Some(found) = parse_entry(number, entry) else { continue };
        if !table.push(found, usable) {
            return;
        }
    }
}

/// The used entry in `bytes`; `None` for an unused one.
fn parse_entry(number: u32, bytes: &[u8]) -> Option<Found> {
    let mut kind = [0; 16];
    kind.copy_from_slice(&bytes[gpt_entry::TYPE_GUID..][..16]);
    let kind = Guid(kind);
    (!kind.is_zero()).then(|| Found {
        number,
        first: u64_at(bytes, gpt_entry::STARTING_LBA),
        last: u64_at(bytes, gpt_entry::ENDING_LBA),
        kind: Kind::Gpt(kind),
        name: parse_name(&bytes[gpt_entry::NAME..gpt_entry::BYTES]),
    })
}

/// UTF-16 up to the first zero. What would disturb a terminal is replaced.
fn parse_name(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|unit| u16_at(unit, 0)).take_while(|unit| *unit != 0);
    char::decode_utf16(units)
        .map(|decoded| decoded.ok().filter(|char| !char.is_control()).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}
