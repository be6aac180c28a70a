//! What came of faults, counted.

use std::collections::BTreeMap;
use std::fmt;

/// What came of one.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Nothing was seen of it.
    NoEffect,
    /// The update was refused.
    Refused,
    /// The update was taken back while it was watched.
    TakenBack,
    /// It was kept, failed, and the version before took its place.
    WentBack,
    /// The driver's own code answered in its place.
    Answered,
    /// The agent was begun anew, and came to the right end.
    Restarted,
    /// The agent was ended, and nobody else saw anything of it.
    Ended,
    /// Something else went wrong, which is told.
    Lost(String),
}

/// Columns: what they are called.
const COLUMNS: [&str; 8] =
    ["no effect", "refused", "taken back", "went back", "answered", "begun anew", "ended", "LOST"];

impl Outcome {
    const fn column(&self) -> usize {
        match self {
            Self::NoEffect => 0,
            Self::Refused => 1,
            Self::TakenBack => 2,
            Self::WentBack => 3,
            Self::Answered => 4,
            Self::Restarted => 5,
            Self::Ended => 6,
            Self::Lost(_) => 7,
        }
    }
}

/// Counts by kind of fault.
#[derive(Default)]
pub struct Table {
    rows: BTreeMap<&'static str, [usize; COLUMNS.len()]>,
    /// What was lost.
    pub lost: Vec<String>,
}

impl Table {
    pub fn count(&mut self, kind: &'static str, outcome: Outcome) {
        self.rows.entry(kind).or_default()[outcome.column()] += 1;
        if let Outcome::Lost(text) = outcome {
            self.lost.push(format!("{kind}: {text}"));
        }
    }

    pub fn injected(&self) -> usize {
        self.rows.values().flatten().sum()
    }

    fn column(&self, column: usize) -> usize {
        self.rows.values().map(|row| row[column]).sum()
    }

    /// Of the faults that had an effect, those after which everything was right, without the system having been started anew.
    pub fn recovered(&self) -> f64 {
        let seen = self.injected() - self.column(0);
        (seen - self.column(7)) as f64 / seen as f64
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<30}{:>9}", "faults", "injected")?;
        COLUMNS.iter().try_for_each(|name| write!(f, "{name:>12}"))?;
        for (kind, row) in &self.rows {
            write!(f, "\n{kind:<30}{:>9}", row.iter().sum::<usize>())?;
            row.iter().try_for_each(|count| write!(f, "{count:>12}"))?;
        }
        let all: Vec<usize> = (0..COLUMNS.len()).map(|column| self.column(column)).collect();
        write!(f, "\n{:<30}{:>9}", "all", self.injected())?;
        all.iter().try_for_each(|count| write!(f, "{count:>12}"))?;
        write!(f, "\nrecovered of those with an effect: {:.1} %", 100.0 * self.recovered())
    }
}
