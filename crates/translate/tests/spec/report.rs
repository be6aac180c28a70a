//! Counting what came of the directives, and the table of it.

use std::collections::BTreeMap;
use std::fmt;
use velocity_jit::Refusal;

/// Why a directive is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Excluded {
    /// The module uses references as values, or tables other than of functions: the core has none.
    References,
    /// The directive uses a module that was excluded.
    Dependent,
}

impl fmt::Display for Excluded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::References => "the module uses references as values, which the core does not have",
            Self::Dependent => "uses a module that was excluded",
        })
    }
}

/// What came of a directive.
pub enum Outcome {
    Passed,
    Excluded(Excluded),
    Failed(String),
}

/// What came of a file.
#[derive(Default)]
pub struct File {
    pub name: String,
    pub directives: usize,
    pub passed: usize,
    pub excluded: BTreeMap<Excluded, usize>,
    pub failed: Vec<String>,
    /// How many functions of the file's store are native code.
    pub compiled: usize,
    /// How many of them are of a simpler shape.
    pub simplified: usize,
    /// Why the native engine left the store to closures.
    pub refusal: Option<Refusal>,
}

impl File {
    /// Counts a directive at this line.
    pub fn add(&mut self, line: usize, outcome: Outcome) {
        self.directives += 1;
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Excluded(reason) => *self.excluded.entry(reason).or_default() += 1,
            Outcome::Failed(why) => self.failed.push(format!("{}:{line}: {why}", self.name)),
        }
    }
}

/// What came of all files.
pub struct Report(pub Vec<File>);

impl Report {
    pub fn directives(&self) -> usize {
        self.0.iter().map(|file| file.directives).sum()
    }

    /// The first failures, one line each.
    pub fn failures(&self) -> Vec<String> {
        self.0.iter().flat_map(|file| &file.failed).take(40).cloned().collect()
    }

    /// How many files have a store whose functions are native code, to the last one.
    pub fn native(&self) -> usize {
        self.0.iter().filter(|file| file.refusal.is_none() && file.compiled > 0).count()
    }

    /// The files whose store the native engine left to closures, with its reasons.
    pub fn refused(&self) -> Vec<(&str, Refusal)> {
        self.0.iter().filter_map(|file| Some((file.name.as_str(), file.refusal?))).collect()
    }

    /// How many directives were excluded for each reason.
    pub fn excluded(&self) -> Vec<(Excluded, usize)> {
        let mut all = BTreeMap::new();
        for (&reason, &count) in self.0.iter().flat_map(|file| &file.excluded) {
            *all.entry(reason).or_default() += count;
        }
        all.into_iter().collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<32} {:>10} {:>8} {:>8} {:>6}", "file", "directives", "passed", "excluded", "failed")?;
        let mut sums = [0; 4];
        for file in &self.0 {
            let excluded = file.excluded.values().sum::<usize>();
            let row = [file.directives, file.passed, excluded, file.failed.len()];
            line(f, &file.name, row)?;
            sums.iter_mut().zip(row).for_each(|(sum, count)| *sum += count);
        }
        line(f, "in total", sums)?;
        self.excluded().iter().try_for_each(|(reason, count)| writeln!(f, "excluded: {count}, {reason}"))?;
        let sum = |of: fn(&File) -> usize| self.0.iter().map(of).sum::<usize>();
        let (native, compiled, simple) = (self.native(), sum(|file| file.compiled), sum(|file| file.simplified));
        let refused = self.refused();
        writeln!(
            f,
            "native: {native} stores with {compiled} functions, {simple} of a simpler shape; refused: {}",
            refused.len()
        )?;
        refused.iter().try_for_each(|(name, why)| writeln!(f, "refused: {name}, {why}"))
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, [directives, passed, excluded, failed]: [usize; 4]) -> fmt::Result {
    writeln!(f, "{name:<32} {directives:>10} {passed:>8} {excluded:>8} {failed:>6}")
}
