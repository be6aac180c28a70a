//! Memory that a device and this program both see.

use alloc::boxed::Box;
use core::fmt;
use velocity_base::PhysAddr;

/// Granularity and alignment of every DMA region, in bytes.
pub const DMA_PAGE_BYTES: usize = 4096;

/// A physically contiguous, page-aligned, zeroed region; given back when dropped.
///
/// Bytes are copied in and out, so a device that writes at the wrong time can spoil data but never memory safety.
///
/// # Panics
/// Accesses outside the region (or misaligned 32-bit ones) panic: offsets come from the driver, never from a device.
pub trait DmaRegion: Send {
    /// Where the device finds it.
    fn device_address(&self) -> PhysAddr;
    /// Its length in bytes, a multiple of [`DMA_PAGE_BYTES`].
    fn len(&self) -> usize;
    /// Whether it is empty.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Copies out `out.len()` bytes from `offset`.
    fn read(&self, offset: usize, out: &mut [u8]);
    /// Copies `data` in at `offset`.
    fn write(&mut self, offset: usize, data: &[u8]);
    /// Reads 32 bits with acquire ordering: what the device wrote before them is visible after.
    fn load32(&self, offset: usize) -> u32;
    /// Writes 32 bits with release ordering.
    fn store32(&mut self, offset: usize, value: u32);
}

/// Why no region could be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DmaError {
    /// No contiguous run of this many bytes is free.
    OutOfMemory {
        /// Bytes asked for.
        bytes: usize,
    },
    /// A region of zero bytes was asked for.
    Empty,
}

impl fmt::Display for DmaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfMemory { bytes } => write!(f, "no {bytes} contiguous bytes for a device; add memory"),
            Self::Empty => write!(f, "a DMA region of zero bytes was asked for"),
        }
    }
}

impl core::error::Error for DmaError {}

/// Hands out DMA regions.
pub trait DmaAllocator: Send + Sync {
    /// A zeroed region of at least `bytes` bytes, rounded up to whole pages.
    ///
    /// # Errors
    /// [`DmaError`] when memory is used up or `bytes` is zero.
    fn allocate(&self, bytes: usize) -> Result<Box<dyn DmaRegion>, DmaError>;
}
