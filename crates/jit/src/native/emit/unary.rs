//! Operators of one integer, and those that make one of a float.

use super::super::asm::{Alu, Cond, Gpr, Op};
use super::Emitter;
use crate::ir::Tree;
use velocity_nda::module::{ExprId, Type, UnaryOp};

impl Emitter<'_> {
    pub(super) fn int_unary(&mut self, op: UnaryOp, id: ExprId, operand: &Tree, to: Gpr) {
        use UnaryOp as Op;
        let wide = op.operand() == Type::I64;
        match op {
            Op::I32Eqz | Op::I64Eqz => self.test_into(op, operand, to),
            Op::I32WrapI64 | Op::I64ExtendI32U => {
                let held = self.int_near(operand, to);
                self.asm.mov(false, to, held.reg);
                self.release(held);
            }
            Op::I64ExtendI32S | Op::I64Extend32S => self.extend(4, true, operand, to),
            Op::I32Extend8S => self.extend(1, false, operand, to),
            Op::I32Extend16S => self.extend(2, false, operand, to),
            Op::I64Extend8S => self.extend(1, true, operand, to),
            Op::I64Extend16S => self.extend(2, true, operand, to),
            Op::I32Popcnt | Op::I64Popcnt => {
                let held = self.int_near(operand, to);
                self.asm.scan(Op2::POPCNT, wide, to, held.reg);
                self.release(held);
            }
            Op::I32Clz | Op::I64Clz => self.scan(Op2::BSR, wide, operand, to),
            Op::I32Ctz | Op::I64Ctz => self.scan(Op2::BSF, wide, operand, to),
            _ => self.int_of_float(op, id, operand, to),
        }
    }

    fn extend(&mut self, bytes: u32, wide: bool, operand: &Tree, to: Gpr) {
        let held = self.int_near(operand, to);
        self.asm.sign_extend(bytes, wide, to, held.reg);
        self.release(held);
    }

    /// How many zeros there are before the first one from either end.
    fn scan(&mut self, op: Op, wide: bool, operand: &Tree, to: Gpr) {
        let width: u64 = if wide { 64 } else { 32 };
        let held = self.int_near(operand, to);
        // `bsr` and `bsf` say by the zero flag that there is none.
        let none = self.gpr();
        let backwards = op == Op2::BSR;
        self.asm.mov_imm(none, if backwards { width * 2 - 1 } else { width });
        self.asm.scan(op, wide, to, held.reg);
        self.asm.cmov(Cond::Equal, wide, to, none);
        if backwards {
            self.asm.alu_imm(Alu::Xor, false, to, width as i32 - 1);
        }
        self.free(none);
        self.release(held);
    }
}

/// Opcodes of bit counts.
struct Op2;

impl Op2 {
    const BSF: Op = Op::prefixed(0, 0xBC);
    const BSR: Op = Op::prefixed(0, 0xBD);
    const POPCNT: Op = Op::prefixed(0xF3, 0xB8);
}
