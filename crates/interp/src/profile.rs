//! What is known of functions that ran: how often, how long, in which tier, and what compiling them cost.
//!
//! Engines count calls and time a few of them; the cycles are those of the processor's counter. Nothing here changes what a program
//! does. The reference interpreter keeps no profile.

use crate::invocation::name_of;
use crate::store::Code;
use crate::{FunctionAddress, Store};
use alloc::string::String;
use alloc::vec::Vec;

/// How many buckets a [`Histogram`] has.
pub const BUCKETS: usize = 40;

/// Which engine's form of a function runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// Closures.
    #[default]
    Closures,
    /// Machine code.
    Native,
}

impl Tier {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closures => "closure",
            Self::Native => "native",
        }
    }
}

/// Cycles of the calls that were timed, each with all that it called and without the time between slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// How many took at least 2^n cycles and less than 2^(n+1), by n; the last bucket holds all that took longer.
    pub buckets: [u32; BUCKETS],
    /// How many there are.
    pub samples: u64,
    /// What they took together, in cycles.
    pub cycles: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: [0; BUCKETS], samples: 0, cycles: 0 }
    }
}

impl Histogram {
    /// Adds a call of so many cycles.
    pub fn add(&mut self, cycles: u64) {
        let bucket = (cycles.max(1).ilog2() as usize).min(BUCKETS - 1);
        self.buckets[bucket] = self.buckets[bucket].saturating_add(1);
        self.samples += 1;
        self.cycles = self.cycles.saturating_add(cycles);
    }

    /// Adds all calls of another one.
    pub fn merge(&mut self, other: &Self) {
        for (own, more) in self.buckets.iter_mut().zip(other.buckets) {
            *own = own.saturating_add(more);
        }
        self.samples += other.samples;
        self.cycles = self.cycles.saturating_add(other.cycles);
    }

    /// Cycles of a call in the mean; `None` if none was timed.
    #[must_use]
    pub const fn mean(&self) -> Option<u64> {
        self.cycles.checked_div(self.samples)
    }
}

/// What an engine knows of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionProfile {
    /// The function.
    pub function: FunctionAddress,
    /// The tier that runs its next call.
    pub tier: Tier,
    /// How often it was called.
    pub calls: u64,
    /// The calls that were timed.
    pub time: Histogram,
    /// How many runs ended in it with a trap.
    pub traps: u64,
    /// Bytes of machine code; none if it has none.
    pub code_bytes: u32,
    /// Cycles that it took to compile it, in all tiers. What is done for all functions at once is not part of it.
    pub compile_cycles: u64,
}

/// A [`FunctionProfile`] with the function's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name, or the number of a function without one.
    pub name: String,
    /// What is known of it.
    pub function: FunctionProfile,
}

impl Store {
    /// What its engine knows of the functions that ran, in the order of their addresses.
    #[must_use]
    pub fn profile(&self) -> Vec<Profile> {
        let named = |function: FunctionProfile| match self.fixed.functions.get(function.function.index())?.code {
            Code::Defined { instance, function: id, .. } => {
                Some(Profile { name: name_of(self.fixed.instances[instance.index()].module(), id), function })
            }
            Code::Host(_) => None,
        };
        self.engine.profile().into_iter().filter_map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_lie_in_the_bucket_of_their_highest_bit() {
        let mut time = Histogram::default();
        for cycles in [0, 1, 2, 3, 4, 1023, 1024, u64::MAX] {
            time.add(cycles);
        }
        assert_eq!((time.buckets[0], time.buckets[1], time.buckets[2]), (2, 2, 1));
        assert_eq!((time.buckets[9], time.buckets[10], time.buckets[BUCKETS - 1]), (1, 1, 1));
        assert_eq!((time.samples, time.cycles), (8, u64::MAX), "a sum that does not fit is the greatest");
        let mut twice = time;
        twice.merge(&time);
        assert_eq!((twice.samples, twice.buckets[0]), (16, 4));
        assert_eq!(Histogram::default().mean(), None);
    }
}
