//! Disks for fuzzing: a sound image with the fuzzer's patches over it.
//!
//! Random bytes never pass a boot sector's checks, so each run starts from a fixture image, kept as its non-zero
//! sectors only, and the input says which bytes of which sectors differ. Half of the addresses count non-zero sectors,
//! which is where tables and folders are; the other half are plain block numbers.
#![forbid(unsafe_code)]

use flate2::read::GzDecoder;
use std::{collections::BTreeMap, io::Read};
use velocity_base::Lba;
use velocity_hal::{BlockDevice, BlockError, BlockErrorKind};

const BLOCK: usize = 512;

type Sector = [u8; BLOCK];

/// A sound image without its zero sectors.
pub struct Template {
    blocks: u64,
    sectors: BTreeMap<u64, Sector>,
    /// Numbers of the non-zero sectors, ascending.
    used: Vec<u64>,
}

impl Template {
    /// Unpacks a fixture.
    ///
    /// # Panics
    /// When the fixture is no gzip file: then there is nothing to fuzz.
    #[must_use]
    pub fn unpack(packed: &[u8]) -> Self {
        let mut image = Vec::new();
        GzDecoder::new(packed).read_to_end(&mut image).expect("a fixture is a gzip file");
        let (chunks, _) = image.as_chunks::<BLOCK>();
        let numbered = (0..).zip(chunks).filter(|(_, sector)| **sector != [0; BLOCK]);
        let sectors: BTreeMap<u64, Sector> = numbered.map(|(number, sector)| (number, *sector)).collect();
        let used = sectors.keys().copied().collect();
        Self { blocks: chunks.len() as u64, sectors, used }
    }
}

/// A template with patches.
pub struct PatchedDisk<'a> {
    template: &'a Template,
    patched: BTreeMap<u64, Sector>,
}

impl<'a> PatchedDisk<'a> {
    /// Applies the patches in `input`, each: address (2 bytes), offset and length (2 bytes), new bytes.
    #[must_use]
    pub fn new(template: &'a Template, mut input: &[u8]) -> Self {
        let mut disk = Self { template, patched: BTreeMap::new() };
        while let [a, b, c, d, rest @ ..] = input {
            let (address, place) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
            let (offset, len) = (usize::from(place & 0x1ff), usize::from(place >> 9) + 1);
            let len = len.min(rest.len()).min(BLOCK - offset);
            let number = disk.number(address);
            let mut sector = disk.sector(number);
            sector[offset..offset + len].copy_from_slice(&rest[..len]);
            disk.patched.insert(number, sector);
            input = &rest[len..];
        }
        disk
    }

    fn number(&self, address: u16) -> u64 {
        let low = u64::from(address & 0x7fff);
        match address >> 15 {
            0 => self.template.used[low as usize % self.template.used.len()],
            _ => low % self.template.blocks,
        }
    }

    fn sector(&self, number: u64) -> Sector {
        let known = self.patched.get(&number).or_else(|| self.template.sectors.get(&number));
        known.copied().unwrap_or([0; BLOCK])
    }
}

impl BlockDevice for PatchedDisk<'_> {
    fn block_bytes(&self) -> u32 {
        BLOCK as u32
    }

    fn block_count(&self) -> u64 {
        self.template.blocks
    }

    fn read(&mut self, first: Lba, out: &mut [u8]) -> Result<(), BlockError> {
        let (sectors, rest) = out.as_chunks_mut::<BLOCK>();
        assert!(rest.is_empty(), "a read of {} bytes is not a whole number of blocks", rest.len());
        let end = first.0.checked_add(sectors.len() as u64);
        if end.is_none_or(|end| end > self.block_count()) {
            return Err(BlockError::new(BlockErrorKind::OutOfRange, first));
        }
        for (number, sector) in (first.0..).zip(sectors) {
            *sector = self.sector(number);
        }
        Ok(())
    }

    fn write(&mut self, first: Lba, _: &[u8]) -> Result<(), BlockError> {
        panic!("a reader wrote to block {}", first.0);
    }

    fn flush(&mut self) -> Result<(), BlockError> {
        Ok(())
    }
}
