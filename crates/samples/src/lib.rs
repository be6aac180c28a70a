//! Programs for tests: built node by node, and at random; and runs of the random ones, of which everything is written down.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "for tests, which fail by panicking")]

mod build;
mod cost;
mod random;
mod watch;

pub use build::Build;
pub use cost::most_fuel;
pub use random::{numbers, random};
pub use watch::{Asked, Outside, Seen, watch};
