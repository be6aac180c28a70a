//! The contract of a device model on the bus.

use super::ConfigSpace;
use crate::{GuestMemory, MsiSink};
use std::sync::Arc;
use velocity_base::Instant;
use velocity_hal::Clock;

/// What the board connects to every device: its memory, its time and where interrupts go.
#[derive(Clone)]
pub struct Wiring {
    /// Memory for the device's own transfers. To be used only while [`ConfigSpace::is_bus_master`].
    pub memory: GuestMemory,
    /// The board's time, for a device that finishes work later.
    pub clock: Arc<dyn Clock>,
    /// The board's interrupt controller; goes into [`ConfigSpace::with_msix`].
    pub msi: Arc<dyn MsiSink>,
}

/// A function on the PCI bus.
///
/// Calls come from the thread that touched the register, one at a time. Work may be done inside `bar_write`, or put off
/// to [`PciDevice::tick`] by naming a time in [`PciDevice::next_event`].
pub trait PciDevice: Send {
    /// Its configuration space.
    fn config(&self) -> &ConfigSpace;

    /// Its configuration space, to be written.
    fn config_mut(&mut self) -> &mut ConfigSpace;

    /// Reads `size` (1, 2, 4 or 8) bytes at `offset` of BAR `bar`. The offset is aligned and inside the BAR.
    fn bar_read(&mut self, bar: u8, offset: u64, size: u8) -> u64;

    /// Writes `size` (1, 2, 4 or 8) bytes at `offset` of BAR `bar`. The offset is aligned and inside the BAR.
    fn bar_write(&mut self, bar: u8, offset: u64, size: u8, value: u64);

    /// Does the work that is due at `now`.
    fn tick(&mut self, now: Instant) {
        let _ = now;
    }

    /// When [`PciDevice::tick`] has something to do next; `None` while only an access can change anything.
    fn next_event(&self) -> Option<Instant> {
        None
    }

    /// Whether the device is plugged in. Everything reads as ones and swallows writes while it is not.
    fn is_present(&self) -> bool {
        true
    }
}
