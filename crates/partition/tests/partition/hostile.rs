//! Any bytes at all: no panic, bounded work, and only partitions that keep the crate's promises.

use crate::build::{BLOCKS, GptEntry, gpt, mbr_entry, seal};
use crate::memory_disk::MemoryDisk;
use proptest::prelude::*;
use std::sync::atomic::Ordering::Relaxed;
use velocity_partition::{MAX_PARTITIONS, Warning, scan};

/// Scans and checks what every table promises.
fn check(mut disk: MemoryDisk) {
    if let Ok(table) = scan(&mut disk) {
        assert!(table.partitions.len() <= MAX_PARTITIONS && table.warnings.len() <= MAX_PARTITIONS);
        let mut taken = vec![false; BLOCKS as usize];
        for partition in &table.partitions {
            let range = partition.first.0 as usize..(partition.first.0 + partition.blocks) as usize;
            assert!(partition.blocks > 0);
            assert!(taken[range.clone()].iter().all(|block| !block), "{:?} overlaps", partition);
            taken[range].fill(true);
        }
        table.warnings.iter().for_each(|warning| assert!(!warning.to_string().is_empty()));
    }
    assert!(disk.reads.load(Relaxed) <= MAX_PARTITIONS as u64 + 6);
}

proptest! {
    #[test]
    fn mutated_gpts(changes in prop::collection::vec((0_usize..6 * 512, any::<u8>()), 0..24), resealed: bool) {
        let mut disk = gpt(512, &[GptEntry::data(40, 99, "a"), GptEntry::data(100, 180, "b")]);
        for (at, byte) in changes {
            disk.bytes[at] = byte;
        }
        if resealed {
            seal(&mut disk, 1);
        }
        check(disk);
    }

    #[test]
    fn random_boot_records(entries in prop::collection::vec((0_u64..8, 0_usize..4, any::<u8>(), 0_u32..300, 0_u32..300), 0..32)) {
        let mut disk = crate::build::blank(512);
        for (lba, slot, os_type, first, blocks) in entries {
            // Half of the types are extended ones, so that chains grow.
            let os_type = if os_type & 1 == 0 { 0x05 } else { os_type };
            mbr_entry(&mut disk, lba, slot, os_type, first % 64, blocks);
        }
        check(disk);
    }
}

#[test]
fn a_chain_of_records_without_an_end_is_cut() {
    let blocks = 1024_u32;
    let mut disk = MemoryDisk::new(vec![0; blocks as usize * 512], 512);
    mbr_entry(&mut disk, 0, 0, 0x0F, 1, blocks - 1);
    for lba in 1..blocks - 1 {
        mbr_entry(&mut disk, lba.into(), 1, 0x05, lba, 1);
    }
    let table = scan(&mut disk).unwrap();
    assert_eq!(table.warnings, [Warning::TooMany]);
    // Links 1 to 33 came with block 0.
    assert_eq!(disk.reads.load(Relaxed), 1 + MAX_PARTITIONS as u64 - 33);
}
