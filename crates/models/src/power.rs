//! A disk with a volatile cache that loses power on request.
//!
//! What was written is in the cache until it is flushed. When power goes, blocks in the cache are lost, kept, or a mixture of both by the numbers of a seed, with the
//! one that was being written torn in its middle; afterwards every call fails until the power is back.

use std::collections::BTreeMap;
use std::io;
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
    /// What was there at first: many disks may begin with the same.
    image: Arc<Vec<u8>>,
    /// Blocks that are durable, and other than in the image.
    durable: BTreeMap<usize, Vec<u8>>,
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
        Self::with_image(block_bytes, Arc::new(vec![0; block_bytes as usize * blocks as usize]))
    }

    /// A disk that begins with an image.
    #[must_use]
    pub fn with_image(block_bytes: u32, image: Arc<Vec<u8>>) -> Self {
        let (durable, cache, block_bytes) = (BTreeMap::new(), BTreeMap::new(), block_bytes as usize);
        let (left, fate, is_off, done) = (None, Fate::Lost, false, 0);
        Self(Arc::new(Mutex::new(Disk { block_bytes, image, durable, cache, left, fate, is_off, done })))
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
        let mut image = self.contents();
        change(&mut image);
        let mut disk = self.disk();
        disk.durable.clear();
        disk.image = Arc::new(image);
    }

    /// Blocks that are other than in the image it began with.
    #[must_use]
    pub fn changed(&self) -> Vec<u64> {
        let disk = self.disk();
        let size = disk.block_bytes;
        let all =
            disk.durable.iter().chain(&disk.cache).filter(|(at, block)| disk.image[**at * size..][..size] != block[..]);
        all.map(|(at, _)| *at as u64).collect()
    }

    /// All that is durable.
    #[must_use]
    pub fn contents(&self) -> Vec<u8> {
        let disk = self.disk();
        let (mut image, size) = (Vec::clone(&disk.image), disk.block_bytes);
        disk.durable.iter().for_each(|(at, block)| image[at * size..][..size].copy_from_slice(block));
        image
    }

    /// Its length in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.disk().image.len() as u64
    }

    /// Fills `out` from byte `offset` on.
    ///
    /// # Errors
    /// There is no power, or it lies outside.
    pub fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let disk = self.disk();
        disk.check(offset, out.len())?;
        let mut done = 0;
        for part in disk.parts(offset, out.len()) {
            let Part { at, from, len } = part;
            out[done..done + len].copy_from_slice(&disk.block(at)[from..from + len]);
            done += len;
        }
        Ok(())
    }

    /// Writes from byte `offset` on, to the cache.
    ///
    /// # Errors
    /// Power went, or it lies outside.
    pub fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut disk = self.disk();
        disk.check(offset, data.len())?;
        let mut done = 0;
        for part in disk.parts(offset, data.len()) {
            let Part { at, from, len } = part;
            let mut block = disk.block(at).to_vec();
            block[from..from + len].copy_from_slice(&data[done..done + len]);
            disk.cache.insert(at, block);
            if !disk.has_power(Some(at)) {
                return Err(io::ErrorKind::NotConnected.into());
            }
            done += len;
        }
        Ok(())
    }

    /// Makes durable what is in the cache.
    ///
    /// # Errors
    /// Power went.
    pub fn sync(&self) -> io::Result<()> {
        let mut disk = self.disk();
        if !disk.has_power(None) {
            return Err(io::ErrorKind::NotConnected.into());
        }
        let mut cache = std::mem::take(&mut disk.cache);
        disk.durable.append(&mut cache);
        Ok(())
    }
}

impl PowerCut {
    /// Where whole blocks begin.
    fn offset(&self, first: Lba, len: usize) -> Result<u64, BlockError> {
        let size = self.disk().block_bytes as u64;
        let offset = first.0.checked_mul(size).filter(|_| (len as u64).is_multiple_of(size));
        offset.ok_or(BlockError::new(BlockErrorKind::OutOfRange, first))
    }
}

/// Bytes of a block.
struct Part {
    at: usize,
    from: usize,
    len: usize,
}

impl Disk {
    fn check(&self, offset: u64, len: usize) -> io::Result<()> {
        let inside = offset.checked_add(len as u64).is_some_and(|end| end <= self.image.len() as u64);
        match (self.is_off, inside) {
            (true, _) => Err(io::ErrorKind::NotConnected.into()),
            (false, false) => Err(io::ErrorKind::UnexpectedEof.into()),
            (false, true) => Ok(()),
        }
    }

    /// The blocks that bytes lie in.
    fn parts(&self, offset: u64, len: usize) -> impl Iterator<Item = Part> + use<> {
        let (size, start) = (self.block_bytes, offset as usize);
        let end = start + len;
        (start / size..end.div_ceil(size)).map(move |at| {
            let (first, behind) = (start.max(at * size), end.min((at + 1) * size));
            Part { at, from: first - at * size, len: behind - first }
        })
    }

    fn durable(&self, at: usize) -> &[u8] {
        self.durable.get(&at).map_or(&self.image[at * self.block_bytes..][..self.block_bytes], Vec::as_slice)
    }

    fn block(&self, at: usize) -> &[u8] {
        self.cache.get(&at).map_or_else(|| self.durable(at), Vec::as_slice)
    }

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
            let mut durable = self.durable(at).to_vec();
            durable[..len].copy_from_slice(&block[..len]);
            self.durable.insert(at, durable);
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

/// What a driver is told.
fn told(error: &io::Error, first: Lba) -> BlockError {
    let outside = error.kind() == io::ErrorKind::UnexpectedEof;
    BlockError::new(if outside { BlockErrorKind::OutOfRange } else { BlockErrorKind::Gone }, first)
}

impl BlockDevice for PowerCut {
    fn block_bytes(&self) -> u32 {
        self.disk().block_bytes as u32
    }

    fn block_count(&self) -> u64 {
        let disk = self.disk();
        (disk.image.len() / disk.block_bytes) as u64
    }

    fn read(&mut self, first: Lba, out: &mut [u8]) -> Result<(), BlockError> {
        let offset = self.offset(first, out.len())?;
        self.read_at(offset, out).map_err(|error| told(&error, first))
    }

    fn write(&mut self, first: Lba, data: &[u8]) -> Result<(), BlockError> {
        let offset = self.offset(first, data.len())?;
        self.write_at(offset, data).map_err(|error| told(&error, first))
    }

    fn flush(&mut self) -> Result<(), BlockError> {
        self.sync().map_err(|error| told(&error, Lba(0)))
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
