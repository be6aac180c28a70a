//! Power off and reset.

use super::firmware::{Firmware, ResetRegister};
use crate::cpu::fault;
use crate::memory::{mmio, paging};
use crate::qemu;
use x86_64::instructions::port::Port;

/// `SLP_EN` in a PM1 control register.
const SLEEP_ENABLE: u16 = 1 << 13;
/// `SCI_EN`: the power registers are the system's.
const ACPI_ENABLED: u16 = 1;
/// Polls before a register that does not change is given up.
const PATIENCE: u32 = 1_000_000;

/// Switches the machine off through ACPI (specification 6.5, section 7.4); stops the core if that fails.
pub fn off(firmware: &Firmware) -> ! {
    x86_64::instructions::interrupts::disable();
    if let Some(power) = firmware.power_off {
        let mut pm1a = Port::<u16>::new(power.pm1a);
        // SAFETY: 1. the ports and values are those of the firmware's tables; 2. nothing is to run afterwards.
        unsafe {
            if let (Some((port, value)), false) = (power.enable, pm1a.read() & ACPI_ENABLED != 0) {
                Port::<u8>::new(port).write(value);
                let _handed_over = (0..PATIENCE).any(|_| pm1a.read() & ACPI_ENABLED != 0);
            }
            pm1a.write(u16::from(power.types.a) << 10 | SLEEP_ENABLE);
            if let Some(pm1b) = power.pm1b {
                Port::<u16>::new(pm1b).write(u16::from(power.types.b) << 10 | SLEEP_ENABLE);
            }
        }
        // The machine takes a moment to notice.
        (0..PATIENCE).for_each(|_| core::hint::spin_loop());
    }
    super::emergency::serial_line(
        "velocity: this machine cannot be switched off by software; it is safe to cut the power",
    );
    fault::stop(qemu::NO_POWER_OFF)
}

/// Restarts the machine: the reset register, then the keyboard controller, then a triple fault.
pub fn reset(firmware: &Firmware) -> ! {
    x86_64::instructions::interrupts::disable();
    match firmware.reset {
        // SAFETY: 1. the firmware's tables say that this write resets the machine.
        Some((ResetRegister::Port(port), value)) => unsafe { Port::<u8>::new(port).write(value) },
        Some((ResetRegister::Memory(place), value)) => {
            if let Ok(register) = mmio::map_device(place, 1, paging::DEVICE) {
                // SAFETY: 1. mapped just now; 2. the firmware's tables say that this write resets the machine.
                unsafe { register.write_volatile(value) };
            }
        }
        None => {}
    }
    (0..PATIENCE).for_each(|_| core::hint::spin_loop());
    // SAFETY: 1. the keyboard controller's reset command; 2. an empty interrupt table turns the next exception into a
    // triple fault, which resets the processor.
    unsafe {
        Port::<u8>::new(0x64).write(0xfe_u8);
        (0..PATIENCE).for_each(|_| core::hint::spin_loop());
        let nothing = x86_64::structures::DescriptorTablePointer { limit: 0, base: x86_64::VirtAddr::zero() };
        x86_64::instructions::tables::lidt(&nothing);
        core::arch::asm!("ud2", options(noreturn));
    }
}
