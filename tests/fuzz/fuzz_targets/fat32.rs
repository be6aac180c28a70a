//! FAT32: a damaged volume is refused or read, in bounded time and memory, and every path that a listing names can be
//! asked for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use velocity_base::Lba;
use velocity_fat32::Volume;
use velocity_fuzz::{PatchedDisk, Template};
use velocity_hal::BlockDevice;
use velocity_partition::{Slice, scan};

static TEMPLATE: LazyLock<Template> =
    LazyLock::new(|| Template::unpack(include_bytes!("../../../fixtures/disks/cluster-512.img.gz")));

/// Where the template's volume lies, found before any patch.
static VOLUME: LazyLock<(Lba, u64)> = LazyLock::new(|| {
    let table = scan(&mut PatchedDisk::new(&TEMPLATE, &[])).expect("the fixture is sound");
    let volume = table.partitions.first().expect("the fixture has a volume");
    (volume.first, volume.blocks)
});

/// Folders looked into and bytes read in one run.
const MAX_FOLDERS: usize = 64;
const MAX_BYTES: u64 = 1 << 20;

fuzz_target!(|input: &[u8]| {
    let (first, blocks) = *VOLUME;
    let Ok(mut volume) = Volume::mount(Slice::new(PatchedDisk::new(&TEMPLATE, input), first, blocks)) else { return };
    let mut folders = vec![String::from("/")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        seen += 1;
        if seen > MAX_FOLDERS {
            return;
        }
        for entry in volume.read_dir(&folder).unwrap_or_default() {
            assert!(!entry.name.contains(['/', '\0', '\x1b']), "{:?} breaks a terminal or a path", entry.name);
            let path = format!("{}/{}", folder.trim_end_matches('/'), entry.name);
            if entry.is_dir {
                folders.push(path);
            } else {
                read(&mut volume, &path);
            }
        }
    }
});

fn read<D: BlockDevice>(volume: &mut Volume<D>, path: &str) {
    let Ok(mut file) = volume.open(path) else { return };
    let (size, mut at, mut buffer) = (u64::from(file.size()), 0, [0; 4096]);
    while at < size.min(MAX_BYTES) {
        match volume.read_at(&mut file, at, &mut buffer) {
            Ok(len) => {
                assert!(len > 0 && len as u64 <= size - at, "{len} bytes at {at} of {size}");
                at += len as u64;
            }
            Err(_) => return,
        }
    }
}
