//! Tests: comparisons, and what follows from them.

use super::super::asm::{Alu, Cond, Gpr};
use super::{Emitter, Held, Operand};
use crate::ir::Tree;
use velocity_nda::module::{BinaryOp, Type, UnaryOp};

/// What the flags have to say.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    One(Cond),
    /// Two floats were compared: equal and none of them no number (or the opposite).
    FloatEqual(bool),
}

impl Emitter<'_> {
    /// Sets the flags by whether a tree is not zero. Of two operands the first may go where the result will.
    pub(super) fn flags(&mut self, tree: &Tree) -> Cond {
        match self.test(tree, None) {
            Test::One(cond) => cond,
            Test::FloatEqual(equal) => {
                let reg = self.gpr();
                self.float_equal_into(equal, reg);
                self.asm.test(false, reg, reg);
                self.free(reg);
                Cond::NotEqual
            }
        }
    }

    pub(super) fn test(&mut self, tree: &Tree, near: Option<Gpr>) -> Test {
        match tree {
            Tree::Binary(op, _, operands) if is_comparison(*op) => match op.operand() {
                Type::I32 | Type::I64 => Test::One(self.compare(*op, operands, near)),
                Type::F32 | Type::F64 => self.compare_floats(*op, operands),
            },
            Tree::Unary(UnaryOp::I32Eqz, _, operand) => match self.test(operand, near) {
                Test::One(cond) => Test::One(cond.not()),
                Test::FloatEqual(equal) => Test::FloatEqual(!equal),
            },
            Tree::Unary(UnaryOp::I64Eqz, _, operand) => {
                self.test_zero(true, operand, near);
                Test::One(Cond::Equal)
            }
            _ => {
                self.test_zero(false, tree, near);
                Test::One(Cond::NotEqual)
            }
        }
    }

    fn test_zero(&mut self, wide: bool, tree: &Tree, near: Option<Gpr>) {
        let held = self.int_maybe_near(tree, near);
        self.asm.test(wide, held.reg, held.reg);
        self.release(held);
    }

    fn int_maybe_near(&mut self, tree: &Tree, near: Option<Gpr>) -> Held<Gpr> {
        match near {
            Some(near) => self.int_near(tree, near),
            None => self.int(tree),
        }
    }

    fn compare(&mut self, op: BinaryOp, [left, right]: &[Tree; 2], near: Option<Gpr>) -> Cond {
        let wide = op.operand() == Type::I64;
        let held = self.int_maybe_near(left, near);
        match self.operand_beside(held.reg, right, wide) {
            Operand::Imm(0) => self.asm.test(wide, held.reg, held.reg),
            Operand::Imm(value) => self.asm.alu_imm(Alu::Cmp, wide, held.reg, value),
            Operand::Rm(rm, owned) => {
                self.asm.alu(Alu::Cmp, wide, held.reg, rm);
                self.drop_operand(Operand::Rm(rm, owned));
            }
        }
        self.release(held);
        cond(op)
    }

    fn compare_floats(&mut self, op: BinaryOp, [left, right]: &[Tree; 2]) -> Test {
        use BinaryOp as Op;
        let double = op.operand() == Type::F64;
        let one = self.float(left, double);
        let two = self.float_beside_float(one, right, double);
        let (first, second) = match op {
            // "Less" is also said of what is no number; "greater" is not.
            Op::F32Lt | Op::F32Le | Op::F64Lt | Op::F64Le => (two.reg, one.reg),
            _ => (one.reg, two.reg),
        };
        self.compare_registers(double, first, second);
        self.release_xmm(one);
        self.release_xmm(two);
        match op {
            Op::F32Eq | Op::F64Eq => Test::FloatEqual(true),
            Op::F32Ne | Op::F64Ne => Test::FloatEqual(false),
            Op::F32Lt | Op::F64Lt | Op::F32Gt | Op::F64Gt => Test::One(Cond::Above),
            _ => Test::One(Cond::AboveEqual),
        }
    }

    /// One or zero, by the flags of a comparison of floats.
    fn float_equal_into(&mut self, equal: bool, to: Gpr) {
        let other = self.gpr();
        if equal {
            self.asm.set(Cond::NoParity, to);
            self.asm.set(Cond::Equal, other);
            self.asm.alu(Alu::And, false, to, other);
        } else {
            self.asm.set(Cond::Parity, to);
            self.asm.set(Cond::NotEqual, other);
            self.asm.alu(Alu::Or, false, to, other);
        }
        self.asm.zero_extend(1, to, to);
        self.free(other);
    }

    pub(super) fn compare_into(&mut self, op: BinaryOp, operands: &[Tree; 2], to: Gpr) {
        let test = match op.operand() {
            Type::I32 | Type::I64 => Test::One(self.compare(op, operands, Some(to))),
            Type::F32 | Type::F64 => self.compare_floats(op, operands),
        };
        self.set(test, to);
    }

    pub(super) fn test_into(&mut self, op: UnaryOp, operand: &Tree, to: Gpr) {
        if op == UnaryOp::I64Eqz {
            self.test_zero(true, operand, Some(to));
            return self.set(Test::One(Cond::Equal), to);
        }
        let test = match self.test(operand, Some(to)) {
            Test::One(cond) => Test::One(cond.not()),
            Test::FloatEqual(equal) => Test::FloatEqual(!equal),
        };
        self.set(test, to);
    }

    /// One or zero.
    fn set(&mut self, test: Test, to: Gpr) {
        match test {
            Test::One(cond) => {
                self.asm.set(cond, to);
                self.asm.zero_extend(1, to, to);
            }
            Test::FloatEqual(equal) => self.float_equal_into(equal, to),
        }
    }

    /// An integer that is held while a float is evaluated.
    pub(super) fn float_beside(&mut self, kept: Gpr, tree: &Tree, double: bool) -> Held<super::Xmm> {
        if super::is_leaf(tree) || !Self::is_scratch(kept) || !self.few_gprs() {
            return self.float(tree, double);
        }
        let slot = self.borrow();
        self.asm.store(8, slot, kept);
        self.free(kept);
        let held = self.float(tree, double);
        self.occupy(kept);
        self.asm.mov(false, kept, slot);
        self.give_back();
        held
    }
}

const fn is_comparison(op: BinaryOp) -> bool {
    // 0x46 to 0x4F compare 32-bit integers, 0x51 to 0x5A 64-bit ones, 0x5B to 0x66 floats.
    matches!(op.code(), 0x46..=0x4F | 0x51..=0x66)
}

const fn cond(op: BinaryOp) -> Cond {
    use BinaryOp as Op;
    match op {
        Op::I32Eq | Op::I64Eq => Cond::Equal,
        Op::I32LtS | Op::I64LtS => Cond::Less,
        Op::I32LtU | Op::I64LtU => Cond::Below,
        Op::I32GtS | Op::I64GtS => Cond::Greater,
        Op::I32GtU | Op::I64GtU => Cond::Above,
        Op::I32LeS | Op::I64LeS => Cond::LessEqual,
        Op::I32LeU | Op::I64LeU => Cond::BelowEqual,
        Op::I32GeS | Op::I64GeS => Cond::GreaterEqual,
        Op::I32GeU | Op::I64GeU => Cond::AboveEqual,
        _ => Cond::NotEqual,
    }
}
