//! A core that gives agents their turns.

use crate::agent::{Exit, Outcome};
use crate::class::{Class, PerClass};
use crate::slot::Slot;
use crate::swarm::{QUEUE, Swarm};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;
use velocity_base::Instant;
use velocity_sync::queue::{Owner, Queue};

/// After so many turns, a worker looks into the common queue first: who is in its own would never leave the others a turn.
const LOOK: u32 = 8;

/// What came of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// An agent used so much fuel.
    Ran {
        /// Where it is.
        slot: u32,
        /// What it used.
        fuel: u64,
    },
    /// Nobody was ready.
    Idle,
}

/// What gives agents their turns on one core.
#[derive(Debug)]
pub struct Worker {
    swarm: Arc<Swarm>,
    core: usize,
    own: PerClass<Owner<Arc<Queue<QUEUE>>>>,
    /// The time of each class: see [`Class::stride`].
    times: PerClass<u64>,
    turns: u32,
    /// Those that were seen; a slot stays for good.
    slots: Vec<Arc<Slot>>,
    /// Classes that have no turn here.
    without: PerClass<bool>,
}

impl Worker {
    pub(crate) fn new(swarm: Arc<Swarm>, core: usize, own: PerClass<Owner<Arc<Queue<QUEUE>>>>) -> Self {
        let without = Class::ALL.map(|class| class == Class::Inference);
        Self { swarm, core, own, times: [0; 4], turns: 0, slots: Vec::new(), without }
    }

    /// This core is for inference only, or for everything else only.
    pub fn set_apart(&mut self, inference: bool) {
        self.without = Class::ALL.map(|class| (class == Class::Inference) != inference);
    }

    /// The swarm that it works for.
    #[must_use]
    pub const fn swarm(&self) -> &Arc<Swarm> {
        &self.swarm
    }

    /// Gives one agent a turn of about a tenth of a millisecond by this clock, and of so much fuel at most.
    pub fn timed_turn(&mut self, clock: &dyn Fn() -> Instant, most: u64) -> Turn {
        let start = clock();
        let turn = self.turn(start, most);
        if let Turn::Ran { slot, fuel } = turn
            && let Some(slot) = self.slots.get(slot as usize)
        {
            slot.pace.took(fuel, clock().since(start), most);
        }
        turn
    }

    /// Gives one agent a slice of so much fuel, or of less if that is known to take long.
    pub fn turn(&mut self, now: Instant, slice: u64) -> Turn {
        self.swarm.tick(now);
        self.turns = self.turns.wrapping_add(1);
        let Some((class, index)) = self.next() else { return Turn::Idle };
        self.times[class as usize] += class.stride();
        let Some(slot) = self.slot(index) else { return Turn::Idle };
        slot.standing.run();
        // Only who took it from a queue is here, and puts it back.
        let Some(mut body) = slot.body.lock().take() else { return Turn::Idle };
        if slot.is_stopped() {
            self.swarm.over(&slot, body, Exit::Killed, now);
            return Turn::Ran { slot: index, fuel: 0 };
        }
        let before = body.fuel_used();
        let outcome = body.resume(&self.swarm, now, slot.pace.slice(slice));
        let fuel = body.fuel_used() - before;
        slot.slices.fetch_add(1, Ordering::Relaxed);
        slot.fuel.fetch_add(fuel, Ordering::Relaxed);
        slot.pages.store(body.pages(), Ordering::Relaxed);
        match outcome {
            Outcome::Ended(exit) => self.swarm.over(&slot, body, exit, now),
            Outcome::Again => {
                *slot.body.lock() = Some(body);
                slot.standing.ready();
                self.put(class, index);
            }
            Outcome::Parked => {
                *slot.body.lock() = Some(body);
                if !slot.standing.park() {
                    self.put(class, index);
                }
            }
        }
        Turn::Ran { slot: index, fuel }
    }

    fn slot(&mut self, index: u32) -> Option<Arc<Slot>> {
        if self.slots.len() <= index as usize {
            self.slots.extend(self.swarm.slots_from(self.slots.len()));
        }
        self.slots.get(index as usize).cloned()
    }

    fn put(&mut self, class: Class, index: u32) {
        if self.own[class as usize].put(index).is_err() {
            self.swarm.put(class, index);
        }
    }

    /// The next agent: of the class with the least time that has any.
    fn next(&mut self) -> Option<(Class, u32)> {
        let mut without = self.without;
        let found = loop {
            let left = Class::ALL.into_iter().filter(|class| !without[*class as usize]);
            let class = left.min_by_key(|class| self.times[*class as usize])?;
            if let Some(index) = self.of(class) {
                break (class, index);
            }
            without[class as usize] = true;
        };
        // A class that had nothing to do has not saved time up for later.
        let least = self.times[found.0 as usize];
        for time in &mut self.times {
            *time = (*time).max(least);
        }
        Some(found)
    }

    /// An agent of a class: of this core, of all, or of another core.
    fn of(&mut self, class: Class) -> Option<u32> {
        let looks = self.turns.is_multiple_of(LOOK);
        let first = if looks { self.swarm.take(class) } else { None };
        first
            .or_else(|| self.own[class as usize].take())
            .or_else(|| self.swarm.take(class))
            .or_else(|| self.steal(class))
    }

    fn steal(&mut self, class: Class) -> Option<u32> {
        let (swarm, cores) = (&self.swarm, self.swarm.queues.len());
        let others = (1..cores).map(|step| (self.core + step) % cores);
        let own = &mut self.own[class as usize];
        others.filter_map(|core| swarm.queues.get(core)).find_map(|queues| queues[class as usize].steal(own))
    }
}
