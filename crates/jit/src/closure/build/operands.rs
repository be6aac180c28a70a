//! Operands that nobody has used yet, and their slots.

use super::{Builder, Operand};
use crate::closure::step;
use crate::closure::tree::{Effect, Facts, MAX_SIZE, Tree};
use alloc::vec::Vec;

/// How many operands may wait outside of their slots.
const MAX_UNSETTLED: usize = 64;

impl Builder<'_> {
    pub(super) fn slot(&mut self, position: usize) -> u32 {
        let slot = self.locals as usize + position;
        self.frame = self.frame.max(slot + 1);
        slot as u32
    }

    pub(super) fn push(&mut self, tree: Tree, facts: Facts) {
        self.operands.push(Operand { tree, facts });
        if facts.size > MAX_SIZE {
            self.settle_from(self.operands.len() - 1);
        }
    }

    pub(super) fn push_slot(&mut self, slot: u32) {
        self.push(Tree::Slot(slot), Facts::of_slot(slot));
    }

    /// As many operands as lie from the current height on, in their own slots already.
    pub(super) fn push_settled(&mut self, count: usize) {
        for _ in 0..count {
            let slot = self.slot(self.operands.len());
            self.push_slot(slot);
        }
    }

    pub(super) fn constant(&mut self, value: u64) {
        self.push(Tree::Constant(value), Facts::leaf());
    }

    /// The topmost operand. The module is valid, so there is one.
    pub(super) fn pop(&mut self) -> (Tree, Facts) {
        let popped = self.operands.pop();
        self.settled = self.settled.min(self.operands.len());
        popped.map_or((Tree::Constant(0), Facts::leaf()), |operand| (operand.tree, operand.facts))
    }

    pub(super) fn truncate(&mut self, height: usize) {
        self.operands.truncate(height);
        self.settled = self.settled.min(height);
    }

    /// Whether the operand at a position is a constant or in its own slot.
    pub(super) fn is_settled(&self, position: usize) -> bool {
        match self.operands[position].tree {
            Tree::Constant(_) => true,
            Tree::Slot(slot) => slot as usize == self.locals as usize + position,
            _ => false,
        }
    }

    pub(super) fn advance(&mut self) {
        while self.settled < self.operands.len() && self.is_settled(self.settled) {
            self.settled += 1;
        }
    }

    /// Puts all operands into their slots.
    pub(super) fn settle(&mut self) {
        self.advance();
        for position in self.settled..self.operands.len() {
            if !self.is_settled(position) {
                self.place(position);
            }
        }
        self.settled = self.operands.len();
    }

    /// Evaluates pending operands that an effect would disturb.
    pub(super) fn before(&mut self, effect: Effect) {
        self.advance();
        let waiting = &self.operands[self.settled..];
        if waiting.len() > MAX_UNSETTLED || waiting.iter().any(|operand| effect.disturbs(&operand.facts)) {
            self.settle();
        }
    }

    /// Puts the operand at a position into its slot. Those below it that read this slot are in their own already.
    pub(super) fn place(&mut self, position: usize) {
        let slot = self.slot(position);
        let operand = &mut self.operands[position];
        let traps = operand.facts.traps;
        operand.facts = Facts::of_slot(slot);
        let tree = core::mem::replace(&mut operand.tree, Tree::Slot(slot));
        self.step(step::set(slot, tree, traps));
    }

    /// Puts the operands from a position on into their slots, constants too, and gives the first slot.
    pub(super) fn settle_from(&mut self, position: usize) -> u32 {
        let first = self.slot(position);
        let taken: Vec<Operand> = self.operands.drain(position..).collect();
        self.settled = self.settled.min(position);
        let traps = taken.iter().any(|operand| operand.facts.traps);
        self.before(Effect { sets_from: Some(first), traps, ..Effect::default() });
        for operand in taken {
            self.operands.push(operand);
            let last = self.operands.len() - 1;
            if !matches!(self.operands[last].tree, Tree::Slot(slot) if slot as usize == self.locals as usize + last) {
                self.place(last);
            }
        }
        first
    }

    /// Takes so many operands off; they are in slots from the given one on.
    pub(super) fn take(&mut self, count: usize) -> u32 {
        let position = self.operands.len() - count;
        let first = self.settle_from(position);
        self.truncate(position);
        first
    }
}
