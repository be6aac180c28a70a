//! What cores share without locks: rings of fixed size, and pointers that are replaced while others read them.
//!
//! Everything is bounded, allocates nothing after it was made, and is tried under `loom` with shrunken capacities (`--cfg loom`).
#![cfg_attr(not(any(test, loom)), no_std)]
#![deny(unsafe_code)]

extern crate alloc;

mod atomic;
pub mod chain;
pub mod keyed;
pub mod link;
pub mod queue;
#[allow(unsafe_code, reason = "what is replaced is freed when no core can read it")]
pub mod rcu;
#[allow(unsafe_code, reason = "slots are written and read through shared references, by whose turn it is")]
pub mod ring;
pub mod standing;
