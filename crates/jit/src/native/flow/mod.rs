//! What the registers of a function's code will have to hold: which values live where, and how much they are used.
//!
//! A *value* is a slot of the frame seen as an integer or as a float; both never live at once. Its *interval* reaches, in the order in which
//! blocks are laid out, from the first place where it is needed to the last one.

mod sets;

pub(super) use sets::has;

use super::signature::Signatures;
use crate::ir::{Block, End, Function, Step, Tree};
use crate::spare::Spare;
use alloc::vec::Vec;
use sets::{Layout, Sets, live, members, put};
use velocity_nda::module::Type;

/// How many words the sets of all blocks may have.
const MAX_WORDS: usize = 1 << 20;

/// How much more something counts in a loop.
const LOOP_FACTOR: u32 = 8;

/// How many nested loops count.
const MAX_DEPTH: u32 = 6;

/// Whether a type is held by vector registers.
pub(super) const fn is_float(ty: Type) -> bool {
    matches!(ty, Type::F32 | Type::F64)
}

/// The number of a value.
pub(super) const fn value_of(slot: u32, float: bool) -> usize {
    slot as usize * 2 + float as usize
}

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
    /// The ends of the loops that a block lies in.
    open: Vec<u32>,
    intervals: Vec<Interval>,
    arguments: Vec<u32>,
}

impl Room {
    /// As much as most functions need.
    pub(super) fn new() -> Self {
        Self {
            touches: Touches { all: Vec::with_capacity(8 * ROOM), ends: Vec::with_capacity(ROOM) },
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
            self.open.capacity(),
            self.intervals.capacity(),
            self.arguments.capacity(),
        ];
        if sets.into_iter().chain(lists).all(|items| items <= MAX_SPARE) {
            SPARE.leave(self);
        }
    }

    /// Takes the room of what was known of a function.
    pub(super) fn give_back(&mut self, flow: Flow) {
        (self.intervals, self.arguments) = (flow.intervals, flow.arguments);
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
        let Room { touches, needed, set, left, layout, given, open, intervals: kept, .. } = room;
        touches.take(function, signatures, &arguments);
        [&mut *needed, &mut *set, &mut *left].into_iter().for_each(|sets| sets.reset(blocks, words));
        for at in 0..blocks {
            let (needed, set) = (needed.of_mut(at), set.of_mut(at));
            for touch in touches.of_block(at) {
                if touch.sets {
                    put(set, touch.value as usize);
                } else if !has(set, touch.value as usize) {
                    put(needed, touch.value as usize);
                }
            }
        }
        layout.take(function);
        live(function, layout, needed, set, left)?;
        let first = needed.of(0).to_vec();
        let constants = constants(function, touches, &first, given);
        let mut intervals = core::mem::take(kept);
        lay(function, touches, &arguments, layout, (needed, left), (open, &mut intervals));
        if !constants.is_empty() {
            intervals
                .retain(|interval| constants.binary_search_by_key(&interval.value, |constant| constant.0).is_err());
        }
        Some(Self { intervals, first, constants, arguments })
    }
}

/// A value that a block touches, with the place inside of the block (reads are even, writes odd), and whether it is set.
#[derive(Clone, Copy)]
struct Touch {
    place: u32,
    value: u32,
    sets: bool,
}

/// What all blocks touch, in order.
#[derive(Default)]
struct Touches {
    all: Vec<Touch>,
    /// Where those of a block end; they begin where those of the block before end.
    ends: Vec<u32>,
}

impl Touches {
    fn take(&mut self, function: &Function, signatures: &Signatures<'_>, arguments: &[u32]) {
        self.all.clear();
        self.ends.clear();
        for (block, &arguments) in function.blocks.iter().zip(arguments) {
            self.block(block, arguments, signatures);
            self.ends.push(self.all.len() as u32);
        }
    }

    fn block(&mut self, block: &Block, arguments: u32, signatures: &Signatures<'_>) {
        let mut touch = |at: u32, slot, float, sets| {
            let value = value_of(slot, float) as u32;
            self.all.push(Touch { place: at * 2 + u32::from(sets), value, sets });
        };
        for (one, at) in block.steps.iter().zip(0_u32..) {
            step(one, signatures, &mut |slot, float, sets| {
                // Arguments go straight to where the callee finds them.
                if !(sets && at >= arguments) {
                    touch(at, slot, float, sets);
                }
            });
        }
        let last = block.steps.len() as u32;
        let given = &block.steps[arguments as usize..];
        let given =
            |slot: u32| given.iter().any(|step| matches!(step, Step::Set { slot: given, .. } if *given == slot));
        end(&block.end, signatures, &mut |slot, float, sets| {
            if sets || !given(slot) {
                touch(last, slot, float, sets);
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

fn constants(function: &Function, touches: &Touches, first: &[u64], all: &mut Vec<Given>) -> Vec<(u32, u64)> {
    all.clear();
    all.resize(function.frame * 2, Given::Nothing);
    for (at, block) in function.blocks.iter().enumerate() {
        for touch in touches.of_block(at).iter().filter(|touch| touch.sets) {
            let given = match block.steps.get(touch.place as usize / 2) {
                Some(Step::Set { tree: Tree::Constant(bits), .. }) => Given::Constant(*bits),
                _ => Given::Anything,
            };
            let known = &mut all[touch.value as usize];
            *known = if *known == Given::Nothing || *known == given { given } else { Given::Anything };
        }
    }
    let constant = |(value, given): (usize, Given)| match given {
        Given::Constant(bits) if !has(first, value) => Some((value as u32, bits)),
        _ => None,
    };
    all.iter().copied().enumerate().filter_map(constant).collect()
}

/// The intervals of all values that anybody asks for, by start.
fn lay(
    function: &Function,
    touches: &Touches,
    arguments: &[u32],
    layout: &Layout,
    (needed, left): (&Sets, &Sets),
    (open, all): (&mut Vec<u32>, &mut Vec<Interval>),
) {
    open.clear();
    all.clear();
    all.resize(function.frame * 2, Interval::NONE);
    let mut start = 0_u32;
    for (place, (&id, &loop_end)) in function.order.iter().zip(&layout.ends).enumerate() {
        while open.pop_if(|&mut end| end as usize <= place).is_some() {}
        if loop_end > 0 {
            open.push(loop_end);
        }
        let (id, block) = (id as usize, &function.blocks[id as usize]);
        let end = start + block.steps.len() as u32 * 2 + 4;
        let mut reach = |value: usize, place: u32, weight: u32| {
            let interval = &mut all[value];
            interval.start = interval.start.min(place);
            interval.end = interval.end.max(place);
            interval.weight = interval.weight.saturating_add(weight);
        };
        members(needed.of(id), |value| reach(value, start, 0));
        members(left.of(id), |value| reach(value, end, 0));
        let weight = LOOP_FACTOR.pow((open.len() as u32).min(MAX_DEPTH));
        for touch in touches.of_block(id) {
            reach(touch.value as usize, start + 1 + touch.place, weight);
        }
        befriend(&block.steps[..arguments[id] as usize], all);
        start = end + 1;
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
