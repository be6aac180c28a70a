//! `bench frames`: how late frames are on the simulator's screen beside greedy agents, and beside a core that works for inference.

use super::{Figure, Plan, median};
use crate::{Result, build, process, workspace::Workspace};
use std::process::Command;

/// Frames of each machine.
const FRAMES: &str = "600";

/// What is asked for beside the crowd, in microseconds.
const MOST_LATE: f64 = 1000.0;

/// How much of the speed beside a resting core there must be beside a working one: within a tenth.
const LEAST: f64 = 1.0 / 1.1;

const CROWD: &str = "beside a crowd";
const REST: &str = "beside a core for inference at rest";
const WORK: &str = "beside a core for inference at work";
const P99: &str = "late p99";

/// Runs all machines several times, one after the other, and shows the median of each figure, with each goal behind what it is about.
///
/// # Errors
/// When it does not build or fails.
pub fn run(workspace: &Workspace, plan: Plan, show: &dyn Fn(&Figure)) -> Result<()> {
    let mut cargo = build::cargo();
    cargo.current_dir(&workspace.root).args(["build", "--quiet", "--locked", "--release", "--package", "sim"]);
    process::run(&mut cargo, "read the compiler's message above")?;
    let mut figures: Vec<(Figure, Vec<f64>)> = Vec::new();
    for _ in 0..plan.runs {
        let mut sim = Command::new(workspace.target.join("release/sim"));
        let output = process::capture(sim.args(["--cores", "2", "--bench-frames", FRAMES]), "read the message above")?;
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(Figure::parse)
            .for_each(|figure| add(&mut figures, figure));
    }
    let medians: Vec<Figure> =
        figures.into_iter().map(|(figure, mut values)| Figure { value: median(&mut values), ..figure }).collect();
    let rest = medians.iter().find(|figure| figure.case == REST && figure.metric == P99).map(|figure| figure.value);
    for figure in medians {
        show(&figure);
        match (figure.case.as_str(), rest) {
            (CROWD, _) if figure.metric == P99 => show(&figure.most(MOST_LATE)),
            (WORK, Some(rest)) if figure.metric == P99 => show(&beside(&figure, rest).least_ratio(LEAST)),
            _ => {}
        }
    }
    Ok(())
}

/// Adds a value to those of the same figure.
fn add(figures: &mut Vec<(Figure, Vec<f64>)>, figure: Figure) {
    let same = |known: &&mut (Figure, Vec<f64>)| (&known.0.case, &known.0.metric) == (&figure.case, &figure.metric);
    let value = figure.value;
    match figures.iter_mut().find(same) {
        Some((_, values)) => values.push(value),
        None => figures.push((figure, vec![value])),
    }
}

/// The figure with the one beside a resting core as its peer.
fn beside(figure: &Figure, rest: f64) -> Figure {
    Figure { peer: Some(("at rest".to_owned(), rest, rest / figure.value)), ..figure.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_one_figure_come_together() {
        let line = |case: &str, value: f64| {
            let text = format!(
                "{{\"suite\":\"frames\",\"case\":\"{case}\",\"metric\":\"{P99}\",\"value\":{value},\"unit\":\"us\"}}"
            );
            Figure::parse(&text).unwrap()
        };
        let mut figures = Vec::new();
        [line(CROWD, 1.0), line(REST, 2.0), line(CROWD, 3.0)].into_iter().for_each(|figure| add(&mut figures, figure));
        let values: Vec<_> = figures.iter().map(|(figure, values)| (figure.case.as_str(), values.as_slice())).collect();
        assert_eq!(values, [(CROWD, &[1.0, 3.0][..]), (REST, &[2.0][..])]);
        let goal = beside(&line(WORK, 4.0), 3.0).least_ratio(0.5);
        assert_eq!((goal.value, goal.peer), (0.75, Some(("goal".to_owned(), 0.5, 1.5))));
    }
}
