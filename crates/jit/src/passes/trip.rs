//! How many turns a loop has, or at least has.
//!
//! Post: in each of the first `count` turns the test says that the loop goes on; the counter's sequence is true for them.

use super::eval::{Eval, bits};
use super::poly::{Exact, Poly};
use super::turn::Turn;
use super::whole::{add, both, constant, num, op, select, sub, un, value, widen};
use crate::ir::Tree;
use velocity_nda::module::{BinaryOp as Op, Relation, Type, UnaryOp};

use Relation as Is;

/// How many turns there are.
#[derive(Debug)]
pub(super) struct Trip {
    /// An `i64` without a sign.
    pub(super) count: Tree,
    /// What decides, as a sequence of numbers.
    pub(super) counter: Option<(u32, Poly)>,
    /// A slot and what it holds after them, if there are any.
    pub(super) last: Option<(u32, Tree)>,
}

#[derive(Clone, Debug)]
struct Test {
    is: Relation,
    signed: bool,
    ty: Type,
    left: Tree,
    right: Tree,
}

/// When the loop goes on.
fn test(tree: &Tree, stays: bool) -> Test {
    match tree {
        Tree::Unary(UnaryOp::I32Eqz, _, operand) => test(operand, !stays),
        Tree::Unary(UnaryOp::I64Eqz, _, operand) => {
            let is = if stays { Is::Equal } else { Is::Different };
            Test { is, signed: true, ty: Type::I64, left: (**operand).clone(), right: num(0) }
        }
        Tree::Binary(which, _, operands) if let Some((is, signed)) = which.relation() => {
            let [left, right] = (**operands).clone();
            Test { is: if stays { is } else { is.not() }, signed, ty: which.operand(), left, right }
        }
        other => {
            let is = if stays { Is::Different } else { Is::Equal };
            Test { is, signed: true, ty: Type::I32, left: other.clone(), right: num(0) }
        }
    }
}

pub(super) fn trip(turn: &Turn, eval: &mut Eval<'_>) -> Option<Trip> {
    let mut test = test(&turn.test, turn.stays);
    if eval.is_fixed(&test.left) {
        core::mem::swap(&mut test.left, &mut test.right);
        test.is = test.is.mirrored();
    }
    if !eval.is_fixed(&test.right) {
        return None;
    }
    shifted(turn, &test).or_else(|| counted(&test, eval))
}

/// The test is on an arithmetic progression.
fn counted(test: &Test, eval: &mut Eval<'_>) -> Option<Trip> {
    let (left, right) = (eval.eval(&test.left)?, eval.eval(&test.right)?);
    let (start, step) = left.linear()?;
    let step = if test.ty == Type::I32 { i64::from(step as i32) } else { step };
    let is = match test.is {
        // Those that never come to the bound without wrapping around first are left to the loop.
        Is::Different if step > 0 => Is::Less,
        Is::Different => Is::Greater,
        is => is,
    };
    let from = eval.code.keep(value(start.clone(), test.ty, test.signed));
    let bound = eval.code.keep(value(right.fixed()?.clone(), test.ty, test.signed));
    let ((up, to), down) = match (is, step) {
        (Is::Less | Is::LessEqual, 1..) => ((sub(bound.clone(), from.clone()), bound.clone()), false),
        (Is::Greater | Is::GreaterEqual, i64::MIN..=-1) => ((sub(from.clone(), bound.clone()), bound.clone()), true),
        // It goes away from the bound, as long as it does not wrap around.
        (Is::Less | Is::LessEqual | Is::Greater | Is::GreaterEqual, _) if is_number(&left, test.signed) => {
            let wide = test.ty == Type::I64 && !test.signed;
            let count = select(num(u64::MAX), num(0), op(compare(is, wide), from, bound));
            return Some(Trip { count, counter: None, last: None });
        }
        _ => return None,
    };
    let by = num(step.unsigned_abs());
    let strict = matches!(is, Is::Less | Is::Greater);
    let distance = if strict { sub(up, num(1)) } else { up };
    let count = if step.unsigned_abs() == 1 { distance } else { op(Op::I64DivU, distance, by) };
    let wide = test.ty == Type::I64 && !test.signed;
    let mut holds = op(compare(is, wide), from.clone(), to.clone());
    if !strict {
        let end = if down { least(test) } else { greatest(test) };
        holds = both(holds, op(Op::I64Ne, to, num(end)));
    }
    let exact = match (test.signed, down, constant(&bound)) {
        (true, true, Some(bound)) if bound as i64 >= 0 => Exact::Both,
        (true, ..) => Exact::Signed,
        (false, ..) => Exact::Unsigned,
    };
    let counter = counter(test, (&from, step, exact), eval);
    Some(Trip { count: select(add(count, num(1)), num(0), holds), counter, last: None })
}

/// Whether a sequence is one of numbers that are seen with their sign, or without.
fn is_number(poly: &Poly, signed: bool) -> bool {
    poly.exact == Exact::Both || poly.exact == if signed { Exact::Signed } else { Exact::Unsigned }
}

/// The slot that the test is about, or about a constant more, and its sequence.
fn counter(test: &Test, (from, step, exact): (&Tree, i64, Exact), eval: &mut Eval<'_>) -> Option<(u32, Poly)> {
    let slot = match &test.left {
        Tree::Slot(slot, _) => *slot,
        Tree::Binary(Op::I32Add | Op::I64Add | Op::I32Sub | Op::I64Sub, _, operands) => match &**operands {
            [Tree::Slot(slot, ty), Tree::Constant(_)] => {
                // What is one step before is a number too if the test began without wrapping around.
                let own = value(widen(Tree::Slot(*slot, *ty), *ty), *ty, test.signed);
                let difference = constant(&sub(from.clone(), own.clone())).or_else(|| offset(&test.left, test.ty))?;
                if difference as i64 != step || step.unsigned_abs() != 1 {
                    return None;
                }
                eval.guards.push(op(Op::I64Eq, from.clone(), add(own.clone(), num(difference))));
                return Some((
                    *slot,
                    Poly { terms: [own, num(step as u64)].into(), exact: one_sided(exact), room: true },
                ));
            }
            _ => return None,
        },
        _ => return None,
    };
    Some((slot, Poly { terms: [from.clone(), num(step as u64)].into(), exact, room: true }))
}

const fn one_sided(exact: Exact) -> Exact {
    match exact {
        Exact::Both => Exact::Signed,
        exact => exact,
    }
}

/// The constant that is added, as a number.
fn offset(tree: &Tree, ty: Type) -> Option<u64> {
    let Tree::Binary(which, _, operands) = tree else { return None };
    let by = constant(&operands[1])?;
    let by = if matches!(which, Op::I32Sub | Op::I64Sub) { by.wrapping_neg() } else { by };
    constant(&value(num(by), ty, true))
}

const fn compare(is: Relation, wide: bool) -> Op {
    match (is, wide) {
        (Is::Less, false) => Op::I64LtS,
        (Is::Less, true) => Op::I64LtU,
        (Is::LessEqual, false) => Op::I64LeS,
        (Is::LessEqual, true) => Op::I64LeU,
        (Is::Greater, false) => Op::I64GtS,
        (Is::Greater, true) => Op::I64GtU,
        (Is::GreaterEqual, false) => Op::I64GeS,
        (Is::GreaterEqual, true) => Op::I64GeU,
        (Is::Equal, _) => Op::I64Eq,
        (Is::Different, _) => Op::I64Ne,
    }
}

const fn greatest(test: &Test) -> u64 {
    match (test.ty, test.signed) {
        (Type::I32, true) => i32::MAX as u64,
        (Type::I32, false) => u32::MAX as u64,
        (_, true) => i64::MAX as u64,
        (_, false) => u64::MAX,
    }
}

const fn least(test: &Test) -> u64 {
    match (test.ty, test.signed) {
        (Type::I32, true) => i32::MIN as i64 as u64,
        (_, true) => i64::MIN as u64,
        (_, false) => 0,
    }
}

/// The test is that bits are left, of which each turn takes one or moves all.
fn shifted(turn: &Turn, test: &Test) -> Option<Trip> {
    let Test { is, signed, ty, left: Tree::Slot(slot, _), right: Tree::Constant(bound) } = test else { return None };
    let some = *bound == 0 && (*is == Is::Different || *is == Is::Greater && !*signed);
    let many = *bound == 1 && *is == Is::Greater && !*signed;
    let next = &turn.sets.iter().find(|set| set.slot == *slot)?.tree;
    let x = Tree::Slot(*slot, *ty);
    let own = |tree: &Tree| matches!(tree, Tree::Slot(read, _) if read == slot);
    let Tree::Binary(which, _, operands) = next else { return None };
    let (count, by) = match (which, &**operands) {
        (Op::I32And | Op::I64And, [one, less]) if some && own(one) && is_less(less, &x) => (ones(x, *ty), 1),
        (Op::I32And | Op::I64And, [less, one]) if some && own(one) && is_less(less, &x) => (ones(x, *ty), 1),
        (Op::I32Shl | Op::I64Shl, [one, Tree::Constant(by)]) if some && own(one) => {
            (used(x, *ty, false), by % bits(*ty))
        }
        (Op::I32ShrU | Op::I64ShrU, [one, Tree::Constant(by)]) if (some || many) && own(one) => {
            (used(x, *ty, true), by % bits(*ty))
        }
        (Op::I32DivU | Op::I64DivU, [one, Tree::Constant(by)])
            if (some || many) && own(one) && by.is_power_of_two() =>
        {
            (used(x, *ty, true), by.trailing_zeros().into())
        }
        _ => return None,
    };
    if by == 0 || many && by != 1 {
        return None;
    }
    let count = match (many, by) {
        (true, _) => select(sub(count.clone(), num(1)), num(0), op(Op::I64GtU, count, num(0))),
        (false, 1) => count,
        (false, by) => op(Op::I64DivU, add(count, num(by - 1)), num(by)),
    };
    Some(Trip { count, counter: None, last: Some((*slot, num(many.into()))) })
}

/// Whether a tree is another one less one.
fn is_less(tree: &Tree, than: &Tree) -> bool {
    let Tree::Binary(which, _, operands) = tree else { return false };
    operands[0] == *than
        && match (which, constant(&operands[1])) {
            (Op::I32Sub | Op::I64Sub, Some(1)) | (Op::I64Add, Some(u64::MAX)) => true,
            (Op::I32Add, Some(by)) => by as u32 == u32::MAX,
            _ => false,
        }
}

/// How many bits are set.
fn ones(x: Tree, ty: Type) -> Tree {
    widen(un(if ty == Type::I32 { UnaryOp::I32Popcnt } else { UnaryOp::I64Popcnt }, x), ty)
}

/// How many bits there are from the lowest one (or, if they move to the left, the highest) to the last that is set.
fn used(x: Tree, ty: Type, right: bool) -> Tree {
    let zeros = match (ty, right) {
        (Type::I32, true) => UnaryOp::I32Clz,
        (Type::I32, false) => UnaryOp::I32Ctz,
        (_, true) => UnaryOp::I64Clz,
        (_, false) => UnaryOp::I64Ctz,
    };
    sub(num(bits(ty)), widen(un(zeros, x), ty))
}
