//! What is made is accepted, and what is made and then spoilt is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod accepts;
mod checks;
mod decoding;
mod guarded;
mod listed;
mod operands;
mod places;
mod registers;
mod rejects;
mod seized;
mod spoilt;
