//! Back-traces by frame pointers, read only from stacks that are known to be mapped.

use super::fault::Frame;
use super::symbols;
use crate::memory::{layout, stacks};
use core::fmt::{self, Write};

/// Most frames printed.
const DEPTH: usize = 12;

fn readable(address: u64) -> bool {
    address.is_multiple_of(8) && (stacks::is_on_stack(address) || layout::data().contains(address))
}

/// Writes the frames from `rip` outwards, following the chain that starts at `rbp`.
///
/// # Errors
/// Only those of `out`.
pub fn write(out: &mut impl Write, rip: u64, mut rbp: u64) -> fmt::Result {
    let mut address = rip;
    for number in 0..DEPTH {
        write!(out, "  #{number} ")?;
        symbols::write(out, address)?;
        writeln!(out)?;
        if !readable(rbp) {
            break;
        }
        let pair = rbp as *const [u64; 2];
        // SAFETY: 1. `readable` says both words lie on a mapped stack or in static data; 2. aligned to 8.
        let [next, back] = unsafe { pair.read() };
        if next <= rbp || !layout::text().contains(back) {
            break;
        }
        rbp = next;
        // The return address follows the call; the call itself is what a reader wants to see.
        address = back - 1;
    }
    Ok(())
}

/// After a jump to somewhere that is not code, the return address is still on top of the stack.
#[must_use]
pub fn caller_on_stack(frame: &Frame) -> Option<u64> {
    if layout::text().contains(frame.rip) || !readable(frame.rsp) {
        return None;
    }
    // SAFETY: 1. `readable` says that this word lies on a mapped stack or in static data, aligned to 8.
    let back = unsafe { (frame.rsp as *const u64).read() };
    layout::text().contains(back).then(|| back - 1)
}

/// Writes the frames of the caller.
///
/// # Errors
/// Only those of `out`.
#[inline(always)]
pub fn write_from_here(out: &mut impl Write) -> fmt::Result {
    let (rip, rbp): (u64, u64);
    // SAFETY: 1. reads registers only.
    unsafe {
        core::arch::asm!("lea {}, [rip]", "mov {}, rbp", out(reg) rip, out(reg) rbp, options(nomem, nostack));
    }
    write(out, rip, rbp)
}
