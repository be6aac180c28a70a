//! Room that functions take in turn, so that the heap is asked once for all functions of a unit and not once for each.
//!
//! Invariant: between two functions all of it is empty, but for the boxes of trees; what is kept is bounded. Between two units, some is kept for
//! whoever comes next, and less of it.

use super::boxes::Boxes;
use super::{Fork, Label, Operand, Touched, Work, of_size};
use crate::ir::tree::MAX_SIZE;
use crate::ir::{Block, BlockId, Function, Step};
use crate::spare::Spare;
use alloc::vec::Vec;
use velocity_interp::engine::{Fixed, FunctionInstance};
use velocity_nda::module::Type;

/// Room that most functions do not fill.
const ROOM: usize = 16;

/// How many lists of steps, and room for how many blocks or steps, are kept for later functions.
const MAX_LISTS: usize = 256;
const MAX_KEPT: usize = 1024;

/// How many lists and boxes a room has that waits for a unit, and room for how many items in a list at most.
const SPARE_LISTS: usize = 128;
const SPARE_ITEMS: usize = 128;

static SPARE: Spare<Room> = Spare::new();

/// Does something with room that nobody uses, and keeps it for the next one.
pub(super) fn with_spare<R>(with: impl FnOnce(&mut Room) -> R) -> R {
    let mut room = Room::take();
    let result = with(&mut room);
    room.put_back();
    result
}

/// Takes the room of a function that was built alone.
pub(crate) fn give_back(function: Function) {
    with_spare(|room| room.give_back(function));
}

/// What the walk over a function needs, and what its blocks are made of.
#[derive(Default)]
pub(crate) struct Room {
    pub(super) operands: Vec<Operand>,
    pub(super) types: Vec<Type>,
    pub(super) labels: Vec<Label>,
    pub(super) forks: Vec<Fork>,
    pub(super) work: Vec<Work>,
    /// Operands on their way into the slots of others.
    pub(super) taken: Vec<Operand>,
    pub(super) boxes: Boxes,
    pub(super) blocks: Vec<Block>,
    pub(super) order: Vec<BlockId>,
    /// What the function that was built last touches.
    pub(crate) touched: Touched,
    /// Lists without steps.
    pub(super) lists: Vec<Vec<Step>>,
}

impl Room {
    /// What somebody left, or else as much as most functions need.
    pub(crate) fn take() -> Self {
        SPARE.take(Self::new)
    }

    /// Leaves it for the next one.
    pub(crate) fn put_back(mut self) {
        self.boxes.truncate(SPARE_LISTS);
        self.lists.retain(|list| list.capacity() <= SPARE_ITEMS);
        self.lists.truncate(SPARE_LISTS);
        let largest = [
            self.operands.capacity(),
            self.types.capacity(),
            self.labels.capacity(),
            self.forks.capacity(),
            self.work.capacity(),
            self.taken.capacity(),
            self.blocks.capacity(),
            self.order.capacity(),
            self.touched.room(),
        ];
        if largest.into_iter().all(|items| items <= SPARE_ITEMS) {
            SPARE.leave(self);
        }
    }

    fn new() -> Self {
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
            let steps = self.boxes.keep_block(block);
            if self.lists.len() < MAX_LISTS && (1..=MAX_KEPT).contains(&steps.capacity()) {
                self.lists.push(steps);
            }
        }
        order.clear();
        if blocks.capacity() <= MAX_KEPT {
            (self.blocks, self.order) = (blocks, order);
        }
    }
}
