//! Mapped device registers.

use super::layout::DEVICES;
use super::{PAGE, paging};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering, fence};
use velocity_base::PhysAddr;
use velocity_hal::{MapError, Mmio, MmioMapper};
use x86_64::structures::paging::PageTableFlags as Flags;

/// Largest window mapped for one device, in bytes (an ECAM segment of 256 buses).
const LARGEST: u64 = 256 * 1024 * 1024;

static NEXT: AtomicU64 = AtomicU64::new(DEVICES);

/// Maps `len` bytes of device memory at `base` with `flags` and tells where.
///
/// # Errors
/// [`MapError`] for an impossible length or when memory for page tables runs out.
pub fn map_device(base: PhysAddr, len: u64, flags: Flags) -> Result<*mut u8, MapError> {
    let refused = MapError::BadLength { base, len: len as usize };
    if len == 0 || len > LARGEST || base.0 >= 1 << 52 {
        return Err(refused);
    }
    let offset = base.0 % PAGE;
    let start = base.0 - offset;
    let bytes = (len + offset).next_multiple_of(PAGE);
    // Windows keep the physical address's place within 2 MiB, so that large pages fit.
    const LARGE: u64 = 2 * 1024 * 1024;
    let place = start % LARGE;
    let at = NEXT.fetch_add((bytes + place).next_multiple_of(LARGE), Ordering::Relaxed) + place;
    paging::map(at, PhysAddr(start), bytes, flags).map_err(|_| MapError::OutOfSpace)?;
    Ok((at + offset) as *mut u8)
}

/// A window of registers.
pub struct Window {
    base: *mut u8,
    len: usize,
}

// SAFETY: 1. the window is mapped for good; 2. every access is one volatile instruction, which devices order
// themselves.
unsafe impl Send for Window {}
// SAFETY: 1. the window is mapped for good; 2. it has no state but the device's.
unsafe impl Sync for Window {}

impl Window {
    fn at<T>(&self, offset: usize) -> *mut T {
        let size = size_of::<T>();
        let inside = offset.checked_add(size).is_some_and(|end| end <= self.len);
        assert!(
            inside && offset.is_multiple_of(size),
            "register access at {offset:#x} in a window of {:#x} bytes",
            self.len
        );
        self.base.wrapping_add(offset).cast()
    }

    fn read<T: Copy>(&self, offset: usize) -> T {
        // SAFETY: 1. `at` checked range and alignment; 2. the window stays mapped.
        unsafe { self.at::<T>(offset).read_volatile() }
    }

    fn write<T: Copy>(&self, offset: usize, value: T) {
        // Earlier plain stores (queue entries) come first; x86 keeps stores in order, the fence keeps the compiler to it.
        fence(Ordering::Release);
        // SAFETY: 1. `at` checked range and alignment; 2. the window stays mapped and is device memory.
        unsafe { self.at::<T>(offset).write_volatile(value) }
    }
}

impl Mmio for Window {
    fn len(&self) -> usize {
        self.len
    }
    fn read8(&self, offset: usize) -> u8 {
        self.read(offset)
    }
    fn read16(&self, offset: usize) -> u16 {
        self.read(offset)
    }
    fn read32(&self, offset: usize) -> u32 {
        self.read(offset)
    }
    fn read64(&self, offset: usize) -> u64 {
        self.read(offset)
    }
    fn write8(&self, offset: usize, value: u8) {
        self.write(offset, value);
    }
    fn write16(&self, offset: usize, value: u16) {
        self.write(offset, value);
    }
    fn write32(&self, offset: usize, value: u32) {
        self.write(offset, value);
    }
    fn write64(&self, offset: usize, value: u64) {
        self.write(offset, value);
    }
}

/// The kernel's [`MmioMapper`].
pub struct Mapper;

impl MmioMapper for Mapper {
    fn map(&self, base: PhysAddr, len: usize) -> Result<Arc<dyn Mmio>, MapError> {
        if base.0 == 0 {
            return Err(MapError::NothingThere(base));
        }
        let start = map_device(base, len as u64, paging::DEVICE)?;
        Ok(Arc::new(Window { base: start, len }))
    }
}
