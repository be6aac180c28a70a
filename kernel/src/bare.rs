//! What `std` and the C library would otherwise supply: allocator, panic handler, memory functions, and a way to stop
//! before anything works.

use crate::memory::heap::Heap;
use crate::platform::emergency;
use crate::qemu;

#[global_allocator]
static HEAP: Heap = Heap::new();

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    crate::cpu::fault::panic(info)
}

/// Landing pads of the prebuilt `alloc` refer to it; unwinding never starts, so it is never called.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    crate::cpu::fault::stop(qemu::PANIC)
}

/// Debug builds of `core` refer to it; unwinding never happens.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() -> ! {
    crate::cpu::fault::stop(qemu::PANIC)
}

/// Says `message` on the serial line and stops; for errors before the kernel stands.
pub fn early_halt(message: &str) -> ! {
    emergency::serial_line(message);
    crate::cpu::fault::stop(qemu::BAD_BOOT)
}

// The memory functions that compiled code calls. Written in assembly so that the compiler cannot turn them into calls
// to themselves: through SSE in large turns, then the rest. Semantics of C11, section 7.24; `bcmp` as `memcmp`.
core::arch::global_asm!(
    r#"
    .text
    .global memcpy, memmove, memset, memcmp, bcmp, strlen
    .balign 16
memmove:
    movq %rdi, %rax
    subq %rsi, %rax
    cmpq %rdx, %rax              /* target inside source: copy downwards */
    jb 5f
memcpy:
    movq %rdi, %rax
1:  cmpq $32, %rdx
    jb 2f
    movups (%rsi), %xmm0
    movups 16(%rsi), %xmm1
    movups %xmm0, (%rdi)
    movups %xmm1, 16(%rdi)
    addq $32, %rsi
    addq $32, %rdi
    subq $32, %rdx
    jmp 1b
2:  cmpq $8, %rdx
    jb 3f
    movq (%rsi), %rcx
    movq %rcx, (%rdi)
    addq $8, %rsi
    addq $8, %rdi
    subq $8, %rdx
    jmp 2b
3:  testq %rdx, %rdx
    jz 4f
    movb (%rsi), %cl
    movb %cl, (%rdi)
    incq %rsi
    incq %rdi
    decq %rdx
    jmp 3b
4:  ret
5:  movq %rdi, %rax
6:  cmpq $8, %rdx
    jb 7f
    movq -8(%rsi,%rdx), %rcx
    movq %rcx, -8(%rdi,%rdx)
    subq $8, %rdx
    jmp 6b
7:  testq %rdx, %rdx
    jz 8f
    movb -1(%rsi,%rdx), %cl
    movb %cl, -1(%rdi,%rdx)
    decq %rdx
    jmp 7b
8:  ret

    .balign 16
memset:
    movq %rdi, %rax
    movzbl %sil, %esi
    movabsq $0x0101010101010101, %rcx
    imulq %rcx, %rsi
    movq %rsi, %xmm0
    punpcklqdq %xmm0, %xmm0
    subq $128, %rdx
    jb 2f
1:  movups %xmm0, (%rdi)
    movups %xmm0, 16(%rdi)
    movups %xmm0, 32(%rdi)
    movups %xmm0, 48(%rdi)
    movups %xmm0, 64(%rdi)
    movups %xmm0, 80(%rdi)
    movups %xmm0, 96(%rdi)
    movups %xmm0, 112(%rdi)
    addq $128, %rdi
    subq $128, %rdx
    jae 1b
2:  addq $128, %rdx              /* below 128 from here */
    subq $16, %rdx
    jb 4f
3:  movups %xmm0, (%rdi)
    addq $16, %rdi
    subq $16, %rdx
    jae 3b
4:  addq $16, %rdx
    jz 6f
5:  movb %sil, (%rdi)
    incq %rdi
    decq %rdx
    jnz 5b
6:  ret

    .balign 16
memcmp:
bcmp:
    xorl %eax, %eax
1:  cmpq $8, %rdx
    jb 2f
    movq (%rdi), %rcx
    cmpq (%rsi), %rcx
    jne 2f
    addq $8, %rdi
    addq $8, %rsi
    subq $8, %rdx
    jmp 1b
2:  testq %rdx, %rdx
    jz 3f
    movzbl (%rdi), %eax
    movzbl (%rsi), %ecx
    subl %ecx, %eax
    jne 3f
    incq %rdi
    incq %rsi
    decq %rdx
    jmp 2b
3:  ret

strlen:
    xorl %eax, %eax
1:  cmpb $0, (%rdi,%rax)
    je 2f
    incq %rax
    jmp 1b
2:  ret
    "#,
    options(att_syntax)
);
