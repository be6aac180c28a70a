//! What was computed on every way to a place is not computed there again (value numbering; Alpern, Wegman, Zadeck 1988).
//!
//! `dominators` says from which block what is known may be taken over, `search` finds what is computed twice, and `plan` puts it into a slot: the
//! variable that was set to it anyway, or a new one in front of the step where it is computed first. Slots are set more than once, so what is
//! known ends where a slot that it reads is set; what loads read is known until the next store, call or operation on a range.
//!
//! Pre: what [`crate::ir::build`] gives, with or without closed forms, inlined calls and what was taken out of loops. Post: its invariants; results, traps, their places and
//! fuel are what they were. A value that can trap moves in front of its step only if nothing before it in the step can, and a trap that did not
//! happen at the first place does not at the second. The work is linear in the size of functions: what is known is bounded ([`MAX_KNOWN`]),
//! and so is the distance that it is carried ([`MAX_SPAN`]).

mod dominators;
mod pair;
mod plan;
mod search;
#[cfg(test)]
mod tests;

use crate::ir::{BlockId, Function, Tree, divides, truncates};
use plan::Change;

pub(super) use plan::arguments;
use velocity_nda::module::{BinaryOp, Type, UnaryOp};

/// How many values are known in one place.
const MAX_KNOWN: usize = 24;

/// How many blocks may lie between what is known and where it is used.
const MAX_SPAN: usize = 64;

/// How many values of a function are looked at.
const MAX_VALUES: usize = 1 << 14;

/// How many slots a function may get.
const MAX_SLOTS: u32 = 48;

/// What a slot of its own must save, about in instructions.
const LEAST_SAVED: u32 = 2;

/// Lets values that are known be read instead of computed; how often.
pub(crate) fn common(function: &mut Function) -> usize {
    pair::pair(function);
    let changes = search::search(function);
    plan::carry_out(function, changes)
}

/// A node of a step: of the block, by its number in it (that of its end comes last), in preorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Site {
    block: BlockId,
    step: u32,
    node: u32,
}

/// About what an operator of one operand costs.
fn unary(op: UnaryOp) -> u32 {
    if is_float(op.result()) || truncates(op) { 3 } else { 1 }
}

/// And one of two.
fn binary(op: BinaryOp) -> u32 {
    match op {
        op if divides(op) => 6,
        BinaryOp::I32Mul | BinaryOp::I64Mul => 2,
        op if is_float(op.operand()) => 3,
        _ => 1,
    }
}

const fn is_float(ty: Type) -> bool {
    matches!(ty, Type::F32 | Type::F64)
}

/// Whether two trees have the same value where both are evaluated, whoever is to blame for their traps.
fn same(one: &Tree, two: &Tree) -> bool {
    match (one, two) {
        (Tree::Slot(one, ty), Tree::Slot(two, other)) | (Tree::Global(one, ty), Tree::Global(two, other)) => {
            one == two && ty == other
        }
        (Tree::Constant(one), Tree::Constant(two)) => one == two,
        (Tree::MemorySize, Tree::MemorySize) => true,
        (Tree::Unary(one, _, operand), Tree::Unary(two, _, other)) => one == two && same(operand, other),
        (Tree::Load(one, _, operand), Tree::Load(two, _, other)) => one == two && same(operand, other),
        (Tree::Binary(one, _, operands), Tree::Binary(two, _, others)) => {
            one == two && operands.iter().zip(&**others).all(|(one, two)| same(one, two))
        }
        (Tree::Divided(one, _, operands, reciprocal), Tree::Divided(two, _, others, other)) => {
            one == two && reciprocal == other && operands.iter().zip(&**others).all(|(one, two)| same(one, two))
        }
        (Tree::Select(operands), Tree::Select(others)) => {
            operands.iter().zip(&**others).all(|(one, two)| same(one, two))
        }
        _ => false,
    }
}

/// Calls `with` for each tree of a step or an end, in the order in which they are evaluated.
macro_rules! trees {
    ($step:expr, $with:expr, $iter:ident) => {
        match $step {
            Step::Set { tree, .. } | Step::Evaluate(tree) | Step::SetGlobal(_, tree) => $with(tree),
            Step::Store { operands, .. } => operands.$iter().for_each($with),
            Step::Bulk { .. } | Step::Grow { .. } | Step::Host { .. } | Step::Room { .. } => {}
            Step::DropData(_) | Step::DropElement(_) => {}
        }
    };
}
use trees;
