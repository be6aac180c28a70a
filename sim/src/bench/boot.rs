//! How long a machine takes from power-on to its first prompt.

use crate::error::SimError;
use crate::options::Options;
use crate::rig::Rig;
use velocity_system::System;

/// Median times of a start, in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootTimes {
    /// From the beginning of [`System::start`] to the prompt, disk mounted.
    pub start_to_prompt: u64,
    /// Each stage by name in order, from the end of the one before.
    pub stages: Vec<(&'static str, u64)>,
}

/// Starts `machines` fresh machines, one after the other.
///
/// # Errors
/// [`SimError`] when the disk cannot be opened.
pub fn boot(options: &Options, machines: u32) -> Result<BootTimes, SimError> {
    let mut totals = Vec::new();
    let mut stages: Vec<(&'static str, Vec<u64>)> = Vec::new();
    let rig = Rig::new(options.clone(), true);
    for _ in 0..machines.max(1) {
        let machine = rig.machine(None)?.machine;
        let clock = machine.clock.clone();
        let began = clock.now().nanos;
        let system = System::start(machine);
        totals.push(clock.now().nanos - began);
        record(&system, began, &mut stages);
    }
    let stages = stages.into_iter().map(|(name, times)| (name, median(times))).collect();
    Ok(BootTimes { start_to_prompt: median(totals), stages })
}

impl BootTimes {
    /// One JSON object a line, as every benchmark of this project prints them.
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        let stages = self.stages.iter().map(|(name, nanos)| line(&format!("stage {name}"), *nanos));
        stages.chain([line("start-to-prompt", self.start_to_prompt)]).collect()
    }
}

fn line(metric: &str, nanos: u64) -> String {
    let value = nanos as f64 / 1e3;
    format!("{{\"suite\":\"boot\",\"case\":\"sim\",\"metric\":\"{metric}\",\"value\":{value:.3},\"unit\":\"us\"}}\n")
}

/// Adds the stages of one start, each as the time since the one before.
fn record(system: &System, began: u64, stages: &mut Vec<(&'static str, Vec<u64>)>) {
    let mut before = began;
    for &(name, at) in system.stages() {
        let took = at.nanos.saturating_sub(before);
        before = at.nanos;
        match stages.iter_mut().find(|(known, _)| *known == name) {
            Some((_, times)) => times.push(took),
            None => stages.push((name, vec![took])),
        }
    }
}

/// The middle one of `times`, the lower one of two.
fn median(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    times.get((times.len().saturating_sub(1)) / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_a_measured_time() {
        assert_eq!(median(vec![9, 1, 5]), 5);
        assert_eq!(median(vec![9, 1]), 1);
        assert_eq!(median(vec![]), 0);
    }

    #[test]
    fn figures_are_printed_in_microseconds() {
        let times = BootTimes { start_to_prompt: 1_234_567, stages: vec![("pci", 1_000)] };
        let expected = "{\"suite\":\"boot\",\"case\":\"sim\",\"metric\":\"stage pci\",\"value\":1.000,\"unit\":\"us\"}\n\
                        {\"suite\":\"boot\",\"case\":\"sim\",\"metric\":\"start-to-prompt\",\"value\":1234.567,\"unit\":\"us\"}\n";
        assert_eq!(times.to_json_lines(), expected);
    }
}
