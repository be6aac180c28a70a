//! A disk with a volatile cache that loses power on request.
//!
//! What was written is in the cache until it is flushed. When power goes, blocks in the cache are lost, kept, or a mixture of both by the numbers of a seed, with the
//! one that was being written torn in its middle; afterwards every call fails until the power is back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use velocity_base::Lba;
use velocity_hal::{BlockDevice, BlockError, BlockErrorKind};

/// What becomes of blocks that were not flushed when power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// None of them is there.
    Lost,
    /// All of them are there.
    Kept,
    /// Some of them are there, and some in part.
    Torn(u64),
}

/// A handle on such a disk: clones are the same disk.
#[derive(Clone, Debug)]
pub struct PowerCut(Arc<Mutex<Disk>>);

#[derive(Debug)]
struct Disk {
    block_bytes: usize,
    durable: Vec<u8>,
    cache: BTreeMap<usize, Vec<u8>>,
    /// Blocks to be written, and flushes, before power goes.
    left: Option<u64>,
    fate: Fate,
    is_off: bool,
    /// Blocks written, and flushes, in all.
    done: u64,
}

impl PowerCut {
    /// A disk of zeros.
    #[must_use]
    pub fn new(block_bytes: u32, blocks: u64) -> Self {
        let block_bytes = block_bytes as usize;
        let durable = vec![0; block_bytes * blocks as usize];
        let (cache, fate) = (BTreeMap::new(), Fate::Lost);
        Self(Arc::new(Mutex::new(Disk { block_bytes, durable, cache, left: None, fate, is_off: false, done: 0 })))
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets power go with the block or flush behind so many more.
    pub fn cut_after(&self, writes: u64, fate: Fate) {
        let mut disk = self.disk();
        (disk.left, disk.fate) = (Some(writes), fate);
    }

    /// Blocks written, and flushes, so far.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.disk().done
    }

    /// Whether power has gone.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.disk().is_off
    }

    /// Power goes now if it has not, and comes back, for good.
    pub fn restart(&self) {
        let mut disk = self.disk();
        if !disk.is_off {
            disk.fate = Fate::Lost;
            disk.lose(None);
        }
        (disk.is_off, disk.left) = (false, None);
    }

    /// Changes what is durable, as a failing medium would, or somebody with a screwdriver.
    pub fn tamper(&self, change: impl FnOnce(&mut [u8])) {
        change(&mut self.disk().durable);
    }
}

impl Disk {
    /// Power goes, while this block is being written.
    fn lose(&mut self, writing: Option<usize>) {
        let cache = std::mem::take(&mut self.cache);
        let mut seed = if let Fate::Torn(seed) = self.fate { seed } else { 0 };
        for (at, block) in cache {
            // SplitMix64 (Steele, Lea, Flood 2014): the next number of the seed.
            seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (seed ^ seed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let number = (mixed ^ mixed >> 27) as usize;
            let len = match self.fate {
                Fate::Lost => 0,
                Fate::Kept => self.block_bytes,
                Fate::Torn(_) if writing == Some(at) || number.is_multiple_of(4) => number / 8 % self.block_bytes,
                Fate::Torn(_) => [0, self.block_bytes][number / 8 % 2],
            };
            let start = at * self.block_bytes;
            self.durable[start..start + len].copy_from_slice(&block[..len]);
        }
        self.is_off = true;
    }

    /// Counts a block or a flush; whether there is power for it.
    fn has_power(&mut self, writing: Option<usize>) -> bool {
        if self.is_off || self.left == Some(0) {
            if !self.is_off {
                self.lose(writing);
            }
            return false;
        }
        self.left = self.left.map(|left| left - 1);
        self.done += 1;
        true
    }
}

impl BlockDevice for PowerCut {
    fn block_bytes(&self) -> u32 {
        self.disk().block_bytes as u32
    }

    fn block_count(&self) -> u64 {
        let disk = self.disk();
        (disk.durable.len() / disk.block_bytes) as u64
    }

    fn read(&mut self, first: Lba, out: &mut [u8]) -> Result<(), BlockError> {
        let disk = self.disk();
        if disk.is_off {
            return Err(BlockError::new(BlockErrorKind::Gone, first));
        }
        let (size, first_at) = (disk.block_bytes, first.0 as usize);
        if !out.len().is_multiple_of(size) || first_at * size + out.len() > disk.durable.len() {
            return Err(BlockError::new(BlockErrorKind::OutOfRange, first));
        }
        for (at, block) in out.chunks_mut(size).enumerate() {
            let at = first_at + at;
            let durable = &disk.durable[at * size..][..size];
            block.copy_from_slice(disk.cache.get(&at).map_or(durable, Vec::as_slice));
        }
        Ok(())
    }

    fn write(&mut self, first: Lba, data: &[u8]) -> Result<(), BlockError> {
        let mut disk = self.disk();
        let (size, first_at) = (disk.block_bytes, first.0 as usize);
        if !data.len().is_multiple_of(size) || first_at * size + data.len() > disk.durable.len() {
            return Err(BlockError::new(BlockErrorKind::OutOfRange, first));
        }
        for (at, block) in data.chunks(size).enumerate() {
            let at = first_at + at;
            if !disk.is_off {
                disk.cache.insert(at, block.to_vec());
            }
            if !disk.has_power(Some(at)) {
                return Err(BlockError::new(BlockErrorKind::Gone, first));
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), BlockError> {
        let mut disk = self.disk();
        if !disk.has_power(None) {
            return Err(BlockError::new(BlockErrorKind::Gone, Lba(0)));
        }
        let size = disk.block_bytes;
        for (at, block) in std::mem::take(&mut disk.cache) {
            disk.durable[at * size..][..size].copy_from_slice(&block);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(byte: u8) -> Vec<u8> {
        vec![byte; 512]
    }

    fn first_of(disk: &mut PowerCut, at: u64) -> u8 {
        let mut out = block(0);
        disk.read(Lba(at), &mut out).expect("there is power");
        out[0]
    }

    #[test]
    fn what_was_not_flushed_is_lost_or_kept() {
        for (fate, second) in [(Fate::Lost, 0), (Fate::Kept, 2)] {
            let mut disk = PowerCut::new(512, 8);
            disk.write(Lba(0), &block(1)).expect("there is power");
            disk.flush().expect("there is power");
            disk.cut_after(1, fate);
            disk.write(Lba(1), &block(2)).expect("there is power");
            assert_eq!(first_of(&mut disk, 1), 2, "the cache is read");
            assert_eq!(disk.flush().expect_err("there is none").kind, BlockErrorKind::Gone);
            assert!(disk.is_off() && disk.read(Lba(0), &mut block(0)).is_err());
            disk.restart();
            assert_eq!((first_of(&mut disk, 0), first_of(&mut disk, 1), disk.writes()), (1, second, 3), "{fate:?}");
        }
    }

    #[test]
    fn a_block_that_was_being_written_is_torn() {
        let torn = (0..50).filter(|seed| {
            let mut disk = PowerCut::new(512, 8);
            disk.cut_after(0, Fate::Torn(*seed));
            assert!(disk.write(Lba(0), &block(7)).is_err());
            disk.restart();
            let mut out = block(0);
            disk.read(Lba(0), &mut out).expect("there is power");
            let sevens = out.iter().filter(|byte| **byte == 7).count();
            assert!(out[..sevens].iter().all(|byte| *byte == 7));
            sevens > 0 && sevens < 512
        });
        assert!(torn.count() > 40);
    }
}
