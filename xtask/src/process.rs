//! Running other programs: started by name, never through a shell, their failure turned into a typed error.

use crate::{Error, Result};
use std::{
    io,
    process::{Command, Output, Stdio},
};

/// The command line as a person would type it.
#[must_use]
pub fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| quote(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Runs `command` with this process's output; `next` tells what to do when it fails.
///
/// # Errors
/// [`Error::Missing`] when it does not start, [`Error::Failed`] when it ends with another status than 0.
pub fn run(command: &mut Command, next: &str) -> Result<()> {
    let status = command.status().map_err(|source| not_started(command, &source, next))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: show(command), status: status.to_string(), next: next.to_owned() })
}

/// Runs `command` in silence and gives what it wrote; shown only as part of the error.
///
/// # Errors
/// As [`run`].
pub fn capture(command: &mut Command, next: &str) -> Result<Output> {
    let output = command.stdin(Stdio::null()).output().map_err(|source| not_started(command, &source, next))?;
    if output.status.success() {
        return Ok(output);
    }
    let words =
        [output.stdout.as_slice(), output.stderr.as_slice()].map(|bytes| tail(&String::from_utf8_lossy(bytes), 20));
    let status = format!("{}\n{}{}", output.status, words[0], words[1]);
    Err(Error::Failed { command: show(command), status, next: next.to_owned() })
}

/// The last `lines` lines of `text`.
#[must_use]
pub fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

fn not_started(command: &Command, source: &io::Error, next: &str) -> Error {
    let program = command.get_program().to_string_lossy().into_owned();
    let next = if source.kind() == io::ErrorKind::NotFound { next.to_owned() } else { format!("{source}; {next}") };
    Error::Missing { program, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_carries_the_command_line_and_what_it_wrote() {
        let error = capture(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]), "read it").unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("out") && text.contains("err") && text.contains('3') && text.contains("next: read it"),
            "{text}"
        );
    }

    #[test]
    fn missing_program_names_itself_and_the_next_step() {
        let error = run(&mut Command::new("velocity-no-such-program"), "install it").unwrap_err();
        assert!(matches!(error, Error::Missing { .. }) && error.to_string().contains("install it"));
    }

    #[test]
    fn shown_words_can_be_pasted_into_a_shell() {
        assert_eq!(show(Command::new("a").args(["b c", "d'e", ""])), r"a 'b c' 'd'\''e' ''");
    }

    #[test]
    fn tail_of_short_and_long_texts() {
        assert_eq!(tail("a\nb\nc", 2), "b\nc");
        assert_eq!(tail("a", 5), "a");
    }
}
