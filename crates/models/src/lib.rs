//! Device models: the hardware that the simulator and the tests run on.
//!
//! [`GuestMemory`] is the memory that drivers and device models share, [`pci`] the bus and what devices on it look
//! like, [`MsiController`] where their interrupts arrive. Models walk the real structures in memory and see the same
//! register accesses as hardware does; nothing here knows a driver.
//!
//! Invariant: whatever a driver does, a model answers as hardware would (all ones, an error status, a dropped write);
//! it never panics on a value that came through a register or memory.
#![forbid(unsafe_code)]

mod interrupts;
mod memory;
pub mod pci;
mod wake;

pub use interrupts::{MsiController, MsiSink};
pub use memory::{GuestMemory, MemoryFault};
pub use wake::WakeHandle;
