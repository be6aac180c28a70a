//! The Multiboot2 header, the PVH note and the road from 32-bit protected mode to Rust.
//!
//! GRUB enters with paging off, `eax` = magic, `ebx` = physical address of the boot information (Multiboot2
//! specification 2.0, sections 3.1 and 3.3). A virtual machine monitor that loads the kernel itself finds its entry in
//! an ELF note and comes in the same state, with the start info's address in `ebx` and nothing in `eax` (Xen,
//! "x86/HVM direct boot ABI"). This maps the first 4 GiB three times (identity, direct map, and the first gigabyte at
//! `KERNEL_VMA`), turns on long mode, NX, write protection and SSE, unpacks the image and calls [`entry32_main`]. Those
//! tables live until the kernel has built its own.
//!
//! Invariant: no Rust runs before SSE is on (compiled code uses it freely).

use super::{multiboot2, pvh};

/// Called by both 32-bit entries on the boot stack: the loader's magic and its word.
#[unsafe(no_mangle)]
extern "C" fn entry32_main(magic: u32, info: u32) -> ! {
    let boot = match magic {
        multiboot2::MAGIC => multiboot2::boot_info(info),
        pvh::MAGIC => pvh::boot_info(info),
        _ => crate::bare::early_halt("velocity: entered by something that is not a Multiboot2 loader"),
    };
    crate::start::kernel_main(boot)
}

core::arch::global_asm!(
    r#"
    /* The link script computes physical addresses of these. */
    .global multiboot2_entry, boot_halt, boot_long_mode, boot_gdt, boot_gdt_pointer
    .global boot_pml4, boot_pdpt, boot_pd, boot_stack_top

    .section .multiboot2, "a"
    .balign 8
multiboot2_header:
    .long 0xe85250d6
    .long 0
    .long multiboot2_header_end - multiboot2_header
    .long -(0xe85250d6 + (multiboot2_header_end - multiboot2_header))
    .balign 8
    .short 3, 0                  /* entry address tag */
    .long 12
    .long multiboot2_entry_phys
    .balign 8
    .short 5, 1                  /* framebuffer tag, optional: size as the loader prefers, 32 bit */
    .long 20
    .long 1024, 768, 32
    .balign 8
    .short 6, 0                  /* modules page-aligned */
    .long 8
    .balign 8
    .short 0, 0
    .long 8
multiboot2_header_end:

    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 8, 18               /* lengths of name and value, XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz "Xen"
    .quad pvh_entry_phys

    .section .boot.text, "ax"
    .code32
    .global pvh_entry
pvh_entry:
    movl $0x336ec578, %eax       /* the start info's magic stands for the loader's */
multiboot2_entry:
    cli
    cld
    movl %eax, %ebp              /* magic */
    movl %ebx, %esi              /* boot information */
    movl $0x80000000, %eax       /* is there long mode? */
    cpuid
    cmpl $0x80000001, %eax
    jb boot_halt
    movl $0x80000001, %eax
    cpuid
    btl $29, %edx
    jnc boot_halt

    movl $boot_pdpt_phys, %eax
    orl $3, %eax
    movl $boot_pml4_phys, %edi
    movl %eax, (%edi)            /* identity */
    movl %eax, 2048(%edi)        /* direct map, entry 256 */
    addl $4096, %eax
    movl %eax, 4088(%edi)        /* kernel, entry 511 */
    movl $boot_pd_phys, %eax
    orl $3, %eax
    movl $boot_pdpt_phys, %edi
    movl %eax, (%edi)
    movl %eax, 4096+510*8(%edi)  /* kernel half: first gigabyte at -2 GiB */
    addl $4096, %eax
    movl %eax, 8(%edi)
    addl $4096, %eax
    movl %eax, 16(%edi)
    addl $4096, %eax
    movl %eax, 24(%edi)
    movl $boot_pd_phys, %edi     /* 2048 large pages of 2 MiB */
    movl $0x83, %eax
    movl $2048, %ecx
2:  movl %eax, (%edi)
    addl $0x200000, %eax
    addl $8, %edi
    decl %ecx
    jnz 2b

    movl $boot_pml4_phys, %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $0x620, %eax             /* PAE, OSFXSR, OSXMMEXCPT */
    movl %eax, %cr4
    movl $0xc0000080, %ecx       /* EFER: LME, NXE */
    rdmsr
    orl $0x900, %eax
    wrmsr
    movl %cr0, %eax
    andl $0xfffffff3, %eax       /* no EM, no TS */
    orl $0x80010022, %eax        /* PG, WP, NE, MP */
    movl %eax, %cr0
    lgdt boot_gdt_pointer_phys
    ljmp $8, $boot_long_mode_phys

boot_halt:                       /* say why on the serial line, then stop */
    movl $boot_no_long_mode - boot_halt, %esi
    addl $boot_halt_phys, %esi
3:  lodsb
    testb %al, %al
    jz 4f
    movw $0x3f8, %dx
    outb %al, %dx
    jmp 3b
4:  hlt
    jmp 4b
boot_no_long_mode:
    .asciz "velocity: this processor has no 64-bit mode\r\n"

    .code64
boot_long_mode:
    xorl %eax, %eax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movb $16, %al                /* as the kernel's own table has it: emulators keep code for each kind of SS apart */
    movw %ax, %ss
    movabsq $boot_stack_top, %rsp
    movl %ebp, %ebp              /* the upper halves are undefined after the switch of modes */
    movl %esi, %esi
    pushq %rsi
    pushq %rbp
    call boot_unpack
    popq %rdi
    popq %rsi
    xorl %ebp, %ebp
    movabsq $entry32_main, %rax
    call *%rax
5:  hlt
    jmp 5b

    .section .rodata.boot, "a"
    .balign 8
boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff     /* 64-bit code */
    .quad 0x00cf93000000ffff     /* data */
boot_gdt_pointer:
    .short 23
    .long boot_gdt_phys
    .long 0

    .section .bss.boot, "aw", @nobits
    .balign 4096
boot_pml4:
    .skip 4096
boot_pdpt:
    .skip 8192
boot_pd:
    .skip 16384
    .balign 16
boot_stack:
    .skip 32768
boot_stack_top:
    .text
    "#,
    options(att_syntax)
);
