//! The blocks where tables usually lie, fetched by one read: a scan is part of every start, and a device answers one long
//! command sooner than three short ones.

use crate::{BlockDevice, BlockError, BlockErrorKind};
use alloc::vec::Vec;
use velocity_base::Lba;

/// Bytes of the usual array of GPT entries, which lies behind blocks 0 and 1.
const USUAL_ENTRIES: usize = 16 * 1024;

/// A device and its first blocks.
pub struct Front<'a> {
    device: &'a mut dyn BlockDevice,
    /// Whole blocks from 0 on; none when they could not be read together.
    blocks: Vec<u8>,
}

impl<'a> Front<'a> {
    /// `device`, whose blocks are at most 64 KiB, with blocks 0 and 1 and 16 KiB behind them. When one of these cannot be
    /// read, each is read when it is asked for, so that a bad block spoils only what needs it.
    ///
    /// # Errors
    /// That of a device which does not answer: it would not answer shorter commands either, and each takes its time.
    pub fn new(device: &'a mut dyn BlockDevice) -> Result<Self, BlockError> {
        let block_bytes = device.block_bytes() as usize;
        let wanted = 2 + USUAL_ENTRIES.div_ceil(block_bytes);
        let count = usize::try_from(device.block_count()).map_or(wanted, |all| all.min(wanted));
        let mut front = Self { device, blocks: Vec::new() };
        front.blocks = match front.fetch(Lba(0), count) {
            Err(error) if matches!(error.kind, BlockErrorKind::TimedOut | BlockErrorKind::Gone) => return Err(error),
            fetched => fetched.unwrap_or_default(),
        };
        Ok(front)
    }

    /// Size of a block in bytes.
    pub fn block_bytes(&self) -> u32 {
        self.device.block_bytes()
    }

    /// Number of the device's blocks.
    pub fn block_count(&self) -> u64 {
        self.device.block_count()
    }

    /// `count` blocks from `first` on. The caller bounds `count`.
    ///
    /// # Errors
    /// The device's own.
    pub fn read(&mut self, first: Lba, count: usize) -> Result<Vec<u8>, BlockError> {
        let block_bytes = self.block_bytes() as usize;
        let start = usize::try_from(first.0).ok().and_then(|first| first.checked_mul(block_bytes));
        let range = start.and_then(|start| Some(start..start.checked_add(count * block_bytes)?));
        match range.and_then(|range| self.blocks.get(range)) {
            Some(blocks) => Ok(blocks.to_vec()),
            None => self.fetch(first, count),
        }
    }

    fn fetch(&mut self, first: Lba, count: usize) -> Result<Vec<u8>, BlockError> {
        let mut bytes = alloc::vec![0; count * self.block_bytes() as usize];
        self.device.read(first, &mut bytes)?;
        Ok(bytes)
    }
}
