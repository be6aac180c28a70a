//! Engines that compile NDA.
//!
//! Each takes the place of the reference interpreter in a [`Store`](velocity_interp::Store) and gives the same results,
//! traps, effects and fuel. [`Closures`] compiles functions when they are first called: one walk makes blocks of steps
//! (`ir`), in which counted loops become closed forms (`passes`), and which become threaded code (`closure`). [`Native`] makes machine
//! code of the same blocks; [`Tiered`] begins with the one and goes on with the other.
#![cfg_attr(not(test), no_std)]
#![deny(unsafe_code)]

extern crate alloc;

mod check;
mod closure;
#[allow(unsafe_code, reason = "machine code is made executable and entered here, and nowhere else")]
mod exec;
mod ir;
mod kind;
mod native;
mod passes;
mod profile;
mod spare;
mod tier;

pub use closure::Closures;
#[cfg(feature = "host")]
pub use exec::HostCode;
pub use exec::{CodeMemory, CodePages, PublishError, REACH, exit};
pub use kind::EngineKind;
pub use native::{CacheFigures, CodeCache, Division, Level, Line, Lister, Native, Reciprocals, Refusal};
pub use tier::Tiered;
