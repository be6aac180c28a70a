//! MBR and its extended chain, and how a volume without a table is told from one.

use crate::build::{BLOCKS, blank, mbr_entry, put};
use velocity_base::Lba;
use velocity_hal::{BlockError, BlockErrorKind};
use velocity_partition::{Kind, LinkFault, PartitionError, Scheme, Table, Warning, scan};

fn listed(table: &Table) -> Vec<(u32, u64, u64)> {
    table.partitions.iter().map(|p| (p.number, p.first.0, p.blocks)).collect()
}

#[test]
fn primary_partitions_keep_their_slot_numbers() {
    for block_bytes in [512, 4096] {
        let mut disk = blank(block_bytes);
        mbr_entry(&mut disk, 0, 0, 0x0C, 8, 16);
        mbr_entry(&mut disk, 0, 3, 0x83, 24, 8);
        let table = scan(&mut disk).unwrap();
        assert_eq!(table.scheme, Scheme::Mbr);
        assert_eq!(listed(&table), [(1, 8, 16), (4, 24, 8)]);
        assert_eq!(table.partitions[0].kind, Kind::Mbr(0x0C));
        assert_eq!(table.partitions[0].kind.to_string(), "FAT32");
    }
}

/// A primary partition and an extended one at 100 that holds two logical ones.
fn chained() -> crate::memory_disk::MemoryDisk {
    let mut disk = blank(512);
    mbr_entry(&mut disk, 0, 0, 0x0C, 8, 16);
    mbr_entry(&mut disk, 0, 1, 0x0F, 100, 100);
    mbr_entry(&mut disk, 100, 0, 0x0C, 2, 10);
    mbr_entry(&mut disk, 100, 1, 0x05, 50, 50);
    mbr_entry(&mut disk, 150, 0, 0x83, 4, 20);
    disk
}

#[test]
fn logical_partitions_are_numbered_from_five() {
    let table = scan(&mut chained()).unwrap();
    assert_eq!(listed(&table), [(1, 8, 16), (5, 102, 10), (6, 154, 20)]);
    assert_eq!(table.warnings, []);
}

#[test]
fn each_broken_link_ends_the_chain_with_its_name() {
    let broken = |at, fault| vec![Warning::BrokenChain { at: Lba(at), fault }];
    let mut looped = chained();
    mbr_entry(&mut looped, 150, 1, 0x05, 0, 50);
    assert_eq!(scan(&mut looped).unwrap().warnings, broken(100, LinkFault::Loop));

    let mut far = chained();
    mbr_entry(&mut far, 100, 1, 0x05, u32::MAX, 50);
    assert_eq!(scan(&mut far).unwrap().warnings, broken(100 + u64::from(u32::MAX), LinkFault::OutOfRange));

    let mut unsigned = chained();
    put(&mut unsigned, 150, 510, &[0, 0]);
    let table = scan(&mut unsigned).unwrap();
    assert_eq!(table.warnings, broken(150, LinkFault::NotARecord));
    assert_eq!(listed(&table), [(1, 8, 16), (5, 102, 10)]);

    let mut unreadable = chained();
    unreadable.bad = 150..151;
    let fault = LinkFault::Unreadable(BlockError::new(BlockErrorKind::Media, Lba(150)));
    assert_eq!(scan(&mut unreadable).unwrap().warnings, broken(150, fault));
}

#[test]
fn partitions_that_leave_the_device_or_overlap_are_left_out() {
    let mut disk = blank(512);
    mbr_entry(&mut disk, 0, 0, 0x0C, 8, 16);
    mbr_entry(&mut disk, 0, 1, 0x0C, 23, 1);
    mbr_entry(&mut disk, 0, 2, 0x0C, 24, BLOCKS as u32);
    mbr_entry(&mut disk, 0, 3, 0x0C, 0, 4);
    let table = scan(&mut disk).unwrap();
    assert_eq!(listed(&table), [(1, 8, 16)]);
    let out = |number, first, last| Warning::OutOfRange { number, first: Lba(first), last: Lba(last) };
    assert_eq!(table.warnings, [Warning::Overlap { number: 2, with: 1 }, out(3, 24, 279), out(4, 0, 3)]);
}

/// A FAT32 parameter block as mkfs.fat writes it.
const BOOT_SECTOR: &[u8] = b"\xEB\x58\x90mkfs.fat\0\x02\x01\x20\0\x02\0\0\0\0\xF8";

#[test]
fn a_boot_sector_on_the_device_itself_is_no_table() {
    for signature in [BOOT_SECTOR, b"\xEB\x52\x90NTFS    ", b"\xEB\x76\x90EXFAT   "] {
        let mut disk = blank(512);
        put(&mut disk, 0, 0, signature);
        mbr_entry(&mut disk, 0, 0, 0x0C, 8, 16);
        let table = scan(&mut disk).unwrap();
        assert_eq!(table.scheme, Scheme::None, "{signature:?}");
        assert_eq!(listed(&table), [(1, 0, BLOCKS)]);
    }
}

#[test]
fn a_boot_loader_with_a_jump_and_no_parameters_is_a_table() {
    let mut disk = blank(512);
    put(&mut disk, 0, 0, b"\xEB\x63\x90");
    mbr_entry(&mut disk, 0, 0, 0x0C, 8, 16);
    assert_eq!(scan(&mut disk).unwrap().scheme, Scheme::Mbr);
}

#[test]
fn entries_that_are_really_code_are_no_table() {
    let mut disk = blank(512);
    mbr_entry(&mut disk, 0, 0, 0x0C, 8, 16);
    put(&mut disk, 0, 446, b"Non-system disk");
    assert_eq!(scan(&mut disk).unwrap().scheme, Scheme::None);
}

#[test]
fn devices_that_cannot_be_scanned_say_why() {
    let mut unreadable = blank(512);
    unreadable.bad = 0..1;
    let media = BlockError::new(BlockErrorKind::Media, Lba(0));
    assert_eq!(scan(&mut unreadable).unwrap_err(), PartitionError::Io(media));
    let mut empty = blank(512);
    empty.bytes.clear();
    assert_eq!(scan(&mut empty).unwrap_err(), PartitionError::NoBlocks);
    let mut odd = blank(512);
    odd.block_bytes = 520;
    assert_eq!(scan(&mut odd).unwrap_err(), PartitionError::BlockSize(520));
}

#[test]
fn a_bad_block_that_no_table_uses_spoils_nothing() {
    let mut disk = chained();
    disk.bad = 1..8;
    let table = scan(&mut disk).unwrap();
    assert_eq!(table, scan(&mut chained()).unwrap());
    assert_eq!(table.partitions.len(), 3);
}
