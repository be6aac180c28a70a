//! Sequences as sums of binomials: the value at turn `k` is the sum of `c[j] * C(k, j)` (Newton's form).
//!
//! Coefficients are `i64` trees over the slots at the start. What a sequence says is true modulo 2^64, or modulo 2^32 if it
//! is one of 32-bit numbers: binomials are whole, so no division is needed, and all of it holds in either ring.

use super::whole::{add, mul, num, op, size, sub};
use crate::ir::{Step, Tree};
use alloc::vec::Vec;
use velocity_nda::module::{BinaryOp, Type};

/// The most coefficients a sequence has.
pub(super) const MAX_TERMS: usize = 7;

/// What is known of a sequence as numbers, beside what holds modulo a power of two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Exact {
    #[default]
    No,
    /// The coefficients give the number itself, seen with its sign.
    Signed,
    Unsigned,
    /// As either, because it is not negative.
    Both,
}

#[derive(Clone, Debug)]
pub(super) struct Poly {
    /// Not empty.
    pub(super) terms: Vec<Tree>,
    pub(super) exact: Exact,
    /// One more step of one does not wrap around, either.
    pub(super) room: bool,
}

/// Steps that compute what later ones use.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) steps: Vec<Step>,
    /// The next slot that nothing uses.
    pub(super) spare: u32,
}

/// Trees larger than this get a slot.
const LARGE: usize = 9;

impl Code {
    /// A tree for the value of this one, which may stand in several places.
    pub(super) fn keep(&mut self, tree: Tree) -> Tree {
        if size(&tree) <= LARGE { tree } else { self.put(tree) }
    }

    /// The value in a slot of its own, unless it is a leaf.
    pub(super) fn put(&mut self, tree: Tree) -> Tree {
        if size(&tree) == 1 {
            return tree;
        }
        let slot = self.spare;
        self.spare += 1;
        self.steps.push(Step::Set { slot, ty: Type::I64, tree, traps: false });
        Tree::Slot(slot, Type::I64)
    }

    fn add(&mut self, one: &Tree, two: &Tree) -> Tree {
        let sum = add(one.clone(), two.clone());
        self.keep(sum)
    }

    fn mul(&mut self, one: &Tree, two: &Tree) -> Tree {
        let product = mul(one.clone(), two.clone());
        self.keep(product)
    }
}

impl Poly {
    pub(super) fn invariant(tree: Tree) -> Self {
        Self { terms: Vec::from([tree]), exact: Exact::No, room: false }
    }

    fn of(mut terms: Vec<Tree>) -> Self {
        while terms.len() > 1 && terms.last() == Some(&Tree::Constant(0)) {
            terms.pop();
        }
        Self { terms, exact: Exact::No, room: false }
    }

    /// The value, if it is the same in every turn.
    pub(super) fn fixed(&self) -> Option<&Tree> {
        match &self.terms[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Start and step of an arithmetic progression whose step is a constant, with its sign.
    pub(super) fn linear(&self) -> Option<(&Tree, i64)> {
        match &self.terms[..] {
            [start, Tree::Constant(step)] => Some((start, *step as i64)),
            _ => None,
        }
    }

    fn term(&self, at: usize) -> Tree {
        self.terms.get(at).cloned().unwrap_or(num(0))
    }

    pub(super) fn zip(&self, other: &Self, mut with: impl FnMut(Tree, Tree) -> Tree) -> Self {
        let count = self.terms.len().max(other.terms.len());
        Self::of((0..count).map(|at| with(self.term(at), other.term(at))).collect())
    }

    pub(super) fn plus(&self, other: &Self, code: &mut Code) -> Self {
        self.zip(other, |one, two| code.add(&one, &two))
    }

    pub(super) fn minus(&self, other: &Self, code: &mut Code) -> Self {
        self.zip(other, |one, two| {
            let difference = sub(one, two);
            code.keep(difference)
        })
    }

    pub(super) fn scaled(&self, by: &Tree, code: &mut Code) -> Self {
        Self::of(self.terms.iter().map(|term| code.mul(term, by)).collect())
    }

    /// By `C(k,a) C(k,b) = sum of m!/((m-a)! (m-b)! (a+b-m)!) C(k,m)`.
    pub(super) fn times(&self, other: &Self, code: &mut Code) -> Option<Self> {
        let count = self.terms.len() + other.terms.len() - 1;
        if count > MAX_TERMS {
            return None;
        }
        let mut terms = alloc::vec![num(0); count];
        for (a, one) in self.terms.iter().enumerate() {
            for (b, two) in other.terms.iter().enumerate() {
                let product = code.mul(one, two);
                for (m, term) in terms.iter_mut().enumerate().take(a + b + 1).skip(a.max(b)) {
                    let factor = factorial(m) / factorial(m - a) / factorial(m - b) / factorial(a + b - m);
                    let more = code.mul(&product, &num(factor));
                    *term = code.add(term, &more);
                }
            }
        }
        Some(Self::of(terms))
    }

    /// The sum over the turns before, plus a start.
    pub(super) fn summed(&self, start: Tree) -> Option<Self> {
        if self.terms.len() == MAX_TERMS {
            return None;
        }
        Some(Self::of(core::iter::once(start).chain(self.terms.iter().cloned()).collect()))
    }

    /// The value of the turn before: `C(k-1,j)` is the sum of `(-1)^m C(k,j-m)`.
    pub(super) fn before(&self, code: &mut Code) -> Self {
        let mut terms = self.terms.clone();
        for at in (0..terms.len().saturating_sub(1)).rev() {
            let difference = sub(terms[at].clone(), terms[at + 1].clone());
            terms[at] = code.keep(difference);
        }
        Self { terms, exact: Exact::No, room: false }
    }

    /// At turn `period * t + phase`, as a sequence over `t`.
    pub(super) fn every(&self, period: u64, phase: u64, code: &mut Code) -> Self {
        if period == 1 {
            return self.clone();
        }
        let count = self.terms.len();
        // The values of each binomial at the first places, and their differences.
        let mut terms = alloc::vec![num(0); count];
        for (j, term) in self.terms.iter().enumerate() {
            let mut values: Vec<u64> = (0..count as u64).map(|t| choose(period * t + phase, j as u64)).collect();
            for (at, to) in terms.iter_mut().enumerate() {
                let more = code.mul(term, &num(values[0]));
                *to = code.add(to, &more);
                for next in 0..count - 1 - at {
                    values[next] = values[next + 1].wrapping_sub(values[next]);
                }
            }
        }
        Self { terms, exact: self.exact, room: self.room }
    }

    /// The value at the turn whose binomials these are, from `C(n, 0)` on.
    pub(super) fn at(&self, binomials: &[Tree], code: &mut Code) -> Tree {
        let mut sum = num(0);
        for (term, binomial) in self.terms.iter().zip(binomials) {
            let product = code.mul(term, binomial);
            sum = code.add(&sum, &product);
        }
        sum
    }
}

fn factorial(n: usize) -> u64 {
    (1..=n as u64).product()
}

/// Small binomials.
fn choose(n: u64, k: u64) -> u64 {
    (0..k).fold(1, |product, at| product * n.saturating_sub(at) / (at + 1))
}

/// The inverse of an odd number modulo 2^64 (Newton's iteration: each round doubles the bits that are right).
const fn inverse(odd: u64) -> u64 {
    let mut x = odd;
    let mut round = 0;
    while round < 5 {
        x = x.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(x)));
        round += 1;
    }
    x
}

/// `C(n, 0)` to `C(n, most)` modulo 2^64, exactly.
///
/// Of the numbers `n` to `n - 2m + 1`, the even ones are `2 h` to `2 (h - m + 1)` for `h = n / 2`, so `C(n, 2m) (2m - 1)!!` is
/// `C(h, m)` times the odd ones, and `(2m - 1)!!` has an inverse. `C(n, 2m + 1) (2m + 1)` is `C(n, 2m) (n - 2m)`.
pub(super) fn binomials(n: &Tree, most: usize, code: &mut Code) -> Vec<Tree> {
    let mut all = Vec::from([num(1), n.clone()]);
    if most < 2 {
        all.truncate(most + 1);
        return all;
    }
    let half = code.put(op(BinaryOp::I64ShrU, n.clone(), num(1)));
    let halves = binomials(&half, most / 2, code);
    let (mut odds, mut product) = (num(1), 1_u64);
    for k in 2..=most {
        let next = if k % 2 == 0 {
            let factor = op(BinaryOp::I64Or, sub(n.clone(), num(k as u64 - 1)), num(1));
            odds = code.put(mul(odds, factor));
            product = product.wrapping_mul(k as u64 - 1);
            mul(mul(halves[k / 2].clone(), odds.clone()), num(inverse(product)))
        } else {
            let factor = sub(n.clone(), num(k as u64 - 1));
            mul(mul(all[k - 1].clone(), factor), num(inverse(k as u64)))
        };
        all.push(code.put(next));
    }
    all
}
