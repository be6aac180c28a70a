//! GPT: what is listed, what is refused and by which name, and when the backup counts.

use crate::build::{BASIC_DATA, BLOCKS, GptEntry, USABLE, blank, gpt, mbr_entry, put, seal};
use std::sync::atomic::Ordering::Relaxed;
use velocity_base::Lba;
use velocity_hal::{BlockError, BlockErrorKind};
use velocity_partition::{Guid, HeaderFault, Kind, PartitionError, Scheme, Warning, scan};

const BACKUP: u64 = BLOCKS - 1;

#[test]
fn lists_partitions_with_their_names_for_both_block_sizes() {
    for block_bytes in [512, 4096] {
        let entries = [GptEntry::data(40, 99, "données 🦀"), GptEntry::data(100, 100, "one block")];
        let table = scan(&mut gpt(block_bytes, &entries)).unwrap();
        assert_eq!((table.scheme, table.warnings.len()), (Scheme::Gpt, 0));
        let listed: Vec<_> =
            table.partitions.iter().map(|p| (p.number, p.first.0, p.blocks, p.name.as_str())).collect();
        assert_eq!(listed, [(1, 40, 60, "données 🦀"), (2, 100, 1, "one block")]);
        assert_eq!(table.partitions[0].kind, Kind::Gpt(Guid(BASIC_DATA)));
        assert_eq!(table.partitions[0].kind.name(), "basic data");
    }
}

#[test]
fn unused_entries_keep_their_numbers() {
    let unused = GptEntry { kind: [0; 16], ..GptEntry::data(34, 35, "ghost") };
    let table = scan(&mut gpt(512, &[unused, GptEntry::data(40, 41, "second")])).unwrap();
    assert_eq!(table.partitions.len(), 1);
    assert_eq!(table.partitions[0].number, 2);
}

#[test]
fn names_cannot_carry_control_characters() {
    let table = scan(&mut gpt(512, &[GptEntry::data(40, 41, "\u{1B}[2Jred")])).unwrap();
    assert_eq!(table.partitions[0].name, "\u{FFFD}[2Jred");
}

#[test]
fn partitions_that_leave_the_usable_range_or_overlap_are_left_out() {
    let entries = [
        GptEntry::data(USABLE.0, 60, "first"),
        GptEntry::data(60, 70, "overlaps"),
        GptEntry::data(2, 10, "over the table"),
        GptEntry::data(80, USABLE.1 + 1, "too long"),
        GptEntry::data(90, 89, "inverted"),
        GptEntry::data(90, u64::MAX, "endless"),
        GptEntry::data(61, USABLE.1, "last"),
    ];
    let table = scan(&mut gpt(512, &entries)).unwrap();
    assert_eq!(table.partitions.iter().map(|p| p.number).collect::<Vec<_>>(), [1, 7]);
    let out = |number, first, last| Warning::OutOfRange { number, first: Lba(first), last: Lba(last) };
    assert_eq!(
        table.warnings,
        [
            Warning::Overlap { number: 2, with: 1 },
            out(3, 2, 10),
            out(4, 80, USABLE.1 + 1),
            out(5, 90, 89),
            out(6, 90, u64::MAX),
        ]
    );
}

#[test]
fn each_damage_to_the_primary_has_a_name_and_the_backup_takes_over() {
    type Damage = (&'static str, usize, &'static [u8], bool, HeaderFault);
    let cases: [Damage; 10] = [
        ("signature", 0, b"EFI PaRT", true, HeaderFault::NoSignature),
        ("revision", 8, &[0, 0, 2, 0], true, HeaderFault::Revision(0x0002_0000)),
        ("size, small", 12, &[91, 0, 0, 0], false, HeaderFault::HeaderSize(91)),
        ("size, large", 12, &[1, 2, 0, 0], false, HeaderFault::HeaderSize(513)),
        ("disk GUID", 56, &[9], false, HeaderFault::HeaderCrc),
        ("position", 24, &[2], true, HeaderFault::Position(Lba(2))),
        ("last usable", 48, &[0xFF; 8], true, HeaderFault::UsableRange),
        ("entry size", 84, &[0x80, 1, 0, 0], true, HeaderFault::EntrySize(384)),
        ("entry count", 80, &[0xFF; 4], true, HeaderFault::EntryCount(u32::MAX)),
        ("entries' place", 72, &[0xFF; 8], true, HeaderFault::EntriesPlace(Lba(u64::MAX))),
    ];
    for (what, at, bytes, sealed, fault) in cases {
        let mut disk = gpt(512, &[GptEntry::data(40, 41, "data")]);
        put(&mut disk, 1, at, bytes);
        if sealed {
            seal(&mut disk, 1);
        }
        let table = scan(&mut disk).unwrap();
        assert_eq!(table.warnings, [Warning::BackupGptUsed(fault)], "{what}");
        assert_eq!(table.partitions.len(), 1, "{what}");
    }
}

#[test]
fn damaged_entries_fail_their_own_checksum() {
    let mut disk = gpt(512, &[GptEntry::data(40, 41, "data")]);
    put(&mut disk, 2, 32, &[50]);
    assert_eq!(scan(&mut disk).unwrap().warnings, [Warning::BackupGptUsed(HeaderFault::EntriesCrc)]);
}

#[test]
fn an_unreadable_primary_is_a_reason_for_the_backup() {
    let mut disk = gpt(512, &[GptEntry::data(40, 41, "data")]);
    disk.bad = 1..2;
    let fault = HeaderFault::Unreadable(BlockError::new(BlockErrorKind::Media, Lba(1)));
    assert_eq!(scan(&mut disk).unwrap().warnings, [Warning::BackupGptUsed(fault)]);
}

#[test]
fn two_damaged_copies_are_an_error_that_names_both() {
    let mut disk = gpt(512, &[GptEntry::data(40, 41, "data")]);
    put(&mut disk, 1, 0, b"?");
    put(&mut disk, BACKUP, 60, b"?");
    let expected = PartitionError::GptDamaged { primary: HeaderFault::NoSignature, backup: HeaderFault::HeaderCrc };
    assert_eq!(scan(&mut disk).unwrap_err(), expected);
}

#[test]
fn a_device_that_fails_in_both_places_is_a_device_error() {
    let mut disk = gpt(512, &[]);
    disk.bad = 1..BLOCKS;
    assert_eq!(scan(&mut disk).unwrap_err(), PartitionError::Io(BlockError::new(BlockErrorKind::Media, Lba(1))));
}

#[test]
fn a_hybrid_mbr_is_noted_and_ignored() {
    let mut disk = gpt(512, &[GptEntry::data(40, 41, "data")]);
    mbr_entry(&mut disk, 0, 1, 0x0C, 40, 2);
    let table = scan(&mut disk).unwrap();
    assert_eq!((table.scheme, table.partitions.len()), (Scheme::Gpt, 1));
    assert_eq!(table.warnings, [Warning::HybridMbr]);
}

#[test]
fn a_sound_gpt_costs_one_read() {
    let mut disk = gpt(512, &[GptEntry::data(40, 41, "data")]);
    scan(&mut disk).unwrap();
    assert_eq!(disk.reads.load(Relaxed), 1);
}

#[test]
fn without_a_protective_mbr_a_gpt_is_stale() {
    let mut disk = gpt(512, &[GptEntry::data(40, 41, "data")]);
    put(&mut disk, 0, 0, &blank(512).bytes[..512]);
    assert_eq!(scan(&mut disk).unwrap().scheme, Scheme::None);
}
