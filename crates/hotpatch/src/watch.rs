//! A new version beside the one before it.

use crate::entry::Judge;
use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use velocity_base::Duration;

/// Fewer calls than this say nothing about speed, and no version is kept after fewer.
pub(crate) const FEWEST: u32 = 16;

/// A call is slow if it takes more than so many times what the old version takes, and longer by what a sandbox may cost beside code of the driver's own.
const TIMES: u32 = 4;

/// What a sandbox may cost: so many times what one costs that does nothing, and at least so much.
const OVERHEADS: u32 = 6;
const LEAST: Duration = Duration::from_micros(20);

/// A version is slow if more than one in so many of its calls are.
const SHARE: u32 = 4;

/// Why a version is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worse {
    /// It answered something else, or what the driver cannot use.
    Wrong,
    /// It failed.
    Faults,
    /// It is slower.
    Slow,
}

impl fmt::Display for Worse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wrong => "wrong answers",
            Self::Faults => "faults",
            Self::Slow => "slow",
        })
    }
}

/// What was seen of a version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Calls of both versions.
    pub calls: u32,
    /// Of them, answers that were wrong.
    pub wrong: u32,
    /// Of them, failures.
    pub faults: u32,
    /// Of them, slow ones.
    pub slow: u32,
    /// Time in the new version, in nanoseconds.
    pub new_ns: u64,
    /// Time in the old version, in nanoseconds.
    pub old_ns: u64,
    /// How much longer a call may take than one of the old version, in nanoseconds.
    pub longer_ns: u64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, wrong, faults, slow, new_ns, old_ns, longer_ns } = self;
        let mean = |ns: &u64| ns / u64::from(*calls).max(1);
        let (new, old) = (mean(new_ns), mean(old_ns));
        write!(
            f,
            "{calls} calls, {wrong} wrong, {faults} faults, {slow} slow, {new} ns a call (before: {old}, allowed: {longer_ns} more)"
        )
    }
}

/// Counts of a version that is being watched. Whoever calls it writes; nothing depends on their order.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// For so many calls.
    wanted: u32,
    /// How much longer a call may take.
    longer: Duration,
    calls: AtomicU32,
    wrong: AtomicU32,
    faults: AtomicU32,
    slow: AtomicU32,
    new_ns: AtomicU64,
    old_ns: AtomicU64,
    /// It is not called any more: it is to be taken back.
    over: AtomicBool,
}

impl Watch {
    /// For so many calls, where a call of a program that does nothing takes so long.
    pub(crate) fn new(wanted: u32, overhead: Duration) -> Self {
        Self { wanted: wanted.max(FEWEST), longer: LEAST.max(overhead * OVERHEADS), ..Self::default() }
    }

    pub(crate) const fn wanted(&self) -> u32 {
        self.wanted
    }

    /// Whether it is still called.
    pub(crate) fn goes_on(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }

    /// Notes a call: what came of the new version, whether that was right, and how long both took.
    pub(crate) fn note(&self, outcome: Result<bool, ()>, (new, old): (Duration, Duration)) {
        let add = |count: &AtomicU32| count.fetch_add(1, Ordering::Relaxed);
        match outcome {
            Ok(true) => {}
            Ok(false) => drop(add(&self.wrong)),
            Err(()) => drop(add(&self.faults)),
        }
        if new > old * TIMES && new > old + self.longer {
            add(&self.slow);
        }
        self.new_ns.fetch_add(new.as_nanos() as u64, Ordering::Relaxed);
        self.old_ns.fetch_add(old.as_nanos() as u64, Ordering::Relaxed);
        add(&self.calls);
        if self.worse().is_some() {
            self.over.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn figures(&self) -> Figures {
        let of = |count: &AtomicU32| count.load(Ordering::Relaxed);
        let ns = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Figures {
            calls: of(&self.calls),
            wrong: of(&self.wrong),
            faults: of(&self.faults),
            slow: of(&self.slow),
            new_ns: ns(&self.new_ns),
            old_ns: ns(&self.old_ns),
            longer_ns: self.longer.as_nanos() as u64,
        }
    }

    /// Whether it is worse than the version before it, as far as it was seen.
    pub(crate) fn worse(&self) -> Option<Worse> {
        let Figures { calls, wrong, faults, slow, .. } = self.figures();
        match () {
            () if wrong > 0 => Some(Worse::Wrong),
            () if faults > 0 => Some(Worse::Faults),
            () if calls >= FEWEST && slow > calls / SHARE => Some(Worse::Slow),
            () => None,
        }
    }

    /// Whether it has been watched long enough.
    pub(crate) fn is_done(&self) -> bool {
        self.calls.load(Ordering::Relaxed) >= self.wanted
    }
}

/// Whether an answer is right: one that the driver can use, and the old version's where they have to agree.
pub(crate) const fn is_right(judge: Judge, usable: bool, new: i64, old: i64) -> bool {
    usable && (matches!(judge, Judge::Usable) || new == old)
}
