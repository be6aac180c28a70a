//! Any bytes at all: no panic and bounded work.

use crate::memory_disk::MemoryDisk;
use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use velocity_fat32::Volume;

static SMALL: LazyLock<MemoryDisk> = LazyLock::new(|| MemoryDisk::fixture("cluster-512", 512));

/// Folders that a walk visits before it stops: damage can make folders contain each other.
const MAX_FOLDERS: usize = 50;
/// Entries of a folder that it follows: damage can make a folder out of a file.
const MAX_ENTRIES: usize = 60;

/// Mounts, lists every folder and reads every file as far as the volume lets us.
fn use_all(mut disk: MemoryDisk) {
    let reads = Arc::new(AtomicU64::new(0));
    disk.reads = reads.clone();
    let mut folders = vec![String::from("/")];
    if let Ok(mut volume) = Volume::mount(disk) {
        let mut visited = 0;
        while let Some(folder) = folders.pop().filter(|_| visited < MAX_FOLDERS) {
            visited += 1;
            let Ok(entries) = volume.read_dir(&folder) else { continue };
            for entry in entries.into_iter().take(MAX_ENTRIES) {
                let path = format!("{folder}/{}", entry.name);
                if entry.is_dir { folders.push(path) } else { read_whole(&mut volume, &path) }
            }
        }
    }
    // A path is looked up and a file read with at most some hundred reads: the whole volume has 1,435 sectors.
    let most = MAX_FOLDERS * MAX_ENTRIES * 200;
    assert!(reads.load(Relaxed) < most as u64, "{reads:?} reads");
}

fn read_whole(volume: &mut Volume<MemoryDisk>, path: &str) {
    let Ok(mut file) = volume.open(path) else { return };
    let mut out = vec![0; 16 * 1024];
    let mut offset = 0;
    while let Ok(read @ 1..) = volume.read_at(&mut file, offset, &mut out) {
        offset += read as u64;
    }
}

/// Where the interesting bytes are: boot sectors and FSInfo, the used head of both FATs, the folders.
fn place() -> impl Strategy<Value = usize> {
    let fats = 32 * 512_usize;
    let data = usize::from(u16::from_le_bytes([SMALL.bytes[14], SMALL.bytes[15]])) * 512
        + 2 * 512 * u32::from_le_bytes([SMALL.bytes[36], SMALL.bytes[37], SMALL.bytes[38], SMALL.bytes[39]]) as usize;
    prop_oneof![0..90_usize, 0..4096_usize, fats..fats + 1200, data..data + 8192, 0..SMALL.bytes.len()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn mutated_volumes(changes in prop::collection::vec((place(), any::<u8>()), 1..40)) {
        let mut disk = SMALL.clone();
        changes.into_iter().for_each(|(at, byte)| disk.bytes[at] = byte);
        use_all(disk);
    }

    #[test]
    fn shuffled_links(links in prop::collection::vec((2_u32..300, 0_u32..300), 1..60)) {
        let mut disk = SMALL.clone();
        for (cluster, next) in links {
            let at = 32 * 512 + cluster as usize * 4;
            disk.bytes[at..at + 4].copy_from_slice(&next.to_le_bytes());
        }
        use_all(disk);
    }

    #[test]
    fn cut_volumes(len in 0..SMALL.bytes.len()) {
        let mut disk = SMALL.clone();
        disk.bytes.truncate(len);
        use_all(disk);
    }
}
