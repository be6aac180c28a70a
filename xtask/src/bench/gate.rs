//! `bench gate`: recall and precision of the secrets scanner on the committed corpus, beside those of `detect-secrets`.

use super::Figure;
use crate::{Error, Result, build, process, workspace::Workspace};
use serde_json::Value;
use std::process::Command;

/// The other program.
const PEER: &str = "detect-secrets 1.5.0";

/// Runs both over the corpus and shows the figures of each part and of both together.
///
/// # Errors
/// When a program does not start or fails, or says something unexpected.
pub fn run(workspace: &Workspace, show: &dyn Fn(&Figure)) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root);
    cargo.args(["run", "--quiet", "--release", "--package", "velocity-gate", "--example", "gate_bench"]);
    let own = json(&mut cargo, "read the message above")?;
    let mut compare = Command::new("python3");
    compare.arg(workspace.root.join("fixtures/secrets/compare.py")).arg(workspace.scratch("secrets")?);
    let peer =
        json(&mut compare, "python3 with venv and a package registry are needed once, to install the other program")?;
    let (own_parts, peer_parts) = (counts(&own["parts"]), counts(&peer));
    for (part, ours, theirs) in parts(&own_parts, &peer_parts) {
        show(&figure(&part, "recall", ours.recall(), theirs.recall()));
        show(&figure(&part, "precision", ours.precision(), theirs.precision()));
    }
    let text = |s: &str| s.to_owned();
    let value = own["scan_mb_s"].as_f64().unwrap_or(f64::NAN);
    show(&Figure {
        suite: text("gate"),
        case: text("scan"),
        metric: text("speed"),
        value,
        unit: text("MB/s"),
        peer: None,
    });
    Ok(())
}

/// What was found in a part of the corpus.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    positives: f64,
    found: f64,
    false_alarms: f64,
}

impl Counts {
    fn recall(self) -> f64 {
        self.found / self.positives
    }

    fn precision(self) -> f64 {
        self.found / (self.found + self.false_alarms)
    }

    fn and(self, other: Self) -> Self {
        Self {
            positives: self.positives + other.positives,
            found: self.found + other.found,
            false_alarms: self.false_alarms + other.false_alarms,
        }
    }
}

/// Each part by name with both programs' counts, then all together.
fn parts(own: &[(String, Counts)], peer: &[(String, Counts)]) -> Vec<(String, Counts, Counts)> {
    let pairs = own.iter().zip(peer).map(|((part, ours), (_, theirs))| (part.clone(), *ours, *theirs));
    let mut all: Vec<_> = pairs.collect();
    let sum = |pick: fn(&(String, Counts, Counts)) -> Counts| all.iter().map(pick).fold(Counts::default(), Counts::and);
    let (ours, theirs) = (sum(|part| part.1), sum(|part| part.2));
    all.push(("whole corpus".to_owned(), ours, theirs));
    all
}

fn counts(list: &Value) -> Vec<(String, Counts)> {
    let number = |part: &Value, key: &str| part[key].as_f64().unwrap_or(f64::NAN);
    let read = |part: &Value| {
        let counts = Counts {
            positives: number(part, "positives"),
            found: number(part, "found"),
            false_alarms: number(part, "false_alarms"),
        };
        (part["part"].as_str().unwrap_or("?").to_owned(), counts)
    };
    list.as_array().into_iter().flatten().map(read).collect()
}

fn figure(part: &str, metric: &str, value: f64, peer: f64) -> Figure {
    Figure {
        suite: "gate".to_owned(),
        case: format!("secrets, {part}"),
        metric: metric.to_owned(),
        value,
        unit: "of 1".to_owned(),
        peer: Some((PEER.to_owned(), peer, value / peer)),
    }
}

/// The JSON value that a program prints.
pub(super) fn json(command: &mut Command, next: &str) -> Result<Value> {
    let output = process::capture(command, next)?;
    serde_json::from_slice(&output.stdout).map_err(|error| Error::Failed {
        command: process::show(command),
        status: format!("it printed no JSON: {error}"),
        next: next.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_come_from_counts() {
        let list = serde_json::json!([
            {"part": "a", "positives": 4, "negatives": 9, "found": 2, "false_alarms": 2},
            {"part": "b", "positives": 1, "negatives": 9, "found": 1, "false_alarms": 0},
        ]);
        let counts = counts(&list);
        let parts = parts(&counts, &counts);
        let rates: Vec<_> =
            parts.iter().map(|(part, ours, _)| (part.as_str(), ours.recall(), ours.precision())).collect();
        assert_eq!(rates, [("a", 0.5, 0.5), ("b", 1.0, 1.0), ("whole corpus", 0.6, 0.6)]);
        assert_eq!(figure("a", "recall", 0.8, 0.4).peer, Some((PEER.to_owned(), 0.4, 2.0)));
    }
}
