//! Puts the kernel's parts together into the [`Machine`] that the system runs on.

use crate::boot::{BootInfo, Firmware as FirmwareKind};
use crate::memory::account::KernelMemory;
use crate::memory::code::KernelCode;
use crate::memory::{dma, mmio};
use crate::platform::apic;
use crate::platform::clock::TscClock;
use crate::platform::cores::KernelCores;
use crate::platform::display::Screen;
use crate::platform::firmware::Firmware;
use crate::platform::idle::HaltIdle;
use crate::platform::msi::MsiVectors;
use crate::platform::ports::{Ports, X86Ports};
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use velocity_base::Instant;
use velocity_hal::{Clock, Cores, Display, MmioMapper};
use velocity_pci::{EcamWindow, Host};
use velocity_system::{BootFacts, Compiled, Machine};
use velocity_trace::Log;

/// Records kept for `dmesg`.
const LOG_RECORDS: usize = 256;

/// What the start-up has brought together.
pub struct Parts<'a> {
    /// The loader's report.
    pub boot: &'a BootInfo,
    /// The firmware's tables.
    pub firmware: &'a Firmware,
    /// The calibrated clock.
    pub clock: TscClock,
    /// The screen, if there is one.
    pub screen: Option<Screen>,
    /// All cores.
    pub cores: KernelCores,
    /// Serial line and input.
    pub ports: Ports,
    /// When which part was done.
    pub stages: &'a [(&'static str, Instant)],
}

/// Builds the machine.
#[must_use]
pub fn assemble(parts: Parts<'_>) -> Machine {
    let Parts { boot, firmware, clock, screen, cores, ports, stages } = parts;
    let log = Arc::new(Log::new(LOG_RECORDS));
    report(&log, clock.now(), boot, firmware, &clock, &cores);
    for trouble in &ports.troubles {
        log.warn(clock.now(), "ports", format_args!("{trouble}"));
    }
    let shared_clock: Arc<dyn Clock> = Arc::new(clock);
    Machine {
        body: "kernel",
        log,
        clock: shared_clock,
        idle: Arc::new(HaltIdle { clock }),
        pci: pci_host(firmware),
        mmio: Arc::new(mmio::Mapper),
        dma: Arc::new(dma::Allocator),
        interrupts: Arc::new(MsiVectors::new(apic::id())),
        input: Box::new(ports.input),
        text_ports: ports.text,
        display: screen.map(|screen| Box::new(screen) as Box<dyn Display>),
        cores: Arc::new(cores),
        memory: Arc::new(KernelMemory),
        engines: Arc::new(Compiled::new(Some(Arc::new(KernelCode)))),
        seed: None,
        boot: BootFacts {
            loader: boot.loader.as_str().to_string(),
            firmware: match boot.firmware {
                FirmwareKind::Bios => "BIOS".to_string(),
                FirmwareKind::Uefi => "UEFI".to_string(),
                FirmwareKind::Untold => "no firmware".to_string(),
            },
            command_line: boot.command_line.as_str().to_string(),
            stages: stages.to_vec(),
        },
    }
}

/// Configuration space through memory where the firmware tells of it, through ports otherwise.
fn pci_host(firmware: &Firmware) -> Host {
    let windows: Vec<EcamWindow> = firmware
        .ecam
        .iter()
        .filter_map(|window| {
            let buses = usize::from(window.last_bus.checked_sub(window.first_bus)?) + 1;
            let base = window.base.checked_add(u64::from(window.first_bus) << 20)?;
            let registers = mmio::Mapper.map(base, buses << 20).ok()?;
            let (segment, first_bus, last_bus) = (window.segment, window.first_bus, window.last_bus);
            Some(EcamWindow { segment, first_bus, last_bus, registers })
        })
        .collect();
    if windows.is_empty() { Host::Legacy(Arc::new(X86Ports)) } else { Host::Ecam(windows) }
}

fn report(log: &Log, now: Instant, boot: &BootInfo, firmware: &Firmware, clock: &TscClock, cores: &KernelCores) {
    let hertz = clock.cycles_per_second();
    log.info(now, "clock", format_args!("TSC {} MHz, APIC timer {} kHz", hertz / 1_000_000, clock.apic_hertz / 1_000));
    let mode = if apic::is_x2apic() { "x2APIC" } else { "xAPIC" };
    log.info(now, "cores", format_args!("{} cores, {mode}, {} I/O APICs", cores.count(), firmware.io_apics.len()));
    if !crate::cpu::features::has_invariant_tsc() {
        log.warn(now, "clock", format_args!("the time-stamp counter may change its rate on this processor"));
    }
    if firmware.power_off.is_none() {
        log.warn(now, "acpi", format_args!("no way to switch this machine off was found"));
    }
    if boot.regions.dropped > 0 {
        log.warn(now, "memory", format_args!("{} memory regions did not fit and are unused", boot.regions.dropped));
    }
}
