//! The processor: features, descriptor tables, exceptions, symbols, back-traces.

pub mod core_local;
pub mod fault;
pub mod features;
pub mod interrupts;
pub mod symbols;
pub mod tables;
pub mod trace;
pub mod trap;

#[cfg(velocity_bare)]
mod vectors;
