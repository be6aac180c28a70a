//! Register windows: the checks that `hal::Mmio` promises, in one place for everything that is memory-mapped here.

use velocity_hal::Mmio;

/// Registers behind a window; accesses are already aligned and inside.
pub(crate) trait Registers: Send + Sync {
    /// Length in bytes.
    fn len(&self) -> usize;
    /// Reads `size` (1, 2, 4 or 8) bytes at `offset`.
    fn read(&self, offset: usize, size: u8) -> u64;
    /// Writes `size` (1, 2, 4 or 8) bytes at `offset`.
    fn write(&self, offset: usize, size: u8, value: u64);
}

/// A mapping of `R`.
pub(crate) struct Window<R>(pub(crate) R);

impl<R: Registers> Window<R> {
    fn check(&self, offset: usize, size: u8) {
        let (len, bytes) = (self.0.len(), usize::from(size));
        let inside = offset.checked_add(bytes).is_some_and(|end| end <= len);
        assert!(
            inside && offset.is_multiple_of(bytes),
            "driver error: {size}-byte access at {offset:#x} of a window of {len:#x} bytes"
        );
    }

    fn get(&self, offset: usize, size: u8) -> u64 {
        self.check(offset, size);
        self.0.read(offset, size)
    }

    fn put(&self, offset: usize, size: u8, value: u64) {
        self.check(offset, size);
        self.0.write(offset, size, value);
    }
}

impl<R: Registers> Mmio for Window<R> {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn read8(&self, offset: usize) -> u8 {
        self.get(offset, 1) as u8
    }
    fn read16(&self, offset: usize) -> u16 {
        self.get(offset, 2) as u16
    }
    fn read32(&self, offset: usize) -> u32 {
        self.get(offset, 4) as u32
    }
    fn read64(&self, offset: usize) -> u64 {
        self.get(offset, 8)
    }
    fn write8(&self, offset: usize, value: u8) {
        self.put(offset, 1, value.into());
    }
    fn write16(&self, offset: usize, value: u16) {
        self.put(offset, 2, value.into());
    }
    fn write32(&self, offset: usize, value: u32) {
        self.put(offset, 4, value.into());
    }
    fn write64(&self, offset: usize, value: u64) {
        self.put(offset, 8, value);
    }
}
