//! Routing of ISA interrupts through the I/O APICs to the core that booted (Intel 82093AA data sheet; ACPI 6.5,
//! section 5.2.12.5 for polarity and trigger).

use super::firmware::{Firmware, IoApicInfo, Override};
use crate::memory::{mmio, paging};
use x2apic::ioapic::{IoApic, IrqFlags, IrqMode, RedirectionTableEntry};

/// The global interrupt that ISA interrupt `irq` is wired to, and its polarity and trigger.
fn wiring(overrides: &[Override], irq: u8) -> (u32, IrqFlags) {
    let change = overrides.iter().find(|change| change.irq == irq);
    let Some(change) = change else { return (u32::from(irq), IrqFlags::empty()) };
    let mut flags = IrqFlags::empty();
    // 3 = active low or level; 0 = as the bus does it, which for ISA is active high and edge.
    flags.set(IrqFlags::LOW_ACTIVE, change.flags & 3 == 3);
    flags.set(IrqFlags::LEVEL_TRIGGERED, change.flags >> 2 & 3 == 3);
    (change.global, flags)
}

/// Routes each (ISA interrupt, vector) to the core with `apic_id`; tells how many could be routed.
pub fn route(firmware: &Firmware, routes: &[(u8, u8)], apic_id: u32) -> usize {
    let mut done = 0;
    for &IoApicInfo { base, first } in &firmware.io_apics {
        let Ok(registers) = mmio::map_device(base, 4096, paging::DEVICE) else { continue };
        // SAFETY: 1. mapped uncached, for good; 2. this is the only object for these registers.
        let mut io = unsafe { IoApic::new(registers as u64) };
        // SAFETY: 1. reads a register.
        let last = unsafe { io.max_table_entry() };
        for &(irq, vector) in routes {
            let (global, flags) = wiring(&firmware.overrides, irq);
            let Some(pin) = global.checked_sub(first).and_then(|pin| u8::try_from(pin).ok()) else { continue };
            if pin <= last {
                let mut entry = RedirectionTableEntry::default();
                entry.set_mode(IrqMode::Fixed);
                entry.set_flags(flags | IrqFlags::MASKED);
                entry.set_vector(vector);
                entry.set_dest(apic_id as u8);
                // SAFETY: 1. the vector has a handler; 2. unmasked only when the whole entry is written.
                unsafe {
                    io.set_table_entry(pin, entry);
                    io.enable_irq(pin);
                }
                done += 1;
            }
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_change_pin_polarity_and_trigger() {
        let changes = [Override { irq: 9, global: 20, flags: 0xf }, Override { irq: 0, global: 2, flags: 0 }];
        assert_eq!(wiring(&changes, 4), (4, IrqFlags::empty()));
        assert_eq!(wiring(&changes, 0), (2, IrqFlags::empty()));
        assert_eq!(wiring(&changes, 9), (20, IrqFlags::LOW_ACTIVE | IrqFlags::LEVEL_TRIGGERED));
    }
}
