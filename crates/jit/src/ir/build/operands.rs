//! Operands that nobody has used yet, and their slots.

use super::{Builder, Operand, only};
use crate::ir::tree::{Effect, Facts, Tree};
use velocity_nda::module::{Constant, GlobalId, GlobalKind, Shape, Type, Yield};

/// How many operands may wait outside of their slots.
const MAX_UNSETTLED: usize = 64;

/// How many globals may have the value of each other.
const MAX_GLOBALS: usize = 8;

impl Builder<'_> {
    pub(super) fn slot(&mut self, position: usize) -> u32 {
        let slot = self.locals as usize + position;
        self.frame = self.frame.max(slot + 1);
        slot as u32
    }

    /// An operand that an operator makes.
    pub(super) fn push(&mut self, tree: Tree, ty: Type, facts: Facts) {
        self.operands.push(Operand { tree, ty, facts });
        if facts.size > self.max_size {
            self.settle_from(self.operands.len() - 1);
        }
    }

    /// An operand without operands.
    #[inline]
    pub(super) fn push_leaf(&mut self, tree: Tree, ty: Type, facts: Facts) {
        self.operands.push(Operand { tree, ty, facts });
    }

    pub(super) fn push_slot(&mut self, slot: u32, ty: Type) {
        self.push_leaf(Tree::Slot(slot, ty), ty, Facts::of_slot(slot, ty));
    }

    pub(super) fn push_local(&mut self, local: u32) {
        self.push_slot(local, self.types[local as usize]);
    }

    /// The operands that a node leaves, from the current height on, in their own slots already.
    pub(super) fn push_settled(&mut self, yields: Yield) {
        match yields.shape() {
            Shape::None | Shape::Never => {}
            Shape::One(ty) => self.push_own(ty),
            Shape::Many(list) => {
                let module = self.module;
                module.pool.get(list).for_each(|ty| self.push_own(ty));
            }
        }
    }

    /// An operand in its own slot.
    pub(super) fn push_own(&mut self, ty: Type) {
        let slot = self.slot(self.operands.len());
        self.push_slot(slot, ty);
    }

    pub(super) fn constant(&mut self, value: u64, ty: Type) {
        self.push_leaf(Tree::Constant(value), ty, Facts::leaf());
    }

    /// The value of a global that its module defines and nothing sets.
    pub(super) fn known(&self, global: GlobalId) -> Option<u64> {
        let mut global = &self.module.globals[global];
        for _ in 0..MAX_GLOBALS {
            match global.kind {
                GlobalKind::Defined(_) if global.mutable => return None,
                GlobalKind::Defined(Constant::Value(value)) => return Some(value.bits()),
                GlobalKind::Defined(Constant::Address(data)) => {
                    return Some(self.instance.placed[data.0 as usize].into());
                }
                GlobalKind::Defined(Constant::Global(of)) => global = &self.module.globals[of],
                GlobalKind::Host(_) | GlobalKind::Import(_) => return None,
            }
        }
        None
    }

    /// The topmost operand. The module is valid, so there is one.
    pub(super) fn pop(&mut self) -> Operand {
        let popped = self.operands.pop();
        self.settled = self.settled.min(self.operands.len());
        popped.unwrap_or_else(nothing)
    }

    pub(super) fn truncate(&mut self, height: usize) {
        self.operands.truncate(height);
        self.settled = self.settled.min(height);
    }

    /// Whether the operand at a position is a constant or in its own slot.
    pub(super) fn is_settled(&self, position: usize) -> bool {
        match self.operands[position].tree {
            Tree::Constant(_) => true,
            Tree::Slot(slot, _) => slot as usize == self.locals as usize + position,
            _ => false,
        }
    }

    /// `settled` as high as it can be, but no higher than a position, which is no lower than it.
    fn advance(&mut self, end: usize) {
        while self.settled < end && self.is_settled(self.settled) {
            self.settled += 1;
        }
    }

    /// Puts all operands into their slots.
    pub(super) fn settle(&mut self) {
        self.settle_below(self.operands.len());
    }

    fn settle_below(&mut self, end: usize) {
        for position in self.settled..end {
            if !self.is_settled(position) {
                self.place(position);
            }
        }
        self.settled = end;
    }

    /// Evaluates pending operands that an effect would disturb.
    #[inline]
    pub(super) fn before(&mut self, effect: Effect) {
        if self.settled < self.operands.len() {
            self.before_below(self.operands.len(), effect);
        }
    }

    /// The same of those below a position, which is no lower than `settled`.
    fn before_below(&mut self, end: usize, effect: Effect) {
        self.advance(end);
        let waiting = &self.operands[self.settled..end];
        if waiting.len() > MAX_UNSETTLED || waiting.iter().any(|operand| effect.disturbs(&operand.facts)) {
            self.settle_below(end);
        }
    }

    /// Puts the operand at a position into its slot. Those below it that read this slot are in their own already.
    pub(super) fn place(&mut self, position: usize) {
        let slot = self.slot(position);
        let operand = &mut self.operands[position];
        let (ty, facts) = (operand.ty, operand.facts);
        operand.facts = Facts::of_slot(slot, ty);
        let tree = core::mem::replace(&mut operand.tree, Tree::Slot(slot, ty));
        self.set(slot, ty, tree, facts);
    }

    /// Puts the operands from a position on into their slots, constants too, and gives the first slot.
    pub(super) fn settle_from(&mut self, position: usize) -> u32 {
        let first = self.slot(position);
        if position == self.operands.len() {
            self.before(Effect { sets_from: Some(first), ..Effect::default() });
            return first;
        }
        self.settled = self.settled.min(position);
        if self.settled < position {
            let traps = self.operands[position..].iter().any(|operand| operand.facts.traps);
            self.before_below(position, Effect { sets_from: Some(first), traps, ..Effect::default() });
        }
        for (slot, at) in (first..).zip(position..self.operands.len()) {
            if !matches!(self.operands[at].tree, Tree::Slot(of, _) if of == slot) {
                self.place(at);
            }
        }
        first
    }

    /// The slots of the operands from a position on, as the values that they are in them.
    pub(super) fn window(&self, position: usize) -> u64 {
        let slots = (self.locals + position as u32..).zip(&self.operands[position..]);
        slots.fold(0, |all, (slot, operand)| all | only(slot, operand.ty))
    }

    /// The same of what a node leaves from the current height on.
    pub(super) fn window_of(&self, yields: Yield) -> u64 {
        let first = self.locals + self.operands.len() as u32;
        match yields.shape() {
            Shape::None | Shape::Never => 0,
            Shape::One(ty) => only(first, ty),
            Shape::Many(list) => {
                (first..).zip(self.module.pool.get(list)).fold(0, |all, (slot, ty)| all | only(slot, ty))
            }
        }
    }

    /// Takes so many operands off; they are in slots from the given one on.
    pub(super) fn take(&mut self, count: usize) -> u32 {
        let position = self.operands.len() - count;
        let first = self.settle_from(position);
        self.truncate(position);
        first
    }
}

/// What stands for an operand where there is none.
#[cold]
fn nothing() -> Operand {
    Operand { tree: Tree::Constant(0), ty: Type::I32, facts: Facts::leaf() }
}
