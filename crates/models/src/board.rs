//! The board: clock, memory, interrupt controller and PCI bus wired together.
//!
//! A board hands out the hardware traits that a `Machine` is made of. Making one allocates no guest memory and starts no
//! thread.

use crate::idle::BoardIdle;
use crate::pci::{BarMapper, ConfigPorts, Ecam, PciBus, PciDevice, Wiring};
use crate::window::Window;
use crate::{GuestMemory, ManualClock, MsiController, MsiSink, WakeHandle};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use velocity_hal::{Clock, DmaAllocator, Idle, Interrupts, Mmio, MmioMapper, PortIo};
use velocity_pci::{EcamWindow, Host};

/// What a board is made of.
pub struct BoardConfig {
    /// Its time.
    pub clock: Arc<dyn Clock>,
    /// The same clock, if waiting may move it instead of sleeping.
    pub manual: Option<ManualClock>,
    /// Bytes of memory for devices; taken from the host as drivers allocate it.
    pub memory_bytes: usize,
    /// Configuration space through memory; through ports otherwise.
    pub ecam: bool,
    /// Whether what is attached sits behind a PCI-PCI bridge.
    pub bridge: bool,
}

impl BoardConfig {
    /// A board with 64 MiB and ECAM whose waits sleep on the host.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, manual: None, memory_bytes: 64 << 20, ecam: true, bridge: false }
    }

    /// The same with a clock that waiting moves on, so that time-outs take no time.
    #[must_use]
    pub fn manual(clock: ManualClock) -> Self {
        Self { manual: Some(clock.clone()), ..Self::new(Arc::new(clock)) }
    }
}

/// A machine's devices and what connects them.
pub struct Board {
    bus: Arc<PciBus>,
    bridge: Option<usize>,
    ecam: bool,
    memory: GuestMemory,
    interrupts: Arc<MsiController>,
    idle: Arc<BoardIdle>,
}

impl Board {
    /// A board as `config` describes it.
    #[must_use]
    pub fn new(config: BoardConfig) -> Self {
        let BoardConfig { clock, manual, memory_bytes, ecam, bridge } = config;
        let wake = WakeHandle::new();
        let bus = Arc::new(PciBus::new());
        Self {
            bridge: bridge.then(|| bus.attach_bridge()),
            ecam,
            memory: GuestMemory::new(memory_bytes as u64),
            interrupts: Arc::new(MsiController::new(wake.clone())),
            idle: Arc::new(BoardIdle { bus: Arc::clone(&bus), clock, manual, wake }),
            bus,
        }
    }

    /// What a device model needs of the board.
    #[must_use]
    pub fn wiring(&self) -> Wiring {
        let msi = Arc::clone(&self.interrupts) as Arc<dyn MsiSink>;
        Wiring { memory: self.memory.clone(), clock: Arc::clone(&self.idle.clock), msi }
    }

    /// Plugs `device` in at the next free place.
    pub fn attach(&self, device: Box<dyn PciDevice>) {
        self.bus.attach(device, self.bridge);
    }

    /// The way to configuration space.
    #[must_use]
    pub fn pci_host(&self) -> Host {
        if self.ecam {
            let registers: Arc<dyn Mmio> = Arc::new(Window(Ecam(Arc::clone(&self.bus))));
            return Host::Ecam(vec![EcamWindow { segment: 0, first_bus: 0, last_bus: u8::MAX, registers }]);
        }
        let ports: Arc<dyn PortIo> = Arc::new(ConfigPorts { bus: Arc::clone(&self.bus), selector: AtomicU32::new(0) });
        Host::Legacy(ports)
    }

    /// Maps device registers.
    #[must_use]
    pub fn mmio_mapper(&self) -> Arc<dyn MmioMapper> {
        Arc::new(BarMapper(Arc::clone(&self.bus)))
    }

    /// Hands out memory that devices reach.
    #[must_use]
    pub fn dma(&self) -> Arc<dyn DmaAllocator> {
        Arc::new(self.memory.clone())
    }

    /// Bytes of such memory in use.
    #[must_use]
    pub fn dma_in_use(&self) -> u64 {
        self.memory.in_use()
    }

    /// The interrupt controller.
    #[must_use]
    pub fn interrupts(&self) -> Arc<dyn Interrupts> {
        Arc::clone(&self.interrupts) as Arc<dyn Interrupts>
    }

    /// Messages that devices wrote to nobody; a driver that programs its table right causes none.
    #[must_use]
    pub fn spurious_interrupts(&self) -> u64 {
        self.interrupts.spurious()
    }

    /// Waiting.
    #[must_use]
    pub fn idle(&self) -> Arc<dyn Idle> {
        Arc::clone(&self.idle) as Arc<dyn Idle>
    }

    /// Wakes the thread that waits, from any other.
    #[must_use]
    pub fn wake_handle(&self) -> WakeHandle {
        self.idle.wake.clone()
    }
}

#[cfg(test)]
mod tests;
