//! What rustfmt and cargo have to say.

use super::Finding;
use crate::{Result, build, process, workspace::Workspace};
use std::process::Command;

/// Workspaces of the checkout: the main one, the benches with peers, and the fuzz targets.
const MANIFESTS: [&str; 4] =
    ["Cargo.toml", "tests/bench/Cargo.toml", "tests/bench-sync/Cargo.toml", "tests/fuzz/Cargo.toml"];

/// Files that rustfmt would change.
///
/// # Errors
/// When cargo cannot be started.
pub fn format(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for manifest in MANIFESTS {
        let mut cargo = build::cargo();
        cargo.args(["fmt", "--manifest-path", manifest]);
        if manifest == MANIFESTS[0] {
            cargo.arg("--all");
        }
        cargo.args(["--", "--check", "-l"]);
        if let Some(words) = complaint(cargo.current_dir(&workspace.root))? {
            let files = words.lines().filter(|line| line.ends_with(".rs") || line.contains("error"));
            let paths =
                files.map(|line| line.trim_start_matches(&*format!("{}/", workspace.root.display())).to_owned());
            let what = "run `cargo fmt`";
            findings.extend(paths.map(|path| Finding { path, line: 0, rule: "format", what: what.to_owned() }));
        }
    }
    Ok(findings)
}

/// Whether a lock file would change.
///
/// # Errors
/// When cargo cannot be started.
pub fn lock_in_step(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for manifest in MANIFESTS {
        let mut cargo = build::cargo();
        cargo.args(["metadata", "--locked", "--format-version", "1", "--manifest-path", manifest]);
        if let Some(words) = complaint(cargo.current_dir(&workspace.root))? {
            let path = manifest.replace(".toml", ".lock");
            let what = format!("not in step with the manifests: {}", process::tail(words.trim(), 4).replace('\n', " "));
            findings.push(Finding { path, line: 0, rule: "lock", what });
        }
    }
    Ok(findings)
}

/// What the program wrote, when it failed.
fn complaint(command: &mut Command) -> Result<Option<String>> {
    match process::capture(command, "`cargo xtask doctor` shows what is missing") {
        Ok(_) => Ok(None),
        Err(crate::Error::Failed { status, .. }) => Ok(Some(status)),
        Err(error) => Err(error),
    }
}
