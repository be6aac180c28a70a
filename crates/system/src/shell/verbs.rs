//! `check fmt hash show slice who-calls needs`: what can be asked about an NDA program on a disk.
//!
//! The answers are those of the host tool's verbs of the same names (`velocity_workbench`). Invariant: a program is read
//! a piece a turn ([`Loading`]) and answered in one, which its size bounds.

use super::{Services, ShellError, Start, Task, Turn, command::Command, load::Loading};
use alloc::string::String;
use velocity_gate::{Origin, Policy};
use velocity_workbench::{self as workbench, Answer, Program};

/// Lines of an answer shown a turn.
const LINES: usize = 64;

/// A verb about one definition.
type About = fn(&Program, &str) -> Answer;

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "check",
        usage: "check FILE",
        summary: "judge an NDA program as the gate does, without running it",
        details: "Shows errors and findings, or what the program needs and may cost.",
        takes_paths: true,
        start: |services, words| one(services, words, "check FILE", Verb::Check),
    },
    Command {
        name: "fmt",
        usage: "fmt FILE",
        summary: "show the text of an NDA program in its one layout",
        details: "The file stays as it is.",
        takes_paths: true,
        start: |services, words| one(services, words, "fmt FILE", Verb::Format),
    },
    Command {
        name: "hash",
        usage: "hash FILE",
        summary: "show the hash of an NDA program and of each definition",
        details: "Names, comments, layout and order change no hash.",
        takes_paths: true,
        start: |services, words| one(services, words, "hash FILE", Verb::Hash),
    },
    Command {
        name: "show",
        usage: "show NAME FILE",
        summary: "show one definition of an NDA program and what is known about it",
        details: "NAME may be four or more digits of the hash.",
        takes_paths: true,
        start: |services, words| two(services, words, "show NAME FILE", workbench::show),
    },
    Command {
        name: "slice",
        usage: "slice NAME FILE",
        summary: "show the smallest closed piece of an NDA program around one definition",
        details: "It checks alone, and the definition has the same hash in it.",
        takes_paths: true,
        start: |services, words| two(services, words, "slice NAME FILE", workbench::slice),
    },
    Command {
        name: "who-calls",
        usage: "who-calls NAME FILE",
        summary: "list who calls or uses a definition of an NDA program",
        details: "",
        takes_paths: true,
        start: |services, words| two(services, words, "who-calls NAME FILE", workbench::who_calls),
    },
    Command {
        name: "needs",
        usage: "needs NAME FILE",
        summary: "list what a definition of an NDA program needs to run",
        details: "",
        takes_paths: true,
        start: |services, words| two(services, words, "needs NAME FILE", workbench::needs),
    },
];

/// What is asked.
enum Verb {
    Check,
    Format,
    Hash,
    About(String, About),
}

fn one(services: &mut Services<'_>, words: &[String], usage: &'static str, verb: Verb) -> Result<Start, ShellError> {
    let [path] = words else { return Err(ShellError::Usage { usage }) };
    begin(services, path, verb)
}

fn two(services: &mut Services<'_>, words: &[String], usage: &'static str, ask: About) -> Result<Start, ShellError> {
    let [name, path] = words else { return Err(ShellError::Usage { usage }) };
    begin(services, path, Verb::About(name.clone(), ask))
}

fn begin(services: &mut Services<'_>, path: &str, verb: Verb) -> Result<Start, ShellError> {
    Ok(Start::task(Question::Loading(verb, Loading::open(services, path)?)))
}

/// A question on its way.
enum Question {
    Loading(Verb, Loading),
    /// `text[shown..]` of the answer is still to be shown.
    Answered {
        text: String,
        shown: usize,
    },
}

impl Task for Question {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        match self {
            Self::Loading(verb, loading) => {
                if let Some(bytes) = loading.turn(services)? {
                    let answer = answer(verb, &loading.name, &bytes);
                    *self = Self::Answered { text: answer.text + &answer.complaint, shown: 0 };
                }
                Ok(Turn::Again)
            }
            Self::Answered { text, shown } => {
                let rest = &text[*shown..];
                let piece: usize = rest.split_inclusive('\n').take(LINES).map(str::len).sum();
                services.out.print(&rest[..piece]);
                *shown += piece;
                Ok(if *shown == text.len() { Turn::Done } else { Turn::Again })
            }
        }
    }
}

fn answer(verb: &Verb, name: &str, bytes: &[u8]) -> Answer {
    let program = || Program::read(name, bytes);
    match verb {
        Verb::Check => workbench::check(name, bytes, Origin::Person, &Policy::default()),
        Verb::Format => workbench::fmt(name, bytes),
        Verb::Hash => program().map_or_else(|refused| refused, |program| workbench::hash(&program)),
        Verb::About(what, ask) => program().map_or_else(|refused| refused, |program| ask(&program, what)),
    }
}
