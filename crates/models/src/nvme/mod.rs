//! A model of an NVM Express controller with one namespace (NVM Express Base Specification 1.4).
//!
//! It does what the device does: the driver's doorbell write makes it fetch entries from the submission queue in guest
//! memory, walk their PRPs, move data between guest memory and its [`Backing`], post completions with the right phase
//! and raise MSI-X. Without faults everything is done inside the doorbell write; a [`FaultPlan`] makes it misbehave.
//!
//! ```text
//! controller.rs  PciDevice: BAR 0, reset, enable, ticks      registers.rs  register values and fields
//! queues.rs      rings in guest memory                       admin.rs, identify.rs  admin commands
//! command.rs     entries and status codes                    io.rs, gather.rs       reads, writes, flush
//! prp.rs         Physical Region Pages                       faults.rs, script.rs   misbehaviour
//! backing.rs     where the blocks are
//! ```
//! Invariant: nothing the driver writes makes the model panic, allocate without bound or loop for ever; what the
//! specification forbids ends in the status code that it names, or in CSTS.CFS where there is no command to answer.

mod admin;
mod backing;
mod command;
mod controller;
mod faults;
mod gather;
mod identify;
mod io;
mod prp;
mod queues;
mod registers;
mod script;

pub use backing::Backing;
pub use controller::{NvmeConfig, NvmeModel};
pub use faults::{Fault, FaultError, FaultPlan};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
