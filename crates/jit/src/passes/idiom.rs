//! Slots that turns change in other ways than by adding: bits that gather, signs that alternate, the least and the greatest.

use super::eval::Eval;
use super::poly::{Exact, Poly};
use super::turn::Set;
use super::whole::{add, narrow, num, op, reads, select, sub, un, value, widen};
use crate::ir::Tree;
use velocity_nda::module::{BinaryOp as Op, Type, UnaryOp};

/// What a slot holds after so many turns, at least one.
pub(super) fn last(set: &Set, start: &Tree, turns: &Tree, eval: &mut Eval<'_>) -> Option<Tree> {
    match &set.tree {
        Tree::Binary(which, _, operands) => {
            let other = match &**operands {
                [Tree::Slot(slot, _), other] | [other, Tree::Slot(slot, _)] if *slot == set.slot => other,
                _ => return None,
            };
            gathered(*which, set, other, start, turns, eval)
        }
        Tree::Select(operands) => extreme(set, operands, start, turns, eval),
        _ => None,
    }
}

fn gathered(which: Op, set: &Set, other: &Tree, start: &Tree, turns: &Tree, eval: &mut Eval<'_>) -> Option<Tree> {
    let poly = eval.eval(other)?;
    let wide = match which {
        Op::I32And | Op::I64And => Op::I64And,
        Op::I32Or | Op::I64Or => Op::I64Or,
        Op::I32Xor | Op::I64Xor => Op::I64Xor,
        _ => return None,
    };
    if let Some(fixed) = poly.fixed() {
        let once = op(wide, start.clone(), fixed.clone());
        let odd = narrow(op(Op::I64And, turns.clone(), num(1)), Type::I32);
        return Some(if wide == Op::I64Xor { select(once, start.clone(), odd) } else { once });
    }
    let (first, step) = poly.linear()?;
    let first = eval.code.put(first.clone());
    if step != 1 {
        return None;
    }
    if wide == Op::I64Xor {
        let end = eval.code.put(add(first.clone(), turns.clone()));
        let both = op(Op::I64Xor, prefix(&first), prefix(&end));
        return Some(op(Op::I64Xor, start.clone(), eval.code.put(both)));
    }
    if poly.exact == Exact::No || set.ty == Type::I32 && other.ty() != Some(Type::I32) {
        return None;
    }
    // From the highest bit on in which the ends differ, each bit is both in between.
    let end = eval.code.put(sub(add(first.clone(), turns.clone()), num(1)));
    let differs = eval.code.put(op(Op::I64Xor, first.clone(), end));
    let below = op(Op::I64ShrU, num(u64::MAX), un(UnaryOp::I64Clz, differs.clone()));
    let mask = eval.code.put(select(below, num(0), op(Op::I64Ne, differs, num(0))));
    let all = match wide {
        Op::I64Or => op(Op::I64Or, first, mask),
        _ => op(Op::I64And, first, op(Op::I64Xor, mask, num(u64::MAX))),
    };
    Some(op(wide, start.clone(), all))
}

/// `0 ^ 1 ^ ... ^ (n - 1)`: 0, `n - 1`, 1 or `n` by the lowest bits of `n`.
fn prefix(n: &Tree) -> Tree {
    let bit = |at: u64| narrow(op(Op::I64And, n.clone(), num(at)), Type::I32);
    let even = select(num(1), num(0), bit(2));
    let odd = select(n.clone(), sub(n.clone(), num(1)), bit(2));
    select(odd, even, bit(1))
}

/// The least or the greatest of a slot and something that does not change, or progresses.
fn extreme(set: &Set, operands: &[Tree; 3], start: &Tree, turns: &Tree, eval: &mut Eval<'_>) -> Option<Tree> {
    let [one, two, Tree::Binary(which, _, compared)] = operands else { return None };
    let (greater, signed) = greater(*which)?;
    let straight = compared[0] == *one && compared[1] == *two;
    let crossed = compared[0] == *two && compared[1] == *one;
    if straight == crossed || which.operand() != set.ty {
        return None;
    }
    let greatest = greater == straight;
    let own = |tree: &Tree| matches!(tree, Tree::Slot(slot, _) if *slot == set.slot);
    let other = match (own(one), own(two)) {
        (true, false) => two,
        (false, true) => one,
        _ => return None,
    };
    if reads(other, &|slot| slot == set.slot) {
        return None;
    }
    let poly = eval.eval(other)?;
    let number = far(&poly, greatest, signed, turns, set.ty)?;
    let number = eval.code.put(number);
    let start = eval.code.put(value(start.clone(), set.ty, signed));
    let which = if signed || set.ty == Type::I32 { Op::I64GtS } else { Op::I64GtU };
    let test = op(which, number.clone(), start.clone());
    Some(if greatest { select(number, start, test) } else { select(start, number, test) })
}

/// The greatest or least number of a progression.
fn far(poly: &Poly, greatest: bool, signed: bool, turns: &Tree, ty: Type) -> Option<Tree> {
    if let Some(fixed) = poly.fixed() {
        return Some(value(fixed.clone(), ty, signed));
    }
    let (first, step) = poly.linear()?;
    let exact = if signed { Exact::Signed } else { Exact::Unsigned };
    if poly.exact != exact && poly.exact != Exact::Both {
        return None;
    }
    if greatest == (step < 0) {
        return Some(first.clone());
    }
    let steps = sub(turns.clone(), num(1));
    Some(add(first.clone(), super::whole::mul(steps, num(step as u64))))
}

/// Whether a comparison is for more or for less, and sees signs.
const fn greater(which: Op) -> Option<(bool, bool)> {
    match which {
        Op::I32GtS | Op::I32GeS | Op::I64GtS | Op::I64GeS => Some((true, true)),
        Op::I32GtU | Op::I32GeU | Op::I64GtU | Op::I64GeU => Some((true, false)),
        Op::I32LtS | Op::I32LeS | Op::I64LtS | Op::I64LeS => Some((false, true)),
        Op::I32LtU | Op::I32LeU | Op::I64LtU | Op::I64LeU => Some((false, false)),
        _ => None,
    }
}

/// What is counted of a number whose bits are moved out one by one: those that are set.
pub(super) fn counted(start: &Tree, rest: &Tree, moved: Option<(u32, Type)>) -> Option<Tree> {
    let (slot, ty) = moved?;
    let inner = match rest {
        Tree::Unary(UnaryOp::I64ExtendI32U | UnaryOp::I64ExtendI32S | UnaryOp::I32WrapI64, _, inner) => inner,
        other => other,
    };
    let Tree::Binary(Op::I32And | Op::I64And, _, operands) = inner else { return None };
    if operands[0] != Tree::Slot(slot, ty) || operands[1] != num(1) {
        return None;
    }
    let ones = if ty == Type::I32 { UnaryOp::I32Popcnt } else { UnaryOp::I64Popcnt };
    Some(add(start.clone(), widen(un(ones, Tree::Slot(slot, ty)), ty)))
}
