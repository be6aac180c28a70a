//! GPT and MBR: whatever the table says, listed partitions lie inside the device and share no block.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use velocity_fuzz::{PatchedDisk, Template};
use velocity_hal::BlockDevice;
use velocity_partition::{MAX_PARTITIONS, scan};

static TEMPLATES: LazyLock<[Template; 2]> = LazyLock::new(|| {
    [
        Template::unpack(include_bytes!("../../../fixtures/disks/gpt.img.gz")),
        Template::unpack(include_bytes!("../../../fixtures/disks/mbr.img.gz")),
    ]
});

fuzz_target!(|input: &[u8]| {
    let Some((choice, patches)) = input.split_first() else { return };
    let mut disk = PatchedDisk::new(&TEMPLATES[usize::from(choice & 1)], patches);
    let blocks = disk.block_count();
    let Ok(table) = scan(&mut disk) else { return };
    assert!(table.partitions.len() <= MAX_PARTITIONS as usize);
    let mut ranges: Vec<(u64, u64)> = table.partitions.iter().map(|p| (p.first.0, p.first.0 + p.blocks)).collect();
    ranges.sort_unstable();
    assert!(ranges.iter().all(|(first, end)| first < end && *end <= blocks), "{ranges:?} of {blocks} blocks");
    assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{ranges:?} overlap");
});
