//! Accesses of machine code outside of its linear memory: they end the program, not the kernel.

use super::fault::Frame;
use crate::memory::layout::{CODE, LINEAR};
use x86_64::registers::control::Cr2;

/// The error code of a page that is there, or of an instruction that is fetched (Intel SDM volume 3, section 4.7).
const OTHER: u64 = 1 | 16;

/// Lets a program go on at its exit if `frame` is a page fault of published code at an unmapped address of linear memories; whether it
/// is. Everything else is a fault of the kernel.
pub fn take(frame: &mut Frame) -> bool {
    let is_known = CODE.contains(frame.rip) && LINEAR.contains(Cr2::read_raw()) && frame.error & OTHER == 0;
    if is_known {
        leave(frame);
    }
    is_known
}

/// Makes it look as if the instruction had called the exit, one byte behind its start (`velocity_jit::CodeMemory`).
fn leave(frame: &mut Frame) {
    frame.rsp -= 8;
    // SAFETY: 1. Published code runs on a fiber, and has room for what an exit saves, its return address included; 2. it keeps nothing
    // below its stack pointer; 3. this handler has a stack of its own.
    unsafe { (frame.rsp as *mut u64).write(frame.rip + 1) };
    frame.rip = velocity_jit::exit();
}
