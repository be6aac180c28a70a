//! A remainder by a constant becomes what the quotient leaves, where the quotient is asked for too: then it is computed once.
//!
//! `n % c` is `n - n / c * c` for every divisor but 0 and -1, modulo the width. Alone, native code computes it in just that way.

use super::trees;
use crate::ir::{End, Function, Step, Tree};
use crate::passes::whole::constant;
use alloc::boxed::Box;
use alloc::vec::Vec;
use velocity_nda::module::{BinaryOp, Type};

/// How many quotients are looked for.
const MAX_QUOTIENTS: usize = 32;

/// A quotient of a slot by a constant.
type Quotient = (BinaryOp, u32, u64);

/// Turns remainders into what quotients leave; how many.
pub(super) fn pair(function: &mut Function) -> usize {
    let mut quotients = Vec::new();
    each(function, &mut |tree| {
        if let Tree::Binary(op, _, operands) = tree
            && let [Tree::Slot(slot, _), Tree::Constant(by)] = **operands
            && remainder(*op).is_some()
            && quotients.len() < MAX_QUOTIENTS
        {
            quotients.push((*op, slot, by));
        }
    });
    let mut count = 0;
    if !quotients.is_empty() {
        each(function, &mut |tree| count += usize::from(leave(tree, &quotients)));
    }
    count
}

/// The operator that gives what a quotient leaves.
const fn remainder(op: BinaryOp) -> Option<BinaryOp> {
    match op {
        BinaryOp::I32DivS => Some(BinaryOp::I32RemS),
        BinaryOp::I32DivU => Some(BinaryOp::I32RemU),
        BinaryOp::I64DivS => Some(BinaryOp::I64RemS),
        BinaryOp::I64DivU => Some(BinaryOp::I64RemU),
        _ => None,
    }
}

fn leave(tree: &mut Tree, quotients: &[Quotient]) -> bool {
    let Tree::Binary(op, at, operands) = &*tree else { return false };
    let (Tree::Slot(slot, _), Some(by)) = (&operands[0], constant(&operands[1])) else { return false };
    let wide = op.operand() == Type::I64;
    let is_minus_one = by == if wide { u64::MAX } else { u32::MAX.into() };
    let pays = by != 0 && !is_minus_one && !by.is_power_of_two();
    let found = quotients.iter().find(|(of, from, with)| remainder(*of) == Some(*op) && from == slot && *with == by);
    let Some((quotient, ..)) = found.filter(|_| pays) else { return false };
    let (multiply, subtract) =
        if wide { (BinaryOp::I64Mul, BinaryOp::I64Sub) } else { (BinaryOp::I32Mul, BinaryOp::I32Sub) };
    let binary = |op, left, right| Tree::Binary(op, *at, Box::new([left, right]));
    let whole = binary(*quotient, operands[0].clone(), Tree::Constant(by));
    *tree = binary(subtract, operands[0].clone(), binary(multiply, whole, Tree::Constant(by)));
    true
}

/// Calls `with` for each node, operands first.
fn each(function: &mut Function, with: &mut dyn FnMut(&mut Tree)) {
    for block in &mut function.blocks {
        for step in &mut block.steps {
            trees!(step, |tree| nodes(tree, with), iter_mut);
        }
        match &mut block.end {
            End::If { test: tree, .. } | End::Table(tree, _) | End::ReturnValue(tree) => nodes(tree, with),
            _ => {}
        }
    }
}

fn nodes(tree: &mut Tree, with: &mut dyn FnMut(&mut Tree)) {
    match tree {
        Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => {}
        Tree::Unary(_, _, operand) | Tree::Load(_, _, operand) => nodes(operand, with),
        Tree::Binary(_, _, operands) | Tree::Divided(_, _, operands, _) => {
            operands.iter_mut().for_each(|tree| nodes(tree, with));
        }
        Tree::Select(operands) => operands.iter_mut().for_each(|tree| nodes(tree, with)),
    }
    with(tree);
}
