//! The system on a machine of models: commands, faults, limits.
#![allow(clippy::unwrap_used, reason = "clippy lets tests unwrap, but not what they share")]

mod agents;
mod disks;
mod files;
mod image;
mod input;
mod machine;
mod members;
mod programs;
mod shell;
mod start;
