//! Accesses of machine code outside of linear memory: the signal they raise becomes an exit.
//!
//! The handler is installed once, in front of the one that was there. A fault is taken only if the instruction lies in published code and
//! the address in the address space of a guarded memory; every other one goes to the handler that was there before. What is taken
//! looks as if the instruction had called the exit, one byte behind its start: no call ends inside of an instruction, so that place stands
//! for nothing else.
//!
//! The handler takes no lock and allocates nothing. It runs on the alternate stack of the thread; a thread that has none runs it on the
//! fiber, below its limit, where there is room for that ([`is_handled`] asks how much the processor's state takes).

use super::fiber::{SIGNAL_BYTES, exit};
use super::ranges::Ranges;
use alloc::boxed::Box;
use core::ffi::{c_int, c_void};
use core::mem::{transmute, zeroed};
use core::ptr::{null, null_mut};
use core::sync::atomic::{AtomicPtr, Ordering};
use libc::{REG_RIP, REG_RSP, SA_ONSTACK, SA_SIGINFO, SIG_DFL, SIG_IGN, SIGSEGV, sigaction, siginfo_t, ucontext_t};
use spin::Once;

/// Published code.
pub(super) static CODE: Ranges = Ranges::new();

/// Address space of guarded memories.
pub(super) static MEMORIES: Ranges = Ranges::new();

/// What was done about the signal before. It is set before our handler is installed, and never freed.
static BEFORE: AtomicPtr<sigaction> = AtomicPtr::new(null_mut());

/// What the handler itself takes of a stack in bytes, generously.
const HANDLER_BYTES: usize = 8192;

type Informed = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);
type Plain = extern "C" fn(c_int);

/// Whether faults become exits; the first call sees to it.
pub(super) fn is_handled() -> bool {
    static HANDLED: Once<bool> = Once::new();
    *HANDLED.call_once(|| fits() && install())
}

/// Whether a signal fits below the limit of a fiber.
fn fits() -> bool {
    // SAFETY: 1. It reads what the kernel told the process at its start.
    let frame = unsafe { libc::getauxval(libc::AT_MINSIGSTKSZ) };
    usize::try_from(frame).is_ok_and(|frame| frame + HANDLER_BYTES <= SIGNAL_BYTES)
}

fn install() -> bool {
    // SAFETY: 1. The type is plain data for which zeros are a value.
    let mut before: Box<sigaction> = Box::new(unsafe { zeroed() });
    // SAFETY: 1. `before` may be written; nothing is changed.
    if unsafe { sigaction(SIGSEGV, null(), &raw mut *before) } != 0 {
        return false;
    }
    BEFORE.store(Box::into_raw(before), Ordering::Release);
    // SAFETY: 1. As above; no signal is blocked besides the one that is handled.
    let mut action: sigaction = unsafe { zeroed() };
    action.sa_sigaction = handle as *const () as usize;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    // SAFETY: 1. The handler has the form that the flags ask for, and does only what a handler may.
    unsafe { sigaction(SIGSEGV, &raw const action, null_mut()) == 0 }
}

extern "C" fn handle(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: 1. The kernel gives both, as `SA_SIGINFO` asks; 2. a fault has an address, which other causes are not asked for.
    let (raised, address) = unsafe { ((*info).si_code > 0, (*info).si_addr() as u64) };
    // SAFETY: 1. As above: they belong to this call alone until it returns.
    let registers = unsafe { &mut (*context.cast::<ucontext_t>()).uc_mcontext.gregs };
    if !(raised && redirect(registers, address)) {
        pass_on(signal, info, context, raised);
    }
}

/// Lets code go on at the exit if this is a fault that we know; whether it is.
fn redirect(registers: &mut [i64; 23], address: u64) -> bool {
    let instruction = registers[REG_RIP as usize] as u64;
    if !CODE.holds(instruction) || !MEMORIES.holds(address) {
        return false;
    }
    let top = (registers[REG_RSP as usize] as u64).wrapping_sub(8);
    // SAFETY: 1. Published code runs on a fiber, and has room for what an exit saves, its return address included; 2. it keeps nothing
    // below its stack pointer.
    unsafe { *(top as *mut u64) = instruction + 1 };
    registers[REG_RSP as usize] = top as i64;
    registers[REG_RIP as usize] = exit() as i64;
    true
}

/// Does what would have been done without us. `raised` says that an instruction is at fault, which is tried again on return.
fn pass_on(signal: c_int, info: *mut siginfo_t, context: *mut c_void, raised: bool) {
    let before = BEFORE.load(Ordering::Acquire);
    // SAFETY: 1. It was set before this handler could run, and never changes.
    let action = unsafe { &*before };
    match action.sa_sigaction {
        SIG_IGN if !raised => {}
        SIG_DFL | SIG_IGN => {
            // SAFETY: 1. The default is a disposition like any other; the signal waits until this handler is over.
            unsafe {
                libc::signal(signal, SIG_DFL);
                if !raised {
                    libc::raise(signal);
                }
            }
        }
        // SAFETY: 1. It is a handler of this form: it was installed so.
        handler if action.sa_flags & SA_SIGINFO != 0 => unsafe {
            transmute::<usize, Informed>(handler)(signal, info, context);
        },
        // SAFETY: 1. It is a handler of the other form.
        handler => unsafe { transmute::<usize, Plain>(handler)(signal) },
    }
}
