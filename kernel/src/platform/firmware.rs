//! What ACPI tells: cores, interrupt controllers, PCI windows, the power-management timer, power off and reset
//! (ACPI specification 6.5, sections 5.2.9, 5.2.12 and 5.2.5; PCI Firmware specification 3.3, section 4.1.2).

use super::s5;
use crate::memory::{layout::DIRECT_MAP, paging};
use acpi::address::AddressSpace;
use acpi::fadt::Fadt;
use acpi::madt::{Madt, MadtEntry};
use acpi::mcfg::Mcfg;
use acpi::sdt::SdtHeader;
use acpi::{AcpiHandler, AcpiTable, AcpiTables, PhysicalMapping};
use alloc::vec::Vec;
use core::ptr::NonNull;
use velocity_base::PhysAddr;

/// Longest table looked at, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

/// An I/O APIC.
#[derive(Clone, Copy, Debug)]
pub struct IoApicInfo {
    /// Its registers.
    pub base: PhysAddr,
    /// Its first global interrupt.
    pub first: u32,
}

/// An ISA interrupt that is wired to another global interrupt than its own number.
#[derive(Clone, Copy, Debug)]
pub struct Override {
    /// The ISA interrupt.
    pub irq: u8,
    /// The global interrupt.
    pub global: u32,
    /// Polarity and trigger (MPS INTI flags).
    pub flags: u16,
}

/// A window of PCI configuration space.
#[derive(Clone, Copy, Debug)]
pub struct EcamInfo {
    /// Where bus `first_bus` would start minus its offset: the base of bus 0.
    pub base: PhysAddr,
    /// Segment group.
    pub segment: u16,
    /// First bus.
    pub first_bus: u8,
    /// Last bus.
    pub last_bus: u8,
}

/// A register to write for reset.
#[derive(Clone, Copy, Debug)]
pub enum ResetRegister {
    /// An I/O port.
    Port(u16),
    /// A byte in memory.
    Memory(PhysAddr),
}

/// How to enter the state S5.
#[derive(Clone, Copy, Debug)]
pub struct PowerOff {
    /// PM1a control port.
    pub pm1a: u16,
    /// PM1b control port, if there is one.
    pub pm1b: Option<u16>,
    /// Sleep types for both.
    pub types: s5::SleepTypes,
    /// Port and value that hand the power registers to the system, if they are not handed over already.
    pub enable: Option<(u16, u8)>,
}

/// Everything learned.
#[derive(Clone, Debug, Default)]
pub struct Firmware {
    /// I/O APICs.
    pub io_apics: Vec<IoApicInfo>,
    /// Rewired ISA interrupts.
    pub overrides: Vec<Override>,
    /// Local APIC ids of usable cores.
    pub cores: Vec<u32>,
    /// PCI configuration windows.
    pub ecam: Vec<EcamInfo>,
    /// Port of the power-management timer.
    pub pm_timer: Option<u16>,
    /// Reset register and value.
    pub reset: Option<(ResetRegister, u8)>,
    /// Power off.
    pub power_off: Option<PowerOff>,
    /// Whether the tables say that there is no i8042 keyboard controller.
    pub no_i8042: bool,
}

/// Reads tables through the direct map.
#[derive(Clone, Copy)]
struct DirectMap;

impl AcpiHandler for DirectMap {
    unsafe fn map_physical_region<T>(&self, address: usize, size: usize) -> PhysicalMapping<Self, T> {
        assert!(size <= LONGEST && address < 1 << 46, "an ACPI table of {size} bytes at {address:#x} cannot be true");
        let reached = paging::reach(PhysAddr(address as u64), size as u64);
        assert!(reached.is_ok(), "no memory to map the ACPI table at {address:#x}");
        let pointer = (DIRECT_MAP + address as u64) as *mut T;
        // SAFETY: 1. mapped just now, for good; 2. the address is not null in the direct map.
        unsafe { PhysicalMapping::new(address, NonNull::new_unchecked(pointer), size, size, *self) }
    }

    fn unmap_physical_region<T>(_: &PhysicalMapping<Self, T>) {}
}

impl Firmware {
    /// Reads the tables below the root pointer; what is missing or malformed is left out.
    #[must_use]
    pub fn read(rsdp: Option<PhysAddr>) -> Self {
        let mut found = Self::default();
        let Some(rsdp) = rsdp else { return found };
        // SAFETY: 1. the loader gave this address; 2. the handler maps whatever it points to; 3. checksums are verified.
        let Ok(tables) = (unsafe { AcpiTables::from_rsdp(DirectMap, rsdp.0 as usize) }) else { return found };
        if let Ok(madt) = tables.find_table::<Madt>() {
            found.read_madt(&madt);
        }
        if let Ok(mcfg) = tables.find_table::<Mcfg>() {
            found.ecam.extend(mcfg.entries().iter().map(|entry| EcamInfo {
                base: PhysAddr(entry.base_address),
                segment: entry.pci_segment_group,
                first_bus: entry.bus_number_start,
                last_bus: entry.bus_number_end,
            }));
        }
        if let Ok(fadt) = tables.find_table::<Fadt>() {
            found.read_fadt(&fadt);
        }
        found
    }

    fn read_madt(&mut self, madt: &PhysicalMapping<DirectMap, Madt>) {
        // Bit 0: enabled; bit 1: may be enabled later, which this kernel does not do.
        const ENABLED: u32 = 1;
        for entry in madt.get().entries() {
            match entry {
                MadtEntry::LocalApic(core) if core.flags & ENABLED != 0 => self.cores.push(u32::from(core.apic_id)),
                MadtEntry::LocalX2Apic(core) if core.flags & ENABLED != 0 => self.cores.push(core.x2apic_id),
                MadtEntry::IoApic(io) => self.io_apics.push(IoApicInfo {
                    base: PhysAddr(u64::from(io.io_apic_address)),
                    first: io.global_system_interrupt_base,
                }),
                MadtEntry::InterruptSourceOverride(change) if change.bus == 0 => self.overrides.push(Override {
                    irq: change.irq,
                    global: change.global_system_interrupt,
                    flags: change.flags,
                }),
                _ => {}
            }
        }
    }

    fn read_fadt(&mut self, fadt: &Fadt) {
        let port = |address: acpi::address::GenericAddress| {
            (address.address_space == AddressSpace::SystemIo).then(|| u16::try_from(address.address).ok()).flatten()
        };
        self.pm_timer = fadt.pm_timer_block().ok().flatten().and_then(port);
        self.no_i8042 = { fadt.header().revision } >= 3 && !{ fadt.iapc_boot_arch }.motherboard_implements_8042();
        if { fadt.flags }.supports_system_reset_via_fadt() {
            self.reset = fadt.reset_register().ok().and_then(|register| {
                let place = match register.address_space {
                    AddressSpace::SystemIo => ResetRegister::Port(u16::try_from(register.address).ok()?),
                    AddressSpace::SystemMemory => ResetRegister::Memory(PhysAddr(register.address)),
                    _ => return None,
                };
                Some((place, fadt.reset_value))
            });
        }
        self.power_off = self.read_power_off(fadt, port);
    }

    fn read_power_off(
        &self,
        fadt: &Fadt,
        port: impl Fn(acpi::address::GenericAddress) -> Option<u16>,
    ) -> Option<PowerOff> {
        let pm1a = port(fadt.pm1a_control_block().ok()?)?;
        let pm1b = fadt.pm1b_control_block().ok().flatten().and_then(port);
        let dsdt = table_bytes(PhysAddr(fadt.dsdt_address().ok()? as u64))?;
        let smi = u16::try_from(fadt.smi_cmd_port).ok().filter(|&port| port != 0);
        let enable = smi.map(|port| (port, fadt.acpi_enable)).filter(|&(_, value)| value != 0);
        Some(PowerOff { pm1a, pm1b, types: s5::find(dsdt)?, enable })
    }
}

/// The bytes of the table at `physical`, header included.
fn table_bytes(physical: PhysAddr) -> Option<&'static [u8]> {
    let header_len = size_of::<SdtHeader>();
    if physical.0 == 0 || physical.0 >= 1 << 46 {
        return None;
    }
    paging::reach(physical, header_len as u64).ok()?;
    let start = (DIRECT_MAP + physical.0) as *const u8;
    // SAFETY: 1. mapped just now; 2. the length field is at offset 4, whatever the alignment.
    let len = unsafe { start.add(4).cast::<u32>().read_unaligned() } as usize;
    if !(header_len..=LONGEST).contains(&len) {
        return None;
    }
    paging::reach(physical, len as u64).ok()?;
    // SAFETY: 1. mapped just now, for good; 2. firmware tables are not written while the system runs.
    Some(unsafe { core::slice::from_raw_parts(start, len) })
}
