//! What a body (kernel or simulator) hands to the system.
//!
//! A [`Machine`] is every part the system may touch, behind `velocity-hal` traits. Invariant: after
//! [`crate::System::start`] took it, nothing else in the program writes to its text ports or its display.

use crate::engines::Engines;
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use velocity_base::Instant;
use velocity_hal::{Clock, Cores, Display, DmaAllocator, Idle, Input, Interrupts, MemoryReport, MmioMapper, TextPort};
use velocity_trace::Log;

/// One machine, real or simulated, as a set of parts.
pub struct Machine {
    /// Which program this is: `kernel` or `sim`.
    pub body: &'static str,
    /// The event log behind `dmesg`; the body may have written to it already and may go on doing so.
    pub log: Arc<Log>,
    /// The clock that all times come from.
    pub clock: Arc<dyn Clock>,
    /// How to sleep until input, an interrupt or a deadline.
    pub idle: Arc<dyn Idle>,
    /// How PCI configuration space is reached.
    pub pci: velocity_pci::Host,
    /// Maps device registers.
    pub mmio: Arc<dyn MmioMapper>,
    /// Memory for devices.
    pub dma: Arc<dyn DmaAllocator>,
    /// Message-signalled interrupts.
    pub interrupts: Arc<dyn Interrupts>,
    /// Keyboard, mouse and bytes from text ports, in one queue.
    pub input: Box<dyn Input>,
    /// Serial lines or the host terminal; `InputEvent::Byte::port` counts in this list.
    pub text_ports: Vec<Box<dyn TextPort>>,
    /// The screen, if there is one.
    pub display: Option<Box<dyn Display>>,
    /// All cores.
    pub cores: Arc<dyn Cores>,
    /// The account of memory.
    pub memory: Arc<dyn MemoryReport>,
    /// What runs programs.
    pub engines: Arc<dyn Engines>,
    /// If given, the core of the system plays all cores for agents, by the numbers of this seed: with a clock that does the same each time, everything does.
    pub seed: Option<u64>,
    /// How this machine came up.
    pub boot: BootFacts,
}

/// How the machine came up, for the log and for `version`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct BootFacts {
    /// Boot loader and its version, for example `GRUB 2.06`, or `host`.
    pub loader: String,
    /// `BIOS`, `UEFI` or `host`.
    pub firmware: String,
    /// The command line, empty when there was none.
    pub command_line: String,
    /// Named instants before [`crate::System::start`], oldest first.
    pub stages: Vec<(&'static str, Instant)>,
}
