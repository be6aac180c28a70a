//! The same of a function with few slots, by what was noted while it was built: sets of values are words, and nothing is walked over but
//! these. What is only ever set to one constant is not looked for, and how often something is used is estimated.

use super::lay::{LOOP_SHIFT, MAX_DEPTH};
use super::sets::live;
use super::{Flow, Interval, Room, renewed};
use crate::ir::{Function, Touched};
use crate::native::signature::{Signatures, slots};
use alloc::vec::Vec;

/// How many values there are at most.
const VALUES: usize = 64;

/// Those that are floats.
const FLOATS: u64 = 0xAAAA_AAAA_AAAA_AAAA;

/// The members of a set.
fn members(mut set: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let value = set.trailing_zeros() as usize;
        set &= set.wrapping_sub(1);
        (value < VALUES).then_some(value)
    })
}

/// Where values are needed first and last, and how often about.
struct Lines {
    starts: [u32; VALUES],
    /// Values by their starts.
    order: [u8; VALUES],
    count: usize,
    ends: [u32; VALUES],
    begun: u64,
    ended: u64,
    /// By depth of loops: whether a value is used there, and whether more than once.
    used: [(u64, u64); MAX_DEPTH as usize + 1],
}

impl Lines {
    #[inline(always)]
    fn begin(&mut self, set: u64, at: u32) {
        let new = set & !self.begun;
        if new != 0 {
            for value in members(new) {
                self.starts[value] = at;
                self.order[self.count % VALUES] = value as u8;
                self.count += 1;
            }
            self.begun |= new;
        }
    }

    #[inline(always)]
    fn end(&mut self, set: u64, at: u32) {
        let new = set & !self.ended;
        if new != 0 {
            members(new).for_each(|value| self.ends[value] = at);
            self.ended |= new;
        }
    }

    fn weight(&self, value: usize, depths: usize) -> u32 {
        let at = |(depth, (once, often)): (usize, &(u64, u64))| {
            let count = (once >> value & 1) as u32 + (often >> value & 1) as u32;
            count << (LOOP_SHIFT * depth as u32)
        };
        self.used.iter().enumerate().take(depths).map(at).sum()
    }
}

impl Flow {
    /// Looks at a function that was built just now, and that nothing has changed; `None` if sets do not say all of it.
    pub(in crate::native) fn of_built(
        function: &Function,
        signatures: &Signatures<'_>,
        touched: &Touched,
        room: &mut Room,
    ) -> Option<Self> {
        if !Touched::is_exact(function.frame) {
            return None;
        }
        let blocks = function.blocks.len();
        let Room { needed, set, left, layout, lists, intervals: kept, first, arguments, .. } = room;
        [&mut *needed, &mut *set, &mut *left].into_iter().for_each(|sets| sets.reset(blocks, 1));
        let mut arguments = core::mem::take(arguments);
        arguments.clear();
        arguments.resize(blocks, 0);
        for (at, block) in touched.blocks().iter().enumerate().take(blocks) {
            needed.of_mut(at)[0] = block.needs;
            set.of_mut(at)[0] = block.sets;
            arguments[at] = block.arguments;
        }
        layout.take(function);
        live(function, layout, needed, set, left)?;
        let first = renewed(first, needed.of(0));
        let mut lines = Lines {
            starts: [0; VALUES],
            order: [0; VALUES],
            count: 0,
            ends: [0; VALUES],
            begun: 0,
            ended: 0,
            used: [(0, 0); MAX_DEPTH as usize + 1],
        };
        lists.open.clear();
        lists.ends.clear();
        let (mut start, mut depths) = (0, 1);
        for (place, (&id, &loop_end)) in function.order.iter().zip(&layout.ends).enumerate() {
            while lists.open.pop_if(|&mut end| end as usize <= place).is_some() {}
            if loop_end > 0 {
                lists.open.push(loop_end);
            }
            let block = touched.blocks().get(id as usize).copied().unwrap_or_default();
            lines.begin(needed.of(id as usize)[0], start);
            let depth = lists.open.len().min(MAX_DEPTH as usize);
            depths = depths.max(depth + 1);
            let (mut once, mut often) = lines.used[depth];
            let steps = touched.steps(&block);
            let mut at = start + 1;
            for touch in steps.iter().chain([&block.end]) {
                let both = touch.reads | touch.sets;
                (once, often) = (once | both, often | once & both);
                lines.begin(touch.reads, at);
                lines.begin(touch.sets, at + 1);
                at += 2;
            }
            lines.used[depth] = (once, often);
            let end = start + steps.len() as u32 * 2 + 4;
            lists.ends.push(end);
            start = end + 1;
        }
        for (&id, &end) in function.order.iter().zip(lists.ends.iter()).rev() {
            lines.end(left.of(id as usize)[0], end);
            let block = touched.blocks().get(id as usize).copied().unwrap_or_default();
            let mut at = end - 3;
            for touch in touched.steps(&block).iter().chain([&block.end]).rev() {
                lines.end(touch.sets, at + 1);
                lines.end(touch.reads, at);
                at = at.saturating_sub(2);
            }
        }
        let mut friends = [Interval::ALONE; VALUES];
        for &(to, from) in &touched.moves {
            // Arguments live nowhere here.
            if lines.begun >> (to % 64) & lines.begun >> (from % 64) & 1 != 0 {
                (friends[to as usize % VALUES], friends[from as usize % VALUES]) = (from.into(), to.into());
            }
        }
        let mut intervals = core::mem::take(kept);
        intervals.clear();
        let values = lines.order.iter().take(lines.count).map(|&value| usize::from(value));
        intervals.extend(values.map(|value| Interval {
            value: value as u32,
            start: lines.starts[value],
            end: lines.ends[value],
            weight: lines.weight(value, depths),
            friend: friends[value],
        }));
        let floats = touched.all & FLOATS != 0;
        let called = touched.called.iter().map(|&ty| slots(signatures.fixed.types.get(ty)));
        let outgoing = called.fold(touched.range, u32::max);
        Some(Self { intervals, first, constants: Vec::new(), arguments, floats, outgoing })
    }
}
