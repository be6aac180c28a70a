//! Whose NaNs may be any.
//!
//! What an operator computes and is no number is the canonical NaN; what is loaded, moved or reinterpreted keeps its bits. The processor
//! computes other NaNs, but what computes with them does not tell them apart. So a value to which only computed floats are
//! ever given may hold any NaN, and it is made canonical where its bits can be seen.

use super::flow::{is_float, value_of, window};
use super::signature::Signatures;
use crate::ir::{End, Function, Step, Tree};
use alloc::vec::Vec;
use velocity_nda::module::{BinaryOp, Type, UnaryOp};

/// How often all assignments are looked at before no value may hold any NaN.
const MAX_ROUNDS: u32 = 16;

/// Whether a tree's value may be a NaN other than the canonical one that has to become it.
pub(super) fn may_be_any(tree: &Tree, lazy: &[bool]) -> bool {
    match tree {
        Tree::Slot(slot, ty) => is_float(*ty) && lazy[value_of(*slot, true)],
        Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize | Tree::Load(..) | Tree::Divided(..) => false,
        Tree::Unary(op, ..) => is_float(op.result()) && !is_bitwise(*op) && is_float(op.operand()),
        Tree::Binary(op, ..) => is_float(op.result()) && !matches!(op, BinaryOp::F32Copysign | BinaryOp::F64Copysign),
        Tree::Select(operands) => {
            !keeps_bits(tree, lazy) && (may_be_any(&operands[0], lazy) || may_be_any(&operands[1], lazy))
        }
    }
}

/// Whether a tree's value may be a NaN whose bits must stay.
pub(super) fn keeps_bits(tree: &Tree, lazy: &[bool]) -> bool {
    match tree {
        Tree::Slot(slot, ty) => is_float(*ty) && !lazy[value_of(*slot, true)],
        Tree::Constant(bits) => !is_number(*bits),
        Tree::Global(..) | Tree::Load(..) => true,
        Tree::MemorySize | Tree::Divided(..) => false,
        Tree::Unary(op, ..) => is_bitwise(*op),
        Tree::Binary(op, ..) => matches!(op, BinaryOp::F32Copysign | BinaryOp::F64Copysign),
        Tree::Select(operands) => keeps_bits(&operands[0], lazy) || keeps_bits(&operands[1], lazy),
    }
}

/// Whether bits are a number as either kind of float.
fn is_number(bits: u64) -> bool {
    !f64::from_bits(bits).is_nan() && !f32::from_bits(bits as u32).is_nan()
}

/// Operators that only move bits.
const fn is_bitwise(op: UnaryOp) -> bool {
    use UnaryOp as Op;
    matches!(op, Op::F32Abs | Op::F64Abs | Op::F32Neg | Op::F64Neg | Op::F32ReinterpretI32 | Op::F64ReinterpretI64)
}

/// By value: whether a NaN in it may be any.
pub(super) fn lazy(function: &Function, signatures: &Signatures<'_>, lazy: &mut Vec<bool>) {
    lazy.clear();
    lazy.resize(function.frame * 2, true);
    let mut given = |base: u32, types: &[Type]| {
        window(base, types, |slot, float| lazy[value_of(slot, float)] &= !float);
    };
    given(0, &signatures.own.parameters);
    let mut sets = Vec::new();
    for block in &function.blocks {
        for step in &block.steps {
            match step {
                Step::Set { slot, ty, tree, .. } if is_float(*ty) => sets.push((value_of(*slot, true), tree)),
                Step::Host { callee, base, .. } => given(*base, &signatures.of(*callee).results),
                _ => {}
            }
        }
        match &block.end {
            End::Call(callee, call) => given(call.base, &signatures.of(*callee).results),
            End::CallIndirect((signature, _), _, call) => given(call.base, &signatures.named(*signature).results),
            _ => {}
        }
    }
    // A value that is not lazy makes those it is given to so, too.
    let (mut changed, mut rounds) = (true, 0);
    while changed {
        changed = false;
        rounds += 1;
        if rounds > MAX_ROUNDS {
            lazy.fill(false);
        }
        for (value, tree) in &sets {
            if lazy[*value] && keeps_bits(tree, lazy) {
                lazy[*value] = false;
                changed = true;
            }
        }
    }
}
