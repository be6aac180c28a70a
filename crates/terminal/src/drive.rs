//! The whole input path in one call: what the fuzz target `shell_line` and the property tests run.

use crate::{KeyDecoder, LineEditor, NoCompletion, Outcome, SyntaxError, split};
use alloc::{string::String, vec::Vec};
use velocity_base::Instant;

/// What came of typing some bytes.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// Everything written to the terminal, prompts included.
    pub echo: Vec<u8>,
    /// Each line entered, and how it splits.
    pub lines: Vec<(String, Result<Vec<String>, SyntaxError>)>,
    /// The line left unfinished.
    pub unfinished: String,
}

/// Types `bytes` at a shell that reads lines and runs nothing; a microsecond passes with every byte.
#[must_use]
pub fn type_at_shell(bytes: &[u8]) -> Session {
    let (mut decoder, mut editor) = (KeyDecoder::new(), LineEditor::new());
    let mut session = Session::default();
    editor.prompt(&mut session.echo);
    for (micros, &byte) in (0..).zip(bytes) {
        for key in decoder.feed(byte, Instant::from_nanos(micros * 1_000)) {
            match editor.feed(key, &mut NoCompletion, &mut session.echo) {
                Outcome::Pending => continue,
                Outcome::Line(line) => {
                    let words = split(&line);
                    session.lines.push((line, words));
                }
                Outcome::Interrupt | Outcome::EndOfInput => {}
            }
            editor.prompt(&mut session.echo);
        }
    }
    session.unfinished = editor.text();
    session
}
