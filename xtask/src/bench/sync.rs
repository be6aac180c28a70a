//! `bench rings`, `bench rcu` and `bench switch`: the program in `tests/bench-sync`, which measures rings, replaced values and turns of agents against peers, and what is asked for.

use super::Figure;
use crate::{Result, build, process, workspace::Workspace};

/// What is asked for: case, metric, peer, the least ratio over that peer.
const RATIOS: [(&str, &str, &str, f64); 13] = [
    ("one thread", "ours 64-byte push and pop", "rtrb", 1.0),
    ("one thread", "ours 64-byte push and pop", "heapless", 1.0),
    ("one thread", "ours 64-byte push and pop", "crossbeam", 1.0),
    ("one thread", "ours with the chain 64-byte push and pop", "rtrb", 0.5),
    ("one thread", "ours with the chain 64-byte push and pop", "heapless", 0.5),
    ("one thread", "ours with the chain 64-byte push and pop", "crossbeam", 0.5),
    ("two threads", "ours 64-byte packet in batches of 64", "rtrb", 1.0),
    ("two threads", "ours 64-byte packet in batches of 64", "heapless", 1.0),
    ("two threads", "ours 64-byte packet in batches of 64", "crossbeam", 1.0),
    ("one thread", "ours read", "arc-swap", 3.0),
    ("one thread", "ours read", "crossbeam-epoch", 3.0),
    ("one", "ours turn", "corosensei", 1.0),
    ("1,000 in turn", "ours turn", "corosensei", 1.0),
];

/// Runs a suite of it and shows its figures, each goal behind what it is about.
///
/// # Errors
/// When it does not build or fails.
pub fn run(workspace: &Workspace, suite: &str, show: &dyn Fn(&Figure)) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root);
    cargo.args(["run", "--quiet", "--locked", "--release", "--manifest-path", "tests/bench-sync/Cargo.toml"]);
    cargo.arg("--target-dir").arg(workspace.target.join("bench-sync")).args(["--", suite]);
    let output = process::capture(&mut cargo, "read the message above")?;
    for figure in String::from_utf8_lossy(&output.stdout).lines().filter_map(Figure::parse) {
        show(&figure);
        figure.ratio_goal(&RATIOS).iter().for_each(show);
    }
    Ok(())
}
