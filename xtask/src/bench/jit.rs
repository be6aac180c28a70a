//! `bench jit`: the program in `tests/bench`, which measures the engines against peers, and what the milestone asks for.

use super::Figure;
use crate::{Result, build, process, workspace::Workspace};

/// What is asked for: case, metric, peer, the least ratio over that peer.
const RATIOS: [(&str, &str, &str, f64); 9] = [
    ("all kernels", "closure run, geometric mean", "wasmi", 1.0),
    ("all kernels", "baseline run, geometric mean", "winch", 1.2),
    ("all kernels", "native run, geometric mean", "cranelift", 0.9),
    ("y-loop", "closure turn", "match over byte code", 16.0 / 10.0),
    // What safety and knowing may cost: 1 %, 3 % and 2 %.
    ("all kernels", "native safety, geometric mean", "native without bounds", 1.0 / 1.01),
    ("all kernels", "native safety, geometric mean", "native without fuel", 1.0 / 1.03),
    ("all kernels", "native safety, geometric mean", "native without profile", 1.0 / 1.02),
    ("compile", "baseline compile", "winch", 3.0),
    ("compile", "native compile", "cranelift", 5.0),
];

/// The most microseconds from a text of ten lines to its first result.
const FIRST_US: [(&str, f64); 2] = [("closure text to first result", 20.0), ("native text to first result", 62.0)];

/// The least megabytes of WebAssembly's code that the baseline compiles in a second.
const BASELINE_MB_S: f64 = 10.0;

/// Runs it and shows its figures, each goal behind what it is about.
///
/// # Errors
/// When it does not build or fails.
pub fn run(workspace: &Workspace, show: &dyn Fn(&Figure)) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root);
    cargo.args(["run", "--quiet", "--locked", "--release", "--manifest-path", "tests/bench/Cargo.toml"]);
    cargo.arg("--target-dir").arg(workspace.target.join("bench"));
    let output = process::capture(&mut cargo, "read the message above")?;
    for figure in String::from_utf8_lossy(&output.stdout).lines().filter_map(Figure::parse) {
        show(&figure);
        goal(&figure).iter().for_each(show);
    }
    Ok(())
}

/// How a figure stands to its goal, if it has one.
fn goal(figure: &Figure) -> Option<Figure> {
    match &figure.peer {
        // The same speed stands beside every peer.
        Some((peer, ..)) if figure.unit == "MB/s" => {
            (figure.metric == "baseline compile" && peer == "winch").then(|| figure.least(BASELINE_MB_S))
        }
        Some(_) => figure.ratio_goal(&RATIOS),
        None => FIRST_US.iter().find(|(metric, _)| figure.metric == *metric).map(|(_, most)| figure.most(*most)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(case: &str, metric: &str, value: f64, peer: Option<(&str, f64, f64)>) -> Figure {
        let peer = peer.map(|(name, value, ratio)| (name.to_owned(), value, ratio));
        let [suite, case, metric, unit] = ["jit", case, metric, "us"].map(str::to_owned);
        Figure { suite, case, metric, value, unit, peer }
    }

    #[test]
    fn goals_stand_behind_what_they_are_about() {
        let all = |metric, peer| goal(&figure("all kernels", metric, 1.0, Some((peer, 0.5, 0.5))))?.peer;
        let closure = "closure run, geometric mean";
        assert_eq!(all(closure, "wasmi"), Some(("goal".to_owned(), 1.0, 0.5)));
        assert_eq!(all(closure, "wasmi with fuel"), None);
        assert_eq!(all(closure, "winch"), None);
        assert_eq!(all("baseline run, geometric mean", "winch"), Some(("goal".to_owned(), 1.2, 0.5 / 1.2)));
        assert_eq!(all("native run, geometric mean", "winch"), None);
        assert_eq!(all("native run, geometric mean", "cranelift"), Some(("goal".to_owned(), 0.9, 0.5 / 0.9)));
        assert_eq!(all("native run, geometric mean", "rust -O"), None);
        assert_eq!(all("closure load and compile, geometric mean", "wasmi"), None);
        let safety = "native safety, geometric mean";
        assert_eq!(all(safety, "native without fuel"), Some(("goal".to_owned(), 1.0 / 1.03, 0.5 * 1.03)));
        assert_eq!(all(safety, "native with explicit bounds"), None);
        let turn = figure("y-loop", "closure turn", 5.0, Some(("match over byte code", 16.0, 3.2)));
        assert_eq!(goal(&turn).and_then(|goal| goal.peer), Some(("goal".to_owned(), 1.6, 2.0)));
        assert_eq!(goal(&figure("y-loop", "closure run", 5.0, Some(("wasmi", 16.0, 3.2)))), None);
        let first = figure("first instruction", "closure text to first result", 40.0, None);
        assert_eq!(goal(&first).and_then(|goal| goal.peer), Some(("goal".to_owned(), 20.0, 0.5)));
        assert_eq!(goal(&figure("first instruction", "of that, text to core", 40.0, None)), None);
        let compile = figure("compile", "baseline compile", 8.0, Some(("winch", 1.0, 8.0)));
        assert_eq!(goal(&compile).and_then(|goal| goal.peer), Some(("goal".to_owned(), 3.0, 8.0 / 3.0)));
        let speed = Figure { unit: "MB/s".to_owned(), ..compile };
        assert_eq!(goal(&speed).and_then(|goal| goal.peer), Some(("goal".to_owned(), 10.0, 0.8)));
    }
}
