//! Disks for fuzzing: a sound image with the fuzzer's patches over it.
//!
//! Random bytes never pass a boot sector's checks, so each run starts from a fixture image, and the input says which
//! bytes of which sectors differ. Half of the addresses count non-zero sectors, which is where tables and folders are;
//! the other half are plain block numbers.
#![forbid(unsafe_code)]

use flate2::read::GzDecoder;
use std::{collections::BTreeMap, io::Read};
use velocity_base::Lba;
use velocity_hal::{BlockDevice, BlockError, BlockErrorKind};

const BLOCK: usize = 512;

type Sector = [u8; BLOCK];

/// A sound image.
pub struct Template {
    image: Vec<u8>,
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
        let sectors = (0..).zip(image.as_chunks::<BLOCK>().0);
        let used = sectors.filter(|(_, sector)| **sector != [0; BLOCK]).map(|(number, _)| number).collect();
        Self { image, used }
    }

    fn blocks(&self) -> u64 {
        (self.image.len() / BLOCK) as u64
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
            disk.sector(number)[offset..offset + len].copy_from_slice(&rest[..len]);
            input = &rest[len..];
        }
        disk
    }

    fn number(&self, address: u16) -> u64 {
        let low = u64::from(address & 0x7fff);
        match address >> 15 {
            0 => self.template.used[low as usize % self.template.used.len()],
            _ => low % self.template.blocks(),
        }
    }

    fn sector(&mut self, number: u64) -> &mut Sector {
        let at = number as usize;
        self.patched.entry(number).or_insert_with(|| self.template.image.as_chunks::<BLOCK>().0[at])
    }
}

impl BlockDevice for PatchedDisk<'_> {
    fn block_bytes(&self) -> u32 {
        BLOCK as u32
    }

    fn block_count(&self) -> u64 {
        self.template.blocks()
    }

    fn read(&mut self, first: Lba, out: &mut [u8]) -> Result<(), BlockError> {
        let (sectors, rest) = out.as_chunks_mut::<BLOCK>();
        assert!(rest.is_empty(), "a read of {} bytes is not a whole number of blocks", rest.len());
        let end = first.0.checked_add(sectors.len() as u64).filter(|end| *end <= self.block_count());
        let end = end.ok_or(BlockError::new(BlockErrorKind::OutOfRange, first))?;
        sectors.copy_from_slice(&self.template.image.as_chunks::<BLOCK>().0[first.0 as usize..end as usize]);
        for (number, sector) in self.patched.range(first.0..end) {
            sectors[(number - first.0) as usize] = *sector;
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
