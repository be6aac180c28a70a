//! One script, three machines, the same bytes: the simulator, QEMU with BIOS, QEMU with UEFI.

use super::{
    pool::{self, Case},
    summary::{Group, Summary},
};
use crate::{
    Error, Result, build, disk,
    image::KernelImage,
    iso::{self, Contents},
    process,
    qemu::{
        exit::Ending,
        machine::{Firmware, Machine},
        script,
        session::Session,
    },
    workspace::Workspace,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The script, relative to the checkout.
pub const SCRIPT: &str = "fixtures/scripts/parity.script";

const LIMIT: Duration = Duration::from_secs(180);

/// Runs the script everywhere and compares.
///
/// # Errors
/// When the simulator or an image cannot be built or the script cannot be read.
pub fn run(workspace: &Workspace, kernel: &KernelImage, summary: &mut Summary) -> Result<()> {
    summary.phase("parity of simulator and kernel");
    let path = workspace.root.join(SCRIPT);
    let script = script::read(&path)?;
    // Each has a disk of its own, since the ledger is written.
    let disk = |purpose| disk::plain(workspace, &workspace.root.join(disk::DEFAULT_DISK), purpose);
    let folder = workspace.scratch("xtask/transcripts")?;
    let expected = simulator(workspace, &disk("parity-sim")?, &path, &folder)?;
    let complete = is_complete(&expected, &script);
    summary.count(Group::Parity, "the simulator's transcript holds every command", complete);
    let image = iso::grub::make(workspace, &Contents::of(&kernel.packed), &workspace.target.join("xtask/parity.iso"))?;
    let disk = disk("parity")?;
    let cases = [(Firmware::Bios, 1), (Firmware::Uefi, 4)].map(|(firmware, cores)| {
        let mut machine = Machine::new(firmware, &image);
        machine.disk = Some(disk.clone());
        machine.cores = cores;
        let (script, expected) = (&script, &expected);
        let out = folder.join(format!("{}.txt", firmware.name()));
        let run = Box::new(move || {
            let text = in_qemu(workspace, &machine, script).map_err(|error| error.to_string())?;
            fs::write(&out, &text).map_err(|error| error.to_string())?;
            same(expected, &text)
        });
        Case { name: format!("simulator and QEMU with {} show the same bytes", firmware.name()), run }
    });
    pool::run(cases.into(), |name, result| summary.count(Group::Parity, name, result));
    Ok(())
}

/// The simulator's transcript of the script.
fn simulator(workspace: &Workspace, disk: &Path, script: &Path, folder: &Path) -> Result<String> {
    let program = build_simulator(workspace)?;
    let out = folder.join("sim.txt");
    let mut sim = Command::new(program);
    sim.arg("--headless").arg("--disk").arg(disk).arg("--script").arg(script).arg("--transcript").arg(&out);
    process::capture(&mut sim, "run the same line by hand and read what it says")?;
    fs::read_to_string(&out).map_err(Error::io("the simulator's transcript"))
}

/// Builds the simulator as `cargo test --workspace` has built it already, so that nothing is compiled again.
fn build_simulator(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root).args(["build", "--quiet", "--locked", "--workspace", "--bin", "sim"]);
    process::run(&mut cargo, "read the compiler's message above")?;
    Ok(workspace.target.join("debug/sim"))
}

fn in_qemu(workspace: &Workspace, machine: &Machine, script: &[String]) -> Result<String> {
    let mut session = Session::start(workspace, machine, LIMIT)?;
    session.run_script(script)?;
    let text = session.transcript();
    match session.power_off() {
        Ending::PowerOff => Ok(text),
        ending => Err(session.failure(format!("it should have powered off, but: {ending}"))),
    }
}

/// Whether each command of the script stands in the transcript, in order: an empty one would be equal everywhere.
fn is_complete(transcript: &str, script: &[String]) -> Result<(), String> {
    let prompt = velocity_terminal::PROMPT;
    let typed: Vec<&str> = transcript.lines().filter_map(|line| line.strip_prefix(prompt)).collect();
    if typed == script { Ok(()) } else { Err(format!("the script has {script:?}\nthe transcript has {typed:?}")) }
}

/// The first line in which two transcripts differ.
pub(super) fn same(expected: &str, found: &str) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let (mut left, mut right) = (expected.split('\n'), found.split('\n'));
    let mut line = 1;
    loop {
        match (left.next(), right.next()) {
            (a, b) if a != b => return Err(format!("line {line}: simulator {a:?}, QEMU {b:?}")),
            _ => line += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named() {
        assert_eq!(same("a\nb\n", "a\nb\n"), Ok(()));
        let message = same("a\nb\n", "a\nc\n").unwrap_err();
        assert_eq!(message, "line 2: simulator Some(\"b\"), QEMU Some(\"c\")");
        assert!(same("a\n", "a\nb\n").unwrap_err().starts_with("line 2"));
        assert!(same("a", "a\n").unwrap_err().starts_with("line 2"));
    }

    #[test]
    fn a_transcript_without_the_commands_is_not_complete() {
        let script = ["ls".to_owned(), "cat a".to_owned()];
        assert!(is_complete("velocity> ls\nx\nvelocity> cat a\n", &script).is_ok());
        assert!(is_complete("", &script).is_err());
        assert!(is_complete("velocity> cat a\nvelocity> ls\n", &script).is_err());
    }
}
