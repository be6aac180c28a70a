//! `cargo xtask bench`: measurements against peers in the same run.
//!
//! A figure is one [`Figure`]: printed as a JSON line with `--json`, as a table row otherwise. Absolute times on shared
//! machines prove nothing, so each figure that can has its peer measured right beside it.

pub mod boot;
pub mod frames;
pub mod gate;
pub mod jit;
pub mod nda;
pub mod nvme;
pub mod slice;
pub mod swap;
pub mod sync;

use crate::{
    Error, Result,
    cli::{self, Next, Recipe},
    workspace::Workspace,
};
use serde_json::{Value, json};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "bench",
    summary: "measure start-up, disk reads, the gate, the language, its engines and rings against peers",
    help: "cargo xtask bench boot|nvme|gate|slice|nda|jit|rings|rcu|switch|swap|frames [--json] [--runs N] [--no-vm]\n\n\
           boot     simulator: start to prompt, by stage; QEMU: start to prompt against a do-nothing kernel under the\n\
           \x20        same flags, interleaved, medians of N runs, with 1 and 4 cores\n\
           nvme     reads through driver and model against plain reads of the same file\n\
           gate     recall and precision of the secrets scanner on the committed corpus against detect-secrets\n\
           slice    tokens of a slice of one definition against those of the whole program, 1,000 functions\n\
           nda      text, documents, hashes and graph against wat and wasmparser, serde_json and plain SHA-256\n\
           jit      the kernels of fixtures/bench in every engine against wasmi, Winch, Cranelift and plain Rust; speed of\n\
           \x20        compilation; time to a first result; what guard pages and the counting of fuel cost\n\
           rings    64-byte packets through rings, with and without a hash, against rtrb, heapless and crossbeam\n\
           rcu      reads of what may be replaced against arc-swap and crossbeam-epoch\n\
           switch   turns of agents, scheduling included, against coroutines of corosensei in a queue\n\
           swap     10,000 versions of a driver's entry, one after the other, while other cores call it 10,000,000 times\n\
           frames   how late frames are on the screen beside greedy agents, and beside a core that works for inference\n\
           --json   one JSON object a line: suite, case, metric, value, unit, peer, peer_value, ratio (> 1: we win)\n\
           --runs N repetitions of each machine of `boot`, `swap` and `frames` (7)\n\
           --no-vm  simulator only",
    run,
};

/// How to measure.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// JSON lines instead of a table.
    pub json: bool,
    /// Repetitions.
    pub runs: usize,
    /// Whether QEMU is used.
    pub vm: bool,
}

/// One measured value, with its peer's where there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Which suite.
    pub suite: String,
    /// What was measured.
    pub case: String,
    /// Which property of it.
    pub metric: String,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Whom it is compared with, the value there, and the ratio: more than 1 means we win.
    pub peer: Option<(String, f64, f64)>,
}

impl Figure {
    /// How its ratio over a peer stands to the least that is asked for, if it is: by case, metric and peer.
    fn ratio_goal(&self, least: &[(&str, &str, &str, f64)]) -> Option<Self> {
        let (peer, ..) = self.peer.as_ref()?;
        let &(.., least) = least.iter().find(|goal| (goal.0, goal.1, goal.2) == (&self.case, &self.metric, peer))?;
        Some(self.least_ratio(least))
    }

    /// How its ratio over its peer stands to the least that is asked for.
    fn least_ratio(&self, least: f64) -> Self {
        let ratio = self.peer.as_ref().map_or(0.0, |(.., ratio)| *ratio);
        let peer = Some(("goal".to_owned(), least, ratio / least));
        let metric = format!("{}: ratio", self.metric);
        Self { metric, value: ratio, unit: String::new(), peer, ..self.clone() }
    }

    /// How it stands to the most that is allowed.
    fn most(&self, most: f64) -> Self {
        let peer = Some(("goal".to_owned(), most, most / self.value));
        Self { metric: format!("{}: goal", self.metric), peer, ..self.clone() }
    }

    /// How it stands to the least that is asked for.
    fn least(&self, least: f64) -> Self {
        let peer = Some(("goal".to_owned(), least, self.value / least));
        Self { metric: format!("{}: goal", self.metric), peer, ..self.clone() }
    }

    /// The JSON object of ARCHITECTURE.md, "Where figures come from", with its keys in that order.
    #[must_use]
    pub fn json(&self) -> String {
        let (peer, peer_value, ratio) = match &self.peer {
            Some((peer, value, ratio)) => (json!(peer), json!(value), json!(ratio)),
            None => (Value::Null, Value::Null, Value::Null),
        };
        let Self { suite, case, metric, value, unit, .. } = self;
        let pairs = [
            ("suite", json!(suite)),
            ("case", json!(case)),
            ("metric", json!(metric)),
            ("value", json!(value)),
            ("unit", json!(unit)),
            ("peer", peer),
            ("peer_value", peer_value),
            ("ratio", ratio),
        ];
        let members = pairs.map(|(key, value)| format!("\"{key}\":{value}"));
        format!("{{{}}}", members.join(","))
    }

    /// Reads what [`Figure::json`] writes; `None` for anything else.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let object: Value = serde_json::from_str(line).ok()?;
        let text = |key: &str| object.get(key)?.as_str().map(str::to_owned);
        let number = |key: &str| object.get(key)?.as_f64();
        let peer = text("peer").and_then(|peer| Some((peer, number("peer_value")?, number("ratio")?)));
        let (suite, case, metric, unit) = (text("suite")?, text("case")?, text("metric")?, text("unit")?);
        Some(Self { suite, case, metric, value: number("value")?, unit, peer })
    }

    /// A row of the table.
    #[must_use]
    pub fn row(&self) -> String {
        let what = format!("{} {}", self.case, self.metric);
        let own = format!("{what:<52} {:>12.3} {:<6}", self.value, self.unit);
        match &self.peer {
            Some((peer, value, ratio)) => format!("{own} {peer}: {value:.3} {}, ratio {ratio:.2}", self.unit),
            None => own.trim_end().to_owned(),
        }
    }
}

fn run(workspace: &Workspace, parser: &mut lexopt::Parser) -> Result<()> {
    let mut plan = Plan { json: false, runs: 7, vm: true };
    let mut suites: Vec<String> = Vec::new();
    loop {
        match cli::next_option(&RECIPE, parser)? {
            Next::Help => return Ok(()),
            Next::End => break,
            Next::Arg(lexopt::Arg::Long("json")) => plan.json = true,
            Next::Arg(lexopt::Arg::Long("no-vm")) => plan.vm = false,
            Next::Arg(lexopt::Arg::Long("runs")) => plan.runs = cli::value(RECIPE.name, "runs", parser)?,
            Next::Arg(lexopt::Arg::Value(word)) => suites.push(word.to_string_lossy().into_owned()),
            Next::Arg(arg) => return Err(Error::usage(RECIPE.name, arg.unexpected().to_string())),
        }
    }
    if suites.is_empty() || plan.runs == 0 {
        return Err(Error::usage(
            RECIPE.name,
            "name a suite: boot, nvme, gate, slice, nda, jit, rings, rcu or swap; --runs is at least 1",
        ));
    }
    for suite in suites {
        let show = |figure: &Figure| println!("{}", if plan.json { figure.json() } else { figure.row() });
        match suite.as_str() {
            "boot" => boot::run(workspace, plan, &show)?,
            "nvme" => nvme::run(workspace, &show)?,
            "gate" => gate::run(workspace, &show)?,
            "slice" => slice::run(workspace, &show)?,
            "nda" => nda::run(workspace, &show)?,
            "jit" => jit::run(workspace, &show)?,
            "rings" | "rcu" | "switch" => sync::run(workspace, &suite, &show)?,
            "swap" => swap::run(workspace, plan, &show)?,
            "frames" => frames::run(workspace, plan, &show)?,
            other => return Err(Error::usage(RECIPE.name, format!("there is no suite `{other}`"))),
        }
    }
    Ok(())
}

/// The middle value; the mean of the two in the middle of an even number.
#[must_use]
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&mut []).is_nan());
    }

    #[test]
    fn a_figure_survives_the_way_through_json() {
        let text = |s: &str| s.to_owned();
        let (suite, case, metric, unit) = (text("boot"), text("a"), text("b"), text("ms"));
        let figure = Figure { suite, case, metric, value: 1.5, unit, peer: Some((text("p"), 3.0, 2.0)) };
        assert_eq!(Figure::parse(&figure.json()), Some(figure.clone()));
        let alone = Figure { peer: None, ..figure };
        assert_eq!(Figure::parse(&alone.json()), Some(alone.clone()));
        assert!(alone.json().ends_with("\"unit\":\"ms\",\"peer\":null,\"peer_value\":null,\"ratio\":null}"));
        assert_eq!(Figure::parse("not json"), None);
    }
}
