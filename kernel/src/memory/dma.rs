//! Memory for devices: contiguous frames, reached through the direct map.

use super::{PAGE, account, frames, paging};
use alloc::boxed::Box;
use core::sync::atomic::{AtomicU32, Ordering};
use velocity_base::PhysAddr;
use velocity_hal::{DmaAllocator, DmaError, DmaRegion};

struct Region {
    physical: PhysAddr,
    base: *mut u8,
    len: usize,
}

// SAFETY: 1. the region owns its frames; 2. it is reached through its own methods and by the device only.
unsafe impl Send for Region {}

impl Region {
    fn at(&self, offset: usize, len: usize) -> *mut u8 {
        let inside = offset.checked_add(len).is_some_and(|end| end <= self.len);
        assert!(inside, "{len} bytes at {offset:#x} of a DMA region of {:#x} bytes", self.len);
        self.base.wrapping_add(offset)
    }

    fn word(&self, offset: usize) -> &AtomicU32 {
        assert!(offset.is_multiple_of(4), "32-bit DMA access at {offset:#x}");
        // SAFETY: 1. in range and aligned; 2. the frames live as long as `self`; 3. any bits are a valid u32, and the
        // device's concurrent stores are atomic at this size.
        unsafe { AtomicU32::from_ptr(self.at(offset, 4).cast()) }
    }
}

impl DmaRegion for Region {
    fn device_address(&self) -> PhysAddr {
        self.physical
    }
    fn len(&self) -> usize {
        self.len
    }
    fn read(&self, offset: usize, out: &mut [u8]) {
        // SAFETY: 1. the source is in range; 2. `out` is ordinary memory and never part of a region. A device that
        // writes meanwhile can change which bytes are seen, not more.
        unsafe { self.at(offset, out.len()).copy_to_nonoverlapping(out.as_mut_ptr(), out.len()) }
    }
    fn write(&mut self, offset: usize, data: &[u8]) {
        // SAFETY: 1. the target is in range; 2. `data` is ordinary memory and never part of a region.
        unsafe { self.at(offset, data.len()).copy_from_nonoverlapping(data.as_ptr(), data.len()) }
    }
    fn load32(&self, offset: usize) -> u32 {
        self.word(offset).load(Ordering::Acquire)
    }
    fn store32(&mut self, offset: usize, value: u32) {
        self.word(offset).store(value, Ordering::Release);
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        account::QUEUES.sub(self.len as u64);
        frames::give_back(self.physical, self.len as u64);
    }
}

/// The kernel's [`DmaAllocator`].
pub struct Allocator;

impl DmaAllocator for Allocator {
    fn allocate(&self, bytes: usize) -> Result<Box<dyn DmaRegion>, DmaError> {
        if bytes == 0 {
            return Err(DmaError::Empty);
        }
        let none = DmaError::OutOfMemory { bytes };
        let len = bytes.checked_next_multiple_of(PAGE as usize).ok_or(none)?;
        let physical = frames::take(len as u64).ok_or(none)?;
        let base = paging::window(physical);
        // SAFETY: 1. the frames are ours; 2. the direct map covers them, writable.
        unsafe { base.write_bytes(0, len) };
        account::QUEUES.add(len as u64);
        Ok(Box::new(Region { physical, base, len }))
    }
}
