//! Faults on request, so that reports and exit codes can be tested: `fault=NAME` on the command line.

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
