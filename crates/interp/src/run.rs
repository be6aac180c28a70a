//! The whole road from source text to the last line of output: what a shell's `run` does and shows.
//!
//! The text is the same in every body of the system, so the fixture tests, the shell and the fuzzer share it. What the
//! program shows comes first; then follows at most one of: `result: N` if the program has results, the rendered errors,
//! or the rendered trap.

use crate::{Console, FunctionAddress, InstantiateError, Invocation, Limits, Progress, Store};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::fmt;
use velocity_gate::{Candidate, Origin, Policy, Program, Rule, Verdict, admit};
use velocity_nda::module::{FuncId, Module, Value};
use velocity_nda::{compile, line};

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

/// Why an admitted program cannot start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// The module has no function of this name.
    NoSuchFunction {
        /// The name asked for.
        name: String,
    },
    /// The function needs arguments, and there is nobody to give them.
    HasParameters {
        /// The function's name.
        name: String,
    },
    /// There is no instance of it.
    Instantiate(InstantiateError),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchFunction { name } => {
                write!(f, "the program has no function `{name}` to start with; add `fn {name}() {{ ... }}`")
            }
            Self::HasParameters { name } => {
                write!(f, "the program starts with `{name}`, which must have no parameters; write `fn {name}()`")
            }
            Self::Instantiate(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for StartError {}

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
    Running(Box<Active>),
    Over(Status),
}

/// A program that was admitted.
#[derive(Debug)]
struct Active {
    store: Store,
    /// What runs now.
    invocation: Invocation,
    /// What runs next: the entry function, while the start function runs.
    next: Option<FunctionAddress>,
    /// Whether the output stands at the beginning of a line.
    fresh_line: bool,
}

impl Run {
    /// Compiles a program and asks the gate. Nothing is shown or run before [`Self::resume`], not even errors.
    #[must_use]
    pub fn new(file_name: &str, source: String, limits: Limits) -> Self {
        let state = match begin(file_name, &source, limits) {
            Ok(active) => State::Running(Box::new(active)),
            Err(text) => State::Refused(text),
        };
        Self { file_name: file_name.into(), source, state }
    }

    /// Runs for at most `slice` units of fuel and appends what the program shows to `out`: as much as [`Console::new`]
    /// says, and the report at the end.
    pub fn resume(&mut self, slice: u64, out: &mut String) -> Status {
        let status = match &mut self.state {
            State::Over(status) => return *status,
            State::Refused(text) => {
                out.push_str(text);
                Status::Failed
            }
            State::Running(active) => {
                let before = out.len();
                let progress = active.resume(slice, out);
                if out.len() > before {
                    active.fresh_line = out.ends_with('\n');
                }
                if progress == Progress::Suspended {
                    return Status::Running;
                }
                if !active.fresh_line {
                    out.push('\n');
                }
                report(out, &progress, &self.file_name, &self.source)
            }
        };
        self.state = State::Over(status);
        status
    }
}

/// Shows how a run ended.
fn report(out: &mut String, progress: &Progress, file_name: &str, source: &str) -> Status {
    match progress {
        Progress::Finished(values) => {
            if !values.is_empty() {
                line(out, format_args!("result: {}", List(values)));
            }
            Status::Finished
        }
        Progress::Trapped(trap) => {
            out.push_str(&trap.render(file_name, source));
            Status::Failed
        }
        Progress::Suspended => Status::Running,
    }
}

/// Values separated by commas.
struct List<'v>(&'v [Value]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{value}")?;
        }
        Ok(())
    }
}

impl Active {
    /// The start function, then the entry function.
    fn resume(&mut self, slice: u64, out: &mut String) -> Progress {
        let progress = self.invocation.resume(&mut self.store, &mut Console::new(out), slice);
        let Some(next) = self.next.filter(|_| matches!(progress, Progress::Finished(_))) else { return progress };
        let left = self.store.limits().fuel - self.invocation.fuel_used();
        match Invocation::new(&self.store, next, &[]) {
            Ok(invocation) => {
                (self.invocation, self.next) = (invocation.with_fuel(left), None);
                Progress::Suspended
            }
            // Its parameters were looked at before.
            Err(_) => progress,
        }
    }
}

fn begin(file_name: &str, source: &str, limits: Limits) -> Result<Active, String> {
    let verdict = admit(Candidate::Text { name: file_name, source }, Origin::Person, &Policy::default());
    let Some(program) = &verdict.program else { return Err(refusal(&verdict, file_name, source)) };
    let mut store = Store::new(limits);
    Console::define(&mut store);
    start(store, program).map_err(|error| {
        let mut text = String::new();
        line(&mut text, format_args!("error: {error}"));
        text
    })
}

/// Why the gate refused a program: the errors in its text, unless it found more than those. What it found has no secret
/// in it; so the text is shown only if there is none.
fn refusal(verdict: &Verdict, file_name: &str, source: &str) -> String {
    let text_only = verdict.findings.iter().all(|finding| finding.rule == Rule::Text);
    match compile(source) {
        Err(diagnostics) if text_only => diagnostics.render(file_name, source),
        _ => verdict.render(file_name, source),
    }
}

fn start(mut store: Store, program: &Program) -> Result<Active, StartError> {
    let entry = entry(program.module())?;
    let instance = store.prepare(program).map_err(StartError::Instantiate)?;
    let nothing = || StartError::NoSuchFunction { name: ENTRY.into() };
    let main = store.function(instance, entry).ok_or_else(nothing)?;
    let (first, next) = match store.start_of(instance) {
        Some(start) => (start, Some(main)),
        None => (main, None),
    };
    let invocation = Invocation::new(&store, first, &[]);
    let invocation = invocation.map_err(|_| StartError::HasParameters { name: ENTRY.into() })?;
    Ok(Active { store, invocation, next, fresh_line: true })
}

/// The function a program starts with, which has no parameters.
fn entry(module: &Module) -> Result<FuncId, StartError> {
    let name = || ENTRY.to_string();
    let id = module.function_named(ENTRY).ok_or_else(|| StartError::NoSuchFunction { name: name() })?;
    if module.parameters(module.functions[id].signature).len() > 0 {
        return Err(StartError::HasParameters { name: name() });
    }
    Ok(id)
}

/// Runs a program from its text to its end, and gives all it shows.
#[must_use]
pub fn run_to_text(file_name: &str, source: &str, limits: Limits) -> String {
    let mut out = String::new();
    let mut run = Run::new(file_name, source.into(), limits);
    while run.resume(u64::MAX, &mut out) == Status::Running {}
    out
}
