//! Answers on standard output, complaints on standard error, colours on a terminal only.

use crate::cli::{DONE, Failure, IO, Options, REFUSED};
use std::io::{self, IsTerminal, Write};
use velocity_workbench::{Answer, Json, Status};

/// Shows an answer; gives the exit code.
pub fn answer(verb: &str, file: &str, answer: &Answer, options: &Options) -> Result<u8, Failure> {
    if options.json {
        print(&format!("{}\n", answer.object(verb, file)))?;
    } else {
        print(&answer.text)?;
        eprint!("{}", paint(&answer.complaint));
    }
    Ok(if answer.status == Status::Done { DONE } else { REFUSED })
}

/// Writes to standard output. Whoever reads it may have stopped; that is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    bytes(text.as_bytes())
}

/// Writes bytes to standard output.
pub fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::io("write", "standard output", &error)),
        _ => Ok(()),
    }
}

/// The JSON object of a verb that failed.
pub fn failure(verb: &str, failure: &Failure) -> String {
    let error = Json::Object(vec![("message", failure.message.as_str().into())]);
    let what = if failure.code == IO { "file" } else { "usage" };
    let members = vec![
        ("verb", verb.into()),
        ("ok", Json::Bool(false)),
        ("failed", what.into()),
        ("errors", Json::List(vec![error])),
    ];
    format!("{}\n", Json::Object(members))
}

/// A complaint in colours, if standard error is a terminal that wants them.
pub fn paint(text: &str) -> String {
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if colours { coloured(text) } else { text.to_owned() }
}

/// The first word of each message in its colour.
fn coloured(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let words = [("error", "31;1"), ("trap", "31;1"), ("warning", "33;1"), ("note", "36;1"), ("  help", "32;1")];
        match words
            .iter()
            .find(|(word, _)| line.starts_with(&format!("{word}:")) || line.starts_with(&format!("{word}[")))
        {
            Some((word, colour)) => out += &format!("\x1b[{colour}m{word}\x1b[0m{}", &line[word.len()..]),
            None => out += line,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::coloured;

    #[test]
    fn first_words_have_colours() {
        assert_eq!(
            coloured("error: no\n  help: yes\n 1 | error: x\n"),
            "\x1b[31;1merror\x1b[0m: no\n\x1b[32;1m  help\x1b[0m: yes\n 1 | error: x\n"
        );
    }
}
