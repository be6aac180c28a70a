//! Device interrupts: who has which vector, and what happens when it arrives.
//!
//! Handlers do the least: move bytes to the input queue, count, acknowledge. They run with interrupts off on the
//! interrupt stack and never allocate.

use super::core_local::with_apic;
use core::sync::atomic::{AtomicU32, Ordering};

/// One-shot timer of the local APIC.
pub const TIMER: u8 = 0x30;
/// Serial line.
pub const SERIAL: u8 = 0x31;
/// PS/2 keyboard.
pub const KEYBOARD: u8 = 0x32;
/// PS/2 mouse.
pub const MOUSE: u8 = 0x33;
/// Another core has left work.
pub const WAKE: u8 = 0x34;
/// The local APIC complains.
pub const APIC_ERROR: u8 = 0x35;
/// First vector for message-signalled interrupts.
pub const MSI_FIRST: u8 = 0x40;
/// How many of those there are.
pub const MSI_COUNT: usize = 64;
/// Spurious interrupts, never acknowledged.
pub const SPURIOUS: u8 = 0xff;

/// Arrivals per message-signalled vector since the driver last asked.
pub static MSI_ARRIVALS: [AtomicU32; MSI_COUNT] = [const { AtomicU32::new(0) }; MSI_COUNT];
/// Interrupts on vectors that nobody asked for.
pub static UNEXPECTED: AtomicU32 = AtomicU32::new(0);

/// Handles `vector` and acknowledges it.
pub fn dispatch(vector: u8) {
    match vector {
        SPURIOUS => return,
        TIMER | WAKE => {}
        SERIAL => crate::platform::ports::serial_interrupt(),
        KEYBOARD | MOUSE => crate::platform::ports::ps2_interrupt(),
        _ => {
            let msi = vector.checked_sub(MSI_FIRST).and_then(|index| MSI_ARRIVALS.get(usize::from(index)));
            msi.unwrap_or(&UNEXPECTED).fetch_add(1, Ordering::Release);
        }
    }
    // SAFETY: 1. one acknowledgement for one interrupt in service.
    with_apic(|apic| unsafe { apic.end_of_interrupt() });
}
