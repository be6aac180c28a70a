//! Unpacks the image in place, before any Rust runs.
//!
//! In the image that is shipped everything from `packed_target` to the end of the constants is one LZ4 block (LZ4
//! Block Format Description 1.6) in a segment of its own behind the kernel, and `boot_packed` says where that block
//! begins and ends; `xtask/src/image/pack.rs` makes it so. In the image with symbols both words are 0 and nothing is
//! done. The block is part of the image, so it is trusted as the code beside it is.
//!
//! Limine maps text and constants read-only: write protection is off while they are filled.
//!
//! Invariant: both entries call `boot_unpack` on the boot stack with interrupts off, and call nothing outside
//! `.boot` before. It changes `rax rbx rcx rdx rsi rdi r8`.

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

1:  lodsb                        /* token: literals in the high half, the match's length in the low one */
    movzbl %al, %eax
    movl %eax, %ecx
    shrl $4, %ecx
    cmpl $15, %ecx
    jne 3f
2:  movzbl (%rsi), %ebx
    incq %rsi
    addl %ebx, %ecx
    cmpl $255, %ebx
    je 2b
3:  rep movsb
    cmpq %rdx, %rsi              /* the last sequence has no match */
    jae 8f
    movl %eax, %ecx
    movzwl (%rsi), %ebx          /* distance */
    addq $2, %rsi
    andl $15, %ecx
    cmpl $15, %ecx
    jne 5f
4:  movzbl (%rsi), %eax
    incq %rsi
    addl %eax, %ecx
    cmpl $255, %eax
    je 4b
5:  addl $4, %ecx
    movq %rsi, %rax
    movq %rdi, %rsi
    subq %rbx, %rsi
    rep movsb
    movq %rax, %rsi
    jmp 1b

8:  movq %r8, %cr0
9:  ret
    .text
    "#,
    options(att_syntax)
);
