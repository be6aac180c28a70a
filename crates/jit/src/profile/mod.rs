//! Counts every call, and times some.
//!
//! Machine code adds one to the function's count; the run looks at calls from time to time ([`Timer::is_due`]). In closures, a function has
//! a *cell*: how many calls it has left until one of them is timed. A call takes one from it, and the one that finds nothing left is timed
//! ([`Book::sample`]), which sets the cell anew: twice as much if the last one was timed a short while ago, half as much if that was long
//! ago. So a function costs one addition a call, and one timed call about every millisecond.
//!
//! Invariant: calls that closures made are those that were granted to a cell without what it has left.

mod timer;

pub(crate) use timer::Timer;

use alloc::vec::Vec;
use velocity_interp::{FunctionAddress, FunctionProfile, Histogram, Tier};

/// Two timed calls of a function that lie nearer than this, in cycles, are too near.
const NEAR: u64 = 1 << 20;

/// Those that lie farther from each other are too far.
const FAR: u64 = 1 << 22;

/// The most calls that a cell is given at once.
const MOST: u32 = 1 << 24;

/// What is known of a function.
#[derive(Clone, Copy, Debug)]
struct Record {
    /// Calls that its cell was given so far.
    granted: u64,
    /// About how many its cell is given at once.
    period: u32,
    /// When a call was timed last, in cycles of the run's clock.
    last: u64,
    time: Histogram,
    traps: u64,
    code_bytes: u32,
    compile_cycles: u64,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            granted: Book::FIRST.into(),
            period: 1,
            last: 0,
            time: Histogram::default(),
            traps: 0,
            code_bytes: 0,
            compile_cycles: 0,
        }
    }
}

/// What a tier knows of the functions of a store, by address.
#[derive(Debug, Default)]
pub(crate) struct Book {
    records: Vec<Record>,
}

impl Book {
    /// What a cell has at first: the first call is timed.
    pub(crate) const FIRST: u32 = 1;

    fn record(&mut self, function: usize) -> &mut Record {
        if self.records.len() <= function {
            self.records.resize(function + 1, Record::default());
        }
        &mut self.records[function]
    }

    /// A cell has nothing left: what it is given.
    #[cold]
    pub(crate) fn sample(&mut self, function: usize, now: u64) -> u32 {
        let record = self.record(function);
        let since = now.wrapping_sub(record.last);
        record.last = now;
        if since < NEAR {
            record.period = (record.period * 2).min(MOST);
        } else if since > FAR {
            record.period = (record.period / 2).max(1);
        }
        // Not always the same, so that no rhythm of the program's decides which calls are timed.
        let given = record.period + (now as u32 >> 2) % (record.period / 4 + 1);
        record.granted += u64::from(given);
        given
    }

    /// Calls that its cell was given so far.
    pub(crate) fn granted(&self, function: usize) -> u64 {
        self.records.get(function).copied().unwrap_or_default().granted
    }

    /// Its cell has so many fewer left, though nobody called it.
    pub(crate) fn take_back(&mut self, function: usize, calls: u32) {
        let record = self.record(function);
        record.granted = record.granted.saturating_sub(calls.into());
    }

    /// Whether a call of a function without a cell is to be timed now, as none was for some while.
    pub(crate) fn is_due(&mut self, function: usize, now: u64) -> bool {
        let record = self.record(function);
        let is_due = record.last == 0 || now.wrapping_sub(record.last) > NEAR;
        if is_due {
            record.last = now;
        }
        is_due
    }

    /// A timed call took so many cycles.
    pub(crate) fn took(&mut self, function: usize, cycles: u64) {
        self.record(function).time.add(cycles);
    }

    /// A run ended in it with a trap.
    #[cold]
    pub(crate) fn trapped(&mut self, function: usize) {
        self.record(function).traps += 1;
    }

    /// It was compiled, in so many cycles to so many bytes.
    pub(crate) fn compiled(&mut self, function: usize, cycles: u64, bytes: u32) {
        let record = self.record(function);
        record.compile_cycles += cycles;
        record.code_bytes += bytes;
    }

    /// What is known of a function that was called so often.
    pub(crate) fn of(&self, function: usize, tier: Tier, calls: u64) -> FunctionProfile {
        let record = self.records.get(function).copied().unwrap_or_default();
        FunctionProfile {
            function: FunctionAddress::new(function),
            tier,
            calls,
            time: record.time,
            traps: record.traps,
            code_bytes: record.code_bytes,
            compile_cycles: record.compile_cycles,
        }
    }
}

/// What two tiers know together of functions; each in order of their addresses.
pub(crate) fn together(slow: Vec<FunctionProfile>, fast: Vec<FunctionProfile>) -> Vec<FunctionProfile> {
    let mut all = fast;
    for mut one in slow {
        match all.binary_search_by_key(&one.function, |profile| profile.function) {
            Ok(at) => {
                let more = &mut all[at];
                more.calls += one.calls;
                more.time.merge(&one.time);
                more.traps += one.traps;
                more.compile_cycles += one.compile_cycles;
            }
            Err(at) => {
                one.tier = Tier::Closures;
                all.insert(at, one);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls a function so often, each so many cycles after the last one.
    fn call(book: &mut Book, cell: &mut u32, clock: &mut u64, (times, cycles): (u64, u64)) -> u64 {
        let mut timed = 0;
        for _ in 0..times {
            *clock += cycles;
            *cell -= 1;
            if *cell == 0 {
                *cell = book.sample(3, *clock);
                timed += 1;
            }
        }
        timed
    }

    #[test]
    fn calls_are_counted_to_the_last_one_and_few_are_timed() {
        let (mut book, mut cell, mut clock) = (Book::default(), Book::FIRST, 0);
        assert_eq!((book.granted(3) - u64::from(cell)), 0);
        let timed = call(&mut book, &mut cell, &mut clock, (1_000_000, 20));
        assert_eq!((book.granted(3) - u64::from(cell)), 1_000_000);
        assert!((10..60).contains(&timed), "{timed}");
        let timed = call(&mut book, &mut cell, &mut clock, (100, 10_000_000));
        assert_eq!((book.granted(3) - u64::from(cell)), 1_000_100);
        assert!(timed < 100, "{timed}");
        call(&mut book, &mut cell, &mut clock, (1_000_000, 10_000_000));
        let timed = call(&mut book, &mut cell, &mut clock, (100, 10_000_000));
        assert_eq!(timed, 100, "long calls are all timed in the end");
    }

    #[test]
    fn what_two_tiers_know_is_added() {
        let (mut slow, mut fast) = (Book::default(), Book::default());
        slow.compiled(1, 10, 0);
        slow.compiled(2, 5, 0);
        fast.compiled(2, 7, 64);
        slow.trapped(2);
        let both = together(
            alloc::vec![slow.of(1, Tier::Closures, 1), slow.of(2, Tier::Closures, 4)],
            alloc::vec![fast.of(2, Tier::Native, 5)],
        );
        assert_eq!(both.iter().map(|one| one.tier).collect::<Vec<_>>(), [Tier::Closures, Tier::Native]);
        assert_eq!((both[1].calls, both[1].traps, both[1].code_bytes, both[1].compile_cycles), (9, 1, 64, 12));
    }
}
