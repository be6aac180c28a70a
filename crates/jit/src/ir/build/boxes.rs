//! Boxes of operands that nobody needs any more: trees are made of them before the heap is asked.
//!
//! A box is kept with the trees in it; the boxes of these are kept in their turn when it is used again, so that nothing is walked over.

use crate::ir::tree::Tree;
use crate::ir::{Block, End, Step};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem::replace;

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
        let Some(mut room) = self.one.0.pop() else { return Box::new(tree) };
        self.keep(replace(&mut *room, tree));
        room
    }

    /// A box for two, with anything in it, which is to be [kept](Self::keep).
    #[inline]
    pub(super) fn two(&mut self) -> Box<[Tree; 2]> {
        self.two.0.pop().unwrap_or_else(|| Box::new([Tree::MemorySize, Tree::MemorySize]))
    }

    /// A box of two.
    pub(super) fn of_two(&mut self, left: Tree, right: Tree) -> Box<[Tree; 2]> {
        let mut room = self.two();
        self.keep(replace(&mut room[0], left));
        self.keep(replace(&mut room[1], right));
        room
    }

    /// A box of three.
    pub(super) fn three(&mut self, trees: [Tree; 3]) -> Box<[Tree; 3]> {
        let Some(mut room) = self.three.0.pop() else { return Box::new(trees) };
        replace(&mut *room, trees).into_iter().for_each(|tree| self.keep(tree));
        room
    }

    /// Keeps the box of a tree, if it has one.
    #[inline]
    pub(super) fn keep(&mut self, tree: Tree) {
        match tree {
            // Nothing is lost: there is no box, and it costs less than to look again.
            Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => core::mem::forget(tree),
            tree => self.keep_box(tree),
        }
    }

    fn keep_box(&mut self, tree: Tree) {
        match tree {
            Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => {}
            Tree::Unary(_, _, operand) | Tree::Load(_, _, operand) => self.one.keep(operand),
            Tree::Binary(_, _, operands) | Tree::Divided(_, _, operands, _) => self.two.keep(operands),
            Tree::Select(operands) => self.three.keep(operands),
        }
    }

    /// Keeps the boxes of a block, and gives its list of steps, empty.
    pub(super) fn keep_block(&mut self, block: Block) -> Vec<Step> {
        let Block { mut steps, end, .. } = block;
        while let Some(step) = steps.pop() {
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
    #[inline]
    fn keep(&mut self, room: Box<T>) {
        if self.0.len() < MAX_BOXES {
            self.0.push(room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use velocity_nda::module::{BinaryOp, ExprId, Key, LoadOp, Type, UnaryOp};

    fn node() -> ExprId {
        ExprId::new(0)
    }

    #[test]
    fn trees_are_made_of_what_was_kept_and_of_what_lay_in_it() {
        let mut boxes = Boxes::default();
        let load = Tree::Load((LoadOp::I32Load, 4), node(), boxes.one(Tree::Slot(1, Type::I32)));
        let Tree::Load(_, _, inner) = &load else { unreachable!() };
        let inner = core::ptr::from_ref(&**inner);
        let operands = boxes.of_two(load, Tree::Constant(3));
        let outer = core::ptr::from_ref(&*operands);
        boxes.keep(Tree::Binary(BinaryOp::I32Add, node(), operands));
        let again = boxes.of_two(Tree::Constant(1), Tree::Constant(2));
        assert!(core::ptr::eq(outer, &raw const *again));
        assert_eq!(*again, [Tree::Constant(1), Tree::Constant(2)]);
        let unary = boxes.one(Tree::MemorySize);
        assert!(core::ptr::eq(inner, &raw const *unary));
        assert_eq!(*unary, Tree::MemorySize);
    }

    #[test]
    fn no_more_boxes_are_kept_than_the_limit_says() {
        let mut boxes = Boxes::default();
        for _ in 0..2 * MAX_BOXES {
            boxes.keep(Tree::Unary(UnaryOp::I32Eqz, node(), Box::new(Tree::MemorySize)));
            boxes.keep(Tree::Select(Box::new([Tree::MemorySize, Tree::MemorySize, Tree::MemorySize])));
        }
        assert_eq!((boxes.one.0.len(), boxes.two.0.len(), boxes.three.0.len()), (MAX_BOXES, 0, MAX_BOXES));
        boxes.truncate(1);
        assert_eq!((boxes.one.0.len(), boxes.three.0.len()), (1, 1));
    }
}
