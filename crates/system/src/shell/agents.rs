//! `spawn ps kill wait top ring cores`: agents, and the cores that they run on.

use super::{Services, ShellError, Start, Task, Turn, command::Command, expect_none, load::Loading, program::text_of};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use velocity_base::{CoreId, Duration};
use velocity_nexus::{Class, Key, Order, Report, Restart, Source, SpawnError};

const SPAWN: &str = "spawn [--class NAME] [--pages N] [--fuel N] [--restart N] FILE";

/// How long `top` looks at a time, and after what time `wait` looks without being told that there is something to see.
const LOOK: Duration = Duration::from_secs(1);

/// Lines that `top` shows.
const TOP: usize = 16;

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "spawn",
        usage: SPAWN,
        summary: "make an agent of an NDA program, which goes on beside the prompt",
        details: "What it prints is shown before the next prompt, or by `wait`, with its number before each line.\n\
                  NAME is `interactive`, `normal`, `background` or `inference`. It has at most N pages of 64 KiB (16),\n\
                  and N units of fuel each time it is begun. If it fails, it is begun anew up to N times, after 10 ms and twice as\n\
                  long each time.",
        takes_paths: true,
        start: spawn,
    },
    Command {
        name: "ps",
        usage: "ps",
        summary: "list the agents",
        details: "An agent that another one made has the number of that one before its own, with a dot.",
        takes_paths: false,
        start: ps,
    },
    Command {
        name: "kill",
        usage: "kill NUMBER",
        summary: "end an agent and all that it made",
        details: "NUMBER is as `ps` shows it.",
        takes_paths: false,
        start: kill,
    },
    Command {
        name: "wait",
        usage: "wait NUMBER",
        summary: "show what an agent prints until it ends",
        details: "Ctrl-C leaves it running.",
        takes_paths: false,
        start: wait,
    },
    Command {
        name: "top",
        usage: "top",
        summary: "show every second which agents use the most fuel",
        details: "Ctrl-C ends it.",
        takes_paths: false,
        start: top,
    },
    Command {
        name: "ring",
        usage: "ring",
        summary: "show what agents and those that made them have sent each other",
        details: "A fault is a packet that was not the next one or not what was sent: all that was good came again.",
        takes_paths: false,
        start: ring,
    },
    Command {
        name: "cores",
        usage: "cores [inference|general CORE]",
        summary: "show what each core is for, or change it",
        details: "A core for inference runs agents of that class and no others. `cpus` asks all cores to answer.",
        takes_paths: false,
        start: cores,
    },
];

/// A program on its way from the disk, and what is to be made of it.
struct Spawn {
    loading: Loading,
    class: Class,
    pages: u32,
    fuel: u64,
    restart: Restart,
}

fn spawn(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    let (mut class, mut pages, mut fuel, mut restart) = (Class::Normal, 16, u64::MAX, Restart::Never);
    let mut words = arguments;
    while let [option, value, rest @ ..] = words
        && option.starts_with('-')
    {
        let wrong = ShellError::Usage { usage: SPAWN };
        match option.as_str() {
            "--class" => class = Class::named(value).ok_or(wrong)?,
            "--pages" => pages = value.parse().map_err(|_| wrong)?,
            "--fuel" => fuel = value.parse().map_err(|_| wrong)?,
            "--restart" => restart = Restart::OnFailure(value.parse().map_err(|_| wrong)?),
            _ => return Err(ShellError::UnknownOption { option: option.clone(), command: "spawn" }),
        }
        words = rest;
    }
    let [path] = words else { return Err(ShellError::Usage { usage: SPAWN }) };
    let loading = Loading::open(services, path)?;
    Ok(Start::task(Spawn { loading, class, pages, fuel, restart }))
}

impl Task for Spawn {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        let Some(bytes) = self.loading.turn(services)? else { return Ok(Turn::Again) };
        let (name, text);
        let source = if bytes.starts_with(b"NDA1") {
            Source::Document(&bytes)
        } else {
            text = text_of(&self.loading.name, bytes.clone())?;
            Source::Text(&text)
        };
        name = core::mem::take(&mut self.loading.name);
        let Self { class, pages, fuel, restart, .. } = *self;
        let order = Order { class, pages, fuel, restart, ..Order::new(&name, source) };
        match services.agents.spawn(order) {
            Ok(number) => services.out.line(format_args!("[{number}] {name}")),
            Err(SpawnError::Refused(verdict)) => {
                let text = core::str::from_utf8(&bytes).unwrap_or_default();
                services.out.print(&verdict.render(&name, text));
            }
            Err(error) => return Err(ShellError::NotSpawned { name, error }),
        }
        Ok(Turn::Done)
    }
}

/// A path of numbers as a person writes it.
fn path_of(word: &str) -> Option<Vec<u32>> {
    word.split('.').map(|number| number.parse().ok()).collect()
}

/// The same way back.
fn written(path: &[u32]) -> String {
    let mut out = String::new();
    for (at, number) in path.iter().enumerate() {
        out += &if at == 0 { format!("{number}") } else { format!(".{number}") };
    }
    out
}

fn state_of(report: &Report) -> &'static str {
    use velocity_nexus::State::{Parked, Ready, Running, Woken};
    match report.state {
        None => "ending",
        Some(Ready) => "ready",
        Some(Running | Woken) => "running",
        Some(Parked) => "waiting",
    }
}

fn ps(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    expect_none(arguments, "ps")?;
    let reports = services.agents.swarm.reports();
    if reports.is_empty() {
        services.out.line(format_args!("no agents; `spawn FILE` makes one"));
        return Ok(Start::Done);
    }
    services.out.line(format_args!("number    state    class        pages  restarts        fuel  name"));
    for report in &reports {
        let Report { pages, restarts, fuel, name, class, .. } = report;
        let (number, state) = (written(&report.path), state_of(report));
        services
            .out
            .line(format_args!("{number:<8}  {state:<7}  {class:<11}  {pages:>5}  {restarts:>8}  {fuel:>10}  {name}"));
    }
    Ok(Start::Done)
}

fn kill(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    let [word] = arguments else { return Err(ShellError::Usage { usage: "kill NUMBER" }) };
    let killed = path_of(word).map(|path| services.agents.swarm.kill_at(&path));
    match killed {
        Some(Ok(())) => Ok(Start::Done),
        _ => Err(ShellError::NoSuchAgent { number: word.clone() }),
    }
}

fn wait(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    let [word] = arguments else { return Err(ShellError::Usage { usage: "wait NUMBER" }) };
    let number = word.parse().ok().filter(|number| services.agents.has(*number));
    let number = number.ok_or_else(|| ShellError::NoSuchAgent { number: word.clone() })?;
    Ok(Start::task(Wait(number)))
}

/// Shows what one agent prints.
struct Wait(u32);

impl Task for Wait {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        services.agents.show(Some(self.0), services.out);
        let now = services.platform.clock.now();
        Ok(if services.agents.has(self.0) { Turn::WaitUntil(now.after(LOOK)) } else { Turn::Done })
    }
}

fn top(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    expect_none(arguments, "top")?;
    let seen = seen(&services.agents.swarm.reports());
    let at = services.platform.clock.now().after(LOOK);
    Ok(Start::task(Top { seen, at }))
}

/// Fuel that each agent had used when it was last looked at.
struct Top {
    seen: BTreeMap<Key, u64>,
    at: velocity_base::Instant,
}

fn seen(reports: &[Report]) -> BTreeMap<Key, u64> {
    let mut seen = BTreeMap::new();
    for report in reports {
        seen.insert(report.key, report.fuel);
    }
    seen
}

impl Task for Top {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        let now = services.platform.clock.now();
        if now < self.at {
            return Ok(Turn::WaitUntil(self.at));
        }
        let reports = services.agents.swarm.reports();
        let used = |report: &Report| report.fuel - self.seen.get(&report.key).copied().unwrap_or(0).min(report.fuel);
        let all: u64 = reports.iter().map(used).sum();
        let mut most: Vec<&Report> = reports.iter().collect();
        most.sort_unstable_by_key(|report| core::cmp::Reverse(used(report)));
        services.out.line(format_args!(
            "{} agents, {} ready; fuel of the last second:",
            reports.len(),
            services.agents.swarm.waiting()
        ));
        for report in most.into_iter().take(TOP) {
            let (fuel, number) = (used(report), written(&report.path));
            let share = (fuel * 100).checked_div(all).unwrap_or(0);
            services
                .out
                .line(format_args!("{number:<8}  {share:>3} %  {fuel:>12}  {:<11}  {}", report.class, report.name));
        }
        (self.seen, self.at) = (seen(&reports), now.after(LOOK));
        Ok(Turn::WaitUntil(self.at))
    }
}

fn ring(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    expect_none(arguments, "ring")?;
    let mut reports = services.agents.swarm.reports();
    reports.retain(|report| report.traffic.is_some());
    if reports.is_empty() {
        services.out.line(format_args!("no agent has sent anything"));
        return Ok(Start::Done);
    }
    services.out.line(format_args!("number        sent up  received  faults   sent down  received  faults  name"));
    for report in &reports {
        let Some((up, down)) = report.traffic else { continue };
        let number = written(&report.path);
        services.out.line(format_args!(
            "{number:<8}  {:>11}  {:>8}  {:>6}  {:>10}  {:>8}  {:>6}  {}",
            up.sent, up.received, up.faults, down.sent, down.received, down.faults, report.name
        ));
    }
    Ok(Start::Done)
}

fn cores(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    const USAGE: &str = "cores [inference|general CORE]";
    if let [what, core] = arguments {
        let inference = match what.as_str() {
            "inference" => true,
            "general" => false,
            _ => return Err(ShellError::Usage { usage: USAGE }),
        };
        let core: u32 = core.parse().map_err(|_| ShellError::Usage { usage: USAGE })?;
        if !services.agents.set_apart(CoreId(core), inference) {
            return Err(ShellError::NoAgentsThere { core });
        }
        return Ok(Start::Done);
    }
    if !arguments.is_empty() {
        return Err(ShellError::Usage { usage: USAGE });
    }
    let plan: Vec<(CoreId, bool, bool)> = services.agents.plan().collect();
    for core in 0..services.platform.cores.count() {
        let what = match plan.iter().find(|(known, ..)| known.0 == core) {
            Some((_, _, true)) => "inference",
            Some((_, true, false)) => "agents, at work",
            Some((_, false, false)) => "agents, at rest",
            None if services
                .platform
                .cores
                .info(CoreId(core))
                .is_some_and(|info| info.state == velocity_hal::CoreState::System) =>
            {
                "the system, and agents"
            }
            None => "no agents: programs of this body run on the core of the system only, or it does not run",
        };
        services.out.line(format_args!("{core:>4}  {what}"));
    }
    Ok(Start::Done)
}
