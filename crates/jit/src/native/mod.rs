//! The native tier: functions as x86-64 code.
//!
//! `unit` compiles what a store has that is not compiled yet, all at once; `flow` and `place` say where values live, `emit` makes
//! the code of a function out of its blocks ([`crate::ir`]), `asm` encodes. `run` runs it on a fiber (`crate::exec`): code leaves the
//! fiber where it cannot go on alone, at a *site* that says what for.
//!
//! What is made is published only if `crate::check` accepts it (`verdict`).
//!
//! Fuel, limits, traps and their order are those of the reference interpreter. What cannot be compiled for want of room, or because a
//! function is too large, runs in the closure tier.

mod asm;
mod cache;
mod digest;
mod division;
mod emit;
mod flow;
mod fuel;
mod function;
mod listing;
#[cfg(feature = "measure")]
mod measure;
mod nan;
mod options;
mod passing;
mod place;
mod published;
mod refusal;
mod resume;
mod run;
mod scene;
mod shared;
mod signature;
mod spot;
mod trail;
mod unit;
mod verdict;

pub use cache::{CacheFigures, CodeCache};
#[cfg(test)]
pub(crate) use division::ShortCuts;
pub use division::{Division, Reciprocals};
#[cfg(test)]
pub(crate) use function::Shape;
pub use listing::{Line, Lister};
pub use options::Level;
pub use refusal::Refusal;
pub use run::Native;
pub(crate) use run::Run;
#[cfg(test)]
pub(crate) use unit::draft;
#[cfg(test)]
pub(crate) use verdict::Around;
