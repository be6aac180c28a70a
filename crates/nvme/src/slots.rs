//! Slots: a buffer and the one command that may use it.
//!
//! ```text
//! Free ─take─► Taken ─submit─► Flying ─completion or reset─► Done ─submit─► Flying ...
//!   ▲            └─release───────┐ └─release─► Abandoned ─completion or reset─► Free
//!   └────────────────────────────┴──────────────────────────release── Done
//! ```
//! Invariant: a slot whose command the device may still work on is Flying or Abandoned, so its buffer is never reused.

use crate::CommandError;
use alloc::{boxed::Box, vec};

/// The number of a slot of one controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(pub(crate) u16);

/// How a command ended.
pub(crate) type Outcome = Result<(), CommandError>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Taken,
    Flying,
    Abandoned,
    Done(Outcome),
}

/// The states of all slots.
pub(crate) struct Slots {
    states: Box<[State]>,
    /// Bit n: slot n is Free. The lowest is taken first, so that transfers in a row use buffers in a row.
    free: u64,
}

impl Slots {
    /// `count` free slots, at most 64.
    pub(crate) fn new(count: u16) -> Self {
        Self { states: vec![State::Free; usize::from(count)].into_boxed_slice(), free: u64::MAX >> (64 - count) }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u16 {
        self.states.len() as u16
    }

    /// Whether one is free.
    pub(crate) fn any_free(&self) -> bool {
        self.free != 0
    }

    /// Takes the lowest free slot.
    pub(crate) fn take(&mut self) -> Option<Slot> {
        let index = self.free.trailing_zeros();
        *self.states.get_mut(index as usize)? = State::Taken;
        self.free &= !(1 << index);
        Some(Slot(index as u16))
    }

    /// Whether a command may be submitted in `slot`.
    pub(crate) fn may_submit(&self, slot: Slot) -> bool {
        matches!(self.states.get(usize::from(slot.0)), Some(State::Taken | State::Done(_)))
    }

    /// A command was submitted in `slot`.
    pub(crate) fn submitted(&mut self, slot: Slot) {
        self.states[usize::from(slot.0)] = State::Flying;
    }

    /// The command in slot number `index` ended; its buffer is the caller's again.
    pub(crate) fn finish(&mut self, index: u16, outcome: Outcome) {
        match self.states.get_mut(usize::from(index)) {
            Some(state @ State::Flying) => *state = State::Done(outcome),
            Some(State::Abandoned) => self.set_free(index),
            _ => {}
        }
    }

    /// How the command in `slot` ended; `None` while it is under way or none was submitted.
    pub(crate) fn outcome(&self, slot: Slot) -> Option<Outcome> {
        match self.states.get(usize::from(slot.0)) {
            Some(State::Done(outcome)) => Some(*outcome),
            _ => None,
        }
    }

    /// Gives `slot` back; while its command is under way, as soon as that has ended.
    pub(crate) fn release(&mut self, slot: Slot) {
        match self.states.get_mut(usize::from(slot.0)) {
            Some(state @ State::Flying) => *state = State::Abandoned,
            Some(State::Taken | State::Done(_)) => self.set_free(slot.0),
            _ => {}
        }
    }

    fn set_free(&mut self, index: u16) {
        self.states[usize::from(index)] = State::Free;
        self.free |= 1 << index;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abandoned_slot_is_not_reused_before_its_command_ended() {
        let mut slots = Slots::new(1);
        let slot = slots.take().unwrap();
        assert!(slots.take().is_none() && slots.may_submit(slot));
        slots.submitted(slot);
        slots.release(slot);
        assert!(slots.take().is_none() && !slots.may_submit(slot) && slots.outcome(slot).is_none());
        slots.finish(slot.0, Ok(()));
        assert_eq!(slots.take(), Some(slot));
    }

    #[test]
    fn what_is_not_flying_cannot_finish() {
        let mut slots = Slots::new(64);
        let slot = slots.take().unwrap();
        slots.finish(slot.0, Ok(()));
        slots.finish(1, Ok(()));
        slots.finish(999, Ok(()));
        assert_eq!((slots.outcome(slot), slots.outcome(Slot(1)), slots.outcome(Slot(999))), (None, None, None));
        slots.submitted(slot);
        slots.finish(slot.0, Err(CommandError::TimedOut));
        slots.finish(slot.0, Ok(()));
        assert_eq!(slots.outcome(slot), Some(Err(CommandError::TimedOut)));
        slots.release(slot);
        slots.release(slot);
        assert_eq!((0..70).filter_map(|_| slots.take()).count(), 64);
    }
}
