//! NVM Express over PCIe: one controller, its namespaces, one I/O queue pair.
//!
//! Follows the NVM Express Base Specification 1.4 (section numbers are of 1.4 unless said otherwise). The layers, each
//! usable and tested alone:
//!
//! ```text
//! Namespace: BlockDevice   splits transfers, keeps several commands in flight, sleeps      namespace.rs
//! Submission               how transfers are cut into commands: replaceable                submission.rs
//! Io                       slots (buffer + command), submit and poll with an explicit now  io.rs, slots.rs
//! QueuePair                rings, doorbell values, phase tag, command ids, deadlines       queue.rs
//! command, status, identify, registers                                                    wire formats
//! Controller               reset, enable, admin commands, time-out recovery                bringup.rs, recovery.rs
//! ```
//!
//! Invariants: what a controller writes is copied out, checked and never used as an index; every wait has a deadline on
//! the [`Clock`](velocity_hal::Clock) and sleeps through [`Idle`](velocity_hal::Idle); nothing is allocated after start;
//! memory that the device may still write to is never given back.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod admin;
mod attach;
mod bringup;
mod buffers;
mod command;
mod controller;
mod error;
mod identify;
mod io;
mod namespace;
mod options;
mod queue;
mod recovery;
mod registers;
mod slots;
mod status;
mod submission;
mod wait;

pub use attach::attach;
pub(crate) use command::{Entry, Opcode};
pub use controller::{Controller, Statistics};
pub use error::{AdminCommand, CommandError, NvmeError, SubmitError};
pub use identify::{Identity, NamespaceInfo, Refusal, RefusedNamespace};
pub use io::{Condition, Io};
pub use namespace::Namespace;
pub use options::{Options, Parts};
pub use queue::CommandId;
pub use slots::Slot;
pub use status::{Status, StatusCode, StatusType};
pub use submission::{Ask, Original, Submission};
