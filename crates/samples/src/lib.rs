//! Programs for tests: built node by node, and at random.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "for tests, which fail by panicking")]

mod build;
mod random;

pub use build::Build;
pub use random::random;
