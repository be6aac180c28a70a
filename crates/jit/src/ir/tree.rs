//! Operands that are not evaluated yet.
//!
//! Invariant: a tree has no effect, and at most [`MAX_SIZE`] nodes and those of one more operator, so that what recurses over it is bounded.

use alloc::boxed::Box;
use velocity_interp::engine::Slot;
use velocity_nda::module::{BinaryOp, ExprId, LoadOp, Type, UnaryOp};

/// How many nodes a tree may have before its value is put into a slot.
pub(super) const MAX_SIZE: u8 = 32;

/// An expression without effects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    /// A slot of the frame, and the type of what was put there.
    Slot(u32, Type),
    /// Bits; of which type, the place says where the tree stands.
    Constant(Slot),
    /// The global at this address, and its type.
    Global(u32, Type),
    MemorySize,
    Unary(UnaryOp, ExprId, Box<Self>),
    Binary(BinaryOp, ExprId, Box<[Self; 2]>),
    /// A quotient or a remainder by the value of a slot, for which another slot has its reciprocal (see [`passes`](crate::passes)).
    Divided(BinaryOp, ExprId, Box<[Self; 2]>, u32),
    /// At an offset from an address.
    Load((LoadOp, u32), ExprId, Box<Self>),
    /// The first if the third is not zero, else the second.
    Select(Box<[Self; 3]>),
}

impl Tree {
    /// Calls `with` for each slot that it reads.
    pub(crate) fn slots<F: FnMut(u32, Type)>(&self, with: &mut F) {
        match self {
            Self::Slot(slot, ty) => with(*slot, *ty),
            Self::Constant(_) | Self::Global(..) | Self::MemorySize => {}
            Self::Unary(_, _, operand) | Self::Load(_, _, operand) => operand.slots(with),
            Self::Binary(_, _, operands) => operands.iter().for_each(|operand| operand.slots(with)),
            Self::Divided(_, _, operands, reciprocal) => {
                operands.iter().for_each(|operand| operand.slots(with));
                with(*reciprocal, Type::I64);
            }
            Self::Select(operands) => operands.iter().for_each(|operand| operand.slots(with)),
        }
    }

    /// The node that it is, as far as it says.
    pub(crate) const fn node(&self) -> Option<ExprId> {
        match self {
            Self::Unary(_, node, _)
            | Self::Binary(_, node, _)
            | Self::Divided(_, node, ..)
            | Self::Load(_, node, _) => Some(*node),
            Self::Slot(..) | Self::Constant(_) | Self::Global(..) | Self::MemorySize | Self::Select(_) => None,
        }
    }

    /// The type of its value; `None` if it is a constant, or selected from constants.
    pub(crate) fn ty(&self) -> Option<Type> {
        match self {
            Self::Slot(_, ty) | Self::Global(_, ty) => Some(*ty),
            Self::Constant(_) => None,
            Self::MemorySize => Some(Type::I32),
            Self::Unary(op, ..) => Some(op.result()),
            Self::Binary(op, ..) | Self::Divided(op, ..) => Some(op.result()),
            Self::Load((op, _), ..) => Some(op.ty()),
            Self::Select(operands) => operands[0].ty().or_else(|| operands[1].ty()),
        }
    }
}

/// What evaluating a tree depends on, and what can come of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    /// How many nodes it has; one more than those of three operands at most.
    pub(super) size: u8,
    /// The values it reads, by number modulo 64 (see [`value_of`](super::build::value_of)).
    pub(super) reads: u64,
    /// One more than the highest slot it reads.
    pub(super) top: u32,
    /// It reads memory, its size or globals.
    pub(super) outside: bool,
    pub(super) traps: bool,
}

impl Facts {
    pub(super) fn of_slot(slot: u32, ty: Type) -> Self {
        Self { size: 1, reads: super::build::only(slot, ty), top: slot + 1, ..Self::default() }
    }

    pub(super) fn leaf() -> Self {
        Self { size: 1, ..Self::default() }
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self {
            size: self.size + other.size,
            reads: self.reads | other.reads,
            top: self.top.max(other.top),
            outside: self.outside || other.outside,
            traps: self.traps || other.traps,
        }
    }
}

/// What a statement does that pending operands may notice.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Effect {
    /// It sets this slot.
    pub(super) sets: Option<u32>,
    /// It sets slots from here on.
    pub(super) sets_from: Option<u32>,
    /// It changes memory, globals or the world.
    pub(super) outside: bool,
    pub(super) traps: bool,
}

impl Effect {
    /// Whether an operand must be evaluated before.
    pub(super) fn disturbs(&self, facts: &Facts) -> bool {
        self.sets.is_some_and(|slot| facts.reads >> (slot % 32 * 2) & 3 != 0)
            || self.sets_from.is_some_and(|slot| facts.top > slot)
            || self.outside && (facts.outside || facts.traps)
            || self.traps && facts.traps
    }
}

/// Whether an operator of two operands can trap.
pub(crate) const fn divides(op: BinaryOp) -> bool {
    use BinaryOp as Op;
    matches!(
        op,
        Op::I32DivS | Op::I32DivU | Op::I32RemS | Op::I32RemU | Op::I64DivS | Op::I64DivU | Op::I64RemS | Op::I64RemU
    )
}

/// Whether an operator of one operand can trap.
pub(crate) const fn truncates(op: UnaryOp) -> bool {
    matches!(op.code(), 0xA8..=0xAB | 0xAE..=0xB1)
}

/// Whether a tree can trap.
pub(crate) fn traps(tree: &Tree) -> bool {
    match tree {
        Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => false,
        Tree::Load(..) | Tree::Divided(..) => true,
        Tree::Unary(op, _, operand) => truncates(*op) || traps(operand),
        Tree::Binary(op, _, operands) => divides(*op) || operands.iter().any(traps),
        Tree::Select(operands) => operands.iter().any(traps),
    }
}
