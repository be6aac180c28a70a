//! What happens when the kernel itself goes wrong: a report on serial line and screen, then the core stops.
//!
//! Nothing here allocates or takes a lock that other code holds. Exit codes are listed in `docs/exit-codes.md`.

use super::core_local::CoreLocal;
use super::{symbols, trace};
use crate::memory::stacks;
use crate::platform::emergency::Emergency;
use crate::qemu;
use core::fmt::Write;
use core::sync::atomic::{AtomicU32, Ordering};
use velocity_hal::CoreState;
use x86_64::registers::control::Cr2;

/// The registers as the stub saved them, lowest address first.
#[repr(C)]
#[derive(Clone, Debug)]
pub struct Frame {
    /// r15 … r8.
    pub high: [u64; 8],
    /// Frame pointer.
    pub rbp: u64,
    /// Destination index.
    pub rdi: u64,
    /// Source index.
    pub rsi: u64,
    /// Data.
    pub rdx: u64,
    /// Counter.
    pub rcx: u64,
    /// Base.
    pub rbx: u64,
    /// Accumulator.
    pub rax: u64,
    /// Which vector.
    pub vector: u64,
    /// The processor's error code, or 0.
    pub error: u64,
    /// Where it happened.
    pub rip: u64,
    /// Code segment.
    pub cs: u64,
    /// Flags.
    pub rflags: u64,
    /// Stack pointer.
    pub rsp: u64,
    /// Stack segment.
    pub ss: u64,
}

/// Which core reports right now, plus one; 0 when none does.
static REPORTER: AtomicU32 = AtomicU32::new(0);
/// Turns a core waits for another one's report before it writes its own all the same.
const PATIENCE: u32 = 100_000_000;

/// Makes this core the reporter. A core that faults while it reports stops at once.
fn begin_report(core: u32, code: u8) {
    for _ in 0..PATIENCE {
        match REPORTER.compare_exchange(0, core + 1, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return,
            Err(other) if other == core + 1 => stop(code),
            Err(_) => core::hint::spin_loop(),
        }
    }
}

/// The name of an exception (Intel SDM volume 3, table 6-1).
#[must_use]
pub const fn name(vector: u64) -> &'static str {
    match vector {
        0 => "divide error",
        1 => "debug exception",
        2 => "non-maskable interrupt",
        3 => "breakpoint",
        4 => "overflow",
        5 => "bound range exceeded",
        6 => "invalid opcode",
        7 => "device not available",
        8 => "double fault",
        10 => "invalid task state",
        11 => "segment not present",
        12 => "stack segment fault",
        13 => "general protection fault",
        14 => "page fault",
        16 => "x87 floating-point error",
        17 => "alignment check",
        18 => "machine check",
        19 => "SIMD floating-point error",
        20 => "virtualization exception",
        21 => "control protection exception",
        _ => "unknown exception",
    }
}

/// What a page fault's error code says (Intel SDM volume 3, section 4.7).
#[must_use]
pub const fn access(error: u64) -> &'static str {
    match (error & 1 != 0, error & 2 != 0, error & 16 != 0) {
        (_, _, true) => "instruction fetch from a page that is not executable or not mapped",
        (false, false, _) => "read of a page that is not mapped",
        (false, true, _) => "write to a page that is not mapped",
        (true, false, _) => "read of a protected page",
        (true, true, _) => "write to a page that is not writable",
    }
}

/// Reports the fault in `frame` and stops this core, or the machine under QEMU.
pub fn report(frame: &Frame) -> ! {
    let core = CoreLocal::current().map_or(0, |core| core.id.0);
    let address = Cr2::read_raw();
    let overflow = if frame.vector == 14 { stacks::guard_hit(address) } else { None };
    let code = if overflow.is_some() { qemu::STACK_OVERFLOW } else { qemu::FAULT_BASE + frame.vector as u8 };
    begin_report(core, code);
    let mut out = Emergency::open();
    // Writing to `Emergency` cannot fail.
    let _ = writeln!(out, "\n*** FAULT: {} (vector {}) on core {core}", name(frame.vector), frame.vector);
    let _ = write_cause(&mut out, frame, address, overflow);
    let _ = write_registers(&mut out, frame);
    let _ = writeln!(out, "back-trace:");
    let _ = trace::write(&mut out, frame.rip, frame.rbp);
    finish(&mut out, code)
}

fn write_cause(
    out: &mut Emergency,
    frame: &Frame,
    address: u64,
    overflow: Option<(u64, stacks::StackKind)>,
) -> core::fmt::Result {
    match frame.vector {
        14 => writeln!(out, "fault address {address:#018x}: {} (error {:#x})", access(frame.error), frame.error)?,
        _ => writeln!(out, "error code {:#x}", frame.error)?,
    }
    if let Some((core, kind)) = overflow {
        writeln!(out, "stack overflow: the guard page below core {core}'s {kind:?} stack was hit")?;
    }
    if frame.vector == 14 && frame.rip == address && address < 4096 {
        writeln!(out, "a jump through a null pointer")?;
    }
    if let Some(caller) = trace::caller_on_stack(frame) {
        write!(out, "called from ")?;
        symbols::write(out, caller)?;
        writeln!(out)?;
    }
    write!(out, "at ")?;
    symbols::write(out, frame.rip)?;
    writeln!(out)
}

fn write_registers(out: &mut Emergency, frame: &Frame) -> core::fmt::Result {
    let [r15, r14, r13, r12, r11, r10, r9, r8] = frame.high;
    let rows = [
        [("rax", frame.rax), ("rbx", frame.rbx), ("rcx", frame.rcx)],
        [("rdx", frame.rdx), ("rsi", frame.rsi), ("rdi", frame.rdi)],
        [("rbp", frame.rbp), ("rsp", frame.rsp), ("r8 ", r8)],
        [("r9 ", r9), ("r10", r10), ("r11", r11)],
        [("r12", r12), ("r13", r13), ("r14", r14)],
        [("r15", r15), ("rip", frame.rip), ("flg", frame.rflags)],
    ];
    for row in rows {
        for (name, value) in row {
            write!(out, "{name}={value:016x} ")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Reports a Rust panic and stops.
pub fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    let core = CoreLocal::current().map_or(0, |core| core.id.0);
    begin_report(core, qemu::PANIC);
    let mut out = Emergency::open();
    let _ = writeln!(out, "\n*** PANIC on core {core}: {}", info.message());
    if let Some(place) = info.location() {
        let _ = writeln!(out, "at {}:{}", place.file(), place.line());
    }
    let _ = writeln!(out, "back-trace:");
    let _ = trace::write_from_here(&mut out);
    finish(&mut out, qemu::PANIC)
}

fn finish(out: &mut Emergency, code: u8) -> ! {
    let end = if qemu::has_exit_device() { "powering off" } else { "this core is halted" };
    let _ = writeln!(out, "{end}, exit code {code:#04x}");
    REPORTER.store(0, Ordering::Release);
    stop(code)
}

/// Ends the machine under QEMU with `code`; elsewhere halts this core for good.
pub fn stop(code: u8) -> ! {
    if let Some(core) = CoreLocal::current() {
        core.set_state(CoreState::Halted);
    }
    qemu::exit(code);
    loop {
        x86_64::instructions::interrupts::disable();
        x86_64::instructions::hlt();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_matches_what_the_stub_pushes() {
        // 15 registers, vector, error code, and the five words of the processor.
        assert_eq!(size_of::<Frame>(), 22 * 8);
        assert_eq!(core::mem::offset_of!(Frame, vector), 15 * 8);
        assert_eq!(core::mem::offset_of!(Frame, rip), 17 * 8);
    }

    #[test]
    fn page_fault_codes_are_told_apart() {
        let texts = [0, 1, 2, 3, 16].map(access);
        for (index, text) in texts.iter().enumerate() {
            assert!(!texts[..index].contains(text));
        }
    }
}
