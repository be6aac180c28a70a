//! `dmesg`, `uptime`, `version`.

use super::{Services, ShellError, Start, Task, Turn, command::Command, expect_none};
use alloc::{string::String, vec};
use velocity_base::Instant;
use velocity_trace::Record;

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "dmesg",
        usage: "dmesg",
        summary: "show the event log and the stages of the start",
        details: "",
        takes_paths: false,
        start: dmesg,
    },
    Command {
        name: "uptime",
        usage: "uptime",
        summary: "show how long the machine has been up",
        details: "",
        takes_paths: false,
        start: uptime,
    },
    Command {
        name: "version",
        usage: "version",
        summary: "show the name and version of this system",
        details: "",
        takes_paths: false,
        start: version,
    },
];

/// Records shown a turn.
const RECORDS_A_TURN: usize = 64;

fn dmesg(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    expect_none(arguments, "dmesg")?;
    let (records, dropped) = services.platform.log.snapshot();
    if dropped > 0 {
        services.out.line(format_args!("({dropped} older records were dropped)"));
    }
    Ok(Start::task(Dmesg { records: records.into_iter() }))
}

/// Prints the log as it was when the command began.
struct Dmesg {
    records: vec::IntoIter<Record>,
}

impl Task for Dmesg {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        for record in self.records.by_ref().take(RECORDS_A_TURN) {
            services.out.line(format_args!("{record}"));
        }
        if !self.records.as_slice().is_empty() {
            return Ok(Turn::Again);
        }
        print_stages(services);
        Ok(Turn::Done)
    }
}

/// One line a stage: when it was reached and how long after the one before.
fn print_stages(services: &mut Services<'_>) {
    let mut previous: Option<Instant> = None;
    for &(name, at) in &services.platform.stages {
        let micros = at.since(previous.unwrap_or(at)).as_micros();
        services.out.line(format_args!("stage {name:<12} {:>9} us  +{micros} us", at.nanos / 1_000));
        previous = Some(at);
    }
}

fn uptime(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    expect_none(arguments, "uptime")?;
    let millis = services.platform.clock.now().nanos / 1_000_000;
    let (seconds, millis) = (millis / 1_000, millis % 1_000);
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    services.out.line(format_args!("up {hours}:{minutes:02}:{rest:02}.{millis:03}"));
    Ok(Start::Done)
}

fn version(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    expect_none(arguments, "version")?;
    services.out.line(format_args!("{} {}", crate::NAME, crate::VERSION));
    Ok(Start::Done)
}
