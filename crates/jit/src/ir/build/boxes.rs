//! Boxes of operands that nobody needs any more: trees are made of them before the heap is asked.
//!
//! A box is kept with the trees in it; the boxes of these are kept in their turn when it is used again, so that nothing is walked over.

use crate::ir::tree::Tree;
use crate::ir::{Block, End, Step};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// How many boxes of each kind are kept. What is in one has no more nodes than a tree may have.
const MAX_BOXES: usize = 256;

/// Boxes by how many operands they have.
#[derive(Debug, Default)]
pub(super) struct Boxes {
    one: Kept<Tree>,
    two: Kept<[Tree; 2]>,
    three: Kept<[Tree; 3]>,
}

impl Boxes {
    /// A box of one operand.
    pub(super) fn one(&mut self, tree: Tree) -> Box<Tree> {
        let (room, before) = self.one.fill(tree);
        before.into_iter().for_each(|tree| self.keep(tree));
        room
    }

    /// A box of two.
    #[inline]
    pub(super) fn two(&mut self, trees: [Tree; 2]) -> Box<[Tree; 2]> {
        let (room, before) = self.two.fill(trees);
        if let Some([one, two]) = before {
            self.keep(one);
            self.keep(two);
        }
        room
    }

    /// A box of three.
    pub(super) fn three(&mut self, trees: [Tree; 3]) -> Box<[Tree; 3]> {
        let (room, before) = self.three.fill(trees);
        before.into_iter().flatten().for_each(|tree| self.keep(tree));
        room
    }

    /// Keeps the box of a tree, if it has one.
    #[inline]
    pub(super) fn keep(&mut self, tree: Tree) {
        match tree {
            Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => {}
            Tree::Unary(_, _, operand) | Tree::Load(_, _, operand) => self.one.keep(operand),
            Tree::Binary(_, _, operands) => self.two.keep(operands),
            Tree::Select(operands) => self.three.keep(operands),
        }
    }

    /// Keeps the boxes of a block, and gives its list of steps, empty.
    pub(super) fn keep_block(&mut self, block: Block) -> Vec<Step> {
        let Block { mut steps, end, .. } = block;
        for step in steps.drain(..) {
            match step {
                Step::Set { tree, .. } | Step::Evaluate(tree) | Step::SetGlobal(_, tree) => self.keep(tree),
                Step::Store { operands, .. } => self.two.keep(operands),
                Step::Bulk { .. }
                | Step::Grow { .. }
                | Step::DropData(_)
                | Step::DropElement(_)
                | Step::Room { .. }
                | Step::Host { .. } => {}
            }
        }
        if let End::If { test: tree, .. }
        | End::Table(tree, _)
        | End::ReturnValue(tree)
        | End::Counted { fuel: tree, .. } = end
        {
            self.keep(tree);
        }
        steps
    }

    /// Gives back what is beyond so many of each kind.
    pub(super) fn truncate(&mut self, count: usize) {
        self.one.0.truncate(count);
        self.two.0.truncate(count);
        self.three.0.truncate(count);
    }
}

#[derive(Debug)]
#[allow(clippy::vec_box, reason = "the boxes are what is kept")]
struct Kept<T>(Vec<Box<T>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Kept<T> {
    /// A box of a value, and what was in it before.
    #[inline]
    fn fill(&mut self, value: T) -> (Box<T>, Option<T>) {
        match self.0.pop() {
            Some(mut room) => {
                let before = core::mem::replace(&mut *room, value);
                (room, Some(before))
            }
            None => (Box::new(value), None),
        }
    }

    #[inline]
    fn keep(&mut self, room: Box<T>) {
        if self.0.len() < MAX_BOXES {
            self.0.push(room);
        }
    }
}
