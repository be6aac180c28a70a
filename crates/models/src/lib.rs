//! Device models: the hardware that the simulator and the tests run on.
//!
//! A [`Board`] is [`GuestMemory`] that drivers and devices share, a [`pci`] bus and an [`MsiController`] where the
//! devices' interrupts arrive. Models walk the real structures in memory and see the same register accesses as hardware
//! does; nothing here knows a driver. [`ManualClock`], [`HostThreads`], [`RecordingDisplay`] and [`QueueInput`] stand
//! in for the rest of a machine.
//!
//! ```
//! use velocity_models::{Board, BoardConfig, ManualClock};
//!
//! let board = Board::new(BoardConfig::manual(ManualClock::new()));
//! let functions = velocity_pci::Bus::new(board.pci_host()).scan();
//! assert_eq!(functions.len(), 1, "a board without devices has a host bridge");
//! ```
//!
//! Invariant: whatever a driver does, a model answers as hardware would (all ones, an error status, a dropped write);
//! it never panics on a value that came through a register or memory.
#![forbid(unsafe_code)]

mod board;
mod clock;
mod cores;
mod display;
mod idle;
mod input;
mod interrupts;
mod memory;
pub mod nvme;
pub mod pci;
mod power;
mod wake;
mod window;

pub use board::{Board, BoardConfig};
pub use clock::{HostClock, ManualClock, SteppingClock};
pub use cores::HostThreads;
pub use display::RecordingDisplay;
pub use input::{InputHandle, QueueInput};
pub use interrupts::{MsiController, MsiSink};
pub use memory::{GuestMemory, MemoryFault};
pub use power::{Fate, PowerCut};
pub use wake::WakeHandle;
