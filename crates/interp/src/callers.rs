//! Who waits for the function that failed: the calls that were active, innermost first, as far as they are shown.

use crate::engine::Place;
use alloc::vec::Vec;
use velocity_nda::module::ExprId;

/// Active calls behind the current function, the latest first. It holds a bounded number of them, however deep calls nest.
#[derive(Clone, Debug, Default)]
pub struct Callers {
    shown: Vec<(Place, ExprId)>,
    more: u64,
}

impl Callers {
    /// How many are kept.
    pub const MOST: usize = 12;

    /// The next one: a function, and the node of its call.
    pub fn push(&mut self, place: Place, at: ExprId) {
        if self.shown.len() < Self::MOST {
            self.shown.push((place, at));
        } else {
            self.more += 1;
        }
    }

    /// Those of another engine's part of the run, which wait for all that were pushed.
    pub fn append(&mut self, outer: &Self) {
        outer.shown.iter().for_each(|(place, at)| self.push(*place, *at));
        self.more += outer.more;
    }

    /// Those that are kept, the latest first.
    #[must_use]
    pub fn shown(&self) -> &[(Place, ExprId)] {
        &self.shown
    }

    /// How many there are beside.
    #[must_use]
    pub const fn more(&self) -> u64 {
        self.more
    }
}
