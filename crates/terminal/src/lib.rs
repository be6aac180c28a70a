//! The person's side of the shell: keys, line editing, command syntax, completion, transcript.
//!
//! Bytes of a text port become [`velocity_hal::KeyEvent`]s in [`KeyDecoder`]; keys become command lines in
//! [`LineEditor`]; a line becomes words in [`split`]; what was shown becomes a [`Transcript`]. Nothing here reads a
//! clock or a device: time and input are arguments. Tier 3. Invariant: any bytes and keys may be hostile; nothing
//! panics, and everything kept is bounded but the transcript, which grows with what it is fed.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod complete;
mod drive;
mod editor;
mod history;
mod keys;
mod line;
mod split;
mod transcript;

pub use complete::{Completer, Completion, MAX_LISTED, NoCompletion};
pub use drive::{Session, type_at_shell};
pub use editor::{LineEditor, Outcome, is_interrupt};
pub use history::{History, MAX_HISTORY};
pub use keys::{ESCAPE_TIMEOUT, KeyDecoder, Keys};
pub use split::{Problem, SyntaxError, Word, quote, split, word_at};
pub use transcript::Transcript;

/// What stands before every command line.
pub const PROMPT: &str = "velocity> ";

/// [`PROMPT`] as it is written to a terminal: the same bytes between colour on and colour off.
pub const PROMPT_LINE: &str = "\x1b[1;36mvelocity> \x1b[0m";

/// Longest command line, in bytes of UTF-8; keys past it are ignored.
pub const MAX_LINE_BYTES: usize = 4096;

#[cfg(test)]
mod tests;
