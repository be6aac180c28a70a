//! What the builder of a function keeps: trees, operands that wait, open frames and the temporaries they use.

use crate::scratch::Label;
use alloc::vec::Vec;
use velocity_nda::module::{ExprId, LocalId, Type, Value, Yield};

/// What a tree is like, as far as it matters where it goes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Weight {
    /// Nodes from the root to the farthest leaf.
    pub depth: u32,
    /// Whether evaluation sets a local of the program.
    pub sets: bool,
}

impl Weight {
    /// Of two trees side by side.
    pub(crate) fn beside(self, other: Self) -> Self {
        Self { depth: self.depth.max(other.depth), sets: self.sets || other.sets }
    }

    /// With a node above.
    pub(crate) fn above(self) -> Self {
        Self { depth: self.depth + 1, sets: self.sets }
    }
}

/// A tree under construction.
#[derive(Clone, Copy)]
pub(crate) struct Tree {
    pub id: ExprId,
    pub weight: Weight,
}

/// What an operand is.
#[derive(Clone, Copy)]
pub(crate) enum Pending {
    Constant(Value),
    Local(LocalId),
    Tree(Tree),
}

/// A value that waits for an operator.
#[derive(Clone, Copy)]
pub(crate) struct Operand {
    pub pending: Pending,
    pub ty: Type,
}

/// A function, block, loop or arm that is open.
pub(crate) struct Frame {
    pub kind: FrameKind,
    pub label: Label,
    /// Whether a jump needs the label.
    pub used: bool,
    pub parameters: Yield,
    pub results: Yield,
    /// Where its operands begin.
    pub operands: usize,
    /// Below this, operands are constants and temporaries.
    pub settled: usize,
    /// Where its statements begin.
    pub items: usize,
    /// Its temporaries.
    pub window: Window,
    /// Of all its statements.
    pub weight: Weight,
    /// Whether control comes here; if not, code is skipped up to the end of the frame.
    pub reachable: bool,
}

/// Which temporaries a frame uses, for each type: positions in the builder's list of each type.
///
/// What is put into a temporary when a frame has ended comes before that frame's statements, but is read after them; so
/// whatever a frame has ever used is in use outside of it, until nothing waits there.
#[derive(Clone, Copy, Default)]
pub(crate) struct Window {
    /// From here on they are the frame's.
    start: [usize; 4],
    /// From here on they are free in the frame.
    next: [usize; 4],
    /// From here on they were never used in the frame.
    end: [usize; 4],
}

impl Window {
    /// For a frame inside, which uses nothing so far.
    pub(crate) fn inside(&self) -> Self {
        Self { start: self.next, next: self.next, end: self.next }
    }

    /// Nothing waits in the frame: everything is free.
    pub(crate) fn clear(&mut self) {
        self.next = self.start;
    }

    /// A frame inside has become a tree.
    pub(crate) fn close(&mut self, inside: &Self) {
        self.next = inside.end;
        self.merge(inside);
    }

    /// The statements of a frame inside have become those of this one.
    pub(crate) fn dissolve(&mut self, inside: &Self) {
        self.next = inside.next;
        self.merge(inside);
    }

    /// The position of the next free temporary of a type, which is in use now.
    pub(crate) fn take(&mut self, ty: Type) -> usize {
        let kind = ty as usize - 1;
        let at = self.next[kind];
        self.next[kind] += 1;
        self.end[kind] = self.end[kind].max(at + 1);
        at
    }

    fn merge(&mut self, inside: &Self) {
        for (end, &inside) in self.end.iter_mut().zip(&inside.end) {
            *end = inside.max(*end);
        }
    }
}

/// What a frame belongs to.
pub(crate) enum FrameKind {
    Function,
    Block,
    /// The locals that a jump to the loop sets.
    Loop(Vec<LocalId>),
    /// The condition, and the parameters for the other arm.
    If(Tree, Vec<Operand>),
    /// The condition and the first arm.
    Else(Tree, Tree),
}
