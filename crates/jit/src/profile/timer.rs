//! The clock of a run, which stands still between slices, and the calls that are being timed.

use crate::exec::cycles;
use alloc::vec::Vec;

/// How many calls of a run are timed at once at most.
const MOST: usize = 64;

/// A call that is being timed.
#[derive(Clone, Copy, Debug)]
struct Open {
    function: usize,
    /// What tells its return from others.
    key: u64,
    start: u64,
}

/// Times calls of a run. Those that were begun last end first.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    /// Cycles that passed outside of slices.
    pauses: u64,
    /// When the last slice ended.
    left: u64,
    /// When calls were looked at last.
    looked: u64,
    open: Vec<Open>,
}

impl Timer {
    /// A slice begins.
    pub(crate) fn enter(&mut self) {
        if self.left != 0 {
            self.pauses += cycles().wrapping_sub(self.left);
        }
    }

    /// A slice ends.
    pub(crate) fn leave(&mut self) {
        self.left = cycles();
    }

    /// Cycles, without those between slices.
    pub(crate) fn now(&self) -> u64 {
        cycles().wrapping_sub(self.pauses)
    }

    /// Whether it is time to look at the next calls.
    pub(crate) fn is_due(&mut self) -> bool {
        let now = cycles();
        let is_due = now.wrapping_sub(self.looked) > super::NEAR;
        if is_due {
            self.looked = now;
        }
        is_due
    }

    /// A call begins whose end is known by a key; whether it is timed: not if too many are.
    pub(crate) fn begin(&mut self, function: usize, key: u64, start: u64) -> bool {
        let has_room = self.open.len() < MOST;
        if has_room {
            self.open.push(Open { function, key, start });
        }
        has_room
    }

    /// The key of the call that ends next.
    #[inline(always)]
    pub(crate) fn next(&self) -> Option<u64> {
        self.open.last().map(|open| open.key)
    }

    /// The keys of all timed calls, the latest first.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u64> {
        self.open.iter().rev().map(|open| open.key)
    }

    /// The call that was begun last has ended: its function, key and cycles.
    #[cold]
    pub(crate) fn end(&mut self) -> Option<(usize, u64, u64)> {
        let open = self.open.pop()?;
        Some((open.function, open.key, self.now().wrapping_sub(open.start)))
    }
}
