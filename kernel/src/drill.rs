//! Faults on request, so that reports and exit codes can be tested: `fault=NAME` on the command line.

use crate::memory::code::KernelCode;
use crate::memory::linear::Linear;
use crate::memory::paging;
use velocity_interp::engine::Storage;
use velocity_jit::CodeMemory;
use velocity_nda::module::PAGE_BYTES;

/// Bytes of a program's linear memory.
const LEN: usize = PAGE_BYTES as usize;

/// Does what `name` asks for; an unknown name is reported on the serial line and ignored.
pub fn run(name: Option<&str>) {
    match name {
        None => {}
        Some("null-jump") => null_jump(),
        Some("stack-overflow") => {
            core::hint::black_box(overflow(0));
        }
        Some("write-text") => write_text(),
        Some("divide") => divide(),
        Some("general-protection") => general_protection(),
        Some("write-code") => write_code(),
        Some("write-code-by-alias") => write_code_by_alias(),
        Some("run-data") => run_data(),
        Some("read-behind") => read_behind(),
        Some("panic") => panic!("asked for by `fault=panic`"),
        Some(other) => {
            crate::platform::emergency::serial_line("velocity: no such fault to rehearse:");
            crate::platform::emergency::serial_line(other);
        }
    }
}

#[inline(never)]
fn null_jump() {
    // SAFETY: 1. not safe, and meant so; 2. the page at 0 is never mapped, so this ends in a page fault.
    unsafe { core::arch::asm!("xor eax, eax", "call rax", out("rax") _) };
}

#[inline(never)]
fn overflow(depth: u64) -> u64 {
    let frame = core::hint::black_box([depth; 64]);
    if depth == u64::MAX { 0 } else { overflow(depth + 1) + frame[(depth % 64) as usize] }
}

#[inline(never)]
fn write_text() {
    let code = write_text as *const () as *mut u8;
    // SAFETY: 1. not safe, and meant so; 2. text is mapped read-only, so this ends in a page fault.
    unsafe { code.write_volatile(0xcc) };
}

#[inline(never)]
fn divide() {
    // SAFETY: 1. raises the divide error and touches nothing else.
    unsafe {
        core::arch::asm!("xor edx, edx", "mov eax, 1", "xor ecx, ecx", "div ecx", out("eax") _, out("ecx") _, out("edx") _);
    }
}

#[inline(never)]
fn general_protection() {
    // SAFETY: 1. a non-canonical address is refused by the processor before anything is read.
    unsafe { core::arch::asm!("mov rax, 0x0123456789abcdef", "mov al, [rax]", out("rax") _) };
}

#[inline(never)]
fn write_code() {
    let Ok(pages) = KernelCode.publish(&[0xc3]) else { return };
    // SAFETY: 1. not safe, and meant so; 2. published code is mapped read-only, so this ends in a page fault.
    unsafe { (pages.address() as *mut u8).write_volatile(0xcc) };
}

#[inline(never)]
fn write_code_by_alias() {
    let Ok(pages) = KernelCode.publish(&[0xc3]) else { return };
    let Some(physical) = paging::translate(pages.address()) else { return };
    // SAFETY: 1. not safe, and meant so; 2. as long as code is published, the direct map has it read-only, so this ends in a page fault.
    unsafe { paging::window(physical).write_volatile(0xcc) };
}

#[inline(never)]
fn run_data() {
    let Some(mut memory) = Linear::new() else { return };
    if memory.extend(LEN) {
        memory.bytes_mut()[0] = 0xc3;
        // SAFETY: 1. not safe, and meant so; 2. linear memory is never executable, so this ends in a page fault.
        unsafe { core::arch::asm!("call {}", in(reg) memory.bytes().as_ptr()) };
    }
}

#[inline(never)]
fn read_behind() {
    let Some(mut memory) = Linear::new() else { return };
    if memory.extend(LEN) {
        // SAFETY: 1. not safe, and meant so; 2. nothing is mapped there, and this is no machine code of a program, so it ends in a
        // page fault of the kernel.
        unsafe { memory.bytes().as_ptr().add(LEN).read_volatile() };
    }
}
