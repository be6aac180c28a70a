//! Runs in closures that stop for somebody who can go on with them elsewhere: at calls, and at heads of loops.
//!
//! At the head of a loop every value is in its slot of the frame, as the [intermediate form](crate::ir) says; so it is at a call. Whoever
//! goes on from there does what the current function still has to do, and gives its results ([`Run::give`]).

use super::run::Run;
use velocity_interp::engine::{Account, Fixed, Slot, State, Stop};
use velocity_interp::{FunctionAddress, Host};
use velocity_nda::module::ExprId;

/// How many blocks are looked at, one by one, until one is the head of a loop.
const LOOKS: u32 = 1024;

/// When a run stops for somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    /// Fuel until somebody shall be asked ([`Turn::Hot`]).
    pub(crate) left: i64,
    /// Whether calls stop ([`Turn::Call`]).
    pub(crate) calls: bool,
    /// How many blocks may still be looked at for the head of a loop ([`Turn::Loop`]).
    looks: u32,
}

impl Watch {
    /// Never.
    pub(crate) const NEVER: Self = Self { left: i64::MAX, calls: false, looks: 0 };

    /// Begins to look for the head of a loop.
    pub(crate) const fn look(&mut self) {
        self.looks = LOOKS;
    }

    /// Ends that.
    pub(crate) const fn look_away(&mut self) {
        self.looks = 0;
    }

    pub(super) const fn looks(&self) -> bool {
        self.looks > 0
    }

    /// How much of so much fuel operations are given at once. With none they stop at every block.
    pub(super) fn portion(&mut self, fuel: i64) -> i64 {
        if self.looks > 0 {
            self.looks -= 1;
            return fuel.min(0);
        }
        fuel.min(self.left.max(0))
    }

    /// So much fuel was spent; whether somebody shall be asked.
    pub(super) const fn spend(&mut self, fuel: i64) -> bool {
        self.left = self.left.saturating_sub(fuel);
        self.left <= 0
    }
}

/// Why a run came back.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Turn {
    Stop(Stop),
    /// It has spent what it may without being asked about.
    Hot,
    /// A function was called, and nothing of it was done.
    Call,
    /// The current function is at the head of a loop, which is not paid: the node that is charged for.
    Loop(ExprId),
}

impl Run {
    /// Runs until something stops it, or somebody shall be asked.
    pub(crate) fn advance(&mut self, whole: (&Fixed, &mut State, &mut dyn Host), account: &mut Account) -> Turn {
        let turn = self.go(whole, account);
        if let Turn::Stop(Stop::Fault(..)) = turn
            && self.entered
        {
            self.cache.lock().book.trapped(self.function.index());
        }
        turn
    }

    /// A slice begins.
    pub(crate) fn begin_slice(&mut self) {
        self.timer.enter();
    }

    /// It ends.
    pub(crate) fn end_slice(&mut self) {
        self.timer.leave();
    }

    /// The current function.
    pub(crate) const fn function(&self) -> FunctionAddress {
        self.function
    }

    /// How many slots of the limit it and what it calls may take.
    pub(crate) fn room(&self) -> u32 {
        self.spare_slots + self.current().map_or(0, |function| function.slots)
    }

    /// The first so many slots of its frame.
    pub(crate) fn slots(&mut self, count: usize) -> &[Slot] {
        let base = self.base as usize;
        self.reach(base + count);
        &self.stack[base..base + count]
    }

    /// The current function returned these results elsewhere; whether it was the first one.
    pub(crate) fn give(&mut self, results: &[Slot]) -> bool {
        let base = self.base as usize;
        self.reach(base + results.len());
        self.stack[base..base + results.len()].copy_from_slice(results);
        if self.timer.next() == Some(self.depth as u64) {
            self.took();
        }
        let slots = self.current().map_or(0, |function| function.slots);
        let Some(caller) = self.depth.checked_sub(1).map(|depth| self.waiting[depth]) else {
            self.results = results.len();
            return true;
        };
        self.depth -= 1;
        self.spare_slots += slots;
        self.function = FunctionAddress::new(caller.function as usize);
        (self.base, self.at) = (caller.base, caller.at);
        false
    }
}
