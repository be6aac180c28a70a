//! FAT32 images made by another implementation (`fatfs`), so that nothing here agrees with itself by mistake.

use fatfs::{FatType, FileSystem, FormatVolumeOptions, FsOptions};
use std::io::{Cursor, Write};

/// Enough clusters of 512 bytes for FAT32.
pub const BYTES: usize = 36 << 20;

/// An image with the files given by path; folders in between are made. A path that ends with `/` is an empty folder.
pub fn with_files(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut disk = Cursor::new(vec![0; BYTES]);
    let options =
        FormatVolumeOptions::new().fat_type(FatType::Fat32).bytes_per_cluster(512).volume_label(*b"TEST       ");
    fatfs::format_volume(&mut disk, options).unwrap();
    let volume = FileSystem::new(&mut disk, FsOptions::new()).unwrap();
    for (path, bytes) in files {
        let path = path.trim_start_matches('/');
        for (end, _) in path.match_indices('/') {
            volume.root_dir().create_dir(&path[..end]).unwrap();
        }
        if !path.ends_with('/') {
            volume.root_dir().create_file(path).unwrap().write_all(bytes).unwrap();
        }
    }
    volume.unmount().unwrap();
    disk.into_inner()
}

/// `volumes` behind each other in the partitions of an MBR.
pub fn with_partitions(volumes: &[Vec<u8>]) -> Vec<u8> {
    let mut disk = vec![0; 1 << 20];
    for (index, volume) in volumes.iter().enumerate() {
        let entry = 446 + index * 16;
        let (first, blocks) = ((disk.len() / 512) as u32, (volume.len() / 512) as u32);
        disk[entry + 4] = 0x0c;
        disk[entry + 8..entry + 12].copy_from_slice(&first.to_le_bytes());
        disk[entry + 12..entry + 16].copy_from_slice(&blocks.to_le_bytes());
        disk.extend_from_slice(volume);
    }
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    disk
}

/// The block of `disk` where `needle` begins; it must begin one.
pub fn block_of(disk: &[u8], needle: &[u8]) -> u64 {
    let found = disk.chunks_exact(512).position(|block| block.starts_with(needle));
    found.expect("the needle begins a block") as u64
}
