//! Room that functions take in turn, so that the heap is asked once for all functions of a unit and not once for each.
//!
//! Invariant: between two functions all of it is empty; what is kept is bounded.

use super::{Fork, Label, Operand, Work, of_size};
use crate::ir::tree::MAX_SIZE;
use crate::ir::{Block, BlockId, Function, Step};
use alloc::vec::Vec;
use velocity_interp::engine::{Fixed, FunctionInstance};
use velocity_nda::module::Type;

/// Room that most functions do not fill.
const ROOM: usize = 16;

/// How many lists of steps, and room for how many blocks or steps, are kept for later functions.
const MAX_LISTS: usize = 256;
const MAX_KEPT: usize = 1024;

/// What the walk over a function needs, and what its blocks are made of.
#[derive(Default)]
pub(crate) struct Room {
    pub(super) operands: Vec<Operand>,
    pub(super) types: Vec<Type>,
    pub(super) labels: Vec<Label>,
    pub(super) forks: Vec<Fork>,
    pub(super) work: Vec<Work>,
    /// Operands on their way into slots.
    pub(super) taken: Vec<Operand>,
    pub(super) blocks: Vec<Block>,
    pub(super) order: Vec<BlockId>,
    /// Lists without steps.
    pub(super) lists: Vec<Vec<Step>>,
}

impl Room {
    /// As much as most functions need.
    pub(crate) fn new() -> Self {
        Self {
            operands: Vec::with_capacity(ROOM),
            labels: Vec::with_capacity(ROOM),
            forks: Vec::with_capacity(ROOM),
            work: Vec::with_capacity(2 * ROOM),
            blocks: Vec::with_capacity(ROOM),
            order: Vec::with_capacity(ROOM),
            ..Self::default()
        }
    }

    /// The intermediate form of a function that a module defines; `None` for a function of the host.
    pub(crate) fn build(&mut self, fixed: &Fixed, called: &FunctionInstance) -> Option<Function> {
        of_size(fixed, called, MAX_SIZE, self)
    }

    /// The same, where every value that an operator makes is put into its slot at once.
    pub(crate) fn build_flat(&mut self, fixed: &Fixed, called: &FunctionInstance) -> Option<Function> {
        of_size(fixed, called, 1, self)
    }

    /// Takes the room of a function that nobody needs any more.
    pub(crate) fn give_back(&mut self, function: Function) {
        let Function { mut blocks, mut order, .. } = function;
        for block in blocks.drain(..) {
            let mut steps = block.steps;
            if self.lists.len() < MAX_LISTS && (1..=MAX_KEPT).contains(&steps.capacity()) {
                steps.clear();
                self.lists.push(steps);
            }
        }
        order.clear();
        if blocks.capacity() <= MAX_KEPT {
            (self.blocks, self.order) = (blocks, order);
        }
    }
}
