//! The machine around the processor: firmware tables, interrupt controllers, time, other cores, ports, screen.

pub mod apic;
pub mod clock;
pub mod cores;
pub mod display;
pub mod emergency;
pub mod firmware;
pub mod idle;
pub mod io_apic;
pub mod msi;
pub mod ports;
pub mod power;
pub mod s5;

#[cfg(velocity_bare)]
mod trampoline;
