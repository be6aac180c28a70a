//! Sets of values, one for each block, and what they are needed for: where loops lie, and what is live.

use crate::ir::Function;
use alloc::vec::Vec;

/// How often all blocks are looked at: loops that nest deeper than that need more.
const MAX_ROUNDS: usize = 64;

/// Sets of values, one for each block.
#[derive(Default)]
pub(super) struct Sets {
    pub(super) words: usize,
    bits: Vec<u64>,
}

impl Sets {
    /// Empty ones.
    pub(super) fn reset(&mut self, blocks: usize, words: usize) {
        self.words = words;
        self.bits.clear();
        self.bits.resize(blocks * words, 0);
    }

    /// For how many words there is room.
    pub(super) fn room(&self) -> usize {
        self.bits.capacity()
    }

    pub(super) fn of(&self, block: usize) -> &[u64] {
        &self.bits[block * self.words..][..self.words]
    }

    pub(super) fn of_mut(&mut self, block: usize) -> &mut [u64] {
        &mut self.bits[block * self.words..][..self.words]
    }
}

pub(in crate::native) fn has(set: &[u64], value: usize) -> bool {
    set.get(value / 64).is_some_and(|word| word >> (value % 64) & 1 != 0)
}

pub(super) fn put(set: &mut [u64], value: usize) {
    set[value / 64] |= 1 << (value % 64);
}

/// Which values are needed at the start (into `needed`) and at the end (into `left`) of each block; `None` if it would take too long to say.
///
/// A round goes through the blocks from the last to the first, so that another one is wanted only if the head of a loop has changed.
pub(super) fn live(function: &Function, layout: &Layout, needed: &mut Sets, set: &Sets, left: &mut Sets) -> Option<()> {
    if needed.words == 1 {
        return live_of_few(function, layout, &mut needed.bits, &set.bits, &mut left.bits);
    }
    for _ in 0..MAX_ROUNDS {
        let mut changed = false;
        for (&id, &end) in function.order.iter().zip(&layout.ends).rev() {
            let at = id as usize;
            let out = left.of_mut(at);
            function.blocks[at].end.successors(|next| {
                out.iter_mut().zip(needed.of(next as usize)).for_each(|(to, from)| *to |= from);
            });
            for ((needed, set), &out) in needed.of_mut(at).iter_mut().zip(set.of(at)).zip(left.of(at)) {
                let more = out & !set & !*needed;
                changed |= more != 0 && end > 0;
                *needed |= more;
            }
        }
        if !changed {
            return Some(());
        }
    }
    None
}

/// The same where a word holds a set.
fn live_of_few(function: &Function, layout: &Layout, needed: &mut [u64], set: &[u64], left: &mut [u64]) -> Option<()> {
    for _ in 0..MAX_ROUNDS {
        let mut changed = false;
        for (&id, &end) in function.order.iter().zip(&layout.ends).rev() {
            let at = id as usize;
            let mut out = left[at];
            function.blocks[at].end.successors(|next| out |= needed[next as usize]);
            left[at] = out;
            let more = out & !set[at] & !needed[at];
            changed |= more != 0 && end > 0;
            needed[at] |= more;
        }
        if !changed {
            return Some(());
        }
    }
    None
}

/// Where loops lie in the order of the blocks.
#[derive(Default)]
pub(super) struct Layout {
    /// By block: its place in the order.
    places: Vec<u32>,
    /// By place: where the loop ends that begins there; 0 if none does.
    pub(super) ends: Vec<u32>,
}

impl Layout {
    /// For how many blocks there is room.
    pub(super) fn room(&self) -> usize {
        self.places.capacity().max(self.ends.capacity())
    }

    pub(super) fn take(&mut self, function: &Function) {
        let Self { places, ends } = self;
        places.clear();
        places.resize(function.blocks.len(), 0);
        ends.clear();
        ends.resize(function.order.len(), 0);
        function.order.iter().zip(0..).for_each(|(&id, place)| places[id as usize] = place);
        for (&id, place) in function.order.iter().zip(0_u32..) {
            function.blocks[id as usize].end.successors(|next| {
                let head = places[next as usize];
                if head <= place {
                    ends[head as usize] = ends[head as usize].max(place + 1);
                }
            });
        }
    }
}

/// Calls `with` for each member that is not among those seen, which it is afterwards.
pub(super) fn new_members(set: &[u64], seen: &mut [u64], mut with: impl FnMut(usize)) {
    for (at, (&word, seen)) in set.iter().zip(seen).enumerate() {
        let mut word = word & !*seen;
        *seen |= word;
        while word != 0 {
            with(at * 64 + word.trailing_zeros() as usize);
            word &= word - 1;
        }
    }
}
