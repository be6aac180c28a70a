//! Prints errors and traps with the source line they belong to, like the best-known compilers do.
//!
//! Invariants: every output line is bounded however long the source line is, and no control character or invisible
//! character of the source reaches the output, so a program cannot play tricks on the terminal that shows its errors.

use super::{Diagnostic, Diagnostics};
use crate::span::Span;
use alloc::string::String;
use core::fmt::{self, Write};

/// The most characters of a source line that are shown.
const WINDOW: usize = 100;
/// Where the fault stands in the window when the line had to be cut.
const LEAD: usize = 40;
/// The most characters of a name that are shown in a message.
const NAME: usize = 40;

/// All errors, then their number.
pub(crate) fn diagnostics(all: &Diagnostics, file_name: &str, source: &str) -> String {
    let mut out = String::new();
    for diagnostic in all.as_slice() {
        one(&mut out, diagnostic, file_name, source);
    }
    let count = all.as_slice().len();
    let plural = if count == 1 { "" } else { "s" };
    let more = if all.is_cut() { "; there are more, mend these first" } else { "" };
    line(&mut out, format_args!("{count} error{plural} in {}{more}", Clean(file_name, usize::MAX)));
    out
}

fn one(out: &mut String, diagnostic: &Diagnostic, file_name: &str, source: &str) {
    line(out, format_args!("error: {}", diagnostic.message));
    let label = diagnostic.label.as_deref().unwrap_or("");
    snippet(out, file_name, source, diagnostic.span, label);
    if let Some(related) = &diagnostic.related {
        snippet(out, file_name, source, related.span, related.message);
    }
    if let Some(help) = &diagnostic.help {
        line(out, format_args!("  help: {help}"));
    }
    out.push('\n');
}

/// Appends one line. Writing to a string cannot fail.
pub fn line(out: &mut String, text: fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
    out.push('\n');
}

/// The place `file:line:column`, the source line, and a caret line under `span` with `label`.
pub fn snippet(out: &mut String, file_name: &str, source: &str, span: Span, label: &str) {
    let place = Place::of(source, span);
    line(out, format_args!("  --> {}:{}:{}", Clean(file_name, usize::MAX), place.line, place.column + 1));
    let skip = if place.column + 1 > WINDOW { place.column - LEAD } else { 0 };
    let (before, mark) = (place.column - skip, if skip > 0 { "..." } else { "" });
    let shown: usize = place.text.chars().skip(skip).take(WINDOW).count();
    let cut = place.text.chars().nth(skip + WINDOW).is_some();
    let start = place.text.char_indices().nth(skip).map_or(place.text.len(), |(at, _)| at);
    let after = if cut { "..." } else { "" };
    let _ = write!(out, "{:4} | {mark}", place.line);
    line(out, format_args!("{}{after}", Clean(&place.text[start..], WINDOW)));
    let carets = place.width.clamp(1, shown.saturating_sub(before).max(1));
    let _ = write!(out, "     | {:1$}{2:^<3$}", "", before + mark.len(), "", carets);
    if !label.is_empty() {
        let _ = write!(out, " {label}");
    }
    out.push('\n');
}

/// The place of a span as `file:line:column`.
#[must_use]
pub fn place_of(file_name: &str, source: &str, span: Span) -> String {
    let place = Place::of(source, span);
    alloc::format!("{}:{}:{}", Clean(file_name, usize::MAX), place.line, place.column + 1)
}

/// Where a span stands, for a person.
struct Place<'s> {
    /// Line number from 1.
    line: usize,
    /// Characters of the line before the span.
    column: usize,
    /// Characters of the span that lie on its first line.
    width: usize,
    /// The line, without its end.
    text: &'s str,
}

impl<'s> Place<'s> {
    fn of(source: &'s str, span: Span) -> Self {
        let at = source.floor_char_boundary(span.start as usize);
        let start = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let text = source[start..].split(['\n', '\r']).next().unwrap_or("");
        let inside = at.min(start + text.len());
        let end = source.floor_char_boundary(span.end as usize).clamp(inside, start + text.len());
        Self {
            line: source[..start].bytes().filter(|&byte| byte == b'\n').count() + 1,
            column: source[start..inside].chars().count(),
            width: source[inside..end].chars().count(),
            text,
        }
    }
}

/// A piece of source as a message may show it: harmless, and at most so many characters.
pub(crate) struct Clean<'s>(pub(crate) &'s str, pub(crate) usize);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().take(self.1).try_for_each(|letter| f.write_char(harmless(letter)))
    }
}

/// A name or token in back quotes, cut if it is long.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'s>(
    /// The name as it is.
    pub &'s str,
);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.0.chars().nth(NAME).is_some() { "..." } else { "" };
        write!(f, "`{}{more}`", Clean(self.0, NAME))
    }
}

/// One column for one character: tabs become spaces, control, invisible and direction characters a `?`.
const fn harmless(letter: char) -> char {
    match letter {
        '\t' => ' ',
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => '?',
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => '?',
        other => other,
    }
}
