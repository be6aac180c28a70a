//! Where an agent is, and how it stands.

use crate::agent::Body;
use crate::class::Class;
use crate::pace::Pace;
use alloc::boxed::Box;
use core::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use spin::Mutex;
use velocity_sync::standing::Standing;

pub use velocity_sync::standing::State;

/// An agent: a slot, and which of those agents that were in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub(crate) index: u32,
    pub(crate) generation: u64,
}

/// A place for an agent, which is there for good: when one has ended, the next one gets it.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) generation: AtomicU64,
    pub(crate) standing: Standing,
    /// Agents of generations below this one are to end: who is told late does not end the next one here.
    stop: AtomicU64,
    class: AtomicU8,
    /// Slices that it had, fuel that it used, and pages of linear memory that it has.
    pub(crate) slices: AtomicU64,
    pub(crate) fuel: AtomicU64,
    pub(crate) pages: AtomicU32,
    pub(crate) pace: Pace,
    pub(crate) body: Mutex<Option<Box<Body>>>,
}

impl Slot {
    pub(crate) const fn new() -> Self {
        Self {
            generation: AtomicU64::new(0),
            standing: Standing::new(),
            stop: AtomicU64::new(0),
            class: AtomicU8::new(Class::Normal as u8),
            slices: AtomicU64::new(0),
            fuel: AtomicU64::new(0),
            pages: AtomicU32::new(0),
            pace: Pace::new(),
            body: Mutex::new(None),
        }
    }

    /// Another agent moves in, which is parked.
    pub(crate) fn begin(&self, class: Class, body: Box<Body>) {
        self.class.store(class as u8, Ordering::Relaxed);
        self.slices.store(0, Ordering::Relaxed);
        self.fuel.store(0, Ordering::Relaxed);
        self.pages.store(0, Ordering::Relaxed);
        self.pace.begin();
        *self.body.lock() = Some(body);
        self.standing.begin();
    }

    pub(crate) fn class(&self) -> Class {
        Class::ALL[self.class.load(Ordering::Relaxed) as usize % Class::ALL.len()]
    }

    /// The agent of a generation is to end.
    pub(crate) fn stop(&self, generation: u64) {
        self.stop.fetch_max(generation + 1, Ordering::AcqRel);
    }

    /// Whether the one that is here is to end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire) > self.generation.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_ended_late_does_not_end_the_next_one() {
        let slot = Slot::new();
        slot.generation.store(7, Ordering::Release);
        slot.stop(7);
        assert!(slot.is_stopped());
        slot.generation.store(8, Ordering::Release);
        slot.stop(7);
        assert!(!slot.is_stopped());
        slot.stop(8);
        slot.stop(7);
        assert!(slot.is_stopped());
    }
}
