//! The bus: which function answers which configuration access, and what firmware would have set up.
//!
//! Bus 0 holds the host bridge and what was attached to it; a bridge leads to the bus that its registers name. BARs get
//! addresses when a device is attached and memory decoding is on, bus mastering off, as firmware leaves them.
//! Bridges forward every address: windows of bridges are not modelled.

use super::{BarKind, ConfigSpace, Identity, PciDevice};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use velocity_base::Instant;

/// A device that the bus and the windows to its BARs share.
pub(crate) type SharedDevice = Arc<Mutex<Box<dyn PciDevice>>>;

/// Locks a device. A model that panicked stays as it is, as broken hardware would.
pub(crate) fn lock(device: &SharedDevice) -> MutexGuard<'_, Box<dyn PciDevice>> {
    device.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the next BAR of each kind goes.
struct Addresses {
    ports: u64,
    below_4g: u64,
    above_4g: u64,
}

impl Addresses {
    fn take(&mut self, kind: BarKind, len: u64) -> u64 {
        let next = match kind {
            BarKind::Io => &mut self.ports,
            BarKind::Memory32 => &mut self.below_4g,
            BarKind::Memory64 { .. } => &mut self.above_4g,
        };
        let base = next.next_multiple_of(len);
        *next = base + len;
        base
    }
}

/// A function and its place.
struct Slot {
    /// The slot of the bridge it sits behind; `None` on bus 0.
    behind: Option<usize>,
    /// Device number; the models have one function each.
    number: u8,
    shared: SharedDevice,
}

struct Slots {
    slots: Vec<Slot>,
    addresses: Addresses,
}

/// All functions of a board.
pub(crate) struct PciBus(RwLock<Slots>);

impl PciBus {
    /// A bus with nothing but a host bridge.
    pub(crate) fn new() -> Self {
        let addresses = Addresses { ports: 0xc000, below_4g: 0xc000_0000, above_4g: 0x80_0000_0000 };
        let bus = Self(RwLock::new(Slots { slots: Vec::new(), addresses }));
        let identity = Identity { vendor: VENDOR, device: 0x0001, class: [0x06, 0x00, 0x00], revision: 0 };
        bus.attach(Box::new(Passive(ConfigSpace::new(identity))), None);
        bus
    }

    fn read(&self) -> RwLockReadGuard<'_, Slots> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a bridge on bus 0; returns its slot for [`PciBus::attach`].
    pub(crate) fn attach_bridge(&self) -> usize {
        let mut config = ConfigSpace::bridge(VENDOR, 0x0002);
        let is_bridge = |slot: &&Slot| lock(&slot.shared).config().secondary_bus().is_some();
        let number = self.read().slots.iter().filter(is_bridge).count() as u32 + 1;
        config.write32(0x18, number << 16 | number << 8, u32::MAX);
        self.attach(Box::new(Passive(config)), None)
    }

    /// Puts `device` at the next free number on bus 0 or behind a bridge, and gives its BARs addresses.
    pub(crate) fn attach(&self, mut device: Box<dyn PciDevice>, behind: Option<usize>) -> usize {
        let Slots { slots, addresses } = &mut *self.0.write().unwrap_or_else(PoisonError::into_inner);
        let config = device.config_mut();
        for index in 0..6 {
            if let Some((kind, len)) = config.bar(index) {
                config.assign_bar(index, addresses.take(kind, len));
            }
        }
        config.write32(0x04, 0b11, u32::MAX);
        let number = slots.iter().filter(|slot| slot.behind == behind).count() as u8;
        slots.push(Slot { behind, number, shared: Arc::new(Mutex::new(device)) });
        slots.len() - 1
    }

    /// The function that answers `bus:device.function`.
    fn find(&self, bus: u8, device: u8, function: u8) -> Option<SharedDevice> {
        let Slots { slots, .. } = &*self.read();
        let behind = match bus {
            0 => None,
            _ => {
                let leads_there = |slot: &Slot| lock(&slot.shared).config().secondary_bus() == Some(bus);
                Some(slots.iter().position(leads_there)?)
            }
        };
        let here = |slot: &&Slot| function == 0 && slot.number == device && slot.behind == behind;
        slots.iter().find(here).map(|slot| Arc::clone(&slot.shared))
    }

    /// Reads the word at `register` of a function; all ones where none answers.
    pub(crate) fn config_read32(&self, bus: u8, device: u8, function: u8, register: u16) -> u32 {
        self.find(bus, device, function).map_or(u32::MAX, |shared| {
            let device = lock(&shared);
            if device.is_present() { device.config().read32(register) } else { u32::MAX }
        })
    }

    /// Writes the bits `lanes` of the word at `register` of a function.
    pub(crate) fn config_write32(&self, place: [u8; 3], register: u16, value: u32, lanes: u32) {
        let [bus, device, function] = place;
        if let Some(shared) = self.find(bus, device, function) {
            let mut device = lock(&shared);
            if device.is_present() {
                device.config_mut().write32(register, value, lanes);
            }
        }
    }

    /// The device and BAR that hold the memory address `base`, and how many of its bytes lie from there on.
    pub(crate) fn find_memory(&self, base: u64) -> Option<(SharedDevice, u8, u64)> {
        let Slots { slots, .. } = &*self.read();
        slots.iter().find_map(|slot| {
            let device = lock(&slot.shared);
            let config = device.config();
            (0..6).find_map(|index| {
                let (kind, len) = config.bar(index)?;
                let offset = base.checked_sub(config.bar_base(index))?;
                let hit = kind != BarKind::Io && offset < len && device.is_present();
                hit.then(|| (Arc::clone(&slot.shared), index, len - offset))
            })
        })
    }

    /// Lets devices do what is due at `now`. Returns whether any had something to do, and when the next will.
    pub(crate) fn tick(&self, now: Instant) -> (bool, Option<Instant>) {
        let (mut ticked, mut next) = (false, None);
        for slot in &self.read().slots {
            let mut device = lock(&slot.shared);
            if device.next_event().is_some_and(|due| due <= now) {
                device.tick(now);
                ticked = true;
            }
            next = [next, device.next_event()].into_iter().flatten().min();
        }
        (ticked, next)
    }
}

/// The vendor number of devices that are nobody's (Red Hat's, whose range QEMU's own models use too).
const VENDOR: u16 = 0x1b36;

/// A function that is only its configuration space.
struct Passive(ConfigSpace);

impl PciDevice for Passive {
    fn config(&self) -> &ConfigSpace {
        &self.0
    }
    fn config_mut(&mut self) -> &mut ConfigSpace {
        &mut self.0
    }
    fn bar_read(&mut self, _bar: u8, _offset: u64, _size: u8) -> u64 {
        u64::MAX
    }
    fn bar_write(&mut self, _bar: u8, _offset: u64, _size: u8, _value: u64) {}
}
