//! What a terminal's byte stream says: characters, controls and control sequences.
//!
//! Shared by the screen console (`velocity-canvas`), the key decoder and the transcript (`velocity-terminal`), so that
//! all three agree on where a sequence ends. Tier 0, no allocation. Follows ECMA-48 (control functions) and the state
//! machine of DEC's video terminals as far as this system needs them. Invariant: every byte costs constant time, no
//! input panics, and no sequence can swallow text for ever.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod parser;
mod utf8;
mod width;

pub use parser::{Actor, MAX_PARAMETERS, MAX_STRING_BYTES, Parser, Sequence};
pub use utf8::{Characters, Utf8Decoder};
pub use width::width;

#[cfg(test)]
mod tests;
