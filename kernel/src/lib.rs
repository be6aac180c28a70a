//! VELOCITY-OS on bare metal: everything between the boot loader and [`velocity_system::System`].
//!
//! Two boot protocols fill one [`boot::BootInfo`]; after that nothing knows which it was. The package compiles as an
//! ordinary library too, so that its pure parts are tested on the host; entry points, `memcpy`, the panic handler and
//! the allocator exist only under `cfg(velocity_bare)`.
//!
//! Invariants: every exception and interrupt runs on a stack of its own (prebuilt `core` uses the red zone); no page is
//! writable and executable, by one address or by two; a guard page lies below every stack; handlers do not allocate.
#![cfg_attr(not(test), no_std)]
#![cfg(target_arch = "x86_64")]

extern crate alloc;

pub mod boot;
pub mod cpu;
pub mod memory;
pub mod platform;

#[cfg(velocity_bare)]
mod bare;
mod drill;
pub mod machine;
pub mod qemu;
pub mod start;
