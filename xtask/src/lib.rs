//! The project's recipes: build, image, virtual machine, tests, measurements, rules, fuzzing.
//!
//! Each recipe is a module with a `RECIPE` value (name, help, function) listed in [`cli::RECIPES`]; they share
//! [`workspace::Workspace`], [`process`] and [`tools`]. Invariant: whatever a recipe needs and does not find is
//! named together with the command that provides it; nothing is skipped in silence.
#![forbid(unsafe_code)]

pub mod bench;
pub mod build;
pub mod cli;
pub mod disk;
pub mod doctor;
pub mod error;
pub mod fuzz;
pub mod image;
pub mod iso;
pub mod ota;
pub mod process;
pub mod qemu;
pub mod test;
pub mod tidy;
pub mod tools;
pub mod workspace;

pub use error::{Error, Result};
