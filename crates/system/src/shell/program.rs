//! `run`: compiles an NDA program and interprets it in slices.

use super::{Services, ShellError, Start, Task, Turn, command::Command, load::Loading};
use alloc::{string::String, vec::Vec};
use velocity_interp::{Limits, Run, Status, Store};

const USAGE: &str = "run FILE";

/// Fuel a turn: a few milliseconds, so that Ctrl-C is seen at once and output appears while the program runs.
const SLICE: u64 = 20_000;

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[Command {
    name: "run",
    usage: USAGE,
    summary: "run an NDA program",
    details: "Checks the program first and shows every error in it. Ctrl-C stops it.",
    takes_paths: true,
    start,
}];

fn start(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    let [path] = arguments else { return Err(ShellError::Usage { usage: USAGE }) };
    Ok(Start::task(Program::Loading(Loading::open(services, path)?)))
}

/// A program on its way from the disk to its end.
enum Program {
    Loading(Loading),
    /// It is compiled; `text` is what it printed in this turn.
    Running {
        run: Run,
        text: String,
    },
}

impl Task for Program {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        match self {
            Self::Loading(loading) => {
                if let Some(source) = loading.turn(services)? {
                    let run = compile(&loading.name, source)?;
                    *self = Self::Running { run, text: String::new() };
                }
                Ok(Turn::Again)
            }
            Self::Running { run, text } => {
                let status = run.resume(SLICE, text);
                services.out.print(text);
                text.clear();
                Ok(if status == Status::Running { Turn::Again } else { Turn::Done })
            }
        }
    }
}

fn compile(name: &str, source: Vec<u8>) -> Result<Run, ShellError> {
    match String::from_utf8(source) {
        Ok(source) => Ok(Run::new(name, source, Store::new(Limits::default()))),
        Err(error) => Err(ShellError::ProgramNotText { name: name.into(), offset: error.utf8_error().valid_up_to() }),
    }
}
