//! What the registers of a function's code will have to hold: which values live where, and how much they are used.
//!
//! A *value* is a slot of the frame seen as an integer or as a float; both never live at once. Its *interval* reaches, in the order in which
//! blocks are laid out, from the first place where it is needed to the last one.

mod few;
mod lay;
mod outgoing;
mod sets;
#[cfg(test)]
mod tests;

pub(super) use crate::ir::{is_float, value_of};
pub(super) use outgoing::of_function as outgoing;
pub(super) use sets::has;

use super::signature::Signatures;
use crate::ir::{Block, End, Function, Step, Tree};
use crate::spare::Spare;
use alloc::vec::Vec;
use lay::{Lists, lay};
use sets::{Layout, Sets, live, put};
use velocity_nda::module::Type;

/// How many words the sets of all blocks may have.
const MAX_WORDS: usize = 1 << 20;

/// Where a value lives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    pub(super) value: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) weight: u32,
    /// A value that it is set to, or that is set to it: one register for both spares a move.
    pub(super) friend: u32,
}

impl Interval {
    /// No friend.
    pub(super) const ALONE: u32 = u32::MAX;

    /// Of a value that nobody asks for.
    pub(super) const NONE: Self = Self { value: 0, start: u32::MAX, end: 0, weight: 0, friend: Self::ALONE };
}

/// What is known of a function.
#[derive(Debug)]
pub(super) struct Flow {
    /// By start.
    pub(super) intervals: Vec<Interval>,
    /// Values that are needed before anything is done, which are parameters and variables.
    pub(super) first: Vec<u64>,
    /// Values that are only ever set to one constant, and are set before they are read.
    pub(super) constants: Vec<(u32, u64)>,
    /// By block: the step from which on all are arguments of the call at its end.
    pub(super) arguments: Vec<u32>,
    /// Whether any value is a float.
    pub(super) floats: bool,
    /// Slots for arguments and results that the function needs at the bottom of its frame.
    pub(super) outgoing: u32,
}

/// Blocks and slots that most functions do not have more of.
const ROOM: usize = 16;

/// Room for how many items in a list waits for another unit at most.
const MAX_SPARE: usize = 4096;

static SPARE: Spare<Room> = Spare::new();

/// Room that functions take in turn.
#[derive(Default)]
pub(super) struct Room {
    touches: Touches,
    needed: Sets,
    set: Sets,
    left: Sets,
    layout: Layout,
    /// By value: what it is set to.
    given: Vec<Given>,
    lists: Lists,
    intervals: Vec<Interval>,
    first: Vec<u64>,
    arguments: Vec<u32>,
}

impl Room {
    /// As much as most functions need.
    pub(super) fn new() -> Self {
        Self {
            touches: Touches {
                all: Vec::with_capacity(8 * ROOM),
                ends: Vec::with_capacity(ROOM),
                ..Touches::default()
            },
            intervals: Vec::with_capacity(2 * ROOM),
            given: Vec::with_capacity(2 * ROOM),
            arguments: Vec::with_capacity(ROOM),
            ..Self::default()
        }
    }

    /// What somebody left, or else a new one.
    pub(super) fn take() -> Self {
        SPARE.take(Self::new)
    }

    /// Leaves it for the next one, unless a function made it large.
    pub(super) fn put_back(self) {
        let sets = [&self.needed, &self.set, &self.left].map(Sets::room);
        let lists = [
            self.touches.all.capacity(),
            self.touches.ends.capacity(),
            self.layout.room(),
            self.given.capacity(),
            self.lists.open.capacity(),
            self.lists.ends.capacity(),
            self.lists.seen.capacity(),
            self.intervals.capacity(),
            self.first.capacity(),
            self.arguments.capacity(),
        ];
        if sets.into_iter().chain(lists).all(|items| items <= MAX_SPARE) {
            SPARE.leave(self);
        }
    }

    /// Takes the room of what was known of a function.
    pub(super) fn give_back(&mut self, flow: Flow) {
        (self.intervals, self.first, self.arguments) = (flow.intervals, flow.first, flow.arguments);
    }
}

/// Calls `with` for each value that a tree reads.
pub(super) fn reads(tree: &Tree, with: &mut impl FnMut(u32, bool)) {
    tree.slots(&mut |slot, ty| with(slot, is_float(ty)));
}

/// What a step reads, then (`true`) what it sets.
fn step(step: &Step, signatures: &Signatures<'_>, with: &mut impl FnMut(u32, bool, bool)) {
    let mut reading = |tree: &Tree| reads(tree, &mut |slot, float| with(slot, float, false));
    match step {
        Step::Set { slot, ty, tree, .. } => {
            reading(tree);
            with(*slot, is_float(*ty), true);
        }
        Step::Evaluate(tree) | Step::SetGlobal(_, tree) => reading(tree),
        Step::Store { operands, .. } => operands.iter().for_each(reading),
        Step::Bulk { base, .. } => (*base..*base + 3).for_each(|slot| with(slot, false, false)),
        Step::Grow { slot, .. } => {
            with(*slot, false, false);
            with(*slot, false, true);
        }
        Step::DropData(_) | Step::DropElement(_) | Step::Room { .. } => {}
        Step::Host { callee, base, .. } => {
            let ty = signatures.of(*callee);
            window(*base, &ty.parameters, |slot, float| with(slot, float, false));
            window(*base, &ty.results, |slot, float| with(slot, float, true));
        }
    }
}

/// What the end of a block reads, then (`true`) what it sets.
fn end(end: &End, signatures: &Signatures<'_>, with: &mut impl FnMut(u32, bool, bool)) {
    let mut reading = |tree: &Tree| reads(tree, &mut |slot, float| with(slot, float, false));
    match end {
        End::If { test: tree, .. } | End::Table(tree, _) | End::ReturnValue(tree) | End::Counted { fuel: tree, .. } => {
            reading(tree)
        }
        End::Call(callee, call) => {
            let ty = signatures.of(*callee);
            window(call.base, &ty.parameters, |slot, float| with(slot, float, false));
            window(call.base, &ty.results, |slot, float| with(slot, float, true));
        }
        End::CallIndirect((signature, _), index, call) => {
            let ty = signatures.named(*signature);
            window(call.base, &ty.parameters, |slot, float| with(slot, float, false));
            with(*index, false, false);
            window(call.base, &ty.results, |slot, float| with(slot, float, true));
        }
        End::Return(first, _) => window(*first, signatures.results(), |slot, float| with(slot, float, false)),
        End::Nowhere | End::Goto(_) | End::Trap(..) => {}
    }
}

pub(super) fn window(base: u32, types: &[Type], mut with: impl FnMut(u32, bool)) {
    types.iter().zip(base..).for_each(|(&ty, slot)| with(slot, is_float(ty)));
}

/// The step from which on all set arguments of the call at the end, each its own and none reading another.
fn arguments(block: &Block, signatures: &Signatures<'_>) -> u32 {
    let (base, count) = match &block.end {
        End::Call(callee, call) => (call.base, signatures.of(*callee).parameters.len()),
        End::CallIndirect((signature, _), _, call) => (call.base, signatures.named(*signature).parameters.len() + 1),
        _ => return block.steps.len() as u32,
    };
    let mut seen = 0_u64;
    let mut first = block.steps.len();
    while let Some(Step::Set { slot, tree, .. }) = first.checked_sub(1).and_then(|at| block.steps.get(at)) {
        let at = slot.wrapping_sub(base);
        let mut reads_window = false;
        reads(tree, &mut |slot, _| reads_window |= slot >= base);
        if at as usize >= count.min(64) || seen >> at & 1 != 0 || reads_window {
            break;
        }
        seen |= 1 << at;
        first -= 1;
    }
    first as u32
}

impl Flow {
    /// Looks at a function; `None` if it is too large for that.
    pub(super) fn of(function: &Function, signatures: &Signatures<'_>, room: &mut Room) -> Option<Self> {
        let words = (function.frame * 2).div_ceil(64);
        let blocks = function.blocks.len();
        if blocks.checked_mul(words)? > MAX_WORDS {
            return None;
        }
        let mut all = core::mem::take(&mut room.arguments);
        all.clear();
        all.extend(function.blocks.iter().map(|block| arguments(block, signatures)));
        let arguments = all;
        let Room { touches, needed, set, left, layout, given, lists, intervals: kept, first, .. } = room;
        [&mut *needed, &mut *set, &mut *left].into_iter().for_each(|sets| sets.reset(blocks, words));
        given.clear();
        given.resize(function.frame * 2, Given::Nothing);
        touches.take(function, signatures, &arguments, (needed, set, given));
        layout.take(function);
        live(function, layout, needed, set, left)?;
        let first = renewed(first, needed.of(0));
        let constants = constants(&first, given);
        let mut intervals = core::mem::take(kept);
        lay(function, touches, &arguments, layout, (needed, left), (lists, &mut intervals));
        if !constants.is_empty() {
            intervals
                .retain(|interval| constants.binary_search_by_key(&interval.value, |constant| constant.0).is_err());
        }
        Some(Self { intervals, first, constants, arguments, floats: touches.floats, outgoing: touches.outgoing })
    }
}

/// A list taken from its room, with these items.
fn renewed(room: &mut Vec<u64>, items: &[u64]) -> Vec<u64> {
    let mut all = core::mem::take(room);
    all.clear();
    all.extend_from_slice(items);
    all
}

/// A value that a block touches, with the place inside of the block (reads are even, writes odd).
#[derive(Clone, Copy)]
struct Touch {
    place: u32,
    value: u32,
}

/// What all blocks touch, in order.
#[derive(Default)]
struct Touches {
    all: Vec<Touch>,
    /// Where those of a block end; they begin where those of the block before end.
    ends: Vec<u32>,
    floats: bool,
    outgoing: u32,
}

/// What a block needs before it sets it, what it sets, and by value what that is set to.
type Found<'f> = (&'f mut [u64], &'f mut [u64], &'f mut [Given]);

impl Touches {
    fn take(
        &mut self,
        function: &Function,
        signatures: &Signatures<'_>,
        arguments: &[u32],
        (needed, set, given): (&mut Sets, &mut Sets, &mut [Given]),
    ) {
        self.all.clear();
        self.ends.clear();
        (self.floats, self.outgoing) = (false, 0);
        for (at, (block, &arguments)) in function.blocks.iter().zip(arguments).enumerate() {
            self.block(block, arguments, signatures, (needed.of_mut(at), set.of_mut(at), given));
            self.ends.push(self.all.len() as u32);
            self.outgoing = self.outgoing.max(outgoing::of_block(block, signatures));
        }
    }

    fn block(&mut self, block: &Block, arguments: u32, signatures: &Signatures<'_>, (needed, set, given): Found<'_>) {
        let Self { all, floats, .. } = self;
        let mut touch = |at: u32, value: usize, sets| {
            all.push(Touch { place: at * 2 + u32::from(sets), value: value as u32 });
            if sets {
                put(set, value);
            } else if !has(set, value) {
                put(needed, value);
            }
        };
        for (one, at) in block.steps.iter().zip(0_u32..) {
            step(one, signatures, &mut |slot, float, sets| {
                *floats |= float;
                // Arguments go straight to where the callee finds them.
                if sets && at >= arguments {
                    return;
                }
                let value = value_of(slot, float);
                touch(at, value, sets);
                if sets {
                    given[value].set(one);
                }
            });
        }
        let last = block.steps.len() as u32;
        let passed = &block.steps[arguments as usize..];
        let passes =
            |slot: u32| passed.iter().any(|step| matches!(step, Step::Set { slot: given, .. } if *given == slot));
        end(&block.end, signatures, &mut |slot, float, sets| {
            *floats |= float;
            let value = value_of(slot, float);
            if sets {
                given[value] = Given::Anything;
            }
            if sets || !passes(slot) {
                touch(last, value, sets);
            }
        });
    }

    fn of_block(&self, block: usize) -> &[Touch] {
        let first = block.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[first as usize..self.ends[block] as usize]
    }
}

/// What one value is set to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    Nothing,
    Constant(u64),
    Anything,
}

impl Given {
    /// It is set by a step as well.
    fn set(&mut self, by: &Step) {
        let given = match by {
            Step::Set { tree: Tree::Constant(bits), .. } => Self::Constant(*bits),
            _ => Self::Anything,
        };
        *self = if *self == Self::Nothing || *self == given { given } else { Self::Anything };
    }
}

fn constants(first: &[u64], given: &[Given]) -> Vec<(u32, u64)> {
    let constant = |(value, given): (usize, &Given)| match given {
        Given::Constant(bits) if !has(first, value) => Some((value as u32, *bits)),
        _ => None,
    };
    given.iter().enumerate().filter_map(constant).collect()
}
