//! Engines that compile NDA.
//!
//! Each takes the place of the reference interpreter in a [`Store`](velocity_interp::Store) and gives the same results,
//! traps, effects and fuel. [`Closures`] compiles functions when they are first called: one walk makes blocks of steps
//! (`ir`), which become closures (`closure`).
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod closure;
mod ir;
mod kind;

pub use closure::Closures;
pub use kind::EngineKind;
