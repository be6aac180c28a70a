//! Chains of clusters: every way in which one can be wrong, and the ones that only look wrong.

use crate::build::{Image, pattern, read_all, short_entry};
use velocity_fat32::{Damage, FatError, Place};

/// Clusters 10 to 19, ten of them used in full.
fn sound() -> Image {
    let mut image = Image::new(512, 1, 3000);
    image.file(b"FILE    BIN", &(10..20).collect::<Vec<_>>(), 5120);
    image
}

fn error_of(image: &Image) -> FatError {
    image.mount().unwrap().open("/FILE.BIN").unwrap_err()
}

fn damaged(what: Damage) -> FatError {
    FatError::Damaged { what, at: Place::File("/FILE.BIN".into()) }
}

#[test]
fn each_damage_has_its_name() {
    let cases = [
        (0, Damage::ChainFree { cluster: 14 }),
        (1, Damage::ChainOutside { cluster: 14, next: 1 }),
        (3002, Damage::ChainOutside { cluster: 14, next: 3002 }),
        (0x0FFF_FFF6, Damage::ChainOutside { cluster: 14, next: 0x0FFF_FFF6 }),
        (0x0FFF_FFF7, Damage::ChainBad { cluster: 14 }),
        (0x0FFF_FFF8, Damage::ChainShort { clusters: 5, needed: 10 }),
        (0x0FFF_FFFF, Damage::ChainShort { clusters: 5, needed: 10 }),
    ];
    for (value, what) in cases {
        let mut image = sound();
        image.link(14, value);
        assert_eq!(error_of(&image), damaged(what), "{value:#x}");
    }
}

#[test]
fn every_loop_within_a_file_is_found() {
    for from in 10..20 {
        for to in 10..=from {
            let mut image = sound();
            image.link(from, to);
            match error_of(&image) {
                FatError::Damaged { what: Damage::ChainLoop { cluster }, .. } => {
                    assert!((to..=from).contains(&cluster), "{cluster} is not in the loop from {from} to {to}");
                }
                other => panic!("loop from {from} to {to}: {other}"),
            }
        }
    }
}

#[test]
fn a_first_cluster_outside_the_volume_is_named() {
    for cluster in [1, 3002, 0x0FFF_FFFF] {
        let mut image = sound();
        image.entry(short_entry(b"OUTSIDE    ", 0, cluster, 1));
        let expected = FatError::Damaged { what: Damage::ChainStart { cluster }, at: Place::File("/outside".into()) };
        assert_eq!(image.mount().unwrap().open("outside").unwrap_err(), expected);
    }
}

#[test]
fn a_size_without_clusters_is_short_and_clusters_without_a_size_are_nothing() {
    let mut image = sound();
    image.entry(short_entry(b"NO      CHN", 0, 0, 513));
    image.entry(short_entry(b"NO      SIZ", 0, 10, 0));
    let mut volume = image.mount().unwrap();
    let what = Damage::ChainShort { clusters: 0, needed: 2 };
    assert_eq!(volume.open("no.chn").unwrap_err(), FatError::Damaged { what, at: Place::File("/no.chn".into()) });
    assert_eq!(read_all(&mut volume, "no.siz").unwrap(), []);
}

#[test]
fn a_chain_longer_than_the_file_is_allowed() {
    for clusters in [11, 40, 2000] {
        let mut image = sound();
        image.chain(&(10..10 + clusters).collect::<Vec<_>>());
        let bytes = read_all(&mut image.mount().unwrap(), "file.bin").unwrap();
        assert!(bytes.iter().enumerate().all(|(offset, byte)| *byte == pattern(offset)));
    }
}

#[test]
fn the_largest_size_on_a_small_volume_ends_quickly() {
    let mut image = sound();
    image.entry(short_entry(b"HUGE       ", 0, 10, u32::MAX));
    let what = Damage::ChainShort { clusters: 10, needed: 1 << 23 };
    let expected = FatError::Damaged { what, at: Place::File("/huge".into()) };
    assert_eq!(image.mount().unwrap().open("huge").unwrap_err(), expected);
}

#[test]
fn a_folder_that_loops_is_an_error_wherever_it_is_met() {
    let mut image = sound();
    image.entry(short_entry(b"LOOP       ", 0x10, 50, 0));
    image.chain(&[50, 51, 52]);
    image.link(52, 51);
    let mut volume = image.mount().unwrap();
    for error in [volume.read_dir("/loop").unwrap_err(), volume.open("/loop/file").unwrap_err()] {
        let FatError::Damaged { what: Damage::ChainLoop { cluster }, at } = error else { panic!("{error}") };
        assert!(cluster == 51 || cluster == 52);
        assert_eq!(at, Place::Folder("/loop".into()));
    }
    image.link(2, 2);
    let what = Damage::ChainLoop { cluster: 2 };
    assert_eq!(image.mount().unwrap_err(), FatError::Damaged { what, at: Place::Folder("/".into()) });
}

#[test]
fn a_folder_has_at_most_65536_entries() {
    let mut image = Image::new(512, 64, 100);
    image.entry(short_entry(b"FULL       ", 0x10, 3, 0));
    image.entry(short_entry(b"OVERFULL   ", 0x10, 3, 0));
    let full: Vec<u32> = (3..67).collect();
    for (index, cluster) in full.iter().enumerate() {
        let start = image.cluster_start(*cluster);
        for slot in 0..1024 {
            let name = format!("E{:010}", index * 1024 + slot);
            let name: [u8; 11] = name.as_bytes().try_into().unwrap();
            image.put(start + slot * 32, &short_entry(&name, 0, 0, 0));
        }
    }
    image.chain(&full);
    assert_eq!(image.mount().unwrap().read_dir("/full").unwrap().len(), 65_536);
    image.chain(&(3..68).collect::<Vec<_>>());
    let expected = FatError::Damaged { what: Damage::FolderTooLarge, at: Place::Folder("/overfull".into()) };
    assert_eq!(image.mount().unwrap().read_dir("/overfull").unwrap_err(), expected);
}
