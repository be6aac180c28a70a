//! From PCI functions to NVMe controllers.

use super::{Controller, DiskName, Storage};
use crate::platform::{Platform, has_driver};
use alloc::{sync::Arc, vec::Vec};
use velocity_hal::{DmaAllocator, Idle, Interrupts, MmioMapper};
use velocity_pci::Function;
use velocity_trace::Level;

/// What attaching a controller needs.
pub(crate) struct Ports<'a> {
    /// Maps registers.
    pub mmio: &'a dyn MmioMapper,
    /// Memory for queues.
    pub dma: Arc<dyn DmaAllocator>,
    /// Completion interrupts.
    pub interrupts: &'a dyn Interrupts,
    /// How to wait for a completion.
    pub idle: Arc<dyn Idle>,
}

impl Storage {
    /// Starts every NVMe controller among the machine's PCI functions; nothing is read from their disks yet.
    pub(crate) fn attach(ports: &Ports<'_>, platform: &Platform) -> Self {
        let found = platform.functions.iter().filter(|function| has_driver(function));
        let controllers =
            found.enumerate().map(|(number, function)| attach(number, function, ports, platform)).collect();
        Self { controllers, disks: Vec::new(), volumes: Vec::new() }
    }
}

fn attach(number: usize, function: &Function, ports: &Ports<'_>, platform: &Platform) -> Controller {
    let Ports { mmio, interrupts, .. } = *ports;
    let clock = platform.clock.clone();
    let driver =
        velocity_nvme::attach(&platform.bus, function, mmio, interrupts, ports.dma.clone(), clock, ports.idle.clone());
    let address = function.address;
    match &driver {
        Ok(driver) => {
            let how = if driver.uses_interrupts() { "MSI-X" } else { "polling: no MSI-X" };
            let model = &driver.identity().model;
            platform.record(Level::Info, "nvme", format_args!("nvme{number} at {address}: {model}, {how}"));
            for refused in driver.refused_namespaces() {
                let (name, reason) = (DiskName { controller: number, namespace: refused.id }, refused.reason);
                platform.record(Level::Warn, "nvme", format_args!("{name} cannot be used: {reason}"));
            }
        }
        Err(error) => platform.record(Level::Error, "nvme", format_args!("nvme{number} at {address}: {error}")),
    }
    Controller { address, driver }
}
