//! How late a frame is on the screen beside agents that take all they can get.
//!
//! An interactive agent asks sixty times a second to be shown at an instant that it names; the prompt waits for it with `wait`. Late is the
//! time from that instant until the display has the pixels: the timer, the agent's turn, its text, its drawing and the copy.

use crate::error::SimError;
use crate::options::Options;
use crate::rig::{Parts, Rig};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use velocity_hal::TextPort;
use velocity_models::InputHandle;
use velocity_system::{Next, System};

/// Frames at the beginning that do not count: programs are compiled, and the pages of their memory come.
const FIRST: usize = 30;

/// Who lives beside the agent that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Neighbours {
    /// Nobody.
    None,
    /// Eight endless loops, two agents of which one floods the other with messages, and one that takes all memory that it can.
    Crowd,
    /// The last core is set apart for inference, and has nothing to do.
    RestingInference,
    /// The last core is set apart for inference, and has more of it than it can do.
    Inference,
}

impl Neighbours {
    /// All, in the order in which they are measured.
    const ALL: [Self; 4] = [Self::None, Self::Crowd, Self::RestingInference, Self::Inference];

    const fn name(self) -> &'static str {
        match self {
            Self::None => "alone",
            Self::Crowd => "beside a crowd",
            Self::RestingInference => "beside a core for inference at rest",
            Self::Inference => "beside a core for inference at work",
        }
    }

    /// What is typed before the agent that is shown.
    fn script(self, cores: u32) -> String {
        let mut text = String::new();
        match self {
            Self::None => {}
            Self::Crowd => {
                text += "spawn --pages 512 /swarm/hog.nda\n";
                text += &"spawn /swarm/loop.nda\n".repeat(8);
                text += "spawn /swarm/flood.nda\n";
            }
            Self::RestingInference | Self::Inference => {
                let _ = writeln!(text, "cores inference {}", cores - 1);
                if self == Self::Inference {
                    text += &"spawn --class inference /swarm/loop.nda\n".repeat(2);
                }
            }
        }
        text
    }
}

/// How late frames were, in nanoseconds, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameTimes {
    neighbours: Neighbours,
    late: Vec<u64>,
}

impl FrameTimes {
    /// The time that so many of a thousand frames do not exceed, in nanoseconds.
    #[must_use]
    pub fn quantile(&self, of_a_thousand: usize) -> u64 {
        let at = (self.late.len() * of_a_thousand / 1000).min(self.late.len().saturating_sub(1));
        self.late.get(at).copied().unwrap_or(0)
    }

    /// One JSON object a line, as every benchmark of this project prints them.
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        let figures = [("late p50", 500), ("late p99", 990), ("late at most", 1000)];
        let case = self.neighbours.name();
        let line = |(metric, quantile): (&str, usize)| {
            let value = self.quantile(quantile) as f64 / 1e3;
            format!(
                "{{\"suite\":\"frames\",\"case\":\"{case}\",\"metric\":\"{metric}\",\"value\":{value:.3},\"unit\":\"us\"}}\n"
            )
        };
        figures.into_iter().map(line).collect()
    }
}

/// How often each machine is started: all take turns, so that a slow minute of the host hits all of them.
const ROUNDS: usize = 4;

/// Looks at so many frames of machines with each kind of neighbours.
///
/// # Errors
/// [`SimError`] when the disk cannot be opened.
pub fn frames(options: &Options, count: usize) -> Result<Vec<FrameTimes>, SimError> {
    let mut all = Neighbours::ALL.map(|neighbours| FrameTimes { neighbours, late: Vec::new() });
    for _ in 0..ROUNDS {
        for times in &mut all {
            times.late.extend(look(options, times.neighbours, count.div_ceil(ROUNDS))?);
        }
    }
    for times in &mut all {
        times.late.truncate(count);
        times.late.sort_unstable();
    }
    Ok(all.into())
}

/// How late so many frames of one machine are.
fn look(options: &Options, neighbours: Neighbours, count: usize) -> Result<Vec<u64>, SimError> {
    let written = Written::default();
    let rig = Rig::new(options.clone(), false);
    let Parts { machine, input, .. } = rig.machine(Some(Box::new(written.clone())))?;
    let clock = Arc::clone(&machine.clock);
    let mut system = System::start(machine);
    let script = neighbours.script(options.cores);
    let number = script.matches("spawn").count() + 1;
    for line in script.lines().chain(["spawn --class interactive /swarm/frames.nda"]) {
        type_and_wait(&mut system, &input, line);
    }
    crate::drive::type_line(&input, &format!("wait {number}"));
    let mut late = Vec::new();
    while late.len() < FIRST + count {
        let next = system.step();
        let shown = clock.now().nanos;
        late.extend(written.take_dues().map(|due| shown.saturating_sub(due * 1000)));
        if let Next::WaitUntil(until) = next {
            system.wait(until);
        }
    }
    Ok(late.split_off(FIRST))
}

/// Types a line, and comes back when its command is over.
fn type_and_wait(system: &mut System, input: &InputHandle, line: &str) {
    crate::drive::type_line(input, line);
    loop {
        let next = system.step();
        if system.at_prompt() {
            return;
        }
        if let Next::WaitUntil(until) = next {
            system.wait(until);
        }
    }
}

/// A text port whose lines are looked at.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl TextPort for Written {
    fn write(&mut self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
    }
}

impl Written {
    /// The instants of all whole lines of the agent that have come, in microseconds: `[NUMBER] DUE`.
    fn take_dues(&self) -> impl Iterator<Item = u64> + use<> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines: Vec<u8> = bytes.drain(..whole).collect();
        let text = String::from_utf8_lossy(&lines).into_owned();
        let dues: Vec<u64> = text.lines().filter_map(due).collect();
        dues.into_iter()
    }
}

fn due(line: &str) -> Option<u64> {
    line.strip_prefix('[')?.split_once("] ")?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_is_shown_beside_a_crowd_and_long_before_the_prompt_looks_by_itself() {
        let options = Options { cores: 3, ..Options::default() };
        for neighbours in [Neighbours::Crowd, Neighbours::Inference] {
            let mut late = look(&options, neighbours, 20).unwrap();
            late.sort_unstable();
            assert!(late.len() >= 20 && late[10] < 200_000_000, "{late:?}");
        }
    }

    #[test]
    fn quantiles_are_measured_times() {
        let times = FrameTimes { neighbours: Neighbours::None, late: (1..=200).map(|late| late * 1000).collect() };
        assert_eq!([500, 990, 1000].map(|of| times.quantile(of)), [101_000, 199_000, 200_000]);
        let lines = times.to_json_lines();
        assert!(
            lines.starts_with("{\"suite\":\"frames\",\"case\":\"alone\",\"metric\":\"late p50\",\"value\":101.000,")
        );
        assert_eq!(lines.lines().count(), 3);
    }

    #[test]
    fn only_lines_of_the_agent_are_looked_at() {
        assert_eq!(due("[11] 123456\r"), Some(123_456));
        assert_eq!(due("[11] frames.nda"), None);
        assert_eq!(due("velocity> wait 11"), None);
    }
}
