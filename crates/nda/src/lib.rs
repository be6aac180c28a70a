//! The NDA language: text to typed core, and the reference interpreter that is the language's meaning.
//!
//! The road of a program: `lexer` cuts text into tokens, `parse` builds the `ast`, `check` types it into the
//! `core` tree, `interp` runs that tree under limits; `diagnostics` carries and renders every
//! complaint on the way, and `run` walks the whole road for a shell. The language reference is `docs/nda.md`.
//!
//! Invariants: no text makes anything here panic, recurse deeper than [`MAX_NESTING`], or take more than linear time
//! and the memory that the limits below allow. A [`Module`] exists only if the checker accepted it.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod arena;
mod ast;
mod check;
mod core;
mod diagnostics;
pub mod document;
pub mod graph;
pub mod identity;
mod interp;
mod lexer;
pub mod module;
mod names;
mod parse;
mod print;
mod run;
mod span;
pub mod store;
pub mod sys;
#[allow(dead_code, reason = "grows beside the front end that it replaces")]
#[allow(unused_imports, reason = "as above")]
mod text;
mod validate;

pub use crate::core::{Module, Type, Value};
pub use crate::diagnostics::{Diagnostic, Diagnostics, Quoted, Related, line, snippet};
pub use crate::identity::place;
pub use crate::interp::{Host, Interpreter, Limits, Progress, StartError, Trap, TrapKind};
pub use crate::print::{PrintError, print};
pub use crate::run::{Run, Status, run_to_text};
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
pub fn compile(source: &str) -> Result<module::Module, Diagnostics> {
    compile_with(source, text::compile_text)
}

/// The seed of the language, for the interpreter that is still here and goes with it.
#[doc(hidden)]
pub fn compile_seed(source: &str) -> Result<Module, Diagnostics> {
    compile_with(source, |source, diagnostics| {
        let parsed = parse::parse(source, diagnostics);
        check::check(&parsed, source, diagnostics)
    })
}

fn compile_with<M>(source: &str, compile: impl FnOnce(&str, &mut Diagnostics) -> M) -> Result<M, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    if source.len() > MAX_SOURCE_BYTES {
        diagnostics.push(too_large(source.len()));
        return Err(diagnostics);
    }
    let module = compile(source, &mut diagnostics);
    if diagnostics.is_empty() { Ok(module) } else { Err(diagnostics) }
}

/// Turns NDA text into the core.
///
/// # Errors
/// Every syntax and type error found, in the order of the text, at most [`MAX_DIAGNOSTICS`] of them.
pub fn compile_core(source: &str) -> Result<module::Module, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    if source.len() > MAX_SOURCE_BYTES {
        diagnostics.push(too_large(source.len()));
        return Err(diagnostics);
    }
    let module = text::compile_text(source, &mut diagnostics);
    if diagnostics.is_empty() { Ok(module) } else { Err(diagnostics) }
}

#[cold]
fn too_large(bytes: usize) -> Diagnostic {
    Diagnostic::new(
        Span::new(0, 0),
        alloc::format!("the source text has {bytes} bytes, more than the {MAX_SOURCE_BYTES} that are read"),
    )
    .with_help("split the program")
}
