//! Leaving QEMU with an exit code.
//!
//! QEMU's `isa-debug-exit` device ends the emulator with status `2 * value + 1`. It is looked for only under a
//! hypervisor, so no real machine's port is ever written. The codes are listed in `docs/exit-codes.md`.

use crate::cpu::features;
use x86_64::instructions::port::Port;

/// The device's port, as `cargo xtask qemu` configures it.
const PORT: u16 = 0xf4;

/// Exceptions: this plus the vector.
pub const FAULT_BASE: u8 = 0x20;
/// A stack's guard page was hit.
pub const STACK_OVERFLOW: u8 = 0x40;
/// A Rust panic.
pub const PANIC: u8 = 0x50;
/// The heap could not grow.
pub const OUT_OF_MEMORY: u8 = 0x51;
/// The boot information was unusable.
pub const BAD_BOOT: u8 = 0x52;
/// Power off by ACPI did not work.
pub const NO_POWER_OFF: u8 = 0x53;

/// Whether the device answers: an absent port reads as all ones.
#[must_use]
pub fn has_exit_device() -> bool {
    // SAFETY: 1. under a hypervisor only; 2. reading this port has no effect with or without the device.
    features::is_virtual() && unsafe { Port::<u8>::new(PORT).read() } != 0xff
}

/// Ends QEMU with status `2 * value + 1` if the device is there; otherwise returns.
pub fn exit(value: u8) {
    if has_exit_device() {
        // SAFETY: 1. the device is there and does nothing but end the emulator.
        unsafe { Port::<u32>::new(PORT).write(u32::from(value)) };
    }
}
