//! VELOCITY-OS itself: the one compose-and-run path that kernel and simulator share.
//!
//! A body builds a [`Machine`] out of parts, hands it to [`System::start`] and then calls [`System::step`] until that
//! says to switch off. Tier 4. Invariants: the system names no kernel, no host and no device model; no step runs
//! without a bound; nothing that comes from a disk, a device or a person stops it.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod machine;
mod system;

pub use machine::{BootFacts, Machine};
pub use system::{Next, System};
