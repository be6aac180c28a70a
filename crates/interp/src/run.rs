//! The whole road from source text to the last line of output: what a shell's `run` does and shows.
//!
//! The text is the same in every body of the system, so the fixture tests, the shell and the fuzzer share it. What the
//! program shows comes first; then follows at most one of: `result: N` if the program has results, the rendered errors,
//! or the rendered trap.

use crate::{Limits, Profile, Progress, Session, Store};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use velocity_gate::{Candidate, Origin, Policy, admit};
use velocity_nda::module::Value;

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
    begun: bool,
    fallback_reason: Option<&'static str>,
    /// Once it is over.
    profile: Vec<Profile>,
}

#[derive(Debug)]
enum State {
    /// Refused, with this text still to be shown.
    Refused(String),
    Running(Box<Session>),
    Over(Status),
}

impl Run {
    /// Compiles a program, asks the gate and prepares it in a store of its own. Nothing is shown or run before
    /// [`Self::resume`], not even errors.
    #[must_use]
    pub fn new(file_name: &str, source: String, store: Store) -> Self {
        let state = match begin(file_name, &source, store) {
            Ok(session) => State::Running(Box::new(session)),
            Err(text) => State::Refused(text),
        };
        Self { file_name: file_name.into(), source, state, begun: false, fallback_reason: None, profile: Vec::new() }
    }

    /// Runs for at most `slice` units of fuel and appends what the program shows to `out`, and the report at the end.
    pub fn resume(&mut self, slice: u64, out: &mut String) -> Status {
        let status = match &mut self.state {
            State::Over(status) => return *status,
            State::Refused(text) => {
                out.push_str(text);
                Status::Failed
            }
            State::Running(session) => {
                let progress = session.resume(slice, out);
                (self.begun, self.fallback_reason) = (true, session.fallback_reason());
                match progress {
                    Progress::Suspended => return Status::Running,
                    Progress::Finished(values) => {
                        out.push_str(&result_line(&values));
                        Status::Finished
                    }
                    Progress::Trapped(trap) => {
                        out.push_str(&trap.render(&self.file_name, &self.source));
                        Status::Failed
                    }
                }
            }
        };
        self.profile = self.profile();
        self.state = State::Over(status);
        status
    }

    /// What the store's engine knows of the functions that ran.
    #[must_use]
    pub fn profile(&self) -> Vec<Profile> {
        match &self.state {
            State::Running(session) => session.profile(),
            State::Refused(_) | State::Over(_) => self.profile.clone(),
        }
    }

    /// Whether anything of the program ran: one that was refused never does.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.begun
    }

    /// Why the store's engine left the program to a slower one; `None` if it did not, or nothing ran yet.
    #[must_use]
    pub const fn fallback_reason(&self) -> Option<&'static str> {
        self.fallback_reason
    }
}

/// The results of a program as the line that shows them; empty if there are none.
#[must_use]
pub fn result_line(values: &[Value]) -> String {
    let mut out = String::new();
    for (index, value) in values.iter().enumerate() {
        let before = if index == 0 { "result: " } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(out, "{before}{value}");
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn begin(file_name: &str, source: &str, store: Store) -> Result<Session, String> {
    let verdict = admit(Candidate::Text { name: file_name, source }, Origin::Person, &Policy::default());
    let Some(program) = &verdict.program else { return Err(verdict.render(file_name, source)) };
    Session::new(program, store).map_err(|error| error.render(file_name, source))
}

/// Runs a program from its text to its end by the reference interpreter, and gives all it shows.
#[must_use]
pub fn run_to_text(file_name: &str, source: &str, limits: Limits) -> String {
    let mut out = String::new();
    let mut run = Run::new(file_name, source.into(), Store::new(limits));
    while run.resume(u64::MAX, &mut out) == Status::Running {}
    out
}
