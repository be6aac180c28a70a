//! The code a core runs first when it is started by INIT-SIPI: from real mode to the kernel's page tables.
//!
//! The page it is copied to is known only at run time, so it finds its data relative to `cs`. The table at its end,
//! filled by `cores`, gives each core its stack by APIC id (Intel SDM volume 3, section 9.4.4).

use crate::memory::PAGE;
use velocity_base::PhysAddr;

core::arch::global_asm!(
    r#"
    .section .rodata.trampoline, "a"
    .balign 16
    .global velocity_trampoline, velocity_trampoline_data, velocity_trampoline_end
    .code16
velocity_trampoline:
    cli
    cld
    xorl %ebx, %ebx
    movw %cs, %bx
    movw %bx, %ds
    shll $4, %ebx                    /* linear address of this page */
    leal (20f - velocity_trampoline)(%ebx), %eax
    movl %eax, (11f - velocity_trampoline)
    leal (30f - velocity_trampoline)(%ebx), %eax
    movl %eax, (12f - velocity_trampoline)
    leal (10f - velocity_trampoline)(%ebx), %eax
    movl %eax, (13f - velocity_trampoline + 2)
    lgdtl (13f - velocity_trampoline)
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl *(11f - velocity_trampoline)

    .code32
20: movw $16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl %cr4, %eax
    orl $0x6a0, %eax                 /* PAE, PGE, OSFXSR, OSXMMEXCPT */
    movl %eax, %cr4
    movl (velocity_trampoline_data - velocity_trampoline)(%ebx), %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx           /* EFER: LME, NXE */
    rdmsr
    orl $0x900, %eax
    wrmsr
    movl %cr0, %eax
    andl $0xfffffff3, %eax           /* no EM, no TS */
    orl $0x80010022, %eax            /* PG, WP, NE, MP */
    movl %eax, %cr0
    ljmpl *(12f - velocity_trampoline)(%ebx)

    .code64
30: xorl %eax, %eax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl %ebx, %r8d
    movl $1, %eax
    cpuid
    shrl $24, %ebx                   /* initial APIC id */
    leaq (velocity_trampoline_data - velocity_trampoline + 24)(%r8), %rsi
    movl (velocity_trampoline_data - velocity_trampoline + 16)(%r8), %ecx
1:  testl %ecx, %ecx
    jz 9f
    cmpl %ebx, (%rsi)
    je 2f
    addq $16, %rsi
    decl %ecx
    jmp 1b
2:  movq 8(%rsi), %rsp
    xorl %ebp, %ebp
    movq (velocity_trampoline_data - velocity_trampoline + 8)(%r8), %rax
    call *%rax
9:  hlt
    jmp 9b

    .balign 8
10: .quad 0                          /* segments: 32-bit code at 8, data at 16, 64-bit code at 24 */
    .quad 0x00cf9b000000ffff
    .quad 0x00cf93000000ffff
    .quad 0x00af9b000000ffff
13: .short 31
    .long 0
    .balign 4
11: .long 0
    .short 8
    .balign 4
12: .long 0
    .short 24
    .balign 8
velocity_trampoline_data:            /* root table, entry, count, then (APIC id, stack) pairs */
    .quad 0
    .quad 0
    .quad 0
velocity_trampoline_end:
    .text
    .code64
    "#,
    options(att_syntax)
);

unsafe extern "C" {
    static velocity_trampoline: u8;
    static velocity_trampoline_data: u8;
    static velocity_trampoline_end: u8;
}

/// Most cores whose stacks fit into the page behind the code.
pub const CAPACITY: usize = 128;

/// Writes code and table into the page mapped writable at `page`.
///
/// # Safety
/// The page is unused and 4096 bytes long.
pub unsafe fn install(page: *mut u8, root: PhysAddr, entry: u64, cores: impl ExactSizeIterator<Item = (u32, u64)>) {
    let start = &raw const velocity_trampoline;
    let code_len = &raw const velocity_trampoline_end as usize - start as usize;
    let data = &raw const velocity_trampoline_data as usize - start as usize;
    let count = cores.len().min(CAPACITY);
    assert!(data + 24 + count * 16 <= PAGE as usize);
    // SAFETY: 1. the caller gives the whole page; 2. code and table fit, checked above; 3. all parts are 8-aligned.
    unsafe {
        page.copy_from_nonoverlapping(start, code_len);
        let words = page.add(data).cast::<u64>();
        words.write(root.0);
        words.add(1).write(entry);
        words.add(2).write(count as u64);
        for (index, (apic_id, stack)) in cores.take(count).enumerate() {
            words.add(3 + index * 2).write(u64::from(apic_id));
            words.add(4 + index * 2).write(stack);
        }
    }
}
