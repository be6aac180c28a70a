//! From a PCI function to a running controller: BAR 0, bus mastering, MSI-X vector 0.

use crate::{Controller, NvmeError, Options, Parts};
use alloc::sync::Arc;
use velocity_hal::{Clock, DmaAllocator, Idle, InterruptLine, Interrupts, MmioMapper};
use velocity_pci::{Bar, Bus, Function};

/// Most bytes of BAR 0 that are mapped; doorbells of the first queues lie far below.
const MAX_WINDOW_BYTES: u64 = 1 << 20;

/// Starts the NVMe controller that `function` is, with default [`Options`].
///
/// Without MSI-X (none there, no vector left, or a table out of reach) the driver polls.
///
/// # Errors
/// [`NvmeError`]; the controller is then disabled.
pub fn attach(
    bus: &Bus,
    function: &Function,
    mapper: &dyn MmioMapper,
    interrupts: &dyn Interrupts,
    dma: Arc<dyn DmaAllocator>,
    clock: Arc<dyn Clock>,
    idle: Arc<dyn Idle>,
) -> Result<Controller, NvmeError> {
    let Some(Bar::Memory { base, len, .. }) = function.bars[0] else {
        return Err(NvmeError::NoRegisters);
    };
    if !bus.enable(function) {
        return Err(NvmeError::Gone);
    }
    let registers = mapper.map(base, len.min(MAX_WINDOW_BYTES) as usize)?;
    let interrupt = route_interrupt(bus, function, mapper, interrupts);
    Controller::start(Parts { registers, dma, clock, idle, interrupt }, Options::default())
}

fn route_interrupt(
    bus: &Bus,
    function: &Function,
    mapper: &dyn MmioMapper,
    interrupts: &dyn Interrupts,
) -> Option<Arc<dyn InterruptLine>> {
    let msix = bus.msix(function, mapper).ok()?;
    let line = interrupts.allocate_msi("nvme").ok()?;
    msix.program(0, line.message()).ok()?;
    msix.enable(bus);
    Some(line)
}
