//! The gate: the one function between "bytes from somewhere" and "may run".
//!
//! [`admit`] takes a [`Candidate`], says where it comes from ([`Origin`]) and what that may do ([`Policy`]), and returns
//! a [`Verdict`]: every [`Finding`] with its rule, place and advice, and a [`Program`] if none of them is an error. Each
//! rule has a section in `docs/gate.md`.
//!
//! Invariants: a [`Program`] is made here and nowhere else, and engines take nothing but programs, so nothing runs that
//! the gate has not judged. No candidate makes anything here panic, recurse, or take more than linear time.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod admit;
mod facts;
mod finding;
mod measure;
mod policy;
mod program;
mod render;
mod rules;
pub mod secrets;

pub use admit::{Candidate, Verdict, admit};
pub use facts::{Cost, Reason};
pub use finding::{Finding, Rule, Severity};
pub use measure::{CALL_SLOTS, Charge, Measure, Placed};
pub use policy::{Capabilities, Capability, HostModules, Limits, Origin, Policy};
pub use program::Program;
