//! How much fuel a turn of an agent gets, so that it takes about as long as a turn of any other.
//!
//! A unit of fuel is about an instruction. One that calls the host, or misses the caches, takes as long as a hundred others: by fuel alone, who
//! does that would keep a core for milliseconds, and have many times the share of its neighbours.

use core::sync::atomic::{AtomicU32, Ordering};
use velocity_base::Duration;

/// What a turn is to take.
const TURN: Duration = Duration::from_micros(100);

/// Nobody gets less: so much is done even where a host takes the core away again and again.
const LEAST: u64 = 500;

/// Of one agent.
#[derive(Debug, Default)]
pub(crate) struct Pace(AtomicU32);

impl Pace {
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// Another agent moves in, of which nothing is known.
    pub(crate) fn begin(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// The fuel of its next turn, which is `most` as long as nothing is known.
    pub(crate) fn slice(&self, most: u64) -> u64 {
        match u64::from(self.0.load(Ordering::Relaxed)) {
            0 => most,
            known => known.min(most),
        }
    }

    /// A turn has used so much fuel in such a time. One that was interrupted says little, so a single one changes no more than a quarter.
    pub(crate) fn took(&self, fuel: u64, time: Duration, most: u64) {
        let nanos = time.as_nanos().max(1);
        let fair = (u128::from(fuel) * TURN.as_nanos() / nanos).min(u128::from(most)) as u64;
        let old = self.slice(most);
        // Who took less than a turn and used less than it had waits for something: there is nothing to be mended.
        if fuel < old && nanos < TURN.as_nanos() {
            return;
        }
        let new = (old - old / 4 + fair / 4).clamp(LEAST.min(most), most);
        self.0.store(u32::try_from(new).unwrap_or(u32::MAX), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: u64 = 100_000;

    /// What turns get in the end where a unit takes such a time.
    fn settled(pace: &Pace, picos_a_unit: u64) -> u64 {
        for _ in 0..60 {
            let fuel = pace.slice(MOST);
            pace.took(fuel, Duration::from_nanos(fuel * picos_a_unit / 1000), MOST);
        }
        pace.slice(MOST)
    }

    #[test]
    fn a_turn_takes_about_as_long_whatever_a_unit_costs() {
        let pace = Pace::new();
        assert_eq!(settled(&pace, 300), MOST);
        let slow = settled(&pace, 10_000);
        assert!((9_900..10_100).contains(&slow), "{slow}");
        assert_eq!(settled(&pace, 1_000_000), LEAST);
        let again = settled(&pace, 300);
        assert!(again > MOST - 10, "{again}");
    }

    #[test]
    fn a_single_turn_that_was_interrupted_changes_little() {
        let pace = Pace::new();
        settled(&pace, 1000);
        pace.took(pace.slice(MOST), Duration::from_millis(50), MOST);
        assert!(pace.slice(MOST) >= MOST * 3 / 4);
        // Nor does one that parks at once.
        pace.took(3, Duration::from_nanos(900), MOST);
        assert!(pace.slice(MOST) >= MOST * 3 / 4);
        pace.begin();
        assert_eq!(pace.slice(MOST), MOST);
    }

    #[test]
    fn no_figures_are_too_large() {
        let pace = Pace::new();
        pace.took(u64::MAX, Duration::from_nanos(0), u64::MAX);
        pace.took(u64::MAX, Duration::from_nanos(u64::MAX), u64::MAX);
        assert!(pace.slice(MOST) >= LEAST);
        pace.took(0, Duration::from_nanos(u64::MAX), 10);
        assert!(pace.slice(10) <= 10);
    }
}
