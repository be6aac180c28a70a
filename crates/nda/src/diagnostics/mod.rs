//! Complaints about a source text: what is wrong, where, what was expected, and what to write instead.
//!
//! Neighbours: `parse` and `check` push them, [`render`] prints them (and traps), [`suggest`] guesses what was meant.
//! Invariant: a list holds at most [`MAX_DIAGNOSTICS`] entries, whatever the text.

pub(crate) mod render;
pub(crate) mod suggest;
#[cfg(test)]
mod tests;

pub use render::{Quoted, line, place_of, snippet};

use crate::MAX_DIAGNOSTICS;
use crate::span::Span;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// One error in a source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The text at fault.
    pub span: Span,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What was expected at the span, in a few words.
    pub label: Option<Cow<'static, str>>,
    /// Another place that explains this one.
    pub related: Option<Related>,
    /// What to do about it.
    pub help: Option<Cow<'static, str>>,
}

/// A second place in the text that belongs to a [`Diagnostic`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub span: Span,
    /// What it has to do with the error.
    pub message: &'static str,
}

impl Diagnostic {
    #[cold]
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), label: None, related: None, help: None }
    }

    #[cold]
    pub(crate) fn with_label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    #[cold]
    pub(crate) fn with_help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[cold]
    pub(crate) fn with_related(mut self, span: Span, message: &'static str) -> Self {
        self.related = Some(Related { span, message });
        self
    }
}

/// Every error found in a source text, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    cut: bool,
}

impl Diagnostics {
    /// The errors, first in the text first.
    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.list
    }

    /// Whether there were more than [`MAX_DIAGNOSTICS`] and the rest is not listed.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.cut
    }

    /// All errors as text for a person, each with its line and a caret under the fault, and a count at the end.
    #[must_use]
    pub fn render(&self, file_name: &str, source: &str) -> String {
        render::diagnostics(self, file_name, source)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether a further error would be dropped; the caller may stop looking for more.
    pub(crate) fn is_full(&self) -> bool {
        self.cut
    }

    /// Adds an error in its place in the order of the text.
    #[cold]
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() == MAX_DIAGNOSTICS {
            self.cut = true;
            return;
        }
        let place = self.list.iter().rposition(|earlier| earlier.span <= diagnostic.span).map_or(0, |at| at + 1);
        self.list.insert(place, diagnostic);
    }
}
