//! Trees over whole numbers, made with what is constant already computed.

use crate::ir::{Tree, traps};
use velocity_interp::engine::{binary, unary};
use velocity_nda::module::{BinaryOp, ExprId, Type, UnaryOp};

/// Who is to blame for traps that cannot happen.
pub(super) const NOBODY: ExprId = ExprId(0);

pub(super) const fn num(value: u64) -> Tree {
    Tree::Constant(value)
}

/// The constant that a tree is.
pub(super) const fn constant(tree: &Tree) -> Option<u64> {
    match tree {
        Tree::Constant(value) => Some(*value),
        _ => None,
    }
}

/// How many nodes a tree has.
pub(super) fn size(tree: &Tree) -> usize {
    1 + match tree {
        Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => 0,
        Tree::Unary(_, _, operand) | Tree::Load(_, _, operand) => size(operand),
        Tree::Binary(_, _, operands) | Tree::Divided(_, _, operands, _) => operands.iter().map(size).sum(),
        Tree::Select(operands) => operands.iter().map(size).sum(),
    }
}

/// Whether a tree reads a slot for which this holds.
pub(super) fn reads(tree: &Tree, of: &dyn Fn(u32) -> bool) -> bool {
    let mut found = false;
    tree.slots(&mut |slot, _| found |= of(slot));
    found
}

/// An operator of two operands that cannot trap.
pub(super) fn op(op: BinaryOp, left: Tree, right: Tree) -> Tree {
    if let (Tree::Constant(left), Tree::Constant(right)) = (&left, &right)
        && let Ok(value) = binary(op, *left, *right)
    {
        return num(value);
    }
    Tree::Binary(op, NOBODY, alloc::boxed::Box::new([left, right]))
}

/// An operator of one operand that cannot trap.
pub(super) fn un(op: UnaryOp, operand: Tree) -> Tree {
    match operand {
        Tree::Constant(value) => match unary(op, value) {
            Ok(value) => num(value),
            Err(_) => Tree::Unary(op, NOBODY, alloc::boxed::Box::new(operand)),
        },
        Tree::Unary(UnaryOp::I64ExtendI32S | UnaryOp::I64ExtendI32U, _, inner) if op == UnaryOp::I32WrapI64 => *inner,
        operand => Tree::Unary(op, NOBODY, alloc::boxed::Box::new(operand)),
    }
}

pub(super) fn add(left: Tree, right: Tree) -> Tree {
    match (left, right) {
        (Tree::Constant(0), other) | (other, Tree::Constant(0)) => other,
        (Tree::Constant(one), Tree::Constant(two)) => num(one.wrapping_add(two)),
        (left @ Tree::Constant(_), right) => add(right, left),
        (Tree::Binary(BinaryOp::I64Add, _, operands), Tree::Constant(two)) if constant(&operands[1]).is_some() => {
            let [left, right] = *operands;
            add(left, num(constant(&right).unwrap_or(0).wrapping_add(two)))
        }
        (left, right) => op(BinaryOp::I64Add, left, right),
    }
}

pub(super) fn sub(left: Tree, right: Tree) -> Tree {
    match (left, right) {
        (left, Tree::Constant(value)) => add(left, num(value.wrapping_neg())),
        (left, right) if left == right => num(0),
        (left, right) => op(BinaryOp::I64Sub, left, right),
    }
}

pub(super) fn mul(left: Tree, right: Tree) -> Tree {
    match (left, right) {
        (Tree::Constant(0), _) | (_, Tree::Constant(0)) => num(0),
        (Tree::Constant(1), other) | (other, Tree::Constant(1)) => other,
        (left @ Tree::Constant(_), right) => op(BinaryOp::I64Mul, right, left),
        (left, right) => op(BinaryOp::I64Mul, left, right),
    }
}

/// The first if the condition, an `i32`, is not zero. What is not selected is evaluated too: it is dropped only if it cannot trap.
pub(super) fn select(one: Tree, two: Tree, condition: Tree) -> Tree {
    let can_drop = |tree: &Tree| is_plain(tree) || !traps(tree);
    match condition {
        Tree::Constant(0) if can_drop(&one) => two,
        Tree::Constant(value) if value != 0 && can_drop(&two) => one,
        condition if one == two && can_drop(&condition) => one,
        condition => Tree::Select(alloc::boxed::Box::new([one, two, condition])),
    }
}

/// A value of a type as 64 bits, with zeros above it.
pub(super) fn widen(tree: Tree, ty: Type) -> Tree {
    if ty == Type::I32 { un(UnaryOp::I64ExtendI32U, tree) } else { tree }
}

/// 64 bits as a value of a type.
pub(super) fn narrow(tree: Tree, ty: Type) -> Tree {
    if ty == Type::I32 { un(UnaryOp::I32WrapI64, tree) } else { tree }
}

/// The number that 64 bits stand for as a value of a type, with its sign or without.
pub(super) fn value(tree: Tree, ty: Type, signed: bool) -> Tree {
    match (ty, signed) {
        (Type::I32, true) => un(UnaryOp::I64ExtendI32S, narrow(tree, ty)),
        (Type::I32, false) => widen(narrow(tree, ty), ty),
        _ => tree,
    }
}

/// Both conditions.
pub(super) fn both(one: Tree, two: Tree) -> Tree {
    match (one, two) {
        (Tree::Constant(0), _) | (_, Tree::Constant(0)) => num(0),
        (Tree::Constant(_), other) | (other, Tree::Constant(_)) => other,
        (one, two) => op(BinaryOp::I32And, one, two),
    }
}

/// Whether a tree can be computed at any time: whole numbers, nothing that traps or that memory decides.
pub(super) fn is_plain(tree: &Tree) -> bool {
    match tree {
        Tree::Slot(_, ty) | Tree::Global(_, ty) => matches!(ty, Type::I32 | Type::I64),
        Tree::Constant(_) => true,
        Tree::MemorySize | Tree::Load(..) | Tree::Divided(..) => false,
        Tree::Unary(op, _, operand) => {
            [op.operand(), op.result()].iter().all(|ty| matches!(ty, Type::I32 | Type::I64)) && is_plain(operand)
        }
        Tree::Binary(op, _, operands) => {
            let divisor = constant(&operands[1]);
            let fits = divisor.is_some_and(|by| by != 0 && by != u64::MAX && by != u64::from(u32::MAX));
            matches!(op.operand(), Type::I32 | Type::I64)
                && (fits || !crate::ir::divides(*op))
                && operands.iter().all(is_plain)
        }
        Tree::Select(operands) => operands.iter().all(is_plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A quotient that can trap.
    fn quotient() -> Tree {
        Tree::Binary(BinaryOp::I32DivS, NOBODY, alloc::boxed::Box::new([num(7), Tree::Slot(0, Type::I32)]))
    }

    #[test]
    fn what_can_trap_is_not_dropped() {
        let stays = |one: Tree, two: Tree, test: Tree| {
            let selected = select(one.clone(), two.clone(), test.clone());
            assert_eq!(selected, Tree::Select(alloc::boxed::Box::new([one, two, test])));
        };
        stays(quotient(), num(1), num(0));
        stays(num(1), quotient(), num(9));
        stays(num(1), num(1), quotient());
        assert_eq!(select(quotient(), num(1), num(1)), quotient());
        assert_eq!(select(num(1), quotient(), num(0)), quotient());
        assert_eq!(select(quotient(), quotient(), Tree::Slot(1, Type::I32)), quotient());
    }
}
