//! Systems of affine recurrences, by repeated squaring.
//!
//! `x' = A x + b` applied `n` times is a product of the maps that `n`'s bits choose. The form is a loop of at most 64 rounds,
//! without charge: one round applies the map if the lowest bit of the exponent says so, squares it, and halves the exponent.
//! Maps that are powers of the same one commute, so the order does not matter.

use super::eval::Eval;
use super::poly::Poly;
use super::turn::Set;
use super::whole::{add, constant, mul, narrow, num, op, reads, select, size};
use crate::ir::{Step, Tree};
use alloc::vec::Vec;
use velocity_nda::module::{BinaryOp as Op, Type};

/// The most slots of a system.
const MAX_SLOTS: usize = 3;

#[derive(Debug)]
pub(super) struct Power {
    /// One round.
    pub(super) round: Vec<Step>,
    /// There is another one if this is not zero, after it.
    pub(super) test: Tree,
    /// Where the values of the system are, in the order of its slots.
    pub(super) values: Vec<u32>,
}

/// What a slot becomes: factors of the slots of the system, and the rest.
type Row = (Vec<Tree>, Poly);

fn row(tree: &Tree, open: &[Set], eval: &mut Eval<'_>) -> Option<Row> {
    let of_system = |slot: u32| open.iter().position(|set| set.slot == slot);
    if !reads(tree, &|slot| of_system(slot).is_some()) {
        return Some((alloc::vec![num(0); open.len()], eval.eval(tree)?));
    }
    match tree {
        Tree::Slot(slot, _) => {
            let at = of_system(*slot)?;
            let factors = (0..open.len()).map(|one| num((one == at).into())).collect();
            Some((factors, Poly::invariant(num(0))))
        }
        Tree::Binary(Op::I32Add | Op::I64Add, _, operands) => {
            let (one, two) = (row(&operands[0], open, eval)?, row(&operands[1], open, eval)?);
            let factors = one.0.into_iter().zip(two.0).map(|(one, two)| eval.code.keep(add(one, two))).collect();
            Some((factors, one.1.plus(&two.1, eval.code)))
        }
        Tree::Binary(Op::I32Sub | Op::I64Sub, _, operands) => {
            let (one, two) = (row(&operands[0], open, eval)?, row(&operands[1], open, eval)?);
            let minus = |(one, two)| eval.code.keep(super::whole::sub(one, two));
            let factors = one.0.into_iter().zip(two.0).map(minus).collect();
            Some((factors, one.1.minus(&two.1, eval.code)))
        }
        Tree::Binary(Op::I32Mul | Op::I64Mul, _, operands) => {
            let [one, two] = &**operands;
            let (factor, other) = if eval.is_fixed(one) { (one, two) } else { (two, one) };
            let factor = eval.eval(factor)?.fixed()?.clone();
            let (factors, rest) = row(other, open, eval)?;
            Some((factors.into_iter().map(|one| mul(one, factor.clone())).collect(), rest.scaled(&factor, eval.code)))
        }
        Tree::Binary(which @ (Op::I32Shl | Op::I64Shl), _, operands) => {
            let by = constant(&operands[1])? % super::eval::bits(which.operand());
            let (factors, rest) = row(&operands[0], open, eval)?;
            let factor = num(1 << by);
            Some((factors.into_iter().map(|one| mul(one, factor.clone())).collect(), rest.scaled(&factor, eval.code)))
        }
        _ => None,
    }
}

/// The system of these slots, whose starts are given, for so many turns.
pub(super) fn system(open: &[Set], starts: &[Tree], times: &Tree, eval: &mut Eval<'_>) -> Option<Power> {
    if open.len() > MAX_SLOTS || open.iter().any(|set| set.ty != open[0].ty) {
        return None;
    }
    let rows: Vec<Row> = open.iter().map(|set| row(&set.tree, open, eval)).collect::<Option<_>>()?;
    let count = open.len();
    let terms = rows.iter().map(|(_, rest)| rest.terms.len()).max()?;
    let wide = count + usize::from(terms > 1);
    if terms > 2 || wide > MAX_SLOTS || rows.iter().any(|(factors, _)| factors.iter().any(|tree| size(tree) > 9)) {
        return None;
    }
    let mut given: Vec<Tree> = Vec::new();
    // The matrix by rows, then the constants, the values, and the exponent.
    for (factors, rest) in &rows {
        given.extend(factors.iter().cloned());
        given.extend((wide > count).then(|| rest.terms.get(1).cloned().unwrap_or(num(0))));
    }
    if wide > count {
        given.extend((0..wide).map(|at| num((at == count).into())));
    }
    given.extend(rows.iter().map(|(_, rest)| rest.terms[0].clone()));
    given.extend((wide > count).then(|| num(1)));
    given.extend(starts.iter().cloned());
    given.extend((wide > count).then(|| num(0)));
    given.push(times.clone());
    let base = eval.code.spare;
    eval.code.spare += given.len() as u32;
    for (tree, slot) in given.into_iter().zip(base..) {
        eval.code.steps.push(set(slot, tree));
    }
    let round = Round { base, wide: wide as u32, spare: eval.code.spare };
    eval.code.spare += round.wide * (round.wide + 2);
    let values = (0..count as u32).map(|at| round.value(at)).collect();
    Some(Power { round: round.steps(), test: op(Op::I64Ne, at(round.exponent()), num(0)), values })
}

const fn set(slot: u32, tree: Tree) -> Step {
    Step::Set { slot, ty: Type::I64, tree, traps: false }
}

const fn at(slot: u32) -> Tree {
    Tree::Slot(slot, Type::I64)
}

/// Where the parts of a system lie.
struct Round {
    base: u32,
    wide: u32,
    spare: u32,
}

impl Round {
    const fn factor(&self, row: u32, column: u32) -> u32 {
        self.base + row * self.wide + column
    }

    const fn constant(&self, row: u32) -> u32 {
        self.base + self.wide * self.wide + row
    }

    const fn value(&self, row: u32) -> u32 {
        self.constant(self.wide) + row
    }

    const fn exponent(&self) -> u32 {
        self.value(self.wide)
    }

    /// A row of the matrix times a column.
    fn product(&self, row: u32, column: impl Fn(u32) -> u32) -> Tree {
        (0..self.wide).fold(num(0), |sum, k| add(sum, mul(at(self.factor(row, k)), at(column(k)))))
    }

    fn steps(&self) -> Vec<Step> {
        let odd = narrow(op(Op::I64And, at(self.exponent()), num(1)), Type::I32);
        let mut new = Vec::new();
        for row in 0..self.wide {
            let value = add(self.product(row, |k| self.value(k)), at(self.constant(row)));
            new.push((self.value(row), select(value, at(self.value(row)), odd.clone())));
        }
        for row in 0..self.wide {
            new.push((self.constant(row), add(self.product(row, |k| self.constant(k)), at(self.constant(row)))));
        }
        for row in 0..self.wide {
            for column in 0..self.wide {
                new.push((self.factor(row, column), self.product(row, |k| self.factor(k, column))));
            }
        }
        let mut steps: Vec<Step> = Vec::new();
        if self.wide == 1 {
            steps.extend(new.into_iter().map(|(slot, tree)| set(slot, tree)));
        } else {
            let slots: Vec<u32> = new.iter().map(|(slot, _)| *slot).collect();
            steps.extend(new.into_iter().zip(self.spare..).map(|((_, tree), spare)| set(spare, tree)));
            steps.extend(slots.into_iter().zip(self.spare..).map(|(slot, spare)| set(slot, at(spare))));
        }
        steps.push(set(self.exponent(), op(Op::I64ShrU, at(self.exponent()), num(1))));
        steps
    }
}
