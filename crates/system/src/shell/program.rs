//! `run`: compiles an NDA program and interprets it in slices.

use super::{Services, ShellError, Start, Task, Turn, command::Command};
use crate::storage::{OpenFile, VolumePath};
use alloc::{
    string::{String, ToString},
    vec,
    vec::Vec,
};
use velocity_interp::{Limits, Run, Status};
use velocity_nda::MAX_SOURCE_BYTES;

const USAGE: &str = "run FILE";

/// Bytes of source read a turn.
const READ_BYTES: usize = 64 * 1024;

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
    let path = VolumePath::parse(path);
    let file = services.storage.open(path)?;
    let (name, path, bytes) = (path.split_last().1.to_string(), path.to_string(), file.size());
    if bytes > MAX_SOURCE_BYTES as u64 {
        return Err(ShellError::ProgramTooLarge { path, bytes, limit: MAX_SOURCE_BYTES });
    }
    let source = vec![0; bytes as usize];
    Ok(Start::task(Program::Loading { name, file, source, filled: 0 }))
}

/// A program on its way from the disk to its end.
enum Program {
    /// `source[..filled]` of the file called `name` is read.
    Loading { name: String, file: OpenFile, source: Vec<u8>, filled: usize },
    /// It is compiled; `text` is what it printed in this turn.
    Running { run: Run, text: String },
}

impl Task for Program {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        match self {
            Self::Loading { name, file, source, filled } => {
                let end = source.len().min(*filled + READ_BYTES);
                let read = services.storage.read(file, *filled as u64, &mut source[*filled..end])?;
                *filled += read;
                if read == 0 || *filled == source.len() {
                    source.truncate(*filled);
                    let run = compile(core::mem::take(name), core::mem::take(source))?;
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

fn compile(name: String, source: Vec<u8>) -> Result<Run, ShellError> {
    match String::from_utf8(source) {
        Ok(source) => Ok(Run::new(&name, source, Limits::default())),
        Err(error) => Err(ShellError::ProgramNotText { name, offset: error.utf8_error().valid_up_to() }),
    }
}
