//! The ways to the bus: ECAM, the port pair 0xCF8/0xCFC, and windows to BARs.

use super::bus::{PciBus, SharedDevice, lock};
use crate::window::{Registers, Window};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use velocity_base::PhysAddr;
use velocity_hal::{MapError, Mmio, MmioMapper, PortIo};

/// The `size` low bytes.
fn low_bytes(size: u8) -> u64 {
    u64::MAX >> (64 - 8 * u32::from(size))
}

/// Configuration space as memory (PCI Express Base 6.0, section 7.2.2).
pub(crate) struct Ecam(pub(crate) Arc<PciBus>);

impl Ecam {
    fn place(offset: usize) -> ([u8; 3], u16) {
        let place = [(offset >> 20) as u8, (offset >> 15 & 31) as u8, (offset >> 12 & 7) as u8];
        (place, (offset & 0xffc) as u16)
    }
}

impl Registers for Ecam {
    fn len(&self) -> usize {
        256 << 20
    }

    fn read(&self, offset: usize, size: u8) -> u64 {
        let ([bus, device, function], register) = Self::place(offset);
        let word = |register| u64::from(self.0.config_read32(bus, device, function, register));
        if size == 8 {
            return word(register) | word(register + 4) << 32;
        }
        word(register) >> (offset % 4 * 8) & low_bytes(size)
    }

    fn write(&self, offset: usize, size: u8, value: u64) {
        let (place, register) = Self::place(offset);
        let shift = offset % 4 * 8;
        let lanes = low_bytes(size.min(4)) << shift;
        self.0.config_write32(place, register, (value << shift) as u32, lanes as u32);
        if size == 8 {
            self.0.config_write32(place, register + 4, (value >> 32) as u32, u32::MAX);
        }
    }
}

/// Configuration mechanism #1 (PCI Local Bus 3.0, section 3.2.2.3.2). Other ports answer as if nobody was there.
pub(crate) struct ConfigPorts {
    pub(crate) bus: Arc<PciBus>,
    pub(crate) selector: AtomicU32,
}

impl ConfigPorts {
    const ADDRESS: u16 = 0xcf8;
    const DATA: u16 = 0xcfc;

    /// Which word `port` reaches and how far into it, if it lies in the data window and that is enabled.
    fn target(&self, port: u16) -> Option<([u8; 3], u16, u32)> {
        let selector = self.selector.load(Ordering::SeqCst);
        let byte = port.checked_sub(Self::DATA).filter(|byte| *byte < 4 && selector >> 31 == 1)?;
        let [register, low, bus, _] = selector.to_le_bytes();
        Some(([bus, low >> 3, low & 7], u16::from(register & !3), u32::from(byte) * 8))
    }

    fn read(&self, port: u16) -> u32 {
        self.target(port).map_or(u32::MAX, |([bus, device, function], register, shift)| {
            self.bus.config_read32(bus, device, function, register) >> shift
        })
    }

    fn write(&self, port: u16, value: u32, lanes: u32) {
        if let Some((place, register, shift)) = self.target(port) {
            self.bus.config_write32(place, register, value << shift, lanes << shift);
        }
    }
}

impl PortIo for ConfigPorts {
    fn in8(&self, port: u16) -> u8 {
        self.read(port) as u8
    }
    fn in16(&self, port: u16) -> u16 {
        self.read(port) as u16
    }
    fn in32(&self, port: u16) -> u32 {
        if port == Self::ADDRESS { self.selector.load(Ordering::SeqCst) } else { self.read(port) }
    }
    fn out8(&self, port: u16, value: u8) {
        self.write(port, value.into(), 0xff);
    }
    fn out16(&self, port: u16, value: u16) {
        self.write(port, value.into(), 0xffff);
    }
    fn out32(&self, port: u16, value: u32) {
        if port == Self::ADDRESS {
            self.selector.store(value, Ordering::SeqCst);
        } else {
            self.write(port, value, u32::MAX);
        }
    }
}

/// Maps what lies in a BAR.
pub(crate) struct BarMapper(pub(crate) Arc<PciBus>);

impl MmioMapper for BarMapper {
    fn map(&self, base: PhysAddr, len: usize) -> Result<Arc<dyn Mmio>, MapError> {
        let bad = MapError::BadLength { base, len };
        if len == 0 || base.checked_add(len as u64).is_none() {
            return Err(bad);
        }
        let (device, bar, room) = self.0.find_memory(base.0).ok_or(MapError::NothingThere(base))?;
        if len as u64 > room {
            return Err(bad);
        }
        Ok(Arc::new(Window(BarWindow { device, bar, base: base.0, len })))
    }
}

/// Memory addresses that led to a BAR when they were mapped. They reach it as long as it decodes them.
struct BarWindow {
    device: SharedDevice,
    bar: u8,
    base: u64,
    len: usize,
}

impl Registers for BarWindow {
    fn len(&self) -> usize {
        self.len
    }

    fn read(&self, offset: usize, size: u8) -> u64 {
        let mut device = lock(&self.device);
        let address = self.base + offset as u64;
        let decoded = device.config().decoded(self.bar).filter(|range| range.contains(&address));
        let value = match decoded.filter(|_| device.is_present()) {
            Some(range) => {
                let at = address - range.start;
                device.config().msix_read(self.bar, at, size).unwrap_or_else(|| device.bar_read(self.bar, at, size))
            }
            None => u64::MAX,
        };
        value & low_bytes(size)
    }

    fn write(&self, offset: usize, size: u8, value: u64) {
        let mut device = lock(&self.device);
        let address = self.base + offset as u64;
        let decoded = device.config().decoded(self.bar).filter(|range| range.contains(&address));
        if let Some(range) = decoded.filter(|_| device.is_present()) {
            let at = address - range.start;
            if !device.config_mut().msix_write(self.bar, at, size, value) {
                device.bar_write(self.bar, at, size, value);
            }
        }
    }
}
