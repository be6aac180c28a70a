//! Agents: programs that live beside each other, on all cores, and cannot hurt each other.
//!
//! A [`Swarm`] knows all agents; each core has a [`Worker`], which gives one agent after the other a slice. Agents stop by themselves: code pays
//! fuel at the heads of loops and functions, and leaves when its slice is used up, so that nobody has to interrupt it. What an agent may hold is
//! taken from what its parent may, and comes back when it ends ([`Budget`]).
//!
//! ```text
//! spawn ──► ready ──► running ──► ended          a worker takes ready ones from its own queue, from the common one, or
//!             ▲          │                       from another worker's
//!             │          ▼
//!         woken by ◄── parked                    until a time, a child's end, or room for what it prints
//! ```
//!
//! State machines all: nothing here reads a clock, waits or starts a thread, so that one thread can play all cores by the numbers of a seed
//! ([`campaign`]) and gives the same schedule for the same seed. Tier 3.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod agent;
mod budget;
pub mod campaign;
mod class;
mod host;
mod link;
mod motions;
mod order;
mod output;
mod pace;
mod slot;
mod supervise;
mod swarm;
mod timers;
mod tree;
mod worker;

pub use agent::{Exit, Report};
pub use budget::Budget;
pub use class::{Class, PerClass};
pub use link::Traffic;
pub use motions::Motion;
pub use order::{Order, Source, SpawnError};
pub use output::Output;
pub use slot::{Key, State};
pub use supervise::Restart;
pub use swarm::{EngineMaker, Swarm};
pub use tree::NoSuchAgent;
pub use worker::{Turn, Worker};
