//! Intervals: from where to where values are needed, in the order of the blocks.

use super::sets::{Layout, Sets, new_members};
use super::{Interval, Touches, is_float, value_of};
use crate::ir::{Function, Step, Tree};
use alloc::vec::Vec;

/// How much more something counts in a loop, as a power of two.
pub(super) const LOOP_SHIFT: u32 = 3;

/// How many nested loops count.
pub(super) const MAX_DEPTH: u32 = 6;

/// What intervals are laid with.
#[derive(Default)]
pub(super) struct Lists {
    /// The ends of the loops that a block lies in.
    pub(super) open: Vec<u32>,
    /// Where blocks end, in their order.
    pub(super) ends: Vec<u32>,
    /// Two sets of values.
    pub(super) seen: Vec<u64>,
}

/// The intervals of all values that anybody asks for, by start.
pub(super) fn lay(
    function: &Function,
    touches: &Touches,
    arguments: &[u32],
    layout: &Layout,
    (needed, left): (&Sets, &Sets),
    (lists, all): (&mut Lists, &mut Vec<Interval>),
) {
    let Lists { open, ends, seen } = lists;
    open.clear();
    ends.clear();
    seen.clear();
    seen.resize(2 * needed.words, 0);
    let (begun, ended) = seen.split_at_mut(needed.words);
    all.clear();
    all.resize(function.frame * 2, Interval::NONE);
    let mut start = 0_u32;
    for (place, (&id, &loop_end)) in function.order.iter().zip(&layout.ends).enumerate() {
        while open.pop_if(|&mut end| end as usize <= place).is_some() {}
        if loop_end > 0 {
            open.push(loop_end);
        }
        let (id, block) = (id as usize, &function.blocks[id as usize]);
        // Places only grow, so what comes first is the start, and what comes last the end.
        new_members(needed.of(id), begun, |value| {
            let interval = &mut all[value];
            interval.start = interval.start.min(start);
        });
        let weight = 1 << (LOOP_SHIFT * (open.len() as u32).min(MAX_DEPTH));
        for touch in touches.of_block(id) {
            let (interval, at) = (&mut all[touch.value as usize], start + 1 + touch.place);
            interval.start = interval.start.min(at);
            interval.end = at;
            interval.weight = interval.weight.saturating_add(weight);
        }
        befriend(&block.steps[..arguments[id] as usize], all);
        let end = start + block.steps.len() as u32 * 2 + 4;
        ends.push(end);
        start = end + 1;
    }
    for (&id, &end) in function.order.iter().zip(ends.iter()).rev() {
        new_members(left.of(id as usize), ended, |value| all[value].end = all[value].end.max(end));
    }
    for (value, interval) in all.iter_mut().enumerate() {
        interval.value = value as u32;
    }
    all.retain(|interval| interval.start != u32::MAX);
    all.sort_unstable_by_key(|interval| interval.start);
}

fn befriend(steps: &[Step], all: &mut [Interval]) {
    for step in steps {
        if let Step::Set { slot, ty, tree: Tree::Slot(from, _), .. } = step {
            let (to, from) = (value_of(*slot, is_float(*ty)), value_of(*from, is_float(*ty)));
            all[to].friend = from as u32;
            all[from].friend = to as u32;
        }
    }
}
