//! Entry points that are replaced while they run: the dispatch table, what may stand in it, and the way of an update.
//!
//! ```text
//! package ─► trust (velocity-ota) ─► gate ─► compile, check ─► tests ─► board ─► ledger ─► publish ─► watch ─► keep or take back
//!                                                                                              │
//! driver ─► Caller ─► Table (RCU) ─► Version: the original, or a program in a Sandbox ◄────────┘
//! ```
//!
//! A driver keeps its own code: the original. It asks its [`Caller`] for each answer and hands it the original to fall back on, so no call ever fails for what
//! was installed: a program that traps, runs too long, or answers what cannot be is noted, and the original answers. While a version is new, the one
//! before it is asked too, and where both must agree, its answer is what counts: a wrong answer goes nowhere.
//!
//! [`Updates`] takes packages, publishes what they hold, watches it, and decides. What must not be lost goes through a [`Journal`] before it counts; when the
//! system starts, [`Updates::restore`] reads it back and verifies every package anew.
//!
//! Invariants: nothing stands in the table that was not signed, admitted by the gate, compiled in a store of its own without any capability, and tested. A
//! version is freed only when nobody can be in it. An update that is cut off at any write leaves the old version, or the new one.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod caller;
mod entry;
mod error;
mod install;
mod journal;
mod restore;
mod sandbox;
mod updates;
mod version;
mod watch;

#[cfg(test)]
mod tests;

pub use caller::{Caller, Dispatch, READERS};
pub use entry::{ENTRIES, Entry, EntryId, Judge, STATELESS};
pub use error::ApplyError;
pub use journal::{Journal, JournalError, Kind};
pub use restore::{Restored, Restoring};
pub use sandbox::{EngineMaker, Sandbox, SandboxError};
pub use updates::{Applied, Decision, EntryReport, Step, Updates};
pub use version::{Facts, ORIGINAL};
pub use watch::{Figures, Worse};
