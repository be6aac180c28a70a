//! Addresses as sums: what is the same in all turns of a loop, and the rest.
//!
//! Sums, differences and products with constants of 32 bits are exact modulo 2^32, however they are ordered.

use super::{Hoist, operators};
use crate::ir::{Tree, traps};
use alloc::boxed::Box;
use alloc::vec::Vec;
use velocity_nda::module::{BinaryOp, ExprId};

/// Who is to blame for traps that cannot happen.
const NOBODY: ExprId = ExprId(0);

/// How many summands an address may have.
const MAX_TERMS: usize = 8;

/// How many operators fewer a turn must have: one does not pay for a register.
const LEAST: usize = 2;

/// A constant, and trees that are multiplied by constants.
#[derive(Default)]
struct Sum {
    constant: u32,
    terms: Vec<(Tree, u32)>,
}

impl Sum {
    /// Adds a tree so many times.
    fn add(&mut self, tree: &Tree, times: u32) {
        match tree {
            Tree::Constant(value) => self.constant = self.constant.wrapping_add((*value as u32).wrapping_mul(times)),
            Tree::Binary(op @ (BinaryOp::I32Add | BinaryOp::I32Sub), _, operands) => {
                self.add(&operands[0], times);
                self.add(&operands[1], if *op == BinaryOp::I32Add { times } else { times.wrapping_neg() });
            }
            Tree::Binary(op @ (BinaryOp::I32Mul | BinaryOp::I32Shl), _, operands) => match &**operands {
                [tree, Tree::Constant(by)] if *op == BinaryOp::I32Mul => self.add(tree, times.wrapping_mul(*by as u32)),
                [tree, Tree::Constant(by)] => self.add(tree, times.wrapping_shl(*by as u32)),
                _ => self.term(tree, times),
            },
            tree => self.term(tree, times),
        }
    }

    fn term(&mut self, tree: &Tree, times: u32) {
        match self.terms.iter_mut().find(|(known, _)| known == tree && !traps(tree)) {
            Some((_, known)) => *known = known.wrapping_add(times),
            None => self.terms.push((tree.clone(), times)),
        }
    }

    /// The sum as a tree; `None` if it is nothing.
    fn tree(self) -> Option<Tree> {
        let mut sum: Option<Tree> = None;
        for (tree, times) in self.terms.into_iter().filter(|(tree, times)| *times != 0 || traps(tree)) {
            let term = match times {
                1 => tree,
                times if times.is_power_of_two() => two(BinaryOp::I32Shl, tree, times.trailing_zeros()),
                times => two(BinaryOp::I32Mul, tree, times),
            };
            sum = Some(match sum {
                Some(sum) => Tree::Binary(BinaryOp::I32Add, NOBODY, Box::new([sum, term])),
                None => term,
            });
        }
        match (sum, self.constant) {
            (Some(sum), 0) => Some(sum),
            (Some(sum), constant) => Some(two(BinaryOp::I32Add, sum, constant)),
            (None, 0) => None,
            (None, constant) => Some(Tree::Constant(constant.into())),
        }
    }
}

fn two(op: BinaryOp, tree: Tree, constant: u32) -> Tree {
    Tree::Binary(op, NOBODY, Box::new([tree, Tree::Constant(constant.into())]))
}

impl Hoist<'_> {
    /// Takes out of an address what is the same in all turns.
    pub(super) fn address(&mut self, address: &mut Tree) {
        if self.is_same(address) || !self.part(address) {
            self.tree(address);
        }
    }

    /// Makes an address the sum of a slot and what differs; whether that has [`LEAST`] operators fewer.
    fn part(&mut self, address: &mut Tree) -> bool {
        let mut all = Sum::default();
        all.add(address, 1);
        // Of two that can trap, the first one counts.
        if all.terms.len() > MAX_TERMS || all.terms.iter().filter(|(tree, _)| traps(tree)).count() > 1 {
            return false;
        }
        let (same, differs): (Vec<_>, Vec<_>) = all.terms.into_iter().partition(|(tree, _)| self.is_same(tree));
        let (same, differs) = (Sum { constant: all.constant, terms: same }, Sum { constant: 0, terms: differs });
        let anything = !same.terms.is_empty();
        let (Some(same), Some(mut differs)) = (same.tree(), differs.tree()) else { return false };
        if !anything || operators(&same) == 0 || operators(&differs) + 1 + LEAST > operators(address) {
            return false;
        }
        let Some(slot) = self.take(&same) else { return false };
        self.children(&mut differs);
        *address = Tree::Binary(BinaryOp::I32Add, NOBODY, Box::new([slot, differs]));
        true
    }
}
