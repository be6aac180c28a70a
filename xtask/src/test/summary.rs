//! The count at the end: by group, what was left out, and one closing line.

use std::{fmt, time::Instant};

/// What a test belongs to, in the order of the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Conventions, lints, the kernel image.
    Checks,
    /// Tests of the packages on the host.
    Host,
    /// Tests of whole simulated machines.
    Model,
    /// The two bodies against each other.
    Parity,
    /// Virtual machines.
    Vm,
}

impl Group {
    const ALL: [Self; 5] = [Self::Checks, Self::Host, Self::Model, Self::Parity, Self::Vm];

    const fn name(self) -> &'static str {
        match self {
            Self::Checks => "checks",
            Self::Host => "host",
            Self::Model => "model",
            Self::Parity => "parity",
            Self::Vm => "vm",
        }
    }
}

/// Counts as the phases go along, and says each failure at once.
#[derive(Debug)]
pub struct Summary {
    started: Instant,
    counts: [(usize, usize); Group::ALL.len()],
    left_out: Vec<String>,
    failures: Vec<String>,
}

impl Summary {
    /// Nothing counted yet.
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now(), counts: Default::default(), left_out: Vec::new(), failures: Vec::new() }
    }

    /// Announces a phase.
    pub fn phase(&self, what: &str) {
        println!("\n== {what} (at {} s)", self.started.elapsed().as_secs());
    }

    /// Counts one test of `group` by its result and says so.
    pub fn count(&mut self, group: Group, name: &str, result: Result<(), String>) {
        match result {
            Ok(()) => {
                println!("{}: {name} ... ok", group.name());
                self.add(group, 1, 0);
            }
            Err(why) => {
                println!("{}: {name} ... FAILED\n{why}", group.name());
                self.fail_quietly(group, name);
            }
        }
    }

    /// Counts results that have been printed by somebody else.
    pub fn add(&mut self, group: Group, passed: usize, failed: usize) {
        let (all_passed, all_failed) = &mut self.counts[group as usize];
        *all_passed += passed;
        *all_failed += failed;
    }

    /// A failure outside any single test.
    pub fn fail(&mut self, group: Group, why: &str) {
        println!("{}: FAILED: {why}", group.name());
        self.fail_quietly(group, why.lines().next().unwrap_or_default());
    }

    fn fail_quietly(&mut self, group: Group, name: &str) {
        self.failures.push(format!("{}: {name}", group.name()));
        self.add(group, 0, 1);
    }

    /// Notes what was not run, and why.
    pub fn leave_out(&mut self, what: &str, why: &str) {
        self.left_out.push(format!("{what}: {why}"));
    }

    /// All failures.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.counts.iter().map(|(_, failed)| failed).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.started.elapsed().as_secs();
        writeln!(f, "\n== summary after {} min {} s", seconds / 60, seconds % 60)?;
        for (group, (passed, failed)) in Group::ALL.iter().zip(self.counts) {
            let name = group.name();
            writeln!(f, "{name:<8}{passed:>6} passed, {failed} failed")?;
        }
        self.left_out.iter().try_for_each(|what| writeln!(f, "not run: {what}"))?;
        self.failures.iter().try_for_each(|what| writeln!(f, "failed: {what}"))?;
        let passed: usize = self.counts.iter().map(|(passed, _)| passed).sum();
        writeln!(f, "{passed} passed, {} failed", self.failed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_everything() {
        let mut summary = Summary::start();
        summary.add(Group::Host, 10, 1);
        summary.count(Group::Vm, "boots", Ok(()));
        summary.fail(Group::Parity, "differs\nhere");
        summary.leave_out("virtual-machine tests", "--no-vm");
        let text = summary.to_string();
        assert_eq!(text.lines().last(), Some("11 passed, 2 failed"), "{text}");
        assert!(text.contains("not run: virtual-machine tests: --no-vm"), "{text}");
        assert!(text.contains("failed: parity: differs\n"), "{text}");
        assert_eq!(summary.failed(), 2);
    }

    #[test]
    fn every_group_has_a_line_even_when_empty() {
        let text = Summary::start().to_string();
        for group in Group::ALL {
            assert!(text.contains(&format!("{:<8}     0 passed, 0 failed", group.name())), "{text}");
        }
    }
}
