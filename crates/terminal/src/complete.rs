//! Completion: what the shell is asked when Tab is pressed.

use alloc::{string::String, vec::Vec};

/// Candidates listed at most; the rest is only counted.
pub const MAX_LISTED: usize = 100;

/// What could stand in place of the text before the cursor.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Completion {
    /// Byte offset in the line where the text to be replaced begins; it ends at the cursor.
    pub replace_from: usize,
    /// What may replace it, as it is to be typed: quoted where needed, with the space or `/` that follows it.
    pub candidates: Vec<String>,
}

/// Knows commands and paths.
pub trait Completer {
    /// Completes `line` at byte offset `cursor`, which lies between two characters.
    fn complete(&mut self, line: &str, cursor: usize) -> Completion;
}

/// Completes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCompletion;

impl Completer for NoCompletion {
    fn complete(&mut self, _line: &str, cursor: usize) -> Completion {
        Completion { replace_from: cursor, candidates: Vec::new() }
    }
}

/// The longest text that all `candidates` begin with.
pub(crate) fn common_prefix(candidates: &[String]) -> &str {
    let Some((first, rest)) = candidates.split_first() else { return "" };
    let shared = |other: &String| {
        let same = first.char_indices().zip(other.chars()).find(|&((_, a), b)| a != b);
        same.map_or(first.len().min(other.len()), |((at, _), _)| at)
    };
    let length = rest.iter().map(shared).min().unwrap_or(first.len());
    first.get(..length).unwrap_or("")
}
