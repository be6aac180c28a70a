//! The reference interpreter: what an NDA program means is what this does.
//!
//! A [`Store`] holds instances of [`Program`](velocity_gate::Program)s and everything they share: functions, memories,
//! tables, globals. An [`Invocation`] is a call from outside; it runs in slices and can stop between any two nodes. A
//! [`Host`] carries out what programs ask of the world. `machine` walks the typed core tree with stacks of its own,
//! `numeric` holds the operators, `memory` and `table` what they work on, `store` linking and instantiation.
//!
//! Meaning: WebAssembly's core specification 2.0 without vectors and without reference types as values. Where it leaves
//! a choice: the NaN that an operator computes is always the positive quiet one with an otherwise empty payload (moves,
//! `abs`, `neg`, `copysign`, loads and stores keep bits); `memory.grow` fails only beyond the declared maximum or the
//! store's limit, or when the host has no room; host functions trap with a [`HostError`].
//!
//! Fuel and stack are counted in terms of the tree alone, so that every engine agrees to the unit ([`velocity_gate::Measure`], `account`).
//! Beyond the nodes, a unit of fuel pays for 64 bytes of `memory.fill`, `memory.copy`, `memory.init` and of what
//! `memory.grow` adds, and for 16 entries of `table.init` and `table.copy`; what is left over of a division costs nothing.
//! Slices and host never change what a program does, how much fuel it needs, or where it traps.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod account;
mod ask;
mod bulk;
mod callers;
mod console;
pub mod engine;
mod host;
mod invocation;
mod limits;
mod machine;
mod memory;
mod numeric;
mod profile;
mod run;
mod session;
mod shims;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod trap;

pub use console::Console;
pub use host::{Host, HostCall, NoHost};
pub use invocation::{Invocation, InvokeError, Progress};
pub use limits::Limits;
pub use memory::Memory;
pub use profile::{BUCKETS, FunctionProfile, Histogram, Profile, Tier};
pub use run::{Run, Status, result_line, run_to_text};
pub use session::{Session, StartError};
pub use shims::{define_shims, shim_behind};
pub use store::{
    Extern, FunctionAddress, FunctionType, GlobalAddress, InstanceId, InstantiateError, LinkError, MemoryAddress,
    Store, TableAddress,
};
pub use trap::{CallSite, HostError, Trap, TrapKind};
pub use velocity_nda::module::{Type, Value};
