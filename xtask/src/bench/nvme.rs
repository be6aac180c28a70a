//! `bench nvme`: the example `nvme_bench` of package `velocity-nvme`, which measures driver and model against `pread`.

use super::Figure;
use crate::{Result, build, process, workspace::Workspace};

/// Runs it and shows its figures.
///
/// # Errors
/// When it does not build or fails.
pub fn run(workspace: &Workspace, show: &dyn Fn(&Figure)) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root);
    cargo.args(["run", "--quiet", "--release", "--package", "velocity-nvme", "--example", "nvme_bench"]);
    let output = process::capture(&mut cargo, "read the message above")?;
    String::from_utf8_lossy(&output.stdout).lines().filter_map(Figure::parse).for_each(|figure| show(&figure));
    Ok(())
}
