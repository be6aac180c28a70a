//! Guest memory: what `hal::DmaAllocator` hands out and device models read and write.
//!
//! Memory exists region by region, as drivers allocate it, so a machine with 1 GiB costs nothing until it is used. A
//! device reaches it by address, as through an IOMMU that maps the live regions only: an access that leaves its region
//! is a [`MemoryFault`], so a driver that frees a buffer too early or gives a wrong length is found at once. Regions
//! start above 4 GiB (a dropped upper half faults) with an unmapped page between them (an overrun faults).
//!
//! Each region has its own lock; a closure of [`GuestMemory::with_bytes_mut`] holds exactly that one, so it must not
//! touch the same region again.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
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

/// One allocation; lives as long as its `DmaRegion` or an access under way.
struct Region {
    base: u64,
    bytes: Mutex<Box<[u8]>>,
    len: usize,
}

impl Region {
    /// The bytes. A panic elsewhere while they were locked leaves them as valid as any device write.
    fn lock(&self) -> MutexGuard<'_, Box<[u8]>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct Regions {
    live: BTreeMap<u64, Arc<Region>>,
    in_use: u64,
}

struct Shared {
    limit: u64,
    regions: RwLock<Regions>,
}

/// A machine's DMA-able memory. Clones share it.
#[derive(Clone)]
pub struct GuestMemory(Arc<Shared>);

impl GuestMemory {
    /// Memory of which drivers may hold up to `limit` bytes at a time.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        Self(Arc::new(Shared { limit, regions: RwLock::default() }))
    }

    /// Bytes in live regions.
    #[must_use]
    pub fn in_use(&self) -> u64 {
        self.0.regions.read().unwrap_or_else(PoisonError::into_inner).in_use
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
        let fault = MemoryFault { address, len };
        let region = self.find(address).ok_or(fault)?;
        let mut bytes = region.lock();
        let start = usize::try_from(address.0 - region.base).map_err(|_| fault)?;
        let end = start.checked_add(len).ok_or(fault)?;
        Ok(access(bytes.get_mut(start..end).ok_or(fault)?))
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

    /// The region that starts at or below `address`.
    fn find(&self, address: PhysAddr) -> Option<Arc<Region>> {
        let regions = self.0.regions.read().unwrap_or_else(PoisonError::into_inner);
        regions.live.range(..=address.0).next_back().map(|(_, region)| Arc::clone(region))
    }
}

impl Regions {
    /// The lowest address with `len` unused bytes and an unmapped page after them.
    fn gap_for(&self, len: u64) -> u64 {
        let mut at = FIRST_ADDRESS;
        for region in self.live.values() {
            if region.base - at > len {
                break;
            }
            at = region.base + region.len as u64 + DMA_PAGE_BYTES as u64;
        }
        at
    }
}

impl DmaAllocator for GuestMemory {
    fn allocate(&self, bytes: usize) -> Result<Box<dyn DmaRegion>, DmaError> {
        let full = DmaError::OutOfMemory { bytes };
        if bytes == 0 {
            return Err(DmaError::Empty);
        }
        let len = bytes.checked_next_multiple_of(DMA_PAGE_BYTES).ok_or(full)?;
        let mut regions = self.0.regions.write().unwrap_or_else(PoisonError::into_inner);
        let in_use = regions.in_use.checked_add(len as u64).filter(|sum| *sum <= self.0.limit).ok_or(full)?;
        let base = regions.gap_for(len as u64);
        let region = Arc::new(Region { base, bytes: Mutex::new(vec![0; len].into_boxed_slice()), len });
        regions.in_use = in_use;
        regions.live.insert(base, Arc::clone(&region));
        Ok(Box::new(Handle { region, memory: self.clone() }))
    }
}

/// A driver's hold on a region.
struct Handle {
    region: Arc<Region>,
    memory: GuestMemory,
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut regions = self.memory.0.regions.write().unwrap_or_else(PoisonError::into_inner);
        regions.live.remove(&self.region.base);
        regions.in_use -= self.region.len as u64;
    }
}

impl DmaRegion for Handle {
    fn device_address(&self) -> PhysAddr {
        PhysAddr(self.region.base)
    }

    fn len(&self) -> usize {
        self.region.len
    }

    fn read(&self, offset: usize, out: &mut [u8]) {
        out.copy_from_slice(&self.region.lock()[offset..][..out.len()]);
    }

    fn write(&mut self, offset: usize, data: &[u8]) {
        self.region.lock()[offset..][..data.len()].copy_from_slice(data);
    }

    fn load32(&self, offset: usize) -> u32 {
        assert!(offset.is_multiple_of(4), "misaligned 32-bit access at {offset:#x}");
        let mut word = [0; 4];
        self.read(offset, &mut word);
        u32::from_le_bytes(word)
    }

    fn store32(&mut self, offset: usize, value: u32) {
        assert!(offset.is_multiple_of(4), "misaligned 32-bit access at {offset:#x}");
        self.write(offset, &value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests;
