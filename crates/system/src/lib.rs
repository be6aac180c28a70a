//! VELOCITY-OS itself: the one compose-and-run path that kernel and simulator share.
//!
//! A body builds a [`Machine`] out of parts, hands it to [`System::start`] and then calls [`System::step`] until that
//! says to switch off. Tier 4. Invariants: the system names no kernel, no host and no device model; no step runs
//! without a bound; nothing that comes from a disk, a device or a person stops it.
//!
//! ```text
//! keyboard ──► shell ──► commands ──► terminal ──► text ports and screen
//!                           │
//!                           ▼
//!                        storage ──► fat32 ──► partition ──► nvme ──► pci
//! ```
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod agents;
mod calibration;
mod engines;
mod keyboard;
mod machine;
mod patches;
mod platform;
mod profiles;
mod shell;
mod storage;
mod system;
mod terminal;

pub use calibration::{Calibration, Ticks};
pub use engines::{Compiled, Engines, Interpreted};
pub use machine::{BootFacts, Machine};
pub use system::{Next, System};

/// What this system is called.
pub const NAME: &str = "VELOCITY-OS";

/// Its version: that of the workspace.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Who speaks when no command does.
const SHELL_NAME: &str = "velocity";
