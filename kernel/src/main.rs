//! The bare-metal binary. Built by `cargo xtask build` with `--cfg velocity_bare`; in an ordinary workspace build it is
//! a program that says so, and everything testable lives in the library beside it.
#![cfg_attr(velocity_bare, no_std)]
#![cfg_attr(velocity_bare, no_main)]

#[cfg(velocity_bare)]
use velocity_kernel as _;

#[cfg(not(velocity_bare))]
fn main() {
    println!("this is the kernel's host stand-in; `cargo xtask qemu` boots the real one");
}
