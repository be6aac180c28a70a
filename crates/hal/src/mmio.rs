//! Device registers: memory-mapped windows and x86 port I/O.

use alloc::sync::Arc;
use core::fmt;
use velocity_base::PhysAddr;

/// A mapped window of device registers. Offsets are in bytes from the window's start and naturally aligned.
///
/// # Panics
/// Every access panics when it does not lie wholly inside the window or is misaligned: the driver is wrong.
pub trait Mmio: Send + Sync {
    /// The window's length in bytes.
    fn len(&self) -> usize;
    /// Whether the window is empty.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Reads 8 bits.
    fn read8(&self, offset: usize) -> u8;
    /// Reads 16 bits.
    fn read16(&self, offset: usize) -> u16;
    /// Reads 32 bits.
    fn read32(&self, offset: usize) -> u32;
    /// Reads 64 bits; as two 32-bit reads, low half first, where the bus has no wider access.
    fn read64(&self, offset: usize) -> u64;
    /// Writes 8 bits.
    fn write8(&self, offset: usize, value: u8);
    /// Writes 16 bits.
    fn write16(&self, offset: usize, value: u16);
    /// Writes 32 bits. Everything written to DMA memory before is visible to the device when this lands.
    fn write32(&self, offset: usize, value: u32);
    /// Writes 64 bits; as two 32-bit writes, low half first, where the bus has no wider access.
    fn write64(&self, offset: usize, value: u64);
}

/// Why a window could not be mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapError {
    /// No device answers at this address.
    NothingThere(PhysAddr),
    /// The window is empty, wraps around, or is larger than the machine maps for one device.
    BadLength {
        /// Start of the refused window.
        base: PhysAddr,
        /// Its length in bytes.
        len: usize,
    },
    /// No memory for page tables or no address space left.
    OutOfSpace,
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingThere(base) => write!(f, "no device answers at {:#x}; check its BAR", base.0),
            Self::BadLength { base, len } => write!(f, "a window of {len:#x} bytes at {:#x} cannot be mapped", base.0),
            Self::OutOfSpace => write!(f, "no room left to map device registers; give the machine more memory"),
        }
    }
}

impl core::error::Error for MapError {}

/// Maps device registers, uncached.
pub trait MmioMapper: Send + Sync {
    /// Maps `len` bytes of registers at `base`.
    ///
    /// # Errors
    /// [`MapError`] when nothing is there, the window is unusable, or address space is used up.
    fn map(&self, base: PhysAddr, len: usize) -> Result<Arc<dyn Mmio>, MapError>;
}

/// x86 port I/O.
pub trait PortIo: Send + Sync {
    /// Reads 8 bits from `port`.
    fn in8(&self, port: u16) -> u8;
    /// Reads 16 bits from `port`.
    fn in16(&self, port: u16) -> u16;
    /// Reads 32 bits from `port`.
    fn in32(&self, port: u16) -> u32;
    /// Writes 8 bits to `port`.
    fn out8(&self, port: u16, value: u8);
    /// Writes 16 bits to `port`.
    fn out16(&self, port: u16, value: u16);
    /// Writes 32 bits to `port`.
    fn out32(&self, port: u16, value: u32);
}
