//! `bench nda`: the example `nda_bench` of package `velocity-nda`, which measures the language against peers, and what
//! the milestone asks for.

use super::Figure;
use crate::{Result, build, process, workspace::Workspace};

/// What is asked for: case, metric, peer, the least ratio over that peer.
const RATIOS: [(&str, &str, &str, f64); 3] = [
    ("text", "parse and check", "wat and wasmparser", 3.0),
    ("document", "open", "serde_json", 20.0),
    ("identity", "hash all definitions", "sha256 of each", 1.0 / 1.5),
];

/// The most microseconds that a `who-calls` may take.
const WHO_CALLS_US: f64 = 1.0;

/// Runs it and shows its figures, each goal behind what it is about.
///
/// # Errors
/// When it does not build or fails.
pub fn run(workspace: &Workspace, show: &dyn Fn(&Figure)) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root);
    cargo.args(["run", "--quiet", "--release", "--package", "velocity-nda", "--example", "nda_bench"]);
    // glibc gives what is freed at the end of its heap back to the kernel, depending on what lies there by chance; then a round
    // of either side takes a tenth longer, for page faults. So it is told to keep everything.
    cargo.envs([("MALLOC_TOP_PAD_", "268435456"), ("MALLOC_TRIM_THRESHOLD_", "268435456")]);
    cargo.env("MALLOC_MMAP_THRESHOLD_", "33554432");
    let output = process::capture(&mut cargo, "read the message above")?;
    for figure in String::from_utf8_lossy(&output.stdout).lines().filter_map(Figure::parse) {
        show(&figure);
        goal(&figure).iter().for_each(show);
    }
    Ok(())
}

/// How a figure stands to its goal, if it has one.
fn goal(figure: &Figure) -> Option<Figure> {
    match figure.peer {
        Some(_) => figure.ratio_goal(&RATIOS),
        None => (figure.case == "graph").then(|| figure.most(WHO_CALLS_US)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(case: &str, metric: &str, value: f64, peer: Option<(&str, f64, f64)>) -> Figure {
        let peer = peer.map(|(name, value, ratio)| (name.to_owned(), value, ratio));
        let [suite, case, metric, unit] = ["nda", case, metric, "us"].map(str::to_owned);
        Figure { suite, case, metric, value, unit, peer }
    }

    #[test]
    fn goals_stand_behind_what_they_are_about() {
        let text = figure("text", "parse and check", 10.0, Some(("wat and wasmparser", 60.0, 6.0)));
        assert_eq!(goal(&text).and_then(|goal| goal.peer), Some(("goal".to_owned(), 3.0, 2.0)));
        let calls = figure("graph", "who-calls in 100,000 definitions", 0.5, None);
        assert_eq!(goal(&calls).and_then(|goal| goal.peer), Some(("goal".to_owned(), 1.0, 2.0)));
        assert_eq!(goal(&figure("document", "open (seal only)", 1.0, Some(("sha256", 1.0, 1.0)))), None);
        assert_eq!(goal(&figure("other", "thing", 1.0, None)), None);
    }
}
