//! Where an agent is, and how it stands.
//!
//! | from | to | by |
//! |---|---|---|
//! | ready | running | the worker that took it from a queue |
//! | running | ready | the same one, which puts it into a queue |
//! | running | parked | the same one, if nobody has woken it meanwhile |
//! | running | woken | whoever wakes it; the worker makes it ready then |
//! | parked | ready | whoever wakes it, who puts it into a queue |
//!
//! So an agent is in one queue if it is ready, and in none otherwise.

use crate::agent::Body;
use crate::class::Class;
use alloc::boxed::Box;
use core::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use spin::Mutex;

/// An agent: a slot, and which of those agents that were in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub(crate) index: u32,
    pub(crate) generation: u64,
}

/// How an agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// It waits for its turn.
    Ready,
    /// It has its turn.
    Running,
    /// The same, and something has happened that it may wait for.
    Woken,
    /// It waits for something.
    Parked,
}

impl State {
    const fn of(number: u8) -> Self {
        match number {
            0 => Self::Ready,
            1 => Self::Running,
            2 => Self::Woken,
            _ => Self::Parked,
        }
    }
}

/// A place for an agent, which is there for good: when one has ended, the next one gets it.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) generation: AtomicU64,
    state: AtomicU8,
    /// Agents of generations below this one are to end: who is told late does not end the next one here.
    stop: AtomicU64,
    class: AtomicU8,
    /// Slices that it had, fuel that it used, and pages of linear memory that it has.
    pub(crate) slices: AtomicU64,
    pub(crate) fuel: AtomicU64,
    pub(crate) pages: AtomicU32,
    pub(crate) body: Mutex<Option<Box<Body>>>,
}

impl Slot {
    pub(crate) const fn new() -> Self {
        Self {
            generation: AtomicU64::new(0),
            state: AtomicU8::new(State::Parked as u8),
            stop: AtomicU64::new(0),
            class: AtomicU8::new(Class::Normal as u8),
            slices: AtomicU64::new(0),
            fuel: AtomicU64::new(0),
            pages: AtomicU32::new(0),
            body: Mutex::new(None),
        }
    }

    /// Another agent moves in, which is parked.
    pub(crate) fn begin(&self, class: Class, body: Box<Body>) {
        self.class.store(class as u8, Ordering::Relaxed);
        self.slices.store(0, Ordering::Relaxed);
        self.fuel.store(0, Ordering::Relaxed);
        self.pages.store(0, Ordering::Relaxed);
        *self.body.lock() = Some(body);
        self.state.store(State::Parked as u8, Ordering::Release);
    }

    pub(crate) fn class(&self) -> Class {
        Class::ALL[self.class.load(Ordering::Relaxed) as usize % Class::ALL.len()]
    }

    pub(crate) fn state(&self) -> State {
        State::of(self.state.load(Ordering::Acquire))
    }

    /// It was taken from a queue.
    pub(crate) fn run(&self) {
        self.state.store(State::Running as u8, Ordering::Release);
    }

    /// Its turn is over, and it goes into a queue.
    pub(crate) fn ready(&self) {
        self.state.store(State::Ready as u8, Ordering::Release);
    }

    /// Its turn is over, and it waits for something; whether it does: if not, it has been woken, and goes into a queue.
    pub(crate) fn park(&self) -> bool {
        let (from, to) = (State::Running as u8, State::Parked as u8);
        let parked = self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if !parked {
            self.ready();
        }
        parked
    }

    /// Something has happened that it may wait for; whether it was parked, and goes into a queue now.
    pub(crate) fn wake(&self) -> bool {
        let next = |state| match State::of(state) {
            State::Running => Some(State::Woken as u8),
            State::Parked => Some(State::Ready as u8),
            State::Ready | State::Woken => None,
        };
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        before.is_ok_and(|before| State::of(before) == State::Parked)
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
    fn who_is_woken_while_it_runs_does_not_park() {
        let slot = Slot::new();
        assert_eq!((slot.state(), slot.wake(), slot.state()), (State::Parked, true, State::Ready));
        assert!(!slot.wake(), "it is in a queue already");
        slot.run();
        assert!(slot.park() && slot.state() == State::Parked);
        slot.wake();
        slot.run();
        assert_eq!((slot.wake(), slot.wake(), slot.state()), (false, false, State::Woken));
        assert!(!slot.park() && slot.state() == State::Ready, "who parks it puts it into a queue");
    }

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

    #[test]
    fn of_many_who_wake_it_one_puts_it_into_a_queue() {
        for _ in 0..200 {
            let slot = Slot::new();
            slot.wake();
            slot.run();
            let queued: u32 = std::thread::scope(|scope| {
                let wakers = [(); 3].map(|()| scope.spawn(|| u32::from(slot.wake())));
                let parked = u32::from(!slot.park());
                parked + wakers.into_iter().map(|waker| waker.join().unwrap_or(9)).sum::<u32>()
            });
            assert_eq!((queued, slot.state()), (1, State::Ready));
        }
    }
}
