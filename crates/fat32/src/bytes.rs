//! A block device read by byte.
//!
//! Sectors, clusters and folder entries need not fall on the device's blocks (a volume of 512-byte sectors may lie on a
//! disk of 4 KiB blocks). Large reads go straight into the caller's buffer as far as whole blocks go; small ones and
//! edges pass through one window, which is kept, so that a boot sector and its FSInfo, or a short folder and the short
//! files behind it, cost one device read.

use alloc::vec::Vec;
use velocity_base::Lba;
use velocity_hal::{BlockDevice, BlockError, BlockErrorKind};

/// Bytes in the window, unless a block is larger.
const WINDOW_BYTES: u64 = 4096;

/// A device, and a window on some of its blocks.
pub struct Bytes<D> {
    device: D,
    block: u64,
    /// The blocks in the window; whole blocks from `window_first` on. Empty when it holds nothing.
    window: Vec<u8>,
    window_first: u64,
}

impl<D: BlockDevice> Bytes<D> {
    pub fn new(device: D) -> Self {
        let block = u64::from(device.block_bytes()).max(1);
        Self { device, block, window: Vec::new(), window_first: 0 }
    }

    /// The device.
    pub fn device_mut(&mut self) -> &mut D {
        &mut self.device
    }

    /// Bytes on the device.
    pub fn len(&self) -> u64 {
        self.device.block_count().saturating_mul(self.block)
    }

    /// Fills `out` from byte `at` on.
    pub fn read(&mut self, mut at: u64, mut out: &mut [u8]) -> Result<(), BlockError> {
        while !out.is_empty() {
            let whole = out.len() as u64 / self.block * self.block;
            let step = if at.is_multiple_of(self.block) && whole >= WINDOW_BYTES {
                self.device.read(Lba(at / self.block), &mut out[..whole as usize])?;
                whole as usize
            } else {
                self.read_through_window(at, out)?
            };
            out = &mut out[step..];
            at = at.saturating_add(step as u64);
        }
        Ok(())
    }

    /// Copies what the window has from byte `at` on, or what comes before the next block, where a large read may go
    /// on without it; returns how many bytes.
    fn read_through_window(&mut self, at: u64, out: &mut [u8]) -> Result<usize, BlockError> {
        let block = at / self.block;
        if !self.window_holds(block) {
            self.load(block)?;
        }
        let start = (at - self.window_first * self.block) as usize;
        let to_next_block = (self.block - at % self.block) as usize;
        let step = if out.len() as u64 >= WINDOW_BYTES { to_next_block } else { self.window.len() - start };
        let step = step.min(out.len());
        out[..step].copy_from_slice(&self.window[start..start + step]);
        Ok(step)
    }

    fn window_holds(&self, block: u64) -> bool {
        let blocks = self.window.len() as u64 / self.block;
        (self.window_first..self.window_first + blocks).contains(&block)
    }

    /// Moves the window over `block`. Where a neighbour cannot be read, the block alone is tried: one bad block must
    /// not take others with it.
    fn load(&mut self, block: u64) -> Result<(), BlockError> {
        let blocks = (WINDOW_BYTES / self.block).max(1);
        let first = block / blocks * blocks;
        let count = blocks.min(self.device.block_count().saturating_sub(first));
        match self.load_blocks(first, count.max(1)) {
            Err(error) if is_about_blocks(error.kind) && count > 1 => self.load_blocks(block, 1),
            result => result,
        }
    }

    fn load_blocks(&mut self, first: u64, count: u64) -> Result<(), BlockError> {
        self.window.resize((count * self.block) as usize, 0);
        self.window_first = first;
        let result = self.device.read(Lba(first), &mut self.window);
        if result.is_err() {
            self.window.clear();
        }
        result
    }
}

/// Whether the device answered about these blocks, so that others may be read all the same.
fn is_about_blocks(kind: BlockErrorKind) -> bool {
    matches!(kind, BlockErrorKind::Media | BlockErrorKind::Refused)
}
