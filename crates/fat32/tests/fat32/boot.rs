//! The boot sector: every field that can lie, what is recognised and refused, and when the backup counts.

use crate::build::Image;
use crate::memory_disk::MemoryDisk;
use std::sync::atomic::Ordering::Relaxed;
use velocity_base::Lba;
use velocity_fat32::{BootField, Damage, FatError, Found, Info, Place, Volume, Warning};
use velocity_hal::{BlockError, BlockErrorKind};

fn field(field: BootField, value: u32) -> FatError {
    FatError::Damaged { what: Damage::Field { field, value }, at: Place::BootSector }
}

fn sound() -> Image {
    Image::new(512, 1, 100)
}

#[test]
fn a_sound_volume_mounts_and_tells_about_itself() {
    let volume = sound().mount().unwrap();
    let info =
        Info { sector_bytes: 512, cluster_bytes: 512, clusters: 100, free_clusters: Some(7), serial: 0xDEAD_BEEF };
    assert_eq!(volume.info(), info);
    assert_eq!((volume.label(), volume.warnings()), ("BOOT LABEL", &[][..]));
}

#[test]
fn each_field_that_lies_is_named() {
    let cases: [(usize, &[u8], FatError); 22] = [
        (11, &[0, 0], field(BootField::BytesPerSector, 0)),
        (11, &[1, 2], field(BootField::BytesPerSector, 513)),
        (11, &[0, 1], field(BootField::BytesPerSector, 256)),
        (11, &[0, 0x20], field(BootField::BytesPerSector, 8192)),
        (13, &[0], field(BootField::SectorsPerCluster, 0)),
        (13, &[3], field(BootField::SectorsPerCluster, 3)),
        (14, &[0, 0], field(BootField::ReservedSectors, 0)),
        (16, &[0], field(BootField::FatCount, 0)),
        (17, &[0, 2], field(BootField::RootEntries, 512)),
        (21, &[0xF1], field(BootField::Media, 0xF1)),
        (32, &[0, 0, 0, 0], field(BootField::TotalSectors, 0)),
        (32, &[10, 0, 0, 0], field(BootField::TotalSectors, 10)),
        (32, &[9, 0, 0, 0], field(BootField::FatSize, 1)),
        (36, &[0, 0, 0, 0], field(BootField::FatSize, 0)),
        (36, &[0xFF, 0xFF, 0xFF, 0xFF], field(BootField::FatSize, u32::MAX)),
        (40, &[0x82, 0], field(BootField::ActiveFat, 0x82)),
        (42, &[0, 1], field(BootField::Version, 256)),
        (44, &[0, 0, 0, 0], field(BootField::RootCluster, 0)),
        (44, &[1, 0, 0, 0], field(BootField::RootCluster, 1)),
        (44, &[102, 0, 0, 0], field(BootField::RootCluster, 102)),
        (44, &[0xFF, 0xFF, 0xFF, 0xFF], field(BootField::RootCluster, u32::MAX)),
        (16, &[255], field(BootField::FatSize, 1)),
    ];
    for (at, bytes, expected) in cases {
        let mut image = sound();
        image.put(at, bytes);
        assert_eq!(image.mount().unwrap_err(), expected, "{bytes:?} at {at}");
    }
}

#[test]
fn the_fat_must_have_an_entry_for_every_cluster() {
    let mut image = Image::new(512, 1, 126);
    assert_eq!(image.fat_bytes, 1024);
    // The same sectors with a FAT of one sector each: 128 entries are too few for 128 clusters.
    image.put(36, &[1]);
    assert_eq!(image.mount().unwrap_err(), field(BootField::FatSize, 1));
}

#[test]
fn more_clusters_than_numbers_for_them_are_refused() {
    let mut image = sound();
    image.put(32, &[0xFF; 4]);
    assert_eq!(image.mount().unwrap_err(), field(BootField::TotalSectors, u32::MAX));
}

#[test]
fn a_volume_larger_than_its_device_is_cut_short() {
    let mut image = sound();
    let claimed = image.bytes.len() as u64;
    image.bytes.truncate(20 * 512);
    let what = Damage::Truncated { claimed, present: 20 * 512 };
    assert_eq!(image.mount().unwrap_err(), FatError::Damaged { what, at: Place::BootSector });
}

#[test]
fn other_file_systems_are_refused_by_name() {
    let cases: [(&str, usize, &[u8], Found); 6] = [
        ("NTFS", 3, b"NTFS    ", Found::Ntfs),
        ("exFAT", 3, b"EXFAT   ", Found::ExFat),
        ("no end mark", 510, &[0, 0], Found::Unknown),
        ("no jump", 0, &[0], Found::Unknown),
        ("FAT12", 22, &[1], Found::Fat12),
        ("zeros", 0, &[0; 512], Found::Unknown),
    ];
    for (what, at, bytes, found) in cases {
        let mut image = sound();
        image.put(at, bytes);
        assert_eq!(image.mount().unwrap_err(), FatError::NotFat32 { found }, "{what}");
    }
}

#[test]
fn fat12_and_fat16_differ_by_the_count_of_clusters() {
    // One sector a cluster, 8 reserved, 2 FATs of 20 sectors, a root folder of 512 entries in 32 sectors.
    let meta = 8 + 2 * 20 + 32;
    for (clusters, found) in [(1_u16, Found::Fat12), (4084, Found::Fat12), (4085, Found::Fat16), (65_000, Found::Fat16)]
    {
        let mut image = sound();
        image.put(17, &512_u16.to_le_bytes());
        image.put(19, &(meta + clusters).to_le_bytes());
        image.put(22, &20_u16.to_le_bytes());
        assert_eq!(image.mount().unwrap_err(), FatError::NotFat32 { found }, "{clusters} clusters");
    }
}

#[test]
fn a_device_too_small_for_a_boot_sector_holds_no_volume() {
    let error = Volume::mount(MemoryDisk::new(Vec::new(), 512)).unwrap_err();
    assert_eq!(error, FatError::NotFat32 { found: Found::Unknown });
}

#[test]
fn the_16_bit_sector_count_is_used_where_it_is_set() {
    let mut image = sound();
    let total = (image.bytes.len() / 512) as u16;
    image.put(19, &total.to_le_bytes());
    image.put(32, &[0; 4]);
    assert_eq!(image.mount().unwrap().info().clusters, 100);
}

/// A volume with a backup boot sector, and the first one overwritten with `bytes` at `at`.
fn backed_up(sector_bytes: usize, at: usize, bytes: &[u8]) -> Image {
    let mut image = Image::new(sector_bytes, 1, 100);
    let first = image.bytes[..512].to_vec();
    image.put(6 * sector_bytes, &first);
    image.put(at, bytes);
    image
}

#[test]
fn a_backup_stands_in_for_a_damaged_boot_sector_of_any_size() {
    for sector_bytes in [512, 1024, 2048, 4096] {
        let volume = backed_up(sector_bytes, 0, &[0; 512]).mount().unwrap();
        assert_eq!(volume.info().sector_bytes as usize, sector_bytes);
        let lost = FatError::NotFat32 { found: Found::Unknown };
        assert_eq!(volume.warnings(), [Warning::BackupBootSector(lost)]);
    }
    let volume = backed_up(512, 13, &[0]).mount().unwrap();
    assert_eq!(volume.warnings(), [Warning::BackupBootSector(field(BootField::SectorsPerCluster, 0))]);
}

#[test]
fn a_backup_stands_in_for_an_unreadable_boot_sector() {
    let mut disk = backed_up(512, 0, &[]).disk(512);
    disk.bad = 0..1;
    let volume = Volume::mount(disk).unwrap();
    assert!(matches!(
        volume.warnings(),
        [Warning::BackupBootSector(FatError::Io(error))] if error.kind == BlockErrorKind::Media
    ));
}

#[test]
fn a_backup_does_not_revive_what_has_become_something_else() {
    let image = backed_up(512, 3, b"NTFS    ");
    assert_eq!(image.mount().unwrap_err(), FatError::NotFat32 { found: Found::Ntfs });
}

#[test]
fn fs_info_is_a_hint() {
    let mut damaged = sound();
    damaged.put(512, b"????");
    let volume = damaged.mount().unwrap();
    assert_eq!((volume.info().free_clusters, volume.warnings()), (None, &[Warning::FsInfoIgnored][..]));

    let mut unknown = sound();
    unknown.put(512 + 488, &[0xFF; 4]);
    let volume = unknown.mount().unwrap();
    assert_eq!((volume.info().free_clusters, volume.warnings()), (None, &[][..]));

    for absent in [0_u16, 8, 0xFFFF] {
        let mut image = sound();
        image.put(48, &absent.to_le_bytes());
        let volume = image.mount().unwrap();
        assert_eq!((volume.info().free_clusters, volume.warnings()), (None, &[][..]), "{absent}");
    }
}

#[test]
fn an_unreadable_fs_info_costs_the_hint_and_a_failing_device_the_mount() {
    let mut disk = sound().disk(512);
    disk.bad = 1..2;
    assert_eq!(Volume::mount(disk.clone()).unwrap().warnings(), [Warning::FsInfoIgnored]);
    disk.failure = BlockErrorKind::Gone;
    let gone = BlockError::new(BlockErrorKind::Gone, Lba(0));
    assert_eq!(Volume::mount(disk).unwrap_err(), FatError::Io(gone));
}

#[test]
fn a_mount_costs_few_reads() {
    let mut volume = Image::new(512, 8, 70_000);
    volume.entry(crate::build::short_entry(b"LABELLED   ", 0x08, 0, 0));
    let disk = volume.disk(512);
    let reads = disk.reads.clone();
    assert_eq!(Volume::mount(disk).unwrap().label(), "LABELLED");
    // Boot sector and FSInfo together, the head of the FAT, the root folder.
    assert_eq!(reads.load(Relaxed), 3);
}
