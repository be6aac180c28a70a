//! One stub per vector: pushes what the processor did not, saves everything, calls Rust, restores, returns.
//!
//! SSE state is saved with `fxsave`; handlers are compiled for baseline x86-64, whose instructions leave the upper
//! halves of AVX registers alone, so those need no saving.

use super::fault::Frame;
use x86_64::VirtAddr;

core::arch::global_asm!(
    r#"
    .altmacro
    .macro velocity_stub n
    .balign 16
    .if (\n != 8) && (\n != 10) && (\n != 11) && (\n != 12) && (\n != 13) && (\n != 14) && (\n != 17) && (\n != 21)
    pushq $0
    .endif
    pushq $\n
    jmp vector_common
    .endm

    .text
    .balign 16
    .global vector_stubs
vector_stubs:
    .set velocity_n, 0
    .rept 256
    velocity_stub %velocity_n
    .set velocity_n, velocity_n + 1
    .endr

    .balign 16
vector_common:
    pushq %rax
    pushq %rbx
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rbp
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    cld
    movq %rsp, %rdi
    subq $512, %rsp              /* 16-aligned: 5 + 1 + 1 + 15 words above */
    fxsave64 (%rsp)
    call vector_entry
    fxrstor64 (%rsp)
    addq $512, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rbp
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rbx
    popq %rax
    addq $16, %rsp
    iretq
    .noaltmacro
    "#,
    options(att_syntax)
);

unsafe extern "C" {
    static vector_stubs: u8;
}

/// Address of the stub for `vector`.
pub fn stub(vector: u8) -> VirtAddr {
    VirtAddr::from_ptr(&raw const vector_stubs) + u64::from(vector) * 16
}

/// Where every stub ends up.
#[unsafe(no_mangle)]
extern "C" fn vector_entry(frame: &mut Frame) {
    match frame.vector {
        14 => {
            if !super::trap::take(frame) {
                super::fault::report(frame);
            }
        }
        0..32 => super::fault::report(frame),
        vector => super::interrupts::dispatch(vector as u8),
    }
}
