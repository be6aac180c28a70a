//! The whole road from source text to the last line of output: what a shell's `run` does and shows.
//!
//! The text is the same in every body of the system, so the fixture tests, the shell and the fuzzer share it. Each
//! printed value is a line of its own; then follows at most one of: `result: N` if the program has a result, the
//! rendered errors, or the rendered trap.

use crate::compile_seed as compile;
use crate::core::Value;
use crate::diagnostics::render::line;
use crate::interp::{Host, Interpreter, Limits, Progress};
use alloc::string::String;
use alloc::sync::Arc;

/// The function a program starts with.
const ENTRY: &str = "main";

/// How a [`Run`] stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// More is to come: resume it.
    Running,
    /// The program came to its end.
    Finished,
    /// It was refused or trapped; the text says why.
    Failed,
}

/// A program on its way.
#[derive(Debug)]
pub struct Run {
    file_name: String,
    source: String,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Refused, with this text still to be shown.
    Refused(String),
    Running(Interpreter),
    Over(Status),
}

impl Run {
    /// Compiles a program. Nothing is shown or run before [`Self::resume`], not even errors.
    #[must_use]
    pub fn new(file_name: &str, source: String, limits: Limits) -> Self {
        let state = match start(file_name, &source, limits) {
            Ok(interpreter) => State::Running(interpreter),
            Err(text) => State::Refused(text),
        };
        Self { file_name: file_name.into(), source, state }
    }

    /// Runs for at most `slice` units of fuel and appends what the program shows to `out`: at most 21 bytes a unit,
    /// and the report at the end.
    pub fn resume(&mut self, slice: u64, out: &mut String) -> Status {
        let status = match &mut self.state {
            State::Over(status) => return *status,
            State::Refused(text) => {
                out.push_str(text);
                Status::Failed
            }
            State::Running(interpreter) => match interpreter.resume(&mut Lines(out), slice) {
                Progress::Suspended => return Status::Running,
                Progress::Finished(result) => {
                    if let Some(value) = result {
                        line(out, format_args!("result: {value}"));
                    }
                    Status::Finished
                }
                Progress::Trapped(trap) => {
                    out.push_str(&trap.render(&self.file_name, &self.source));
                    Status::Failed
                }
            },
        };
        self.state = State::Over(status);
        status
    }
}

fn start(file_name: &str, source: &str, limits: Limits) -> Result<Interpreter, String> {
    let module = compile(source).map_err(|diagnostics| diagnostics.render(file_name, source))?;
    Interpreter::new(Arc::new(module), ENTRY, limits).map_err(|error| {
        let mut text = String::new();
        line(&mut text, format_args!("error: {error}"));
        text
    })
}

/// Runs a program from its text to its end, and gives all it shows.
#[must_use]
pub fn run_to_text(file_name: &str, source: &str, limits: Limits) -> String {
    let mut out = String::new();
    let mut run = Run::new(file_name, source.into(), limits);
    while run.resume(u64::MAX, &mut out) == Status::Running {}
    out
}

/// Prints values as lines.
struct Lines<'o>(&'o mut String);

impl Host for Lines<'_> {
    fn print(&mut self, value: Value) {
        line(self.0, format_args!("{value}"));
    }
}
