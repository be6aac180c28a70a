//! The text as it grows: lines, indentation, labels that turn out to be needed, the limit.

use super::{PrintError, Written};
use crate::MAX_SOURCE_BYTES;
use alloc::string::String;
use alloc::vec::Vec;

/// A text being written.
#[derive(Debug, Default)]
pub(super) struct Out {
    text: String,
    indent: usize,
    /// Labels, and where they stand in `text`, to be put in at the end.
    labels: Vec<(usize, usize)>,
}

impl Out {
    pub(super) fn push(&mut self, text: &str) -> Written {
        if self.text.len() + text.len() > MAX_SOURCE_BYTES {
            return Err(PrintError::TooLong);
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Several pieces.
    pub(super) fn all(&mut self, pieces: &[&str]) -> Written {
        pieces.iter().try_for_each(|piece| self.push(piece))
    }

    /// A new line.
    pub(super) fn line(&mut self) -> Written {
        self.push("\n")?;
        for _ in 0..self.indent {
            self.push("    ")?;
        }
        Ok(())
    }

    pub(super) fn deeper(&mut self) {
        self.indent += 1;
    }

    pub(super) fn shallower(&mut self) {
        self.indent -= 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Where the next piece goes.
    pub(super) fn position(&self) -> usize {
        self.text.len()
    }

    /// Puts the label of this number before what was written at `at`.
    pub(super) fn label(&mut self, at: usize, number: usize) {
        self.labels.push((at, number));
    }

    /// The whole text.
    pub(super) fn finish(mut self) -> Result<String, PrintError> {
        self.labels.sort_unstable();
        let labels = core::mem::take(&mut self.labels);
        let mut whole = Self::default();
        let mut from = 0;
        for (at, number) in labels {
            whole.push(&self.text[from..at])?;
            whole.push(&alloc::format!("'l{number}: "))?;
            from = at;
        }
        whole.push(&self.text[from..])?;
        if !whole.is_empty() {
            whole.push("\n")?;
        }
        Ok(whole.text)
    }
}
