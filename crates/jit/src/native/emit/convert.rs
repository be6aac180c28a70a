//! Conversions between integers and floats.

use super::super::asm::{Alu, Cond, Gpr, Op, Shift, Xmm};
use super::cold::{Cold, TWO_TO_63};
use super::float::{ADD, CONVERT};
use super::{Emitter, Held};
use crate::ir::Tree;
use velocity_nda::module::{ExprId, Type, UnaryOp};

/// `cvtsi2ss` and `cvtsi2sd`.
const FROM_INT: u8 = 0x2A;
const SUB: u8 = 0x5C;

/// What becomes of a float for which there is no integer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Misfit {
    Trap(ExprId),
    /// The same, but -2^63 looks like a misfit and is none.
    TrapUnlessLeast(ExprId),
    /// The lowest and the highest integer.
    Saturate(u64, u64),
}

impl Emitter<'_> {
    /// Operators from floats to integers.
    pub(super) fn int_of_float(&mut self, op: UnaryOp, id: ExprId, operand: &Tree, to: Gpr) {
        use UnaryOp as U;
        let double = op.operand() == Type::F64;
        let held = self.float(operand, double);
        if matches!(op, U::I32ReinterpretF32 | U::I64ReinterpretF64) {
            let held = self.canonical(operand, held, double);
            self.asm.vector_to_gpr(double, to, held.reg);
            return self.release_xmm(held);
        }
        let misfit = |low, high| if op.code() < 0xE0 { Misfit::Trap(id) } else { Misfit::Saturate(low, high) };
        match op {
            U::I32TruncF32S | U::I32TruncF64S | U::I32TruncSatF32S | U::I32TruncSatF64S => {
                self.truncate_32(true, double, misfit(0x8000_0000, 0x7FFF_FFFF), held.reg, to);
            }
            U::I32TruncF32U | U::I32TruncF64U | U::I32TruncSatF32U | U::I32TruncSatF64U => {
                self.truncate_32(false, double, misfit(0, 0xFFFF_FFFF), held.reg, to);
            }
            U::I64TruncF32S | U::I64TruncF64S | U::I64TruncSatF32S | U::I64TruncSatF64S => {
                let misfit = match misfit(1 << 63, i64::MAX as u64) {
                    Misfit::Trap(id) => Misfit::TrapUnlessLeast(id),
                    other => other,
                };
                self.truncate_64(double, misfit, held.reg, to);
            }
            _ => self.truncate_unsigned(double, misfit(0, u64::MAX), held.reg, to),
        }
        self.release_xmm(held);
    }

    /// Where a misfit goes, and where it comes back to.
    fn misfit(&mut self, double: bool, misfit: Misfit, from: Xmm, to: Gpr) -> super::Label {
        let (label, back) = (self.asm.label(), self.asm.label());
        self.later(Cold::Misfit { label, back, from, double, to, misfit });
        label
    }

    /// The way back is where the code stands now.
    fn back(&mut self) {
        if let Some((.., Cold::Misfit { back, .. })) = self.cold.last() {
            let back = *back;
            self.asm.bind(back);
        }
    }

    /// By the conversion to 64 bits, whose result must fit 32.
    fn truncate_32(&mut self, signed: bool, double: bool, misfit: Misfit, from: Xmm, to: Gpr) {
        let whole = self.gpr();
        self.asm.truncate(double, true, whole, from);
        if signed {
            self.asm.sign_extend(4, true, to, whole);
        } else {
            self.asm.mov(false, to, whole);
        }
        self.asm.alu(Alu::Cmp, true, to, whole);
        self.free(whole);
        let label = self.misfit(double, misfit, from, to);
        self.asm.branch(Cond::NotEqual, label);
        if signed {
            self.asm.mov(false, to, to);
        }
        self.back();
    }

    fn truncate_64(&mut self, double: bool, misfit: Misfit, from: Xmm, to: Gpr) {
        self.asm.truncate(double, true, to, from);
        // Only the smallest number overflows: it stands for all that do not fit.
        self.asm.alu_imm(Alu::Cmp, true, to, 1);
        let label = self.misfit(double, misfit, from, to);
        self.asm.branch(Cond::Overflow, label);
        self.back();
    }

    /// To 64 bits without a sign: what is 2^63 or more is converted less that.
    fn truncate_unsigned(&mut self, double: bool, misfit: Misfit, from: Xmm, to: Gpr) {
        let label = self.misfit(double, misfit, from, to);
        let half = self.xmm();
        let bits = if double { TWO_TO_63.to_bits() } else { (TWO_TO_63 as f32).to_bits().into() };
        self.constant_float(double, half, bits);
        self.compare_registers(double, from, half);
        let (large, done) = (self.asm.label(), self.asm.label());
        self.asm.branch(Cond::AboveEqual, large);
        self.asm.truncate(double, true, to, from);
        self.asm.test(true, to, to);
        self.asm.branch(Cond::Sign, label);
        self.asm.jump(done);
        self.asm.bind(large);
        let less = self.xmm();
        self.move_float(less, from);
        self.asm.vector(Op::scalar(double, SUB), less, half);
        self.asm.truncate(double, true, to, less);
        self.asm.test(true, to, to);
        self.asm.branch(Cond::Sign, label);
        let bit = self.gpr();
        self.asm.mov_imm(bit, 1 << 63);
        self.asm.alu(Alu::Xor, true, to, bit);
        self.free(bit);
        self.free_xmm(less);
        self.free_xmm(half);
        self.asm.bind(done);
        self.back();
    }

    /// Operators to floats from integers, from the other kind of float, and from bits.
    pub(super) fn float_of(&mut self, op: UnaryOp, operand: &Tree, to: Xmm) {
        use UnaryOp as U;
        let double = op.result() == Type::F64;
        match op {
            U::F32DemoteF64 | U::F64PromoteF32 => {
                let held = self.float_near(operand, to, !double);
                self.asm.vector(Op::scalar(!double, CONVERT), to, held.reg);
                self.release_xmm(held);
            }
            U::F32ReinterpretI32 | U::F64ReinterpretI64 => {
                let held = self.int(operand);
                self.asm.gpr_to_vector(Op::prefixed(0x66, 0x6E), double, to, held.reg);
                self.release(held);
            }
            U::F32ConvertI32S | U::F64ConvertI32S => self.convert(operand, false, to, double),
            U::F32ConvertI32U | U::F64ConvertI32U | U::F32ConvertI64S | U::F64ConvertI64S => {
                self.convert(operand, true, to, double);
            }
            U::F32ConvertI64U | U::F64ConvertI64U => self.convert_unsigned(operand, to, double),
            _ => self.failed = true,
        }
    }

    fn convert(&mut self, operand: &Tree, wide: bool, to: Xmm, double: bool) {
        let held = self.int(operand);
        self.convert_register(held.reg, wide, to, double);
        self.release(held);
    }

    fn convert_register(&mut self, from: Gpr, wide: bool, to: Xmm, double: bool) {
        // The instruction keeps what else is in the register: nothing shall wait for that.
        self.clear(to);
        self.asm.gpr_to_vector(Op::scalar(double, FROM_INT), wide, to, from);
    }

    /// From 64 bits without a sign: what has the highest bit is halved, rounding to odd, and doubled again.
    fn convert_unsigned(&mut self, operand: &Tree, to: Xmm, double: bool) {
        let Held { reg, owned } = self.int(operand);
        let (large, done) = (self.asm.label(), self.asm.label());
        self.asm.test(true, reg, reg);
        self.asm.branch(Cond::Sign, large);
        self.convert_register(reg, true, to, double);
        self.asm.jump(done);
        self.asm.bind(large);
        let (half, low) = (self.gpr(), self.gpr());
        self.asm.mov(true, half, reg);
        self.asm.mov(false, low, reg);
        self.asm.shift_imm(Shift::Shr, true, half, 1);
        self.asm.alu_imm(Alu::And, false, low, 1);
        self.asm.alu(Alu::Or, true, half, low);
        self.convert_register(half, true, to, double);
        self.asm.vector(Op::scalar(double, ADD), to, to);
        self.free(half);
        self.free(low);
        self.asm.bind(done);
        self.release(Held { reg, owned });
    }
}
