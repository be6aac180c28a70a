//! How configuration space is reached: ECAM windows (PCIe 7.2.2) or ports 0xCF8/0xCFC (PCI 3.2.2.3.2).
//!
//! Both reach aligned 32-bit words. What nobody decodes reads as all ones and swallows writes, as on the bus.

use crate::Address;
use crate::registers::ABSENT;
use alloc::{sync::Arc, vec::Vec};
use spin::Mutex;
use velocity_hal::{Mmio, PortIo};

const CONFIG_ADDRESS: u16 = 0xcf8;
const CONFIG_DATA: u16 = 0xcfc;
const CONFIG_ENABLE: u32 = 1 << 31;
/// Bytes of configuration space that the ports reach.
const LEGACY_BYTES: u16 = 256;
/// Bytes of configuration space of a PCI Express function.
const ECAM_BYTES: u16 = 4096;

/// A memory-mapped range of configuration space, as the ACPI table MCFG lists it.
#[derive(Clone)]
pub struct EcamWindow {
    /// Segment group.
    pub segment: u16,
    /// First bus in the window; it is where enumeration starts.
    pub first_bus: u8,
    /// Last bus in the window.
    pub last_bus: u8,
    /// The window: 1 MiB a bus, from the first bus on. A shorter one is used as far as it goes.
    pub registers: Arc<dyn Mmio>,
}

/// How the machine's configuration space is reached.
#[derive(Clone)]
pub enum Host {
    /// Through memory.
    Ecam(Vec<EcamWindow>),
    /// Through ports; 256 bytes a function, segment 0 only.
    Legacy(Arc<dyn PortIo>),
    /// Not at all: no functions are found.
    None,
}

impl EcamWindow {
    /// Where the word at `register` of `address` lies, if it lies in this window.
    fn offset(&self, address: Address, register: u16) -> Option<usize> {
        let Address { segment, bus, device, function } = address;
        let inside = segment == self.segment && (self.first_bus..=self.last_bus).contains(&bus);
        if !inside || register >= ECAM_BYTES {
            return None;
        }
        let bus = usize::from(bus - self.first_bus) << 20;
        let offset = bus | usize::from(device) << 15 | usize::from(function) << 12 | usize::from(register & !3);
        (offset + 4 <= self.registers.len()).then_some(offset)
    }
}

/// A [`Host`] in use.
pub(crate) struct Access {
    host: Host,
    /// Held from writing the port pair's address to moving its data.
    ports: Mutex<()>,
}

impl Access {
    pub(crate) const fn new(host: Host) -> Self {
        Self { host, ports: Mutex::new(()) }
    }

    /// The ranges of buses to look at: segment, first and last bus.
    pub(crate) fn roots(&self) -> Vec<(u16, u8, u8)> {
        match &self.host {
            Host::Ecam(windows) => windows.iter().map(|w| (w.segment, w.first_bus, w.last_bus)).collect(),
            Host::Legacy(_) => [(0, 0, u8::MAX)].to_vec(),
            Host::None => Vec::new(),
        }
    }

    /// The word that holds byte `register` of `address`.
    pub(crate) fn read32(&self, address: Address, register: u16) -> u32 {
        match &self.host {
            Host::Ecam(windows) => find(windows, address, register).map_or(ABSENT, |(mmio, at)| mmio.read32(at)),
            Host::Legacy(ports) => legacy_selector(address, register).map_or(ABSENT, |selector| {
                let _held = self.ports.lock();
                ports.out32(CONFIG_ADDRESS, selector);
                ports.in32(CONFIG_DATA)
            }),
            Host::None => ABSENT,
        }
    }

    /// Writes the word that holds byte `register` of `address`.
    pub(crate) fn write32(&self, address: Address, register: u16, value: u32) {
        match &self.host {
            Host::Ecam(windows) => {
                if let Some((mmio, at)) = find(windows, address, register) {
                    mmio.write32(at, value);
                }
            }
            Host::Legacy(ports) => {
                if let Some(selector) = legacy_selector(address, register) {
                    let _held = self.ports.lock();
                    ports.out32(CONFIG_ADDRESS, selector);
                    ports.out32(CONFIG_DATA, value);
                }
            }
            Host::None => {}
        }
    }
}

fn find(windows: &[EcamWindow], address: Address, register: u16) -> Option<(&dyn Mmio, usize)> {
    windows.iter().find_map(|window| Some((&*window.registers, window.offset(address, register)?)))
}

/// What selects a word through the address port.
fn legacy_selector(address: Address, register: u16) -> Option<u32> {
    let Address { segment, bus, device, function } = address;
    (segment == 0 && register < LEGACY_BYTES).then(|| {
        let place = u32::from(bus) << 16 | u32::from(device & 31) << 11 | u32::from(function & 7) << 8;
        CONFIG_ENABLE | place | u32::from(register & !3)
    })
}
