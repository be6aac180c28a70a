//! `ota`: signed updates of what drivers ask while they run.

use super::{Services, ShellError, Start, Task, Turn, board, command::Command, load::Loading};
use crate::patches::{LOG, MOST_LATER, OnBoard};
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::ControlFlow;
use velocity_base::{Duration, Instant};
use velocity_hotpatch::{Applied, EntryId, EntryReport, Kind, Updates};
use velocity_trace::Level;

const USAGE: &str = "ota [status|apply FILE [SECONDS]|rollback ENTRY|log]";

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[Command {
    name: "ota",
    usage: USAGE,
    summary: "show or replace what drivers ask while they run",
    details: "`apply` takes a package if it is signed by those whom this system trusts, fits to what is there, and passes its tests;\n\
              with SECONDS it does so later, whatever runs then, and `log` says what came of it.\n\
              What it installs is watched beside the version before, and taken back by itself if it is worse. `rollback` takes it\n\
              back by hand. `log` shows what was decided; `board log` all records.",
    takes_paths: true,
    start,
}];

fn start(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["status"] => status(services)?,
        ["apply", path] => return Apply::start(services, path, None),
        ["apply", path, seconds] => {
            let seconds: u16 = seconds.parse().map_err(|_| ShellError::Usage { usage: USAGE })?;
            return Apply::start(services, path, Some(Duration::from_secs(seconds.into())));
        }
        ["rollback", name] => rollback(services, name)?,
        ["log"] => log(services)?,
        _ => return Err(ShellError::Usage { usage: USAGE }),
    }
    Ok(Start::Done)
}

fn updates<'s>(services: &'s mut Services<'_>) -> Result<(&'s mut Updates, OnBoard<'s>), ShellError> {
    services.patches.updates().map_err(|why| ShellError::NoUpdates { why: why.into() })
}

fn status(services: &mut Services<'_>) -> Result<(), ShellError> {
    let (updates, _) = updates(services)?;
    let (trust, report) = (updates.trust(), updates.report());
    let root = trust.root();
    let tests = if root.names_test_keys() { ", whose keys everybody has" } else { "" };
    let (counters, epoch, version) = (trust.counters(), trust.epoch(), root.version);
    let lines: Vec<String> = report.iter().map(line).collect();
    services
        .out
        .line(format_args!("root {version}{tests}; snapshot {}, release {}, epoch {epoch}", counters.0, counters.1));
    lines.iter().for_each(|line| services.out.line(format_args!("{line}")));
    Ok(())
}

fn line(report: &EntryReport) -> String {
    let EntryReport { name, facts, watched, faults } = report;
    let version = match facts.number {
        0 => String::from("original "),
        number => alloc::format!("version {number}"),
    };
    let state = match watched {
        Some((figures, wanted)) => alloc::format!("watched, {} of {wanted} calls", figures.calls),
        None if *faults > 0 => alloc::format!("failed {faults} times"),
        None => String::from("in use"),
    };
    alloc::format!("{name:<16}  {version}  {state}")
}

/// A package on its way from the disk.
struct Apply {
    loading: Loading,
    begun: Instant,
    /// When it is to be applied, if not at once.
    due: Option<Instant>,
}

impl Apply {
    fn start(services: &mut Services<'_>, path: &str, later: Option<Duration>) -> Result<Start, ShellError> {
        let begun = services.platform.clock.now();
        let due = later.map(|later| begun.after(later));
        Ok(Start::task(Self { loading: Loading::open(services, path)?, begun, due }))
    }
}

impl Task for Apply {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        let Some(package) = self.loading.turn(services)? else { return Ok(Turn::Again) };
        updates(services)?;
        let (name, platform) = (&self.loading.name, services.platform);
        let took = platform.clock.now().since(self.begun);
        platform.record(Level::Info, LOG, format_args!("{name}: load {} us", took.as_micros()));
        if let Some(due) = self.due {
            let has_room = services.patches.apply_later(due, name.clone(), package);
            return if has_room { Ok(Turn::Done) } else { Err(ShellError::TooManyUpdates { most: MOST_LATER }) };
        }
        let Applied { counter, entries, .. } = services.patches.apply(&package, services.platform)?;
        match counter {
            None => services.out.line(format_args!("a new root is trusted")),
            Some(counter) => {
                for (entry, version) in entries {
                    services.out.line(format_args!("release {counter}: {entry} is version {version}, and watched"));
                }
            }
        }
        Ok(Turn::Done)
    }
}

fn rollback(services: &mut Services<'_>, name: &str) -> Result<(), ShellError> {
    let id = EntryId::named(name).ok_or_else(|| ShellError::NoSuchEntry { name: name.into() })?;
    let (updates, mut journal) = updates(services)?;
    let version = updates.go_back(id, &mut journal).map_err(velocity_hotpatch::ApplyError::from)?;
    services.out.line(format_args!("{name} is back at {version}"));
    Ok(())
}

fn log(services: &mut Services<'_>) -> Result<(), ShellError> {
    let mut lines = Vec::new();
    if let Some(ledger) = services.patches.board.ledger() {
        ledger.replay(&mut |record| {
            if Kind::of(record.kind).is_some() {
                lines.push(board::text(record.kind, record.body));
            }
            ControlFlow::Continue(())
        })?;
    }
    lines.iter().for_each(|line| services.out.line(format_args!("{line}")));
    Ok(())
}
