//! Divisors that are the same in all turns of a loop: their reciprocals are computed once in front of it.
//!
//! With m = (2^64 - 1) / d, rounded down, the upper half of (n + 1) m is n / d for every n and d of 32 bits: it is (n + 1) / d less something
//! above 0 and at most 2^-32, which is no more than the distance from there to the next multiple of 1 / d below. For n of 64 bits, the upper half of n m is n / d or one
//! less (Granlund, Montgomery 1994; Möller, Granlund 2011). With m = 2^63 / d + 1, rounded down, and d of 31 bits, n m / 2^63 is n / d and a
//! bit further from zero, so that rounding down gives the quotient of n of 32 bits with a sign that is not negative, and one less of one that is.

use super::Hoist;
use crate::ir::{End, Function, Step, Tree};
use crate::passes::whole::{num, op, select, un, widen};
use alloc::vec::Vec;
use velocity_nda::module::{BinaryOp, ExprId, Type, UnaryOp};

/// How a number is divided by a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Without a sign, of a type.
    Unsigned(Type),
    /// 32 bits with a sign; the reciprocal of what is below 2 is 0.
    Signed,
}

/// What is divided by: the slot, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Divisor(u32, Kind);

/// What kind of division an operator is. 64 bits with a sign are left to the processor.
const fn kind(op: BinaryOp) -> Option<Kind> {
    match op {
        BinaryOp::I32DivU | BinaryOp::I32RemU => Some(Kind::Unsigned(Type::I32)),
        BinaryOp::I64DivU | BinaryOp::I64RemU => Some(Kind::Unsigned(Type::I64)),
        BinaryOp::I32DivS | BinaryOp::I32RemS => Some(Kind::Signed),
        _ => None,
    }
}

/// A number over a divisor, rounded down; over 1 if that is 0. It cannot trap.
fn over(number: u64, divisor: Tree, ty: Type, at: ExprId) -> Tree {
    let is_zero = match ty {
        Type::I32 => un(UnaryOp::I32Eqz, divisor.clone()),
        _ => un(UnaryOp::I64Eqz, divisor.clone()),
    };
    let by = op(BinaryOp::I64Add, widen(divisor, ty), un(UnaryOp::I64ExtendI32U, is_zero));
    Tree::Binary(BinaryOp::I64DivU, at, alloc::boxed::Box::new([num(number), by]))
}

/// The reciprocal of a slot, for a division at a node.
fn reciprocal(kind: Kind, divisor: &Tree, at: ExprId) -> Tree {
    match kind {
        Kind::Unsigned(ty) => over(u64::MAX, divisor.clone(), ty, at),
        Kind::Signed => {
            let above = op(BinaryOp::I64Add, over(1 << 63, divisor.clone(), Type::I32, at), num(1));
            select(above, num(0), op(BinaryOp::I32GtS, divisor.clone(), num(1)))
        }
    }
}

/// By slot: whether it is set to constants only. Divisors that are constants need no reciprocal.
pub(super) fn constants(function: &Function) -> Vec<bool> {
    let mut constants = alloc::vec![false; function.frame];
    let mut others = alloc::vec![false; function.frame];
    for block in &function.blocks {
        for step in &block.steps {
            if let Step::Set { slot, tree, .. } = step {
                let which = if matches!(tree, Tree::Constant(_)) { &mut constants } else { &mut others };
                which[*slot as usize] = true;
            }
        }
    }
    constants.iter_mut().zip(others).for_each(|(constant, other)| *constant &= !other);
    constants
}

/// Whether a block divides by slots in a way for which there are reciprocals.
pub(super) fn divides(steps: &[Step], end: &End) -> bool {
    let of_step = |step: &Step| match step {
        Step::Set { tree, .. } | Step::Evaluate(tree) | Step::SetGlobal(_, tree) => in_tree(tree),
        Step::Store { operands, .. } => operands.iter().any(in_tree),
        _ => false,
    };
    let in_end = match end {
        End::If { test: tree, .. } | End::Table(tree, _) => in_tree(tree),
        _ => false,
    };
    in_end || steps.iter().any(of_step)
}

fn in_tree(tree: &Tree) -> bool {
    match tree {
        Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => false,
        Tree::Unary(_, _, operand) | Tree::Load(_, _, operand) => in_tree(operand),
        Tree::Binary(op, _, operands) | Tree::Divided(op, _, operands, _) => {
            kind(*op).is_some() && !matches!(operands[1], Tree::Constant(_)) || operands.iter().any(in_tree)
        }
        Tree::Select(operands) => operands.iter().any(in_tree),
    }
}

impl Hoist<'_> {
    /// Lets a division take the reciprocal of its divisor, if that is the same in all turns and a register is left.
    pub(super) fn reciprocal(&mut self, tree: &mut Tree) {
        let Tree::Binary(op, at, operands) = &*tree else { return };
        let Some(kind) = kind(*op) else { return };
        let Tree::Slot(divisor, _) = operands[1] else { return };
        let is_same = self.set.get(divisor as usize) != Some(&true);
        if !is_same || self.constants.get(divisor as usize) == Some(&true) {
            return;
        }
        let by = Divisor(divisor, kind);
        let known = self.divisors.iter().find(|(known, _)| *known == by).map(|(_, slot)| *slot);
        let Some(slot) = known.or_else(|| self.keep(reciprocal(kind, &operands[1], *at), Type::I64)) else { return };
        if known.is_none() {
            self.divisors.push((by, slot));
        }
        *tree = Tree::Divided(*op, *at, operands.clone(), slot);
    }
}
