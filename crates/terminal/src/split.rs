//! The syntax of a command line: words, quotes, backslashes.
//!
//! Blanks separate words. `'...'` takes everything literally; in `"..."` a backslash takes the next character
//! literally, as it does outside quotes. There are no variables, pipes or patterns.

use crate::MAX_LINE_BYTES;
use alloc::{string::String, vec::Vec};
use core::fmt;

/// Why a line is not a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A quote of this kind is opened and never closed.
    OpenQuote(char),
    /// The line ends with a backslash.
    TrailingBackslash,
    /// The line has this many bytes, more than [`MAX_LINE_BYTES`].
    TooLong(usize),
}

/// A line that cannot be split into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: ", self.column)?;
        match self.problem {
            Problem::OpenQuote(q) => write!(f, "this {q} is never closed; add a {q}, or write \\{q} for the character"),
            Problem::TrailingBackslash => f.write_str("nothing follows this \\; write \\\\ for the character"),
            Problem::TooLong(bytes) => {
                write!(f, "the line has {bytes} bytes; shorten it to at most {MAX_LINE_BYTES}")
            }
        }
    }
}

impl core::error::Error for SyntaxError {}

/// Splits `line` into words.
///
/// # Errors
/// [`SyntaxError`] with the column and what to do about it.
pub fn split(line: &str) -> Result<Vec<String>, SyntaxError> {
    if line.len() > MAX_LINE_BYTES {
        let column = line.char_indices().take_while(|&(at, _)| at < MAX_LINE_BYTES).count() + 1;
        return Err(SyntaxError { column, problem: Problem::TooLong(line.len()) });
    }
    let mut scanner = Scanner::default();
    for (index, character) in line.chars().enumerate() {
        scanner.push(index, character);
    }
    let open = match scanner.mode {
        Mode::Plain => None,
        Mode::Quote(quote) => Some(Problem::OpenQuote(quote)),
        Mode::Backslash(_) => Some(Problem::TrailingBackslash),
    };
    if let Some(problem) = open {
        return Err(SyntaxError { column: scanner.opened + 1, problem });
    }
    scanner.end_word();
    Ok(scanner.words)
}

/// The unfinished word at the end of some text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Byte offset where it begins, quotes included.
    pub start: usize,
    /// Its text so far, quotes and backslashes resolved.
    pub text: String,
    /// Whether it is the first word: a command rather than an argument.
    pub is_first: bool,
}

/// The word that ends at byte offset `cursor` of `line`; empty after a blank. For completers.
#[must_use]
pub fn word_at(line: &str, cursor: usize) -> Word {
    let before = line.get(..cursor).unwrap_or(line);
    let mut scanner = Scanner::default();
    let mut start = 0;
    for (index, (at, character)) in before.char_indices().enumerate() {
        scanner.push(index, character);
        if scanner.word.is_none() && matches!(scanner.mode, Mode::Plain) {
            start = at + character.len_utf8();
        }
    }
    Word { start, text: scanner.word.unwrap_or_default(), is_first: scanner.words.is_empty() }
}

/// Writes `word` so that [`split`] reads it back as one word.
#[must_use]
pub fn quote(word: &str) -> String {
    if word.is_empty() {
        return "''".into();
    }
    let mut quoted = String::with_capacity(word.len());
    for character in word.chars() {
        if character.is_whitespace() || matches!(character, '\'' | '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Mode {
    #[default]
    Plain,
    Quote(char),
    /// After a backslash; inside the quote given, if any.
    Backslash(Option<char>),
}

#[derive(Default)]
struct Scanner {
    words: Vec<String>,
    word: Option<String>,
    mode: Mode,
    /// Index of the character that opened the current mode.
    opened: usize,
}

impl Scanner {
    fn push(&mut self, index: usize, character: char) {
        match (self.mode, character) {
            (Mode::Backslash(quote), _) => {
                self.take(character);
                self.mode = quote.map_or(Mode::Plain, Mode::Quote);
            }
            (Mode::Quote(quote), _) if character == quote => self.mode = Mode::Plain,
            (Mode::Quote('"'), '\\') => self.open(index, Mode::Backslash(Some('"'))),
            (Mode::Quote(_), _) => self.take(character),
            (Mode::Plain, '\\') => self.open(index, Mode::Backslash(None)),
            (Mode::Plain, '\'' | '"') => self.open(index, Mode::Quote(character)),
            (Mode::Plain, _) if character.is_whitespace() => self.end_word(),
            (Mode::Plain, _) => self.take(character),
        }
    }

    fn open(&mut self, index: usize, mode: Mode) {
        self.word.get_or_insert_default();
        self.mode = mode;
        self.opened = index;
    }

    fn take(&mut self, character: char) {
        self.word.get_or_insert_default().push(character);
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }
}
