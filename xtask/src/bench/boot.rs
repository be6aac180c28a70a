//! `bench boot`: how long it takes from the start to the prompt.
//!
//! In QEMU most of the time is firmware and boot loader. The kernel's share is what is left over a do-nothing kernel
//! under the same flags; machines of both kinds alternate, so that a slow minute of the host hits both. Each run
//! checks what the serial port said and how the machine ended. Kernels are entered directly by QEMU, as unikernels are
//! measured, and through GRUB from a disk. With GRUB the share is taken from the moment at which it says that it begins
//! to load: before it both machines do the same, for seconds under UEFI, and its noise is larger than what is to be
//! measured. Reading and placing the kernel's file count; that is 30 to 50 ms of GRUB's copying byte by byte.

use super::{Figure, Plan, median};
use crate::{
    Error, Result, build, disk, image,
    iso::{self, Contents, LOADING},
    process,
    qemu::{
        exit::Ending,
        machine::{Firmware, Machine, Medium},
        session::Session,
    },
    tools::{self, Need},
    workspace::Workspace,
};
use std::{path::Path, time::Duration};

const LIMIT: Duration = Duration::from_secs(120);

/// What the do-nothing kernel writes to the serial port.
pub const NOTHING: &str = "nothing";

/// Hermit's share under TCG as measured for the project's first milestone, by cores, in ms.
const HERMIT_MS: [(u32, f64); 2] = [(1, 117.0), (4, 220.0)];

/// Start-up of the simulator that the milestone asks for, in microseconds.
const SIMULATOR_GOAL_US: f64 = 1_100.0;

/// Measures simulator and, unless left out, QEMU.
///
/// # Errors
/// When something does not build, or a machine does not do what it should.
pub fn run(workspace: &Workspace, plan: Plan, show: &dyn Fn(&Figure)) -> Result<()> {
    simulator(workspace, show)?;
    if plan.vm {
        tools::ensure(Need::Machines)?;
        machines(workspace, plan.runs, show)?;
    }
    Ok(())
}

/// `sim --bench-boot` prints figures of its own, one JSON object a line.
fn simulator(workspace: &Workspace, show: &dyn Fn(&Figure)) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root).args(["run", "--quiet", "--release", "--package", "sim", "--"]);
    cargo.args(["--headless", "--bench-boot", "200"]);
    let output = process::capture(&mut cargo, "read the message above")?;
    for mut figure in String::from_utf8_lossy(&output.stdout).lines().filter_map(Figure::parse) {
        if figure.metric == "start-to-prompt" && figure.unit == "us" {
            figure.peer = Some(("goal".to_owned(), SIMULATOR_GOAL_US, SIMULATOR_GOAL_US / figure.value));
        }
        show(&figure);
    }
    Ok(())
}

/// The two machines' boot images, or their kernels where QEMU enters them directly.
struct Pair {
    system: Machine,
    nothing: Machine,
}

impl Pair {
    /// The same with that many cores and `disk`.
    fn with(&self, cores: u32, disk: &Path) -> Self {
        let on = |machine: &Machine| Machine { cores, disk: Some(disk.to_path_buf()), ..machine.clone() };
        Self { system: on(&self.system), nothing: on(&self.nothing) }
    }

    /// What a run is called in the figures.
    fn case(&self) -> String {
        let way = match self.system.medium {
            Medium::Direct => "direct",
            Medium::Disk | Medium::Cd => self.system.firmware.name(),
        };
        format!("qemu-{way}-{}-core", self.system.cores)
    }
}

fn machines(workspace: &Workspace, runs: usize, show: &dyn Fn(&Figure)) -> Result<()> {
    let kernel = build::kernel(workspace)?.packed;
    let idle = image::build_nothing_kernel(&workspace.root)?;
    let make = |kernel, name: &str| {
        let contents = Contents { announce: true, ..Contents::of(kernel) };
        iso::grub::make(workspace, &contents, &workspace.target.join(name))
    };
    let disk = disk::plain(workspace, &workspace.root.join(disk::DEFAULT_DISK), "bench")?;
    let (system, nothing) = (make(&kernel, "xtask/bench.iso")?, make(&idle, "xtask/bench-nothing.iso")?);
    let from_disk =
        |firmware| Pair { system: Machine::new(firmware, &system), nothing: Machine::new(firmware, &nothing) };
    let direct = Pair { system: Machine::direct(&kernel), nothing: Machine::direct(&idle) };
    for pair in [direct, from_disk(Firmware::Bios), from_disk(Firmware::Uefi)] {
        for (cores, hermit) in HERMIT_MS {
            compare(workspace, &pair.with(cores, &disk), hermit, runs)?.iter().for_each(show);
        }
    }
    Ok(())
}

fn compare(workspace: &Workspace, pair: &Pair, hermit: f64, runs: usize) -> Result<Vec<Figure>> {
    let (mut with, mut without, mut shares, mut stages) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let alone = nothing(workspace, &pair.nothing)?;
        let (time, found) = to_prompt(workspace, &pair.system)?;
        shares.push(millis(time.from_loading) - millis(alone.from_loading));
        with.push(millis(time.from_start));
        without.push(millis(alone.from_start));
        stages.push(found);
    }
    let case = pair.case();
    let (with, without, share) = (median(&mut with), median(&mut without), median(&mut shares));
    let figure = |metric: &str, value, unit: &str, peer| Figure {
        suite: "boot".to_owned(),
        case: case.clone(),
        metric: metric.to_owned(),
        value,
        unit: unit.to_owned(),
        peer,
    };
    let peer = ("hermit, measured elsewhere".to_owned(), hermit, hermit / share);
    let mut figures = vec![
        figure("start-to-prompt", with, "ms", Some(("do-nothing kernel".to_owned(), without, without / with))),
        // Firmware that takes seconds can swamp the difference; a share below nothing is shown without a ratio.
        figure("kernel-share", share, "ms", Some(peer).filter(|_| share > 0.0)),
    ];
    for (index, stage) in stages.first().cloned().unwrap_or_default().iter().enumerate() {
        let all = || stages.iter().filter_map(|run| run.get(index));
        let mut took: Vec<f64> = all().map(|stage| stage.took_us).collect();
        figures.push(figure(&format!("stage {}", stage.name), median(&mut took), "us", None));
        if stage.name == "prompt" {
            let mut at: Vec<f64> = all().map(|stage| stage.at_us).collect();
            figures.push(figure("kernel-clock-to-prompt", median(&mut at), "us", None));
        }
    }
    Ok(figures)
}

/// Times of one machine to its word or prompt.
struct Times {
    from_start: Duration,
    from_loading: Duration,
}

impl Times {
    fn new(loading: Duration, done: Duration) -> Self {
        Self { from_start: done, from_loading: done.saturating_sub(loading) }
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// When the boot loader begins to load; the machine's start where there is none.
fn loading(session: &mut Session, machine: &Machine) -> Result<Duration> {
    match machine.medium {
        Medium::Direct => Ok(Duration::ZERO),
        Medium::Disk | Medium::Cd => session.wait_for_text(LOADING),
    }
}

/// Time to the do-nothing kernel's word.
fn nothing(workspace: &Workspace, machine: &Machine) -> Result<Times> {
    let mut session = Session::start(workspace, machine, LIMIT)?;
    let loading = loading(&mut session, machine)?;
    let time = Times::new(loading, session.wait_for_text(NOTHING)?);
    ended(&mut session, Ending::Nothing)?;
    Ok(time)
}

/// Time to the prompt, and the stages that the system itself has measured, in microseconds.
fn to_prompt(workspace: &Workspace, machine: &Machine) -> Result<(Times, Vec<Stage>)> {
    let mut session = Session::start(workspace, machine, LIMIT)?;
    let loading = loading(&mut session, machine)?;
    let time = Times::new(loading, session.wait_for_prompt(1)?);
    session.run_script(&["dmesg".to_owned()])?;
    let stages = stages(&session.transcript());
    session.type_line("poweroff")?;
    ended(&mut session, Ending::PowerOff)?;
    Ok((time, stages))
}

fn ended(session: &mut Session, wanted: Ending) -> Result<(), Error> {
    match session.wait_end() {
        ending if ending == wanted => Ok(()),
        ending => Err(session.failure(format!("it should have ended so: {wanted}; but: {ending}"))),
    }
}

/// A stage of the start as `dmesg` shows it.
#[derive(Clone, Debug, PartialEq)]
struct Stage {
    name: String,
    /// When it was over, since the kernel's clock began.
    at_us: f64,
    /// How long it took.
    took_us: f64,
}

/// The lines `stage NAME AT us  +TIME us` of `dmesg`.
fn stages(transcript: &str) -> Vec<Stage> {
    let stage = |line: &str| {
        let (start, took) = line.strip_prefix("stage ")?.strip_suffix(" us")?.split_once(" us  +")?;
        let (name, at) = start.rsplit_once(' ')?;
        Some(Stage { name: name.trim_end().to_owned(), at_us: at.parse().ok()?, took_us: took.parse().ok()? })
    };
    transcript.lines().filter_map(stage).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_from_dmesg() {
        let text =
            "velocity> dmesg\nstage start              12 us  +0 us\nstage page tables       112 us  +100 us\nx\n";
        let stage = |name: &str, at_us, took_us| Stage { name: name.to_owned(), at_us, took_us };
        assert_eq!(stages(text), [stage("start", 12.0, 0.0), stage("page tables", 112.0, 100.0)]);
    }
}
