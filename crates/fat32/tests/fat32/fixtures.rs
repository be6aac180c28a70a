//! The images of fixtures/disks: what the good ones hold and what is wrong with each of the others.
//!
//! The good ones are compared with mtools, byte for byte, in the workspace's `tests/disk_oracle.rs`; here stand the
//! facts of the recipe.

use crate::build::read_all;
use crate::memory_disk::MemoryDisk;
use velocity_fat32::{BootField, Damage, FatError, Found, Place, Volume, Warning};
use velocity_partition::{Slice, scan};

type Fixture = Volume<MemoryDisk>;

fn mount(name: &str) -> Result<Fixture, FatError> {
    Volume::mount(MemoryDisk::fixture(name, 512))
}

/// What `text NAME BYTES` in make.sh writes.
fn text(name: &str, bytes: usize) -> Vec<u8> {
    let lines = (1..).flat_map(|number| format!("{name}, line {number:07}\n").into_bytes());
    lines.take(bytes).collect()
}

fn names(volume: &mut Fixture, path: &str) -> Vec<String> {
    volume.read_dir(path).unwrap().into_iter().map(|entry| entry.name).collect()
}

/// Checks the contents that `small` in make.sh gives a volume, except for what `skip` names.
fn check_small(volume: &mut Fixture, label: &str, skip: &str) {
    assert_eq!(volume.label(), label);
    assert_eq!(&names(volume, "/")[..5], ["healthy.txt", "victim.bin", "empty.txt", "folder", "big.txt"]);
    assert_eq!(read_all(volume, "/healthy.txt").unwrap(), b"The volume is whole.\n");
    assert_eq!(read_all(volume, "/empty.txt").unwrap(), b"");
    assert_eq!(read_all(volume, "/big.txt").unwrap(), text(&format!("big.txt of {label}"), 100_000));
    if skip != "/victim.bin" {
        assert_eq!(read_all(volume, "/victim.bin").unwrap(), text("victim.bin", 5000));
    }
    if skip != "/folder" {
        assert_eq!(names(volume, "/folder").len(), 41);
        let name = "/folder/a file with a long name 17.txt";
        assert_eq!(read_all(volume, name).unwrap(), b"File 17.\n");
        assert_eq!(read_all(volume, "/folder/deeper/inner.txt").unwrap(), b"Down here.\n");
    }
}

#[test]
fn every_cluster_and_sector_size() {
    let cases = [
        ("cluster-512", "C512", 512, 512),
        ("cluster-4k", "C4K", 512, 4096),
        ("cluster-32k", "C32K", 512, 32768),
        ("sector-4096", "S4096", 4096, 8192),
    ];
    for (name, label, sector_bytes, cluster_bytes) in cases {
        let mut volume = mount(name).unwrap();
        assert_eq!((volume.info().sector_bytes, volume.info().cluster_bytes), (sector_bytes, cluster_bytes));
        assert_eq!(volume.warnings(), [], "{name}");
        check_small(&mut volume, label, "");
        // The same volume on a disk of larger blocks than its own sectors. A cut disk may end within a block.
        let mut disk = MemoryDisk::fixture(name, 4096);
        disk.bytes.resize(disk.bytes.len().next_multiple_of(4096), 0);
        check_small(&mut Volume::mount(disk).unwrap(), label, "");
    }
}

#[test]
fn partitioned_images() {
    let mounted = |name, block_bytes, index: usize| {
        let mut disk = MemoryDisk::fixture(name, block_bytes);
        let partition = scan(&mut disk).unwrap().partitions.swap_remove(index);
        Volume::mount(Slice::new(disk, partition.first, partition.blocks))
    };
    let labels = [
        ("default", 512, 0, "VELOCITY"),
        ("gpt", 512, 1, "GPT DATA"),
        ("gpt", 512, 2, "SMALL"),
        ("gpt-4k", 4096, 0, "BLOCKS 4K"),
        ("gpt-backup", 512, 0, "SMALL"),
        ("mbr", 512, 0, "PRIMARY"),
        ("mbr", 512, 2, "LOGICAL"),
        ("mbr-loop", 512, 2, "SMALL"),
    ];
    for (name, block_bytes, index, label) in labels {
        let volume = mounted(name, block_bytes, index).unwrap();
        assert_eq!((volume.label(), volume.warnings()), (label, &[][..]), "{name}");
    }
    let unformatted = FatError::NotFat32 { found: Found::Unknown };
    assert_eq!(mounted("gpt", 512, 0).unwrap_err(), unformatted);
    assert_eq!(mounted("mbr", 512, 1).unwrap_err(), unformatted);
}

#[test]
fn the_scattered_file_is_whole() {
    let mut volume = mount("fragmented").unwrap();
    assert_eq!(read_all(&mut volume, "/scattered.txt").unwrap(), text("scattered.txt", 400_000));
    assert_eq!(volume.read_dir("/filler").unwrap().len(), 300);
    // It is scattered over some 260 runs; the window catches neighbours of one another.
    let disk = MemoryDisk::fixture("fragmented", 512);
    let reads = disk.reads.clone();
    read_all(&mut Volume::mount(disk).unwrap(), "/scattered.txt").unwrap();
    let reads = reads.load(std::sync::atomic::Ordering::Relaxed);
    assert!(reads > 100, "{reads} reads");
}

#[test]
fn names_in_many_scripts() {
    let mut volume = mount("unicode").unwrap();
    let path = "/Ελληνικά/Кириллица/漢字";
    assert_eq!(names(&mut volume, path), ["中文文件名.txt", "日本語ファイル名.txt", "한국어 파일 이름.txt"]);
    // Case folds in every script, and the folder is found by its short name's twin of the same case.
    assert!(volume.open("/ΕΛΛΗΝΙΚΆ/КИРИЛЛИЦА/ДЛИННОЕ ИМЯ ФАЙЛА.TXT").is_ok());
    let shapes = names(&mut volume, "/shapes");
    assert_eq!(shapes[0], format!("{}.txt", "n".repeat(251)));
    let rest = ["thirteen-unit", "exactly-twenty-six-units-x", "a.b.c.d", "two  spaces", "MiXeD.CaSe", "lower.txt"];
    assert_eq!(shapes[1..7], rest);
    let rest = ["UPPER.TXT", "base.TXT", "EXT.txt", "+,;=[].txt", "it's", "crab 🦀 and family 👪.txt"];
    assert_eq!(shapes[7..], rest);
    assert_eq!(read_all(&mut volume, "/shapes/crab 🦀 and family 👪.txt").unwrap(), b"A crab.\n");
}

#[test]
fn names_that_collide_in_their_short_form() {
    let mut volume = mount("unicode").unwrap();
    for number in 1..=12 {
        let path = format!("/collide/COLLIDING NAME {number}.text");
        assert_eq!(read_all(&mut volume, &path).unwrap(), format!("Number {number}.\n").as_bytes());
    }
    // The first of them also answers to its short name.
    assert_eq!(read_all(&mut volume, "/collide/collid~1.tex").unwrap(), b"Number 1.\n");
}

#[test]
fn damage_that_can_be_worked_around() {
    let mut volume = mount("backup-boot").unwrap();
    let lost = FatError::NotFat32 { found: Found::Unknown };
    assert_eq!(volume.warnings(), [Warning::BackupBootSector(lost)]);
    check_small(&mut volume, "SMALL", "");

    let mut volume = mount("fat-first-copy").unwrap();
    assert_eq!(volume.warnings(), [Warning::FatCopySkipped(0)]);
    check_small(&mut volume, "SMALL", "");

    let mut volume = mount("lfn-checksum").unwrap();
    check_small(&mut volume, "SMALL", "");
    assert_eq!(names(&mut volume, "/")[5..], ["ORPHAN~1.TXT"]);
    assert_eq!(read_all(&mut volume, "/ORPHAN~1.TXT").unwrap(), b"Whose name is this?\n");
}

/// Clusters of `/victim.bin` and `/folder` in the small volume, as the recipe finds them with mshowfat.
const VICTIM: u32 = 4;

#[test]
fn damaged_files_are_refused_and_the_rest_is_served() {
    let cases = [
        ("chain-loop-file", Damage::ChainLoop { cluster: VICTIM + 3 }),
        ("chain-free", Damage::ChainFree { cluster: 280 }),
        ("chain-outside", Damage::ChainOutside { cluster: VICTIM + 4, next: 5_000_000 }),
        ("chain-bad", Damage::ChainBad { cluster: VICTIM + 4 }),
        ("chain-short", Damage::ChainShort { clusters: 5, needed: 10 }),
        ("chain-start", Damage::ChainStart { cluster: 5_000_000 }),
    ];
    for (name, what) in cases {
        let mut volume = mount(name).unwrap();
        let expected = FatError::Damaged { what, at: Place::File("/victim.bin".into()) };
        assert_eq!(volume.open("/victim.bin").unwrap_err(), expected, "{name}");
        check_small(&mut volume, "SMALL", "/victim.bin");
    }
}

#[test]
fn damaged_folders_are_refused_and_the_rest_is_served() {
    let mut volume = mount("chain-loop-folder").unwrap();
    let expected = |what, path: &str| FatError::Damaged { what, at: Place::Folder(path.into()) };
    let FatError::Damaged { what: what @ Damage::ChainLoop { .. }, at } = volume.read_dir("/folder").unwrap_err()
    else {
        panic!("the folder loops")
    };
    assert_eq!(at, Place::Folder("/folder".into()));
    assert_eq!(volume.open("/folder/deeper/inner.txt").unwrap_err(), expected(what, "/folder"));
    check_small(&mut volume, "SMALL", "/folder");
    assert_eq!(mount("root-loop").unwrap_err(), expected(Damage::ChainLoop { cluster: 2 }, "/"));
}

#[test]
fn damaged_volumes_are_refused() {
    let boot = |what| FatError::Damaged { what, at: Place::BootSector };
    let field = |field, value| boot(Damage::Field { field, value });
    let present = MemoryDisk::fixture("bpb-total", 512).bytes.len() as u64;
    let cases = [
        ("bpb-cluster-zero", field(BootField::SectorsPerCluster, 0)),
        ("bpb-fat-size", field(BootField::FatSize, 0x00FF_FFFF)),
        ("bpb-total", boot(Damage::Truncated { claimed: 60_000 * 512, present })),
        ("fat-heads", FatError::Damaged { what: Damage::FatHead { entry: 0x0BAD_F00D }, at: Place::Fat }),
        ("truncated", boot(Damage::Truncated { claimed: present, present: 400_000 / 512 * 512 })),
    ];
    for (name, expected) in cases {
        assert_eq!(mount(name).unwrap_err(), expected, "{name}");
    }
}

#[test]
fn other_file_systems_are_refused_by_name() {
    let cases = [("fat12", Found::Fat12), ("fat16", Found::Fat16), ("exfat", Found::ExFat), ("ntfs", Found::Ntfs)];
    for (name, found) in cases {
        assert_eq!(mount(name).unwrap_err(), FatError::NotFat32 { found }, "{name}");
    }
}
