//! `bench swap`: a driver's entry is replaced while other cores call it, a whole machine reads a package from its disk and applies it, and what is asked
//! for.

use super::{Figure, Plan, median};
use crate::{Error, Result, build, process, workspace::Workspace};
use std::{fs, process::Command};

/// The most that a step may take: metric, microseconds.
const MOST: [(&str, f64); 3] = [("publish p99", 1.0), ("all steps p99", 5000.0), ("load and all steps", 5000.0)];

/// The best published comparable figure, from a signed update to code in use, in microseconds.
const PUBLISHED_US: f64 = 29_100.0;

/// Runs the example of `velocity-hotpatch` and shows its figures, each goal behind what it is about.
///
/// # Errors
/// When it does not build or fails, or an answer was wrong.
pub fn run(workspace: &Workspace, plan: Plan, show: &dyn Fn(&Figure)) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root);
    cargo.args(["run", "--quiet", "--locked", "--release", "--package", "velocity-hotpatch", "--example", "swap"]);
    let output = process::capture(&mut cargo, "read the message above")?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(Figure::parse)
        .for_each(|figure| with_goal(&figure, show));
    with_goal(&machine(workspace, plan.runs)?, show);
    Ok(())
}

fn with_goal(figure: &Figure, show: &dyn Fn(&Figure)) {
    show(figure);
    if let Some((_, most)) = MOST.iter().find(|(metric, _)| *metric == figure.metric) {
        show(&figure.most(*most));
    }
}

/// Machines that have just been started apply a package of the default disk: from the command to code in use, with the ledger on the disk.
fn machine(workspace: &Workspace, runs: usize) -> Result<Figure> {
    let script = workspace.scratch("xtask/bench")?.join("swap.script");
    fs::write(&script, "ota apply /updates/walk-1.ota\ndmesg\n").map_err(Error::io("writing a script"))?;
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root).args(["build", "--quiet", "--locked", "--release", "--package", "sim"]);
    process::run(&mut cargo, "read the compiler's message above")?;
    let mut times = Vec::new();
    for _ in 0..runs {
        let mut sim = Command::new(workspace.target.join("release/sim"));
        let output = process::capture(sim.arg("--headless").arg("--script").arg(&script), "read the message above")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let steps = text.lines().filter(|line| line.contains(" us") && line.contains("] ota: "));
        times.push(steps.map(micros).sum());
    }
    let value = median(&mut times);
    let text = |text: &str| text.to_owned();
    let (suite, case, metric) = (text("swap"), text("simulator"), text("load and all steps"));
    let peer = Some((text("published"), PUBLISHED_US, PUBLISHED_US / value));
    Ok(Figure { suite, case, metric, value, unit: text("us"), peer })
}

/// The sum of all times in a record of the event log.
fn micros(line: &str) -> f64 {
    let words: Vec<&str> = line.split_whitespace().collect();
    let times = words.windows(2).filter(|pair| pair[1].trim_end_matches(',') == "us");
    times.filter_map(|pair| pair[0].parse::<f64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_steps_are_added_up() {
        assert_eq!(micros("[    0.01] ota: verify 109 us, gate 20 us, publish 0 us"), 129.0);
        assert_eq!(micros("[    0.01] ota: walk-1.ota: fat32.walk is version 1, and watched"), 0.0);
    }
}
