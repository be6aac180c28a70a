//! WebAssembly core modules as NDA modules, and NDA modules as WebAssembly.
//!
//! [`translate`] reads the binary format (core specification 2.0, chapter 5), validates it and turns stack code into the
//! trees of [`velocity_nda::module`]: `sections` reads what is around the code, `body` a function, whose code `operators` walks,
//! `control` handles labels and jumps, `stack` holds the operands that are not yet part of a statement, `scratch` keeps
//! the tree until the function ends and lays it out in post-order, `names` reads the name section. [`export()`] is the
//! way back and has a folder of its own; the two share nothing but the limit on the number of bytes.
//!
//! What is covered is the MVP and the proposals that the core has: mutable globals, sign extension, saturating
//! conversions, several values, bulk memory, and of the reference types as much as tables of functions need. Everything
//! else is refused by name ([`Refusal::Unsupported`]).
//!
//! Invariants: no bytes make anything here panic or recurse; time and memory are linear in the number of bytes, with the
//! factors stated below; the module means the same as the bytes, down to the order of effects and traps. Of what is
//! exported the same holds, the other way round.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod body;
mod control;
mod error;
mod export;
mod frame;
mod names;
mod operators;
mod scratch;
mod sections;
mod stack;

pub use error::{Refusal, TranslateError};
pub use export::{ExportError, MAX_EXPORT_BYTES, export};
use velocity_nda::module::Module;

/// The longest module that is read, in bytes (64 MiB).
pub const MAX_BYTES: usize = 64 << 20;

/// How many operands a function may have pending at a time.
pub const MAX_OPERANDS: u32 = 1 << 16;

/// How deep a tree of operands grows before it is put into a local, so that its text can be read again.
pub const MAX_TREE_DEPTH: u32 = 64;

/// A module may become at most this many nodes, list items and variables, and [`WORDS_PER_BYTE`] more for each byte.
/// Real modules need about two a byte; some short codes stand for thousands.
pub const WORDS: usize = 1 << 20;

/// See [`WORDS`].
pub const WORDS_PER_BYTE: usize = 16;

/// Reads a WebAssembly module.
///
/// # Errors
/// [`TranslateError`], with the place in `bytes`: the module is not valid, uses what the core does not have, or is too large.
pub fn translate(bytes: &[u8]) -> Result<Module, TranslateError> {
    if bytes.len() > MAX_BYTES {
        return Err(TranslateError::too_large("bytes", MAX_BYTES, 0));
    }
    sections::read(bytes)
}
