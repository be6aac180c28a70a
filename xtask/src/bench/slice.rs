//! `bench slice`: the size of slices against the whole program, in tokens of two real tokenizers.

use super::Figure;
use crate::{Error, Result, build, process, workspace::Workspace};
use serde_json::Value;

/// Runs the example and shows its figures.
///
/// # Errors
/// When it does not start or fails, or says something unexpected, or when a slice does not stand alone.
pub fn run(workspace: &Workspace, show: &dyn Fn(&Figure)) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root);
    cargo.args(["run", "--quiet", "--package", "velocity-workbench", "--example", "slice_bench"]);
    let found = super::gate::json(&mut cargo, "read the message above")?;
    let (functions, alone) = (&found["functions"], &found["alone"]);
    if functions != alone {
        return Err(Error::Failed {
            command: process::show(&cargo),
            status: format!("{alone} of {functions} slices stand alone with the same hash"),
            next: "run `cargo test -p velocity-nda slice`".to_owned(),
        });
    }
    show(&figure("slices that stand alone", "count", &found["alone"], "", None));
    show(&figure("slice and check", "mean time", &found["micros"], "us", None));
    for tokenizer in ["o200k", "cl100k"] {
        let counts = &found[tokenizer];
        for metric in ["median", "p90", "max"] {
            show(&figure(tokenizer, metric, &counts[metric], "tokens", Some(&counts["whole"])));
        }
    }
    Ok(())
}

/// A figure; the whole program is the peer.
fn figure(case: &str, metric: &str, value: &Value, unit: &str, whole: Option<&Value>) -> Figure {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let value = number(value);
    let peer = whole.map(|whole| ("whole program".to_owned(), number(whole), number(whole) / value));
    let text = |s: &str| s.to_owned();
    Figure { suite: text("slice"), case: text(case), metric: text(metric), value, unit: text(unit), peer }
}
