//! One thread plays all cores, by the numbers of a seed: the same seed gives the same schedule.

use crate::worker::{Turn, Worker};
use alloc::vec::Vec;
use velocity_base::{Duration, Instant};

/// Numbers from a seed (`SplitMix64`, Steele, Lea, Flood 2014).
#[derive(Clone, Copy, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// Of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next one.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// One below a limit, which is not zero.
    pub const fn below(&mut self, limit: u64) -> u64 {
        self.next() % if limit == 0 { 1 } else { limit }
    }
}

/// All cores, of which a seed says which has the next turn, and how long that is.
#[derive(Debug)]
pub struct Player {
    workers: Vec<Worker>,
    numbers: Numbers,
    now: Instant,
    longest: u64,
    trace: u64,
}

impl Player {
    /// These cores, whose turns take up to so much fuel. A unit of fuel takes a nanosecond.
    #[must_use]
    pub const fn new(workers: Vec<Worker>, seed: u64, longest: u64) -> Self {
        Self { workers, numbers: Numbers::new(seed), now: Instant::ZERO, longest, trace: 0 }
    }

    /// A turn of one core. If nobody is ready on any, time passes until somebody is; `None` if nobody ever will be.
    pub fn turn(&mut self) -> Option<Turn> {
        let turn = self.turn_at(self.now);
        if let Turn::Ran { fuel, .. } = turn {
            self.now = self.now.after(Duration::from_nanos(fuel + 1));
            return Some(turn);
        }
        let next = self.workers.first()?.swarm().next_time()?;
        self.now = self.now.max(next);
        Some(Turn::Idle)
    }

    /// A turn of one core at a time that somebody else knows; [`Turn::Idle`] if nobody is ready on any.
    pub fn turn_at(&mut self, now: Instant) -> Turn {
        let slice = 1 + self.numbers.below(self.longest);
        let first = self.numbers.below(self.workers.len() as u64) as usize;
        for step in 0..self.workers.len() {
            let core = (first + step) % self.workers.len();
            let turn = self.workers[core].turn(now, slice);
            if let Turn::Ran { slot, fuel } = turn {
                for number in [core as u64, slot.into(), fuel] {
                    self.trace = Numbers(self.trace ^ number).next();
                }
                return turn;
            }
        }
        Turn::Idle
    }

    /// A hash of who had which turn on which core, and what each used.
    #[must_use]
    pub const fn trace(&self) -> u64 {
        self.trace
    }

    /// The time.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// More numbers of the seed, for what happens beside turns.
    pub const fn numbers(&mut self) -> &mut Numbers {
        &mut self.numbers
    }
}
