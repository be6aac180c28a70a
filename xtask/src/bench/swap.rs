//! `bench swap`: a driver's entry is replaced while other cores call it, and what is asked for.

use super::Figure;
use crate::{Result, build, process, workspace::Workspace};

/// The most that a step may take: metric, microseconds.
const MOST: [(&str, f64); 2] = [("publish p99", 1.0), ("all steps p99", 5000.0)];

/// Runs the example of `velocity-hotpatch` and shows its figures, each goal behind what it is about.
///
/// # Errors
/// When it does not build or fails, or an answer was wrong.
pub fn run(workspace: &Workspace, show: &dyn Fn(&Figure)) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root);
    cargo.args(["run", "--quiet", "--locked", "--release", "--package", "velocity-hotpatch", "--example", "swap"]);
    let output = process::capture(&mut cargo, "read the message above")?;
    for figure in String::from_utf8_lossy(&output.stdout).lines().filter_map(Figure::parse) {
        show(&figure);
        if let Some((_, most)) = MOST.iter().find(|(metric, _)| *metric == figure.metric) {
            show(&figure.most(*most));
        }
    }
    Ok(())
}
