//! The front end for text: `lexer` cuts it into tokens, `parse` builds the tree of `ast`, `check` makes the core of it;
//! `format` lays it out anew.

pub(crate) mod ast;
pub(crate) mod check;
pub(crate) mod format;
pub(crate) mod lexer;
pub(crate) mod parse;

use crate::diagnostics::Diagnostics;
use crate::module::Module;

/// Turns text into the core. Errors go to `diagnostics`; if there are any, the module is worthless.
pub(crate) fn compile_text(source: &str, diagnostics: &mut Diagnostics) -> Module {
    let parsed = parse::parse(source, diagnostics);
    check::check(&parsed, source, diagnostics)
}
