//! The table of commands, gathered from one file per group.

use super::{
    Services, ShellError, Start, agents, board, cores, disasm, files, hardware, help, jit, journal, ota, power,
    program, verbs,
};
use alloc::string::String;

/// One shell command.
pub(crate) struct Command {
    /// What a person types.
    pub name: &'static str,
    /// Name and arguments as `help` shows them; optional ones in brackets.
    pub usage: &'static str,
    /// One line on what it does.
    pub summary: &'static str,
    /// What else `help COMMAND` says; lines without a line end after the last. May be empty.
    pub details: &'static str,
    /// Whether its arguments are paths, for completion.
    pub takes_paths: bool,
    /// Begins it with the words after its name.
    pub start: fn(&mut Services<'_>, &[String]) -> Result<Start, ShellError>,
}

const GROUPS: &[&[Command]] = &[
    help::COMMANDS,
    files::COMMANDS,
    program::COMMANDS,
    jit::COMMANDS,
    disasm::COMMANDS,
    verbs::COMMANDS,
    hardware::COMMANDS,
    cores::COMMANDS,
    agents::COMMANDS,
    board::COMMANDS,
    ota::COMMANDS,
    journal::COMMANDS,
    power::COMMANDS,
];

/// All commands, in the order that `help` shows.
pub(crate) fn all() -> impl Iterator<Item = &'static Command> {
    GROUPS.iter().flat_map(|group| group.iter())
}

/// The command called `name`.
///
/// # Errors
/// [`ShellError::UnknownCommand`] with the nearest name there is.
pub(crate) fn find(name: &str) -> Result<&'static Command, ShellError> {
    all().find(|command| command.name == name).ok_or_else(|| ShellError::UnknownCommand {
        name: name.into(),
        nearest: all().map(|command| command.name).find(|known| is_one_slip_away(name, known)),
    })
}

/// Whether one letter added, left out, changed or swapped with its neighbour makes `typed` into `known`.
fn is_one_slip_away(typed: &str, known: &str) -> bool {
    let (typed, known) = (typed.as_bytes(), known.as_bytes());
    let same_start = typed.iter().zip(known).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    let (typed, known) = (&typed[same_start..], &known[same_start..]);
    match (typed, known) {
        ([], []) => true,
        ([_, rest @ ..], _) if rest.eq_ignore_ascii_case(known) => true,
        (_, [_, rest @ ..]) if rest.eq_ignore_ascii_case(typed) => true,
        ([_, a @ ..], [_, b @ ..]) if a.eq_ignore_ascii_case(b) => true,
        ([a, b, rest @ ..], [c, d, known @ ..]) => a == d && b == c && rest == known,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_usages_begin_with_them() {
        for command in all() {
            assert!(core::ptr::eq(find(command.name).unwrap(), command), "{} is there twice", command.name);
            assert_eq!(command.usage.split(' ').next(), Some(command.name));
            assert!(!command.summary.ends_with('.') && !command.details.ends_with('\n'));
        }
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_command_that_was_meant() {
        for (typed, meant) in [("hlep", "help"), ("LS", "ls"), ("catt", "cat"), ("ru", "run"), ("dask", "disk")] {
            let Err(ShellError::UnknownCommand { nearest, .. }) = find(typed) else { panic!("{typed} is a command") };
            assert_eq!(nearest, Some(meant), "{typed}");
        }
        for typed in ["", "format", "x", "é"] {
            let Err(ShellError::UnknownCommand { nearest, .. }) = find(typed) else { panic!("{typed} is a command") };
            assert_eq!(nearest, None, "{typed}");
        }
    }
}
