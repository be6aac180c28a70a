//! The driver against the device model: real queues and PRP lists in guest memory, time that moves only by waiting.
#![allow(clippy::unwrap_used, reason = "everything here is a test or its helper")]

mod faults;
mod hostile;
mod lifecycle;
mod rig;
mod transfers;
