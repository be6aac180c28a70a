//! What trees are as sequences, where the slots they read are known sequences.
//!
//! Post: a guard that does not hold at run time says nothing about the sequences; all of them together make them true.

use super::poly::{Code, Exact, Poly};
use super::whole::{NOBODY, constant, narrow, num, op, reads, select, value, widen};
use crate::ir::{Tree, divides};
use alloc::boxed::Box;
use alloc::vec::Vec;
use velocity_nda::module::{BinaryOp as Op, Type, UnaryOp};

/// Known sequences of slots that a loop sets, and where to compute with them.
pub(super) struct Eval<'a> {
    /// Slots that the loop sets.
    pub(super) written: &'a [u32],
    pub(super) known: Vec<(u32, Poly)>,
    pub(super) code: &'a mut Code,
    /// Conditions, `i32`s.
    pub(super) guards: &'a mut Vec<Tree>,
}

impl Eval<'_> {
    pub(super) fn is_fixed(&self, tree: &Tree) -> bool {
        !reads(tree, &|slot| self.written.contains(&slot))
    }

    pub(super) fn eval(&mut self, tree: &Tree) -> Option<Poly> {
        if self.is_fixed(tree) {
            let wide = widen(tree.clone(), tree.ty().unwrap_or(Type::I64));
            return Some(Poly::invariant(self.code.keep(wide)));
        }
        match tree {
            Tree::Slot(slot, _) => Some(self.known.iter().find(|(known, _)| known == slot)?.1.clone()),
            Tree::Unary(UnaryOp::I32WrapI64, _, operand) => {
                Some(Poly { exact: Exact::No, room: false, ..self.eval(operand)? })
            }
            Tree::Unary(UnaryOp::I64ExtendI32S, _, operand) => self.extended(operand, true),
            Tree::Unary(UnaryOp::I64ExtendI32U, _, operand) => self.extended(operand, false),
            Tree::Unary(op, _, operand) => {
                let operand = self.eval(operand)?;
                let inner = narrow(operand.fixed()?.clone(), op.operand());
                self.rebuilt(Tree::Unary(*op, NOBODY, Box::new(inner)), op.result())
            }
            Tree::Binary(op, _, operands) => self.binary(*op, operands),
            Tree::Select(operands) => self.select(operands),
            _ => None,
        }
    }

    fn rebuilt(&mut self, tree: Tree, ty: Type) -> Option<Poly> {
        let wide = widen(tree, ty);
        Some(Poly::invariant(self.code.keep(wide)))
    }

    fn extended(&mut self, operand: &Tree, signed: bool) -> Option<Poly> {
        let inner = self.eval(operand)?;
        if let Some(fixed) = inner.fixed() {
            let wide = value(fixed.clone(), Type::I32, signed);
            return Some(Poly::invariant(self.code.keep(wide)));
        }
        self.numbers(inner, signed)
    }

    /// Makes sure that a progression is one of numbers, seen with their sign or without.
    fn numbers(&mut self, poly: Poly, signed: bool) -> Option<Poly> {
        match (poly.exact, signed) {
            (Exact::Both, _) | (Exact::Signed, true) | (Exact::Unsigned, false) => Some(poly),
            (Exact::Signed, false) => {
                let (start, step) = poly.linear()?;
                if step < 0 {
                    return None;
                }
                self.guards.push(op(Op::I64GeS, start.clone(), num(0)));
                Some(Poly { exact: Exact::Both, ..poly })
            }
            _ => None,
        }
    }

    fn binary(&mut self, which: Op, operands: &[Tree; 2]) -> Option<Poly> {
        let (left, right) = (self.eval(&operands[0])?, self.eval(&operands[1])?);
        match which {
            Op::I32Add | Op::I64Add => return Some(self.moved(&left, &right, which.operand(), false)),
            Op::I32Sub | Op::I64Sub => return Some(self.moved(&left, &right, which.operand(), true)),
            Op::I32Mul | Op::I64Mul => return left.times(&right, self.code),
            Op::I32Shl | Op::I64Shl if left.fixed().is_none() => {
                let by = 1_u64 << (constant(right.fixed()?)? % bits(which.operand()));
                return Some(left.scaled(&num(by), self.code));
            }
            _ => {}
        }
        if let (Some(one), Some(two)) = (left.fixed(), right.fixed()) {
            if divides(which) && constant(two).is_none() {
                return None;
            }
            let ty = which.operand();
            let rebuilt = op(which, narrow(one.clone(), ty), narrow(two.clone(), ty));
            return self.rebuilt(rebuilt, which.result());
        }
        self.parted(which, left, constant(right.fixed()?)?)
    }

    /// A sum or difference; one step towards where a progression goes keeps it one of numbers.
    fn moved(&mut self, left: &Poly, right: &Poly, ty: Type, minus: bool) -> Poly {
        let sum = if minus { left.minus(right, self.code) } else { left.plus(right, self.code) };
        let by = right.fixed().and_then(constant).map(|by| if minus { by.wrapping_neg() } else { by });
        let by = by.and_then(|by| constant(&value(num(by), ty, true))).map(|by| by as i64);
        match (by, left.linear()) {
            (Some(1), Some((_, 1..))) if left.room => self.stepped(left, sum, 1),
            (Some(-1), Some((_, ..=-1))) if left.room => self.stepped(left, sum, u64::MAX),
            _ => sum,
        }
    }

    fn stepped(&mut self, from: &Poly, sum: Poly, by: u64) -> Poly {
        let Some((start, _)) = from.linear() else { return sum };
        let exact = match from.exact {
            Exact::Both if by != 1 => Exact::Signed,
            exact => exact,
        };
        if exact == Exact::No {
            return sum;
        }
        let start = super::whole::add(start.clone(), num(by));
        Poly { terms: Vec::from([self.code.keep(start), from.terms[1].clone()]), exact, room: false }
    }

    /// Parts of the numbers of a progression whose step is a multiple of what they are parted by.
    fn parted(&mut self, which: Op, left: Poly, by: u64) -> Option<Poly> {
        let ty = which.operand();
        let (start, step) = left.linear()?;
        if matches!(which, Op::I32And | Op::I64And) {
            let low = by.checked_add(1)?.checked_next_power_of_two()?;
            let masked = super::whole::op(Op::I64And, start.clone(), num(by));
            return (step.rem_euclid(i64::try_from(low).ok()?) == 0).then(|| Poly::invariant(self.code.keep(masked)));
        }
        let (by, signed, rest) = match which {
            Op::I32ShrU | Op::I64ShrU => (1_i64.checked_shl((by % bits(ty)) as u32)?, false, false),
            Op::I32ShrS | Op::I64ShrS => (1_i64.checked_shl((by % bits(ty)) as u32)?, true, false),
            Op::I32DivU | Op::I64DivU | Op::I32DivS | Op::I64DivS => (i64::try_from(by).ok()?, false, false),
            Op::I32RemU | Op::I64RemU | Op::I32RemS | Op::I64RemS => (i64::try_from(by).ok()?, false, true),
            _ => return None,
        };
        if by <= 0 || by > 1 << 30 || step % by != 0 {
            return None;
        }
        // Division with a sign is that without one for numbers that are not negative.
        let needs_both = matches!(which, Op::I32DivS | Op::I64DivS | Op::I32RemS | Op::I64RemS);
        if needs_both && left.exact == Exact::Unsigned {
            return None;
        }
        let left = self.numbers(left, signed)?;
        let (start, step) = left.linear()?;
        let parted = match (signed, rest) {
            (true, _) => super::whole::op(Op::I64ShrS, start.clone(), num(by.trailing_zeros().into())),
            (_, true) => super::whole::op(Op::I64RemU, start.clone(), num(by as u64)),
            _ => super::whole::op(Op::I64DivU, start.clone(), num(by as u64)),
        };
        let parted = self.code.keep(parted);
        if rest {
            return Some(Poly::invariant(parted));
        }
        Some(Poly { terms: Vec::from([parted, num((step / by) as u64)]), exact: left.exact, room: false })
    }

    fn select(&mut self, operands: &[Tree; 3]) -> Option<Poly> {
        let [one, two, test] = operands;
        let test = self.eval(test)?;
        let test = narrow(test.fixed()?.clone(), Type::I32);
        let (one, two) = (self.eval(one)?, self.eval(two)?);
        let code = &mut *self.code;
        Some(one.zip(&two, |one, two| code.keep(select(one, two, test.clone()))))
    }
}

pub(super) const fn bits(ty: Type) -> u64 {
    match ty {
        Type::I32 | Type::F32 => 32,
        Type::I64 | Type::F64 => 64,
    }
}

/// After how many turns what is cut from a progression comes again, the step being one; one if nothing is cut.
pub(super) fn period(tree: &Tree, is_fixed: &dyn Fn(&Tree) -> bool) -> u64 {
    if is_fixed(tree) {
        return 1;
    }
    match tree {
        Tree::Unary(_, _, operand) => period(operand, is_fixed),
        Tree::Binary(which, _, operands) => {
            let [left, right] = &**operands;
            let both = common(period(left, is_fixed), period(right, is_fixed));
            let Some(by) = constant(right) else { return both };
            let own = match which {
                Op::I32And | Op::I64And => by.saturating_add(1).checked_next_power_of_two().unwrap_or(u64::MAX),
                Op::I32ShrU | Op::I32ShrS | Op::I64ShrU | Op::I64ShrS => 1_u64 << (by % bits(which.operand())),
                which if divides(*which) => by,
                _ => 1,
            };
            both.saturating_mul(own)
        }
        Tree::Select(operands) => operands.iter().fold(1, |all, operand| common(all, period(operand, is_fixed))),
        _ => 1,
    }
}

/// The least common multiple, if it is small.
pub(super) fn common(one: u64, two: u64) -> u64 {
    let (mut a, mut b) = (one, two);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (one / a.max(1)).saturating_mul(two)
}
