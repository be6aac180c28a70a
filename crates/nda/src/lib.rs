//! The NDA language: text, typed core, identity, binary documents, the graph of a program. Nothing here runs anything.
//!
//! [`module`] is the core, the one form that all parts share. `text` turns source text into it ([`compile`]) and lays
//! text out ([`format()`]), [`print()`] turns it back, [`validate()`] says whether a module that anybody built is sound;
//! [`identity`] hashes definitions, [`store`] keeps them by hash, [`document`] is the binary form, [`graph`] the facts;
//! `diagnostics` carries and renders complaints. The language reference is `docs/nda.md`.
//!
//! Invariants: no text, bytes or module make anything here panic, recurse deeper than [`MAX_NESTING`], or take more than
//! linear time (a logarithm where things are sorted) and the memory that the limits below allow.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod arena;
mod diagnostics;
pub mod document;
pub mod graph;
pub mod identity;
pub mod module;
mod names;
mod print;
mod span;
pub mod store;
pub mod sys;
mod text;
mod validate;

pub use crate::diagnostics::{Diagnostic, Diagnostics, Quoted, Related, line, place_of, snippet};
pub use crate::identity::place;
pub use crate::module::{Module, Type, Value};
pub use crate::print::{PrintError, print};
pub use crate::span::Span;
pub use crate::store::resolve;
pub use crate::text::format::format;
pub use crate::validate::{Place, Rule, ValidateError, validate};

/// The longest source text that is read, in bytes (1 MiB).
pub const MAX_SOURCE_BYTES: usize = 1 << 20;

/// How deep expressions and blocks may nest.
pub const MAX_NESTING: u32 = 128;

/// The most expressions and statements one source text may hold. Bounds the compiler's memory to about 20 MiB.
pub const MAX_NODES: usize = 1 << 18;

/// The most parameters a function may have.
pub const MAX_PARAMETERS: usize = 256;

/// The most variables a function may declare, parameters included.
pub const MAX_LOCALS: usize = 4096;

/// The most results a function may have, and the most values a tuple.
pub const MAX_RESULTS: usize = 16;

/// The most nodes a module may have.
pub const MAX_MODULE_NODES: usize = 1 << 24;

/// The most functions a module may have; and the most globals, tables, pieces of data, and so on.
pub const MAX_MODULE_ITEMS: usize = 1 << 20;

/// How many errors are reported for one source text; the rest is cut off.
pub const MAX_DIAGNOSTICS: usize = 20;

/// Turns NDA text into a checked module.
///
/// # Errors
/// Every syntax and type error found, in the order of the text, at most [`MAX_DIAGNOSTICS`] of them.
pub fn compile(source: &str) -> Result<Module, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    if source.len() > MAX_SOURCE_BYTES {
        diagnostics.push(too_large(source.len()));
        return Err(diagnostics);
    }
    let module = text::compile_text(source, &mut diagnostics);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    debug_assert_eq!(validate(&module), Ok(()), "the checker makes valid modules");
    Ok(module)
}

#[cold]
fn too_large(bytes: usize) -> Diagnostic {
    Diagnostic::new(
        Span::new(0, 0),
        alloc::format!("the source text has {bytes} bytes, more than the {MAX_SOURCE_BYTES} that are read"),
    )
    .with_help("split the program")
}
