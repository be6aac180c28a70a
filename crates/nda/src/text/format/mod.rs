//! The formatter: one way to lay a program out.
//!
//! It works on tokens, so that nothing that was written gets lost, with the tree to tell what a brace or parenthesis
//! belongs to. `marks` collects that from the tree, `build` turns tokens and comments into the operations of a
//! `document` (texts, places where a line may end, groups of those) with the help of `spacing`, `layout` decides where
//! lines end. What decides is the tokens and comments, never the line ends of the input, but for these: a comment behind
//! something stays behind it, a comment on a line of its own keeps one, and between statements, items and comments one
//! blank line may stay. So formatting what was formatted changes nothing.
//!
//! The rules: lines of [`COLUMNS`] columns, [`INDENT`] spaces for what is inside; one statement or item a line; a block
//! with at most one statement and no comment stays on the line if that fits, but for bodies of loops; the blocks of one
//! `if` break together; arguments, parameters and tuples that do not fit stand one a line, lists in brackets fill lines,
//! both with a comma at the end; long chains of operators break before an operator.

mod build;
mod comments;
mod document;
mod layout;
mod marks;
mod spacing;
#[cfg(test)]
mod tests;

use super::lexer::{Kind, Lexer, Token};
use super::parse::parse;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::span::Span;
use crate::{MAX_SOURCE_BYTES, too_large};
use alloc::string::String;
use alloc::vec::Vec;

/// How long a line may be.
const COLUMNS: usize = 100;
/// How far in the lines inside of something stand.
const INDENT: usize = 4;

/// Lays a program out in the one way of the language. Comments stay; meaning and hashes stay.
///
/// # Errors
/// Every syntax error of the text; types are not checked. Also when the result would be longer than what is read.
pub fn format(source: &str) -> Result<String, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    if source.len() > MAX_SOURCE_BYTES {
        diagnostics.push(too_large(source.len()));
        return Err(diagnostics);
    }
    let parsed = parse(source, &mut diagnostics);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let marks = marks::collect(&parsed.file);
    let tokens = tokens(source);
    let document = build::build(source, &tokens, &marks);
    layout::layout(source, &document).ok_or_else(|| {
        diagnostics.push(grown());
        diagnostics
    })
}

/// All tokens, the end included.
fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer::new(source);
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next();
        tokens.push(token);
        if token.kind == Kind::End {
            return tokens;
        }
    }
}

#[cold]
fn grown() -> Diagnostic {
    let message = alloc::format!("the formatted text would have more than the {MAX_SOURCE_BYTES} bytes that are read");
    Diagnostic::new(Span::new(0, 0), message).with_help("split the program")
}
