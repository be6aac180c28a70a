//! The local APIC of each core and its timer (Intel SDM volume 3, chapter 11), through the `x2apic` crate.

use crate::cpu::core_local::{self, with_apic};
use crate::cpu::interrupts::{APIC_ERROR, SPURIOUS, TIMER, WAKE};
use crate::memory::{mmio, paging};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use velocity_base::PhysAddr;
use x2apic::lapic::{LocalApic, LocalApicBuilder, TimerDivide, TimerMode, xapic_base};
use x86_64::instructions::port::Port;

/// Where the xAPIC registers are mapped, once for all cores.
static REGISTERS: AtomicU64 = AtomicU64::new(0);
static X2APIC: AtomicBool = AtomicBool::new(false);

/// Masks the two 8259 controllers for good, moved away from the exception vectors first so that a spurious interrupt of
/// theirs is recognised as one.
pub fn silence_legacy_controllers() {
    const STEPS: [(u16, u8); 10] = [
        (0x20, 0x11),
        (0xa0, 0x11),
        (0x21, 0xf0),
        (0xa1, 0xf8),
        (0x21, 4),
        (0xa1, 2),
        (0x21, 1),
        (0xa1, 1),
        (0x21, 0xff),
        (0xa1, 0xff),
    ];
    for (port, value) in STEPS {
        // SAFETY: 1. the initialisation sequence of the 8259, whose ports every PC has or ignores.
        unsafe { Port::<u8>::new(port).write(value) };
    }
}

/// Sets up the running core's local APIC with its timer stopped. The first call maps the registers.
///
/// # Errors
/// When the registers cannot be mapped or the processor's mode is unknown.
pub fn enable() -> Result<(), &'static str> {
    let x2apic = core::arch::x86_64::__cpuid(1).ecx & (1 << 21) != 0;
    X2APIC.store(x2apic, Ordering::Relaxed);
    if !x2apic && REGISTERS.load(Ordering::Acquire) == 0 {
        // SAFETY: 1. reads IA32_APIC_BASE, which every 64-bit processor has.
        let base = PhysAddr(unsafe { xapic_base() });
        let mapped = mmio::map_device(base, 4096, paging::DEVICE).map_err(|_| "its registers cannot be mapped")?;
        REGISTERS.store(mapped as u64, Ordering::Release);
    }
    let mut apic = LocalApicBuilder::new()
        .timer_vector(usize::from(TIMER))
        .error_vector(usize::from(APIC_ERROR))
        .spurious_vector(usize::from(SPURIOUS))
        .timer_mode(TimerMode::OneShot)
        .timer_divide(TimerDivide::Div16)
        .timer_initial(0)
        .set_xapic_base(REGISTERS.load(Ordering::Acquire))
        .build()?;
    // SAFETY: 1. the registers are mapped uncached; 2. the vectors have handlers.
    unsafe { apic.enable() };
    core_local::set_apic(apic);
    Ok(())
}

/// The running core's APIC id.
#[must_use]
pub fn id() -> u32 {
    let raw = with_apic(|apic: &mut LocalApic| {
        // SAFETY: 1. reads a register.
        unsafe { apic.id() }
    });
    shift_out(raw.unwrap_or(0))
}

/// In xAPIC mode the id lies in the register's top byte.
fn shift_out(raw: u32) -> u32 {
    if X2APIC.load(Ordering::Relaxed) { raw } else { raw >> 24 }
}

fn destination(apic_id: u32) -> u32 {
    if X2APIC.load(Ordering::Relaxed) { apic_id } else { apic_id << 24 }
}

/// Whether the local APICs run in x2APIC mode.
#[must_use]
pub fn is_x2apic() -> bool {
    X2APIC.load(Ordering::Relaxed)
}

/// Starts the timer: one interrupt after `ticks` of the divided bus clock; 0 stops it.
pub fn start_timer(ticks: u32) {
    // SAFETY: 1. writes the running core's own timer.
    with_apic(|apic| unsafe { apic.set_timer_initial(ticks) });
}

/// Ticks left of the running timer.
#[must_use]
pub fn timer_left() -> u32 {
    // SAFETY: 1. reads a register.
    with_apic(|apic| unsafe { apic.timer_current() }).unwrap_or(0)
}

/// Wakes the core with this APIC id.
pub fn wake(apic_id: u32) {
    // SAFETY: 1. the vector has a handler on every core.
    with_apic(|apic| unsafe { apic.send_ipi(WAKE, destination(apic_id)) });
}

/// Sends INIT to a core.
pub fn send_init(apic_id: u32) {
    // SAFETY: 1. the core runs nothing of ours yet.
    with_apic(|apic| unsafe { apic.send_init_ipi(destination(apic_id)) });
}

/// Sends a start-up interrupt: the core begins in real mode at `page` * 4096.
pub fn send_start_up(apic_id: u32, page: u8) {
    // SAFETY: 1. the caller has placed start-up code there.
    with_apic(|apic| unsafe { apic.send_sipi(page, destination(apic_id)) });
}
