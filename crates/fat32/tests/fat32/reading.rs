//! Reading files: the right bytes from any place, in few and large device reads.

use crate::build::{Image, pattern, short_entry};
use crate::memory_disk::MemoryDisk;
use proptest::prelude::*;
use std::sync::atomic::Ordering::Relaxed;
use velocity_base::Lba;
use velocity_fat32::{FatError, Volume};
use velocity_hal::{BlockError, BlockErrorKind};

/// Mounts `image` on blocks of 512 bytes and forgets the reads that this took.
fn counted(image: &Image) -> (Volume<MemoryDisk>, std::sync::Arc<std::sync::atomic::AtomicU64>) {
    let disk = image.disk(512);
    let counter = disk.reads.clone();
    (Volume::mount(disk).unwrap(), counter)
}

#[test]
fn neighbouring_clusters_are_one_device_read() {
    let mut image = Image::new(512, 1, 4000);
    let clusters: Vec<u32> = (10..1010).chain(2000..3000).collect();
    image.file(b"FILE    BIN", &clusters, 2000 * 512);
    let (mut volume, reads) = counted(&image);
    let mut file = volume.open("file.bin").unwrap();
    reads.store(0, Relaxed);
    let mut out = vec![0; 2000 * 512];
    assert_eq!(volume.read_at(&mut file, 0, &mut out), Ok(out.len()));
    assert!(out.iter().enumerate().all(|(offset, byte)| *byte == pattern(offset)));
    assert_eq!(reads.load(Relaxed), 2);
}

#[test]
fn reading_in_pieces_costs_one_device_read_a_piece() {
    let mut image = Image::new(512, 1, 4000);
    image.file(b"FILE    BIN", &(10..2010).collect::<Vec<_>>(), 2000 * 512);
    let (mut volume, reads) = counted(&image);
    let mut file = volume.open("file.bin").unwrap();
    reads.store(0, Relaxed);
    let mut out = vec![0; 4096];
    for piece in 0..250 {
        assert_eq!(volume.read_at(&mut file, piece * 4096, &mut out), Ok(4096));
    }
    assert_eq!(reads.load(Relaxed), 250);
}

#[test]
fn a_file_in_more_pieces_than_are_kept_reads_right_from_any_place() {
    // Every second cluster, 5,000 runs of one: five times what an open file remembers.
    let mut image = Image::new(512, 1, 12_000);
    let clusters: Vec<u32> = (0..5000).map(|index| 10 + 2 * index).collect();
    image.file(b"FILE    BIN", &clusters, 5000 * 512 - 1);
    let (mut volume, reads) = counted(&image);
    let mut file = volume.open("file.bin").unwrap();
    for ordinal in (0..5000_u64).rev().step_by(37).chain([0, 4999, 1, 2500]) {
        let mut out = [0; 2];
        let offset = ordinal * 512 + 100;
        assert_eq!(volume.read_at(&mut file, offset, &mut out), Ok(2));
        assert_eq!(out, [pattern(offset as usize), pattern(offset as usize + 1)], "cluster {ordinal}");
    }
    // In order it needs the FAT no more than once through: 5,000 clusters and 10 lines of the FAT.
    reads.store(0, Relaxed);
    let mut out = vec![0; 5000 * 512];
    assert_eq!(volume.read_at(&mut file, 0, &mut out), Ok(out.len() - 1));
    assert!(out[..out.len() - 1].iter().enumerate().all(|(offset, byte)| *byte == pattern(offset)));
    assert!(reads.load(Relaxed) <= 5000 + 2 + 10, "{reads:?}");
}

#[test]
fn a_read_ends_with_the_file() {
    let mut image = Image::new(512, 1, 100);
    image.file(b"FILE    BIN", &[3, 4], 700);
    let mut volume = image.mount().unwrap();
    let mut file = volume.open("file.bin").unwrap();
    assert_eq!(file.size(), 700);
    let mut out = [0xAA; 1024];
    assert_eq!(volume.read_at(&mut file, 600, &mut out), Ok(100));
    assert_eq!(out[100], 0xAA);
    for offset in [700, 701, 1024, u64::MAX] {
        assert_eq!(volume.read_at(&mut file, offset, &mut out), Ok(0));
    }
    assert_eq!(volume.read_at(&mut file, 0, &mut []), Ok(0));
}

#[test]
fn after_a_device_error_the_next_good_read_works() {
    let mut image = Image::new(512, 1, 100);
    image.file(b"FILE    BIN", &[30, 31, 40], 1536);
    let bad = image.cluster_start(31) as u64 / 512;
    let mut disk = image.disk(512);
    disk.bad = bad..bad + 1;
    let mut volume = Volume::mount(disk).unwrap();
    let mut file = volume.open("file.bin").unwrap();
    let mut out = [0; 512];
    let media = FatError::Io(BlockError::new(BlockErrorKind::Media, Lba(bad)));
    assert_eq!(volume.read_at(&mut file, 512, &mut out), Err(media.clone()));
    assert_eq!(volume.read_at(&mut file, 1024, &mut out), Ok(512));
    assert_eq!(out[0], pattern(1024));
    // A byte beside the bad block: the window falls back to the block alone.
    assert_eq!(volume.read_at(&mut file, 511, &mut out[..1]), Ok(1));
    assert_eq!(out[0], pattern(511));
    assert_eq!(volume.read_at(&mut file, 512, &mut out[..1]), Err(media));
}

#[test]
fn a_file_of_another_volume_is_an_error_or_other_bytes_and_no_panic() {
    let mut large = Image::new(512, 1, 4000);
    large.file(b"FILE    BIN", &(3000..3010).collect::<Vec<_>>(), 5120);
    let mut small = Image::new(512, 1, 100);
    small.entry(short_entry(b"X          ", 0, 0, 0));
    let mut file = large.mount().unwrap().open("file.bin").unwrap();
    let read = small.mount().unwrap().read_at(&mut file, 0, &mut [0; 512]);
    assert!(matches!(read, Err(FatError::Io(error)) if error.kind == BlockErrorKind::OutOfRange));
}

proptest! {
    /// Any mixture of block, sector and cluster size, any layout of the file, any reads.
    #[test]
    fn every_read_gives_the_bytes_of_the_file(
        block_bytes in prop::sample::select(vec![512_u32, 1024, 4096]),
        sector_bytes in prop::sample::select(vec![512_usize, 1024, 2048, 4096]),
        cluster_sectors in prop::sample::select(vec![1_usize, 2, 8]),
        layout in Just((3..60_u32).collect::<Vec<_>>()).prop_shuffle(),
        runs in 1_usize..40,
        reads in prop::collection::vec((0_usize..400_000, 0_usize..70_000), 1..20),
    ) {
        // Neighbours stay together in groups, so that runs of several clusters come up.
        let mut clusters: Vec<u32> = layout[..runs].to_vec();
        clusters[..runs / 2].sort_unstable();
        let mut image = Image::new(sector_bytes, cluster_sectors, 80);
        let size = clusters.len() * image.cluster_bytes - clusters.len() % 7;
        image.file(b"FILE    BIN", &clusters, size);
        image.bytes.resize(image.bytes.len().next_multiple_of(4096), 0);
        let mut volume = Volume::mount(image.disk(block_bytes)).unwrap();
        let mut file = volume.open("file.bin").unwrap();
        for (offset, len) in reads {
            let mut out = vec![0; len];
            let read = volume.read_at(&mut file, offset as u64, &mut out).unwrap();
            prop_assert_eq!(read, size.saturating_sub(offset).min(len));
            prop_assert!(out[..read].iter().enumerate().all(|(index, byte)| *byte == pattern(offset + index)));
        }
    }
}
