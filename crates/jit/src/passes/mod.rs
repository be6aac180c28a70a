//! Passes over the intermediate form, before a tier lowers it.
//!
//! Counted loops become closed forms (scalar evolution; Bachmann, Wang, Zima 1994): in front of such a loop, a block
//! computes how many turns it has and what they cost. If the slice has as much fuel, it is paid, the loop's slots are set to
//! what they hold after those turns, and the loop's head goes on from there, where its test fails. Else the loop runs as it
//! is. So a form needs only be true for turns that the loop surely has, and slices, exhaustion and the way out are the
//! loop's own. Forms are exact modulo 2^32 and 2^64. A recurrence that only squaring solves is a loop of at most 64 rounds.
//!
//! Before that, values that are made only to be asked for become ways (`conditions`).
//!
//! Calls of small functions become their blocks (`inline`); a tier asks for that apart from the rest, with an [`Inliner`].
//!
//! Pre: what [`crate::ir::build`] gives. Post: its invariants; slots from the old frame on are used by forms only; results,
//! traps and fuel are what they were. A function without loops is not touched.

mod common;
mod conditions;
mod dead;
mod eval;
#[cfg(test)]
mod files;
mod hoist;
mod idiom;
mod inline;
mod live;
mod peel;
mod poly;
mod power;
#[cfg(test)]
mod show;
mod solve;
#[cfg(test)]
mod tests;
mod trip;
mod turn;
mod unread;
mod whole;

pub(crate) use common::common;
pub(crate) use dead::Dead;
pub(crate) use hoist::hoist;
pub(crate) use inline::Inliner;
pub(crate) use peel::peel;
pub(crate) use unread::Unread;

use crate::ir::{Block, BlockId, End, Function, Step, Tree};
use alloc::vec::Vec;
use live::Live;
use solve::{Solved, solve};
use turn::{Region, turn};

/// How many blocks a loop may have, from its head to the last that leads back.
const MAX_SPAN: u32 = 64;

/// How many loops of a function are looked at.
const MAX_LOOPS: usize = 64;

/// Runs all passes; how many loops have a closed form now.
pub(crate) fn run(function: &mut Function) -> usize {
    conditions::run(function);
    let mut places = alloc::vec![u32::MAX; function.blocks.len()];
    function.order.iter().zip(0..).for_each(|(&id, place)| places[id as usize] = place);
    let loops = loops(function, &places);
    if loops.is_empty() {
        return 0;
    }
    let region = |(first, last)| {
        let inside = inside(function, &places, first, last);
        Region { function, places: &places, first, inside }
    };
    let regions: Vec<Region<'_>> =
        loops.into_iter().map(region).filter(|region| region.may_turn() && turn(region, None).is_some()).collect();
    if regions.is_empty() {
        return 0;
    }
    let Some(live) = Live::of(function) else { return 0 };
    let spare = function.frame as u32;
    let mut found: Vec<(u32, Vec<bool>, Vec<Solved>)> = Vec::new();
    for region in regions {
        let head = region.head();
        let forms = closed(&region, &|slot| live.at(head, slot), spare);
        if !forms.is_empty() {
            found.push((region.first, region.inside, forms));
        }
    }
    let count = found.len();
    // From the last one on, so that places stay what they are.
    for (first, inside, forms) in found.into_iter().rev() {
        rewrite(function, &places, first, &inside, forms);
    }
    count
}

/// The forms of a loop: one, or one for each side of a condition that does not change often, or none.
fn closed(region: &Region<'_>, live: &dyn Fn(u32) -> bool, spare: u32) -> Vec<Solved> {
    let starts = starts(region);
    if let Some(form) = turn(region, None).and_then(|(turn, _)| solve(&turn, live, &starts, spare, None)) {
        return Vec::from([form]);
    }
    let side = |holds: bool| {
        let (turn, limit) = turn(region, Some(holds))?;
        solve(&turn, live, &[], spare, Some(&limit?))
    };
    let (yes, no) = (side(true), side(false));
    match (yes, no) {
        (Some(yes), Some(no)) => Vec::from([yes, no]),
        _ => Vec::new(),
    }
}

/// Loops by the places of their heads and of the last blocks that lead back.
fn loops(function: &Function, places: &[u32]) -> Vec<(u32, u32)> {
    let mut all: Vec<(u32, u32)> = Vec::new();
    for (&id, place) in function.order.iter().zip(0_u32..) {
        function.blocks[id as usize].end.successors(|next| {
            let head = places[next as usize];
            if head <= place && head > 0 {
                match all.iter_mut().find(|(known, _)| *known == head) {
                    Some((_, last)) => *last = place,
                    None => all.push((head, place)),
                }
            }
        });
        if all.len() > MAX_LOOPS {
            break;
        }
    }
    all.retain(|(first, last)| last - first <= MAX_SPAN);
    all.sort_unstable();
    all
}

/// Which blocks of a loop lead back to its head.
fn inside(function: &Function, places: &[u32], first: u32, last: u32) -> Vec<bool> {
    let mut inside = alloc::vec![false; (last - first) as usize + 1];
    for place in (first..=last).rev() {
        let mut leads = false;
        function.blocks[function.order[place as usize] as usize].end.successors(|next| {
            let to = places[next as usize];
            leads |= to == first || to > place && to <= last && inside[(to - first) as usize];
        });
        inside[(place - first) as usize] = leads;
    }
    inside
}

/// Slots with the constants that they hold where the loop begins.
fn starts(region: &Region<'_>) -> Vec<(u32, u64)> {
    let (function, head) = (region.function, region.head());
    let mut before = None;
    for &id in &function.order {
        let mut leads = false;
        function.blocks[id as usize].end.successors(|next| leads |= next == head);
        if leads && !region.contains(id) {
            if before.is_some() {
                return Vec::new();
            }
            before = Some(id);
        }
    }
    let Some(block) = before.map(|id| &function.blocks[id as usize]) else { return Vec::new() };
    if !matches!(block.end, End::Goto(_)) {
        return Vec::new();
    }
    let mut seen = Vec::new();
    let mut starts = Vec::new();
    for step in block.steps.iter().rev() {
        let Step::Set { slot, tree, .. } = step else { break };
        if let (Tree::Constant(value), false) = (tree, seen.contains(slot)) {
            starts.push((*slot, *value));
        }
        seen.push(*slot);
    }
    starts
}

/// Puts the forms of a loop in front of it.
fn rewrite(function: &mut Function, places: &[u32], first: u32, inside: &[bool], forms: Vec<Solved>) {
    let head = function.order[first as usize];
    let of_loop = |id: BlockId| {
        let place = places.get(id as usize).copied().unwrap_or(u32::MAX);
        place >= first && inside.get((place.wrapping_sub(first)) as usize) == Some(&true)
    };
    let base = function.blocks.len() as BlockId;
    let mut made = Vec::new();
    let several = forms.len() > 1;
    // The first block of each form.
    let mut entries = Vec::new();
    let mut next = base;
    for form in &forms {
        entries.push(next);
        next += 2 + 2 * u32::from(form.power.is_some());
    }
    for (at, form) in forms.into_iter().enumerate() {
        let other = entries.get(at + 1).copied().unwrap_or(head);
        // A form of one side goes on with the other side.
        let after = if several { entries[1 - at] } else { head };
        function.frame = function.frame.max(form.spare as usize);
        lay(form, entries[at], other, after, &mut made);
    }
    for &id in function.order.iter().filter(|id| !of_loop(**id)) {
        function.blocks[id as usize].end.retarget(|next| if next == head { base } else { next });
    }
    let ids = base..base + made.len() as u32;
    function.blocks.extend(made);
    function.order.splice(first as usize..first as usize, ids);
}

/// The blocks of a form.
fn lay(form: Solved, entry: BlockId, looped: BlockId, after: BlockId, made: &mut Vec<Block>) {
    let block = |steps, end| Block { steps, end, ..Block::default() };
    made.push(block(form.first, End::Counted { fuel: form.fuel, closed: entry + 1, looped }));
    let finals = form.finals.into_iter().map(|(slot, ty, tree)| Step::Set { slot, ty, tree, traps: false });
    let mut then = form.then;
    match form.power {
        None => {
            then.extend(finals);
            made.push(block(then, End::Goto(after)));
        }
        Some(power) => {
            made.push(block(then, End::Goto(entry + 2)));
            let (again, done) = (entry + 2, entry + 3);
            made.push(block(power.round, End::If { test: power.test, traps: false, then: again, otherwise: done }));
            made.push(block(finals.collect(), End::Goto(after)));
        }
    }
}
