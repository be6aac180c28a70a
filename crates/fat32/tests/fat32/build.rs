//! Builds small FAT32 volumes, independently of the code under test: offsets here are those of fatgen103.

use crate::memory_disk::MemoryDisk;
use velocity_fat32::{FatError, Volume};

/// The mark that ends a chain.
pub const END: u32 = 0x0FFF_FFFF;

/// A volume in memory. Its root folder is cluster 2; there are 8 reserved sectors, the FSInfo in sector 1 and nothing in
/// the place of the backup boot sector.
#[derive(Clone)]
pub struct Image {
    pub bytes: Vec<u8>,
    pub sector_bytes: usize,
    pub cluster_bytes: usize,
    pub fat_bytes: usize,
    fats: usize,
    root_entries: usize,
}

impl Image {
    pub fn new(sector_bytes: usize, cluster_sectors: usize, clusters: u32) -> Self {
        let fat_sectors = (clusters as usize + 2) * 4 / sector_bytes + 1;
        let data_sector = 8 + 2 * fat_sectors;
        let total = data_sector + clusters as usize * cluster_sectors;
        let mut image = Self {
            bytes: vec![0; total * sector_bytes],
            sector_bytes,
            cluster_bytes: sector_bytes * cluster_sectors,
            fat_bytes: fat_sectors * sector_bytes,
            fats: 2,
            root_entries: 0,
        };
        image.put(0, b"\xEB\x58\x90TESTDISK");
        image.put(11, &(sector_bytes as u16).to_le_bytes());
        image.put(13, &[cluster_sectors as u8, 8, 0, 2]);
        image.put(21, &[0xF8]);
        image.put(32, &(total as u32).to_le_bytes());
        image.put(36, &(fat_sectors as u32).to_le_bytes());
        image.put(44, &[2, 0, 0, 0, 1, 0, 6]);
        image.put(66, b"\x29\xEF\xBE\xAD\xDEBOOT LABEL ");
        image.put(510, &[0x55, 0xAA]);
        image.put(sector_bytes, b"RRaA");
        image.put(sector_bytes + 484, b"rrAa\x07\0\0\0");
        image.put(sector_bytes + 508, &[0, 0, 0x55, 0xAA]);
        image.link(0, 0x0FFF_FFF8);
        image.link(1, END);
        image.link(2, END);
        image
    }

    /// Overwrites bytes at `at`.
    pub fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Where copy `copy` of the FAT begins.
    pub fn fat_start(&self, copy: usize) -> usize {
        8 * self.sector_bytes + copy * self.fat_bytes
    }

    /// Where `cluster` begins.
    pub fn cluster_start(&self, cluster: u32) -> usize {
        self.fat_start(self.fats) + (cluster as usize - 2) * self.cluster_bytes
    }

    /// Sets a FAT entry in both copies.
    pub fn link(&mut self, cluster: u32, value: u32) {
        for copy in 0..self.fats {
            self.put(self.fat_start(copy) + cluster as usize * 4, &value.to_le_bytes());
        }
    }

    /// Links `clusters` to a chain with an end.
    pub fn chain(&mut self, clusters: &[u32]) {
        for pair in clusters.windows(2) {
            self.link(pair[0], pair[1]);
        }
        if let Some(last) = clusters.last() {
            self.link(*last, END);
        }
    }

    /// Appends 32 bytes to the root folder.
    pub fn entry(&mut self, entry: [u8; 32]) {
        self.put(self.cluster_start(2) + self.root_entries * 32, &entry);
        self.root_entries += 1;
    }

    /// Adds a file to the root folder and fills its clusters with [`pattern`].
    pub fn file(&mut self, short_name: &[u8; 11], clusters: &[u32], size: usize) {
        self.chain(clusters);
        for (ordinal, cluster) in clusters.iter().enumerate() {
            let start = self.cluster_start(*cluster);
            let first = ordinal * self.cluster_bytes;
            for within in 0..self.cluster_bytes {
                self.bytes[start + within] = pattern(first + within);
            }
        }
        self.entry(short_entry(short_name, 0x20, clusters.first().copied().unwrap_or(0), size as u32));
    }

    pub fn disk(&self, block_bytes: u32) -> MemoryDisk {
        MemoryDisk::new(self.bytes.clone(), block_bytes)
    }

    pub fn mount(&self) -> Result<Volume<MemoryDisk>, FatError> {
        Volume::mount(self.disk(512))
    }
}

/// A directory entry with a short name, written on 2024-02-29 at 13:37:42.
pub fn short_entry(name: &[u8; 11], attributes: u8, cluster: u32, size: u32) -> [u8; 32] {
    let mut entry = [0; 32];
    entry[..11].copy_from_slice(name);
    entry[11] = attributes;
    entry[20..22].copy_from_slice(&((cluster >> 16) as u16).to_le_bytes());
    entry[22..24].copy_from_slice(&(13_u16 << 11 | 37 << 5 | 21).to_le_bytes());
    entry[24..26].copy_from_slice(&(44_u16 << 9 | 2 << 5 | 29).to_le_bytes());
    entry[26..28].copy_from_slice(&(cluster as u16).to_le_bytes());
    entry[28..].copy_from_slice(&size.to_le_bytes());
    entry
}

/// The long entries, in the order of the disk, that give `short` the name `units`.
pub fn long_entries(units: &[u16], short: &[u8; 11]) -> Vec<[u8; 32]> {
    let checksum = short.iter().fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte));
    let parts = units.len().div_ceil(13);
    let unit = |index: usize| match index.cmp(&units.len()) {
        std::cmp::Ordering::Less => units[index],
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 0xFFFF,
    };
    let part = |number: usize| {
        let mut entry = [0; 32];
        entry[0] = number as u8 | if number == parts { 0x40 } else { 0 };
        (entry[11], entry[13]) = (0x0F, checksum);
        let places = (1..11).step_by(2).chain((14..26).step_by(2)).chain([28, 30]);
        for (index, at) in places.enumerate() {
            entry[at..at + 2].copy_from_slice(&unit((number - 1) * 13 + index).to_le_bytes());
        }
        entry
    };
    (1..=parts).rev().map(part).collect()
}

/// The byte at `offset` of every test file: no two clusters are alike.
pub fn pattern(offset: usize) -> u8 {
    ((offset as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8
}

/// Every byte of the file at `path`.
pub fn read_all(volume: &mut Volume<MemoryDisk>, path: &str) -> Result<Vec<u8>, FatError> {
    let mut file = volume.open(path)?;
    let mut bytes = vec![0; file.size() as usize];
    let read = volume.read_at(&mut file, 0, &mut bytes)?;
    assert_eq!(read, bytes.len());
    Ok(bytes)
}
