//! What the cross-cutting tests share: a machine of the simulator that runs a script, and its answers by command.
//!
//! Boot matrix, faults of the kernel and parity need QEMU and are part of `cargo xtask test`; what is here needs nothing
//! but the host.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use velocity_sim::{Options, SimError, headless::Session};
use velocity_terminal::PROMPT;

/// A command and everything the system wrote in answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The command as typed.
    pub command: String,
    /// The lines of the answer, each ended by `\n`.
    pub text: String,
}

/// Runs `script` on a new machine made as `options` say, and gives the answer to each of its commands.
///
/// # Errors
/// [`SimError`] when the disk cannot be opened or the faults do not fit it.
pub fn answers(options: Options, script: &[&str]) -> Result<Vec<Answer>, SimError> {
    let transcript = Session::new(Options { headless: true, ..options })?.run_script(&script.join("\n"))?;
    Ok(split(&transcript))
}

/// Cuts a transcript at its prompts.
#[must_use]
pub fn split(transcript: &str) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    for line in transcript.lines() {
        match (line.strip_prefix(PROMPT), answers.last_mut()) {
            (Some(command), _) => answers.push(Answer { command: command.to_owned(), text: String::new() }),
            (None, Some(answer)) => answer.text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    answers
}

/// The folder of the fixtures.
#[must_use]
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_is_cut_at_its_prompts() {
        let answers = split("velocity> a b\none\n\nvelocity> c\nvelocity> d\nx\n");
        let texts: Vec<(&str, &str)> = answers.iter().map(|a| (&*a.command, &*a.text)).collect();
        assert_eq!(texts, [("a b", "one\n\n"), ("c", ""), ("d", "x\n")]);
    }
}
