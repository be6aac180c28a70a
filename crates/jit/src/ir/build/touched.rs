//! Which values the steps of a function read and set, noted while it is built: whoever asks soon after needs not walk over its trees.
//!
//! A *value* is a slot seen as an integer or as a float; a set of them is a word, in which value `v` is bit `v` modulo 64. It says all only
//! of a function with few slots ([`Touched::is_exact`]).

use crate::ir::{BlockId, Step};
use alloc::vec::Vec;
use velocity_interp::engine::TypeId;
use velocity_nda::module::Type;

/// The number of a value.
pub(crate) const fn value_of(slot: u32, float: bool) -> usize {
    slot as usize * 2 + float as usize
}

/// Whether values of a type are floats.
pub(crate) const fn is_float(ty: Type) -> bool {
    matches!(ty, Type::F32 | Type::F64)
}

/// A value as a set.
#[inline(always)]
pub(crate) const fn only(slot: u32, ty: Type) -> u64 {
    1 << (value_of(slot, is_float(ty)) % 64)
}

/// All values of the slots below one.
const fn below(slot: u32) -> u64 {
    if slot < 32 { (1 << (2 * slot)) - 1 } else { u64::MAX }
}

/// What something reads, and what it sets afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touch {
    pub(crate) reads: u64,
    pub(crate) sets: u64,
}

impl Touch {
    pub(super) const NONE: Self = Self { reads: 0, sets: 0 };

    pub(super) const fn reads(reads: u64) -> Self {
        Self { reads, sets: 0 }
    }
}

/// What a block touches.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Touches {
    /// What it reads before it sets it, and what it sets.
    pub(crate) needs: u64,
    pub(crate) sets: u64,
    /// At its end.
    pub(crate) end: Touch,
    /// Its steps, among those of all blocks.
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// The step from which on all are arguments of the call at its end, which set nothing here.
    pub(crate) arguments: u32,
}

impl Touches {
    #[inline(always)]
    fn add(&mut self, touch: Touch) {
        self.needs |= touch.reads & !self.sets;
        self.sets |= touch.sets;
    }
}

/// What a function touches.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// By step, in the order in which blocks were closed.
    steps: Vec<Touch>,
    /// By block.
    blocks: Vec<Touches>,
    open: Touches,
    /// Values that are set to another one, and that one.
    pub(crate) moves: Vec<(u8, u8)>,
    /// What anything touches, arguments too.
    pub(crate) all: u64,
    /// The types of what is called.
    pub(crate) called: Vec<TypeId>,
    /// Slots of ranges that are passed on.
    pub(crate) range: u32,
}

impl Touched {
    /// Whether sets say all of a function of so many slots.
    pub(crate) const fn is_exact(frame: usize) -> bool {
        frame <= 32
    }

    /// For how many items there is room.
    pub(super) fn room(&self) -> usize {
        self.steps.capacity().max(self.blocks.capacity()).max(self.moves.capacity()).max(self.called.capacity())
    }

    /// By block; those that are not here touch nothing.
    pub(crate) fn blocks(&self) -> &[Touches] {
        &self.blocks
    }

    /// By step of a block.
    pub(crate) fn steps(&self, block: &Touches) -> &[Touch] {
        self.steps.get(block.first as usize..block.last as usize).unwrap_or_default()
    }

    /// Another function begins.
    pub(super) fn clear(&mut self) {
        self.steps.clear();
        self.blocks.clear();
        self.moves.clear();
        self.called.clear();
        (self.all, self.range) = (0, 0);
    }

    /// A block begins.
    pub(super) fn open(&mut self) {
        let first = self.steps.len() as u32;
        self.open = Touches { first, last: first, ..Touches::default() };
    }

    /// A step of it.
    #[inline(always)]
    pub(super) fn step(&mut self, touch: Touch) {
        self.steps.push(touch);
        self.open.add(touch);
        self.all |= touch.reads | touch.sets;
    }

    /// A slot is set to another one, of a type.
    pub(super) fn moved(&mut self, to: u32, from: u32, ty: Type) {
        let value = |slot| value_of(slot, is_float(ty)) as u8;
        self.moves.push((value(to), value(from)));
    }

    /// It ends like this.
    pub(super) fn close(&mut self, id: BlockId, end: Touch) {
        let last = self.steps.len() as u32;
        let mut block = Touches { end, last, arguments: last - self.open.first, ..self.open };
        block.add(end);
        self.keep(id, block);
    }

    /// It ends with a call, whose window begins at a slot and has so many arguments; `steps` are those of the block.
    pub(super) fn close_with_call(&mut self, id: BlockId, (base, count): (u32, usize), steps: &[Step], end: Touch) {
        let Touches { first, .. } = self.open;
        let own = self.steps.get_mut(first as usize..).unwrap_or_default();
        let (mut seen, mut passed, mut arguments) = (0_u64, 0, own.len());
        for (step, touch) in steps.iter().zip(own.iter_mut()).rev() {
            let Step::Set { slot, ty, .. } = step else { break };
            let at = slot.wrapping_sub(base);
            if at as usize >= count.min(64) || seen >> at & 1 != 0 || touch.reads & !below(base) != 0 {
                break;
            }
            (seen, arguments) = (seen | 1 << at, arguments - 1);
            passed |= only(*slot, *ty);
            touch.sets = 0;
        }
        let end = Touch { reads: end.reads & !passed, ..end };
        let mut block = Touches { first, last: first + own.len() as u32, ..Touches::default() };
        own.iter().for_each(|touch| block.add(*touch));
        block.add(end);
        self.keep(id, Touches { end, arguments: arguments as u32, ..block });
    }

    /// A block that only moves values.
    pub(super) fn moves(&mut self, id: BlockId, steps: &[Step], reads: impl Iterator<Item = u64>) {
        self.open();
        for (step, reads) in steps.iter().zip(reads) {
            let sets = if let Step::Set { slot, ty, .. } = step { only(*slot, *ty) } else { 0 };
            self.step(Touch { reads, sets });
        }
        self.close(id, Touch::NONE);
    }

    fn keep(&mut self, id: BlockId, block: Touches) {
        self.all |= block.end.reads | block.end.sets;
        let at = id as usize;
        if self.blocks.len() <= at {
            self.blocks.resize(at + 1, Touches::default());
        }
        self.blocks[at] = block;
    }

    /// A block ends like another one, which has no steps, as it went there.
    pub(super) fn ends_like(&mut self, id: BlockId, other: BlockId) {
        let end = self.blocks.get(other as usize).map_or(Touch::NONE, |other| other.end);
        if let Some(block) = self.blocks.get_mut(id as usize) {
            block.end = end;
            block.add(end);
        }
    }
}
