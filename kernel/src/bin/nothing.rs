//! The do-nothing kernel: the base line of `cargo xtask bench boot`. Entered by the same loaders with the same header and
//! note as the real one, it writes `nothing` and a line end to the serial port and ends QEMU with value 0x10.
#![cfg_attr(velocity_bare, no_std)]
#![cfg_attr(velocity_bare, no_main)]

#[cfg(velocity_bare)]
core::arch::global_asm!(
    r#"
    .section .multiboot2, "a"
    .balign 8
1:  .long 0xe85250d6, 0, 2f - 1b, -(0xe85250d6 + (2f - 1b))
    .balign 8
    .short 5, 1
    .long 20, 1024, 768, 32
    .balign 8
    .short 0, 0
    .long 8
2:
    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 8, 18
    .asciz "Xen"
    .quad nothing_entry
    .section .nothing, "ax"
    .code32
    .global nothing_entry
nothing_entry:
    movl $7f, %esi
3:  movw $0x3fd, %dx
    inb %dx, %al
    testb $0x20, %al
    jz 3b
    lodsb
    testb %al, %al
    jz 4f
    movw $0x3f8, %dx
    outb %al, %dx
    jmp 3b
4:  movw $0xf4, %dx
    movl $0x10, %eax
    outl %eax, %dx
5:  hlt
    jmp 5b
7:  .asciz "nothing\r\n"
    .code64
    "#,
    options(att_syntax)
);

#[cfg(velocity_bare)]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[cfg(not(velocity_bare))]
fn main() {
    println!("this is the host stand-in of the do-nothing kernel; `cargo xtask bench boot` uses the real one");
}
