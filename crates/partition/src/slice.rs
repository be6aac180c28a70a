//! One partition as a device of its own.

use velocity_base::Lba;
use velocity_hal::{BlockDevice, BlockError, BlockErrorKind};

/// A range of another device's blocks, numbered from 0.
///
/// Invariant: no transfer through a slice touches a block outside it. Errors carry the block number of the device
/// below, because that is the number a person can look up.
#[derive(Debug)]
pub struct Slice<D> {
    device: D,
    first: u64,
    blocks: u64,
}

impl<D: BlockDevice> Slice<D> {
    /// The `blocks` blocks of `device` from `first` on, as far as the device has them.
    #[must_use]
    pub fn new(device: D, first: Lba, blocks: u64) -> Self {
        let present = device.block_count().saturating_sub(first.0);
        Self { device, first: first.0, blocks: blocks.min(present) }
    }

    /// The device below.
    #[must_use]
    pub fn into_inner(self) -> D {
        self.device
    }

    /// The same, while this slice of it goes on.
    pub fn device_mut(&mut self) -> &mut D {
        &mut self.device
    }

    /// Where a transfer of `bytes` bytes at `at` begins on the device below.
    fn place(&self, at: Lba, bytes: usize) -> Result<Lba, BlockError> {
        let absolute = Lba(self.first.saturating_add(at.0));
        let blocks = (bytes as u64).div_ceil(u64::from(self.device.block_bytes()));
        match at.0.checked_add(blocks) {
            Some(end) if end <= self.blocks => Ok(absolute),
            _ => Err(BlockError::new(BlockErrorKind::OutOfRange, absolute)),
        }
    }
}

impl<D: BlockDevice> BlockDevice for Slice<D> {
    fn block_bytes(&self) -> u32 {
        self.device.block_bytes()
    }

    fn block_count(&self) -> u64 {
        self.blocks
    }

    fn read(&mut self, first: Lba, out: &mut [u8]) -> Result<(), BlockError> {
        let first = self.place(first, out.len())?;
        self.device.read(first, out)
    }

    fn write(&mut self, first: Lba, data: &[u8]) -> Result<(), BlockError> {
        let first = self.place(first, data.len())?;
        self.device.write(first, data)
    }

    fn flush(&mut self) -> Result<(), BlockError> {
        self.device.flush()
    }
}
