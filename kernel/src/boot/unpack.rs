//! Unpacks the image in place, before any Rust runs.
//!
//! In the image that is shipped everything from `packed_target` to the end of the constants is one LZ4 block (LZ4
//! Block Format Description 1.6) at the end of that very range, and `boot_packed` says where it begins and ends;
//! `xtask/src/image/pack.rs` makes it so and tries it. In the image with symbols both words are 0 and nothing is done. The
//! block is part of the image, so it is trusted as the code beside it is.
//!
//! Limine maps text and constants read-only: write protection is off while they are filled. Copies go eight bytes at a
//! time (a string instruction costs an emulator far more), so up to seven bytes behind what is read and behind what is
//! written are touched.
//!
//! Invariant: both entries call `boot_unpack` on the boot stack with interrupts off, and call nothing outside
//! `.boot` before. It changes `rax rbx rcx rdx rsi rdi r8 r9 r10`.

core::arch::global_asm!(
    r#"
    .global boot_packed, boot_unpack
    .section .boot.text, "ax"
    .balign 8
boot_packed:
    .quad 0                      /* first byte of the block, one past its last */
    .quad 0

    .code64
boot_unpack:
    movabsq $boot_packed, %rax
    movq (%rax), %rsi
    movq 8(%rax), %rdx
    cmpq %rdx, %rsi
    jae 9f
    movabsq $packed_target, %rdi
    movq %cr0, %r8
    movq %r8, %rax
    andq $~0x10000, %rax         /* WP */
    movq %rax, %cr0

1:  movzbl (%rsi), %eax          /* token: literals in the high half, the match's length in the low one */
    incq %rsi
    movl %eax, %ecx
    shrl $4, %ecx
    cmpl $15, %ecx
    jne 3f
2:  movzbl (%rsi), %ebx
    incq %rsi
    addl %ebx, %ecx
    cmpl $255, %ebx
    je 2b
3:  leaq (%rsi,%rcx), %r9
    leaq (%rdi,%rcx), %r10
4:  movq (%rsi), %rbx
    movq %rbx, (%rdi)
    addq $8, %rsi
    addq $8, %rdi
    cmpq %r10, %rdi
    jb 4b
    movq %r9, %rsi
    movq %r10, %rdi
    cmpq %rdx, %rsi              /* the last sequence has no match */
    jae 8f

    movzwl (%rsi), %ebx          /* distance */
    addq $2, %rsi
    andl $15, %eax
    cmpl $15, %eax
    jne 6f
5:  movzbl (%rsi), %ecx
    incq %rsi
    addl %ecx, %eax
    cmpl $255, %ecx
    je 5b
6:  leaq 4(%rdi,%rax), %r10
    movq %rdi, %r9
    subq %rbx, %r9
    cmpl $8, %ebx
    jb 7f
66: movq (%r9), %rax
    movq %rax, (%rdi)
    addq $8, %r9
    addq $8, %rdi
    cmpq %r10, %rdi
    jb 66b
    movq %r10, %rdi
    jmp 1b
7:  movb (%r9), %al              /* it overlaps what it makes */
    movb %al, (%rdi)
    incq %r9
    incq %rdi
    cmpq %r10, %rdi
    jb 7b
    jmp 1b

8:  movq %r8, %cr0
9:  ret
    .text
    "#,
    options(att_syntax)
);
