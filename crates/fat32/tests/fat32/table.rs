//! The FAT: its head, its copies, and what it says about how the volume was left.

use crate::build::{END, Image, pattern, read_all};
use velocity_fat32::{Damage, FatError, Place, Volume, Warning};
use velocity_hal::BlockErrorKind;

fn sound() -> Image {
    let mut image = Image::new(512, 1, 2000);
    image.file(b"FILE    BIN", &[3, 5, 1900], 1500);
    image
}

#[test]
fn a_damaged_head_sends_the_mount_to_the_next_copy() {
    for (at, bytes) in [(0, [0; 4]), (0, [0xF0, 0xFF, 0xFF, 0x0F]), (4, [0; 4])] {
        let mut image = sound();
        image.put(image.fat_start(0) + at, &bytes);
        // What follows in the first copy must not be used either.
        image.put(image.fat_start(0) + 12, &[0; 4]);
        let mut volume = image.mount().unwrap();
        assert_eq!(volume.warnings(), [Warning::FatCopySkipped(0)]);
        assert_eq!(read_all(&mut volume, "file.bin").unwrap().len(), 1500);
    }
}

#[test]
fn no_sound_copy_is_an_error() {
    let mut image = sound();
    image.link(0, 0x0BAD_F00D);
    let what = Damage::FatHead { entry: 0x0BAD_F00D };
    assert_eq!(image.mount().unwrap_err(), FatError::Damaged { what, at: Place::Fat });
}

#[test]
fn the_upper_four_bits_mean_nothing() {
    let mut image = sound();
    image.link(0, 0xFFFF_FFF8);
    image.link(3, 0xA000_0005);
    image.link(1900, 0xFFFF_FFF8);
    assert_eq!(read_all(&mut image.mount().unwrap(), "file.bin").unwrap().len(), 1500);
}

#[test]
fn the_head_tells_how_the_volume_was_left() {
    let mut image = sound();
    image.link(1, END & !0x0800_0000);
    assert_eq!(image.mount().unwrap().warnings(), [Warning::NotCleanlyUnmounted]);
    image.link(1, END & !0x0400_0000);
    assert_eq!(image.mount().unwrap().warnings(), [Warning::HadDiskErrors]);
}

#[test]
fn without_mirroring_only_the_active_copy_counts() {
    let mut image = sound();
    image.put(40, &[0x81]);
    image.put(image.fat_start(0), &vec![0; image.fat_bytes]);
    let mut volume = image.mount().unwrap();
    assert_eq!(volume.warnings(), []);
    assert_eq!(read_all(&mut volume, "file.bin").unwrap().len(), 1500);

    image.put(image.fat_start(1), &[0; 4]);
    assert!(matches!(image.mount().unwrap_err(), FatError::Damaged { what: Damage::FatHead { .. }, .. }));
}

#[test]
fn an_unreadable_piece_of_one_copy_is_read_from_the_other() {
    let mut disk = sound().disk(512);
    // Entry 1900 lies in the 15th sector of the FAT.
    let sector = 8 + 1900 * 4 / 512;
    disk.bad = sector..sector + 1;
    let mut volume = Volume::mount(disk.clone()).unwrap();
    let bytes = read_all(&mut volume, "file.bin").unwrap();
    assert!(bytes.iter().enumerate().all(|(offset, byte)| *byte == pattern(offset)));

    disk.bad = 8..disk.bytes.len() as u64 / 512;
    assert!(matches!(Volume::mount(disk).unwrap_err(), FatError::Io(error) if error.kind == BlockErrorKind::Media));
}
