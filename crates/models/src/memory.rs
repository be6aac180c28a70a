//! Guest memory: what `hal::DmaAllocator` hands out and device models read and write.
//!
//! Memory exists region by region, as drivers allocate it, so a machine with 1 GiB costs nothing until it is used. A
//! device reaches it by address, as through an IOMMU that maps the live regions only: an access that leaves its region
//! is a [`MemoryFault`], so a driver that frees a buffer too early or gives a wrong length is found at once. Regions
//! start above 4 GiB (a dropped upper half faults) with an unmapped page between them (an overrun faults).
//!
//! One lock holds all of it, because a device model copies between regions far more often than two threads meet here.
//! A closure of [`GuestMemory::with_bytes_mut`] holds that lock, so it must not touch guest memory itself.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use velocity_base::PhysAddr;
use velocity_hal::dma::DMA_PAGE_BYTES;
use velocity_hal::{DmaAllocator, DmaError, DmaRegion};

/// Address of the first region.
const FIRST_ADDRESS: u64 = 0x1_0000_0000;

/// A device access outside every live region, or across the end of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryFault {
    /// Where the access began.
    pub address: PhysAddr,
    /// Its length in bytes.
    pub len: usize,
}

impl fmt::Display for MemoryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, len } = self;
        write!(f, "device access to {len} bytes at {:#x} leaves the memory its driver gave it", address.0)
    }
}

impl std::error::Error for MemoryFault {}

/// One allocation.
struct Region {
    base: u64,
    bytes: Box<[u8]>,
}

impl Region {
    fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }
}

/// Live regions by rising address.
#[derive(Default)]
struct Regions {
    live: Vec<Region>,
    in_use: u64,
}

impl Regions {
    /// The `len` bytes at `address`, if they lie in one region.
    fn bytes(&mut self, address: u64, len: usize) -> Option<&mut [u8]> {
        let above = self.live.partition_point(|region| region.base <= address);
        let region = self.live.get_mut(above.checked_sub(1)?)?;
        let start = usize::try_from(address - region.base).ok()?;
        region.bytes.get_mut(start..start.checked_add(len)?)
    }

    /// Where a region of `len` bytes goes: its place in the list and the lowest address that leaves a page around it.
    fn gap_for(&self, len: u64) -> (usize, u64) {
        let mut at = FIRST_ADDRESS;
        for (place, region) in self.live.iter().enumerate() {
            if region.base - at > len {
                return (place, at);
            }
            at = region.end() + DMA_PAGE_BYTES as u64;
        }
        (self.live.len(), at)
    }
}

struct Shared {
    limit: u64,
    regions: Mutex<Regions>,
}

impl Shared {
    /// The regions. A panic elsewhere while they were locked leaves their bytes as valid as any device write.
    fn lock(&self) -> MutexGuard<'_, Regions> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A machine's DMA-able memory. Clones share it.
#[derive(Clone)]
pub struct GuestMemory(Arc<Shared>);

impl GuestMemory {
    /// Memory of which drivers may hold up to `limit` bytes at a time.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        Self(Arc::new(Shared { limit, regions: Mutex::default() }))
    }

    /// Bytes in live regions.
    #[must_use]
    pub fn in_use(&self) -> u64 {
        self.0.lock().in_use
    }

    /// Bytes that may be in use at most.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.0.limit
    }

    /// Runs `access` on the `len` bytes at `address`, in place.
    ///
    /// # Errors
    /// [`MemoryFault`] when they do not lie in one live region; `access` is then not called.
    pub fn with_bytes<T>(
        &self,
        address: PhysAddr,
        len: usize,
        access: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, MemoryFault> {
        self.with_bytes_mut(address, len, |bytes| access(bytes))
    }

    /// Runs `access` on the `len` bytes at `address`, in place, for a device that writes them.
    ///
    /// # Errors
    /// [`MemoryFault`] when they do not lie in one live region; `access` is then not called.
    pub fn with_bytes_mut<T>(
        &self,
        address: PhysAddr,
        len: usize,
        access: impl FnOnce(&mut [u8]) -> T,
    ) -> Result<T, MemoryFault> {
        let mut regions = self.0.lock();
        regions.bytes(address.0, len).map(access).ok_or(MemoryFault { address, len })
    }

    /// Copies out `out.len()` bytes from `address`.
    ///
    /// # Errors
    /// [`MemoryFault`]; `out` is then unchanged.
    pub fn read(&self, address: PhysAddr, out: &mut [u8]) -> Result<(), MemoryFault> {
        self.with_bytes(address, out.len(), |bytes| out.copy_from_slice(bytes))
    }

    /// Copies `data` in at `address`.
    ///
    /// # Errors
    /// [`MemoryFault`]; memory is then unchanged.
    pub fn write(&self, address: PhysAddr, data: &[u8]) -> Result<(), MemoryFault> {
        self.with_bytes_mut(address, data.len(), |bytes| bytes.copy_from_slice(data))
    }
}

impl DmaAllocator for GuestMemory {
    fn allocate(&self, bytes: usize) -> Result<Box<dyn DmaRegion>, DmaError> {
        let full = DmaError::OutOfMemory { bytes };
        if bytes == 0 {
            return Err(DmaError::Empty);
        }
        let len = bytes.checked_next_multiple_of(DMA_PAGE_BYTES).ok_or(full)?;
        let mut regions = self.0.lock();
        let in_use = regions.in_use.checked_add(len as u64).filter(|sum| *sum <= self.0.limit).ok_or(full)?;
        let (place, base) = regions.gap_for(len as u64);
        regions.live.insert(place, Region { base, bytes: vec![0; len].into_boxed_slice() });
        regions.in_use = in_use;
        Ok(Box::new(Handle { base, len, memory: Arc::clone(&self.0) }))
    }
}

/// A driver's hold on a region.
struct Handle {
    base: u64,
    len: usize,
    memory: Arc<Shared>,
}

impl Handle {
    /// Runs `access` on the `len` bytes at `offset`.
    fn with<T>(&self, offset: usize, len: usize, access: impl FnOnce(&mut [u8]) -> T) -> T {
        let inside = offset.checked_add(len).is_some_and(|end| end <= self.len);
        assert!(inside, "driver error: {len} bytes at {offset:#x} of a region of {:#x}", self.len);
        let mut regions = self.memory.lock();
        access(regions.bytes(self.base + offset as u64, len).expect("a region is live while its handle is"))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut regions = self.memory.lock();
        regions.live.retain(|region| region.base != self.base);
        regions.in_use -= self.len as u64;
    }
}

impl DmaRegion for Handle {
    fn device_address(&self) -> PhysAddr {
        PhysAddr(self.base)
    }

    fn len(&self) -> usize {
        self.len
    }

    fn read(&self, offset: usize, out: &mut [u8]) {
        self.with(offset, out.len(), |bytes| out.copy_from_slice(bytes));
    }

    fn write(&mut self, offset: usize, data: &[u8]) {
        self.with(offset, data.len(), |bytes| bytes.copy_from_slice(data));
    }

    fn load32(&self, offset: usize) -> u32 {
        assert!(offset.is_multiple_of(4), "driver error: misaligned 32-bit access at {offset:#x}");
        let mut word = [0; 4];
        self.read(offset, &mut word);
        u32::from_le_bytes(word)
    }

    fn store32(&mut self, offset: usize, value: u32) {
        assert!(offset.is_multiple_of(4), "driver error: misaligned 32-bit access at {offset:#x}");
        self.write(offset, &value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests;
