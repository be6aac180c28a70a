//! `run`: compiles an NDA program and runs it in slices.

use super::{Services, ShellError, Start, Task, Turn, command::Command, load::Loading};
use crate::profiles::Profiles;
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use velocity_interp::engine::Engine;
use velocity_interp::{Limits, Run, Status, Store};
use velocity_jit::EngineKind;
use velocity_trace::Level;

const USAGE: &str = "run [--engine NAME] FILE";

/// The name under which this command writes to the event log.
const LOG: &str = "run";

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[Command {
    name: "run",
    usage: USAGE,
    summary: "run an NDA program",
    details: "Checks the program first and shows every error in it. Ctrl-C stops it.\n\
              NAME is `interp`, `closure`, `baseline` or `native`: slower to faster, with the same results; or `auto`, which\n\
              begins as `closure` and goes on as `native` with what takes long. Without it `auto` runs the program if this\n\
              machine has it; `dmesg` tells which engine did, and why a faster one did not.",
    takes_paths: true,
    start,
}];

/// Fuel a turn: at most a few milliseconds of it, so that Ctrl-C is seen at once and output appears while the program runs.
const fn slice(kind: EngineKind) -> u64 {
    match kind {
        EngineKind::Interpreter => 20_000,
        EngineKind::Closures => 100_000,
        // A loop has its closed form only where the slice pays for all its turns.
        EngineKind::Baseline | EngineKind::Native | EngineKind::Auto => 500_000,
    }
}

fn start(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    let (name, path) = match arguments {
        [option, name, path] if option == "--engine" => (Some(name), path),
        [option, ..] if option.starts_with('-') && option != "--engine" => {
            return Err(ShellError::UnknownOption { option: option.clone(), command: "run" });
        }
        [path] => (None, path),
        _ => return Err(ShellError::Usage { usage: USAGE }),
    };
    let loading = Loading::open(services, path)?;
    let (kind, engine) = engine(services, name)?;
    Ok(Start::task(Program { kind, state: State::Loading(loading, Some(engine)) }))
}

/// The engine of a name, or the usual one, if this machine has it.
fn engine(services: &Services<'_>, name: Option<&String>) -> Result<(EngineKind, Box<dyn Engine>), ShellError> {
    let engines = &services.platform.engines;
    let kind = name.map_or_else(|| Some(engines.usual()), |name| EngineKind::named(name));
    if kind.is_some_and(|kind| kind.level().is_some() || kind == EngineKind::Auto)
        && let Some(calibration) = engines.calibrate(&*services.platform.clock)
    {
        services.platform.record(Level::Info, LOG, format_args!("{calibration}"));
    }
    let made = kind.and_then(|kind| Some((kind, engines.make(kind)?)));
    made.ok_or_else(|| ShellError::NoSuchEngine {
        name: name.cloned().unwrap_or_default(),
        known: EngineKind::ALL.into_iter().filter(|kind| engines.make(*kind).is_some()).map(EngineKind::name).collect(),
    })
}

/// A program on its way from the disk to its end.
struct Program {
    kind: EngineKind,
    state: State,
}

enum State {
    /// Its engine waits for it.
    Loading(Loading, Option<Box<dyn Engine>>),
    /// It is compiled; `text` is what it printed in this turn.
    Running { run: Kept, text: String, noted: Noted },
}

/// What the event log says of the engine that runs a program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Noted {
    Nothing,
    Engine,
    /// A slower one than was asked for, and why.
    Fallback,
}

/// A run whose profile is remembered when it is over, or stopped.
struct Kept {
    name: String,
    engine: &'static str,
    run: Run,
    profiles: Arc<Profiles>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.profiles.add(&self.name, self.engine, self.run.profile());
    }
}

impl Task for Program {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        match &mut self.state {
            State::Loading(loading, engine) => {
                if let Some(source) = loading.turn(services)?
                    && let Some(engine) = engine.take()
                {
                    let name = core::mem::take(&mut loading.name);
                    let (profiles, engine_name) = (Arc::clone(&services.platform.profiles), self.kind.name());
                    let run = compile(&name, source, engine)?;
                    let run = Kept { name, engine: engine_name, run, profiles };
                    self.state = State::Running { run, text: String::new(), noted: Noted::Nothing };
                }
                Ok(Turn::Again)
            }
            State::Running { run, text, noted } => {
                let status = run.run.resume(slice(self.kind), text);
                if run.run.has_begun() {
                    *noted = note(services, &run.name, (self.kind, *noted), run.run.fallback_reason());
                }
                services.out.print(text);
                text.clear();
                Ok(if status == Status::Running { Turn::Again } else { Turn::Done })
            }
        }
    }
}

/// Writes to the event log which engine runs a program, once: the one that was asked for, or a slower one and why. Tiers may find out later that
/// they have to leave hot code to the slower one.
fn note(services: &Services<'_>, name: &str, (kind, noted): (EngineKind, Noted), slower: Option<&str>) -> Noted {
    let (platform, engine) = (services.platform, kind.name());
    match slower {
        None if noted == Noted::Nothing => {
            platform.record(Level::Info, LOG, format_args!("{name}: engine {engine}"));
            Noted::Engine
        }
        Some(why) if noted != Noted::Fallback => {
            let slower = EngineKind::Closures.name();
            platform.record(Level::Warn, LOG, format_args!("{name}: engine {slower} instead of {engine}: {why}"));
            Noted::Fallback
        }
        _ => noted,
    }
}

fn compile(name: &str, source: Vec<u8>, engine: Box<dyn Engine>) -> Result<Run, ShellError> {
    let source = text_of(name, source)?;
    Ok(Run::new(name, source, Store::with_engine(Limits::default(), engine)))
}

/// The text of a program.
pub(super) fn text_of(name: &str, source: Vec<u8>) -> Result<String, ShellError> {
    String::from_utf8(source)
        .map_err(|error| ShellError::ProgramNotText { name: name.into(), offset: error.utf8_error().valid_up_to() })
}
