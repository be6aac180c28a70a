//! `cargo test` of the whole workspace in one run, counted by what each test program reports.
//!
//! One run, so that nothing is compiled twice with different features; the programs of package `velocity-tests` are
//! told apart by their names and counted as model tests.

use super::summary::{Group, Summary};
use crate::{Error, Result, build, tools, workspace::Workspace};
use std::{
    fs,
    io::{BufRead, BufReader, pipe},
    process::{Command, Stdio},
};

/// Runs all tests and adds them to the groups `host` and `model`.
pub fn run(workspace: &Workspace, summary: &mut Summary) {
    summary.phase("host and model tests");
    let counted = model_programs(workspace).and_then(|model| cargo_test(workspace, Counter::new(model)));
    match counted {
        Err(error) => summary.fail(Group::Host, &error.to_string()),
        Ok((counter, success)) => {
            summary.add(Group::Host, counter.host.0, counter.host.1);
            summary.add(Group::Model, counter.model.0, counter.model.1);
            if !success && counter.host.1 + counter.model.1 == 0 {
                summary.fail(
                    Group::Host,
                    "`cargo test` failed without a failed test: a compile error or a crashed program",
                );
            }
            if counter.model.0 == 0 {
                summary.fail(Group::Model, "no model test ran; they live in tests/tests");
            }
        }
    }
}

/// Runs the models of what cores share under the model checker, in every order of steps, and adds them to the group `model`.
pub fn orders(workspace: &Workspace, summary: &mut Summary) {
    summary.phase("models of what cores share");
    let mut cargo = build::cargo();
    cargo.env("CARGO_ENCODED_RUSTFLAGS", "--cfg=loom").arg("test").args(["--locked", "--release", "--lib"]);
    cargo.args(["--package", "velocity-sync"]).arg("--target-dir").arg(workspace.target.join("loom"));
    match count(workspace, cargo, Counter::new(vec!["velocity_sync".to_owned()])) {
        Ok((counter, true)) if counter.model.0 > 0 => summary.add(Group::Model, counter.model.0, counter.model.1),
        Ok(_) => summary.fail(Group::Model, "a model of what cores share fails, or none ran: read the lines above"),
        Err(error) => summary.fail(Group::Model, &error.to_string()),
    }
}

/// Names of the test programs of package `velocity-tests`.
fn model_programs(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.root.join("tests/tests");
    let mut names = vec!["velocity_tests".to_owned()];
    for entry in fs::read_dir(&folder).map_err(Error::io("listing tests/tests"))? {
        let path = entry.map_err(Error::io("listing tests/tests"))?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    Ok(names)
}

fn cargo_test(workspace: &Workspace, counter: Counter) -> Result<(Counter, bool)> {
    let mut cargo = build::cargo();
    cargo.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    count(workspace, cargo, counter)
}

/// Runs tests, shows what they print and counts them; and whether all went well.
fn count(workspace: &Workspace, mut cargo: Command, mut counter: Counter) -> Result<(Counter, bool)> {
    let (reader, writer) = pipe().map_err(Error::io("a pipe"))?;
    let other = writer.try_clone().map_err(Error::io("a pipe"))?;
    cargo.current_dir(&workspace.root).env("PATH", tools::search_path());
    let mut child =
        cargo.stdin(Stdio::null()).stdout(writer).stderr(other).spawn().map_err(Error::io("starting cargo"))?;
    // The command holds the pipe's write ends; without dropping it the pipe would never end.
    drop(cargo);
    for line in BufReader::new(reader).lines() {
        let line = line.map_err(Error::io("reading what `cargo test` says"))?;
        println!("{line}");
        counter.line(&line);
    }
    let status = child.wait().map_err(Error::io("waiting for `cargo test`"))?;
    Ok((counter, status.success()))
}

/// Counts by the lines that cargo and the test programs print.
struct Counter {
    model_programs: Vec<String>,
    in_model: bool,
    host: (usize, usize),
    model: (usize, usize),
}

impl Counter {
    fn new(model_programs: Vec<String>) -> Self {
        Self { model_programs, in_model: false, host: (0, 0), model: (0, 0) }
    }

    fn line(&mut self, line: &str) {
        let line = line.trim();
        if let Some(program) = running(line) {
            self.in_model = self.model_programs.iter().any(|name| name == program);
        } else if let Some((passed, failed)) = result(line) {
            let counts = if self.in_model { &mut self.model } else { &mut self.host };
            counts.0 += passed;
            counts.1 += failed;
        }
    }
}

/// The program in `Running unittests src/lib.rs (target/debug/deps/name-0123456789abcdef)` or `Doc-tests name`.
fn running(line: &str) -> Option<&str> {
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(name);
    }
    let path = line.strip_prefix("Running ")?.rsplit_once('(')?.1.strip_suffix(')')?;
    let file = path.rsplit('/').next()?;
    Some(file.rsplit_once('-').map_or(file, |(name, _)| name))
}

/// Passed and failed in `test result: ok. 12 passed; 0 failed; ...`.
fn result(line: &str) -> Option<(usize, usize)> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let number = |word: &str| counts.split("; ").find_map(|part| part.strip_suffix(word)?.trim().parse().ok());
    Some((number("passed")?, number("failed")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_go_to_the_program_that_ran() {
        let mut counter = Counter::new(vec!["disk_faults".to_owned()]);
        for line in [
            "     Running unittests src/lib.rs (target/debug/deps/velocity_base-0123456789abcdef)",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "     Running tests/disk_faults.rs (target/debug/deps/disk_faults-0123456789abcdef)",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
            "   Doc-tests velocity_base",
            "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
        ] {
            counter.line(line);
        }
        assert_eq!((counter.host, counter.model), ((13, 0), (3, 2)));
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in ["test result: ok", "test a ... ok", "Running", "error: test result", ""] {
            assert_eq!(result(line), None, "{line}");
        }
    }
}
