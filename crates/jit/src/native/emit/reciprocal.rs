//! Division by what a loop does not change, by a product with the reciprocal that was computed in front of it (`passes/hoist/reciprocal`).

use super::super::asm::{Alu, Cond, Gpr, Mem, One, RAX, RDX, Rm, Shift};
use super::super::division::ShortCuts;
use super::constant_divisor::Wanted;
use super::{Emitter, is_leaf};
use crate::ir::Tree;
use velocity_interp::TrapKind;
use velocity_nda::module::{BinaryOp, ExprId, Type};

impl Emitter<'_> {
    /// Divides by a slot, of whose reciprocal this is the slot.
    pub(super) fn divide_by_slot(
        &mut self,
        (op, id): (BinaryOp, ExprId),
        operands: &[Tree; 2],
        reciprocal: u32,
        to: Gpr,
    ) {
        let [left, right] = operands;
        let (wanted, factor) = (Wanted::of(op), Tree::Slot(reciprocal, Type::I64));
        if self.constant_of(right).is_some() || !is_leaf(right) {
            return self.divide(op, id, left, right, to);
        }
        if matches!(to, RAX | RDX) || self.reads_gpr(right, to) || self.reads_gpr(&factor, to) {
            return self.through_scratch_but_pair((wanted.wide, to), |emitter, reg| {
                emitter.divide_by_slot((op, id), operands, reciprocal, reg);
            });
        }
        self.int_into(left, to);
        let (divisor, factor) = (self.operand(right, wanted.wide), self.operand(&factor, true));
        let (divisor, factor) = (self.in_rm(divisor), self.in_rm(factor));
        let saved = [self.save(RAX, None), self.save(RDX, None)];
        if wanted.signed {
            self.signed_by_factor((op, id), divisor.0, factor.0, to);
        } else {
            let zero = self.trap(TrapKind::DivideByZero, id);
            self.asm.alu_imm(Alu::Cmp, wanted.wide, divisor.0, 0);
            self.asm.branch(Cond::Equal, zero);
            match wanted.wide {
                false => self.by_factor(wanted, divisor.0, factor.0, to),
                true => self.wide_by_factor(wanted, divisor.0, factor.0, to),
            }
        }
        [divisor.1, factor.1].into_iter().flatten().for_each(|owned| self.free(owned));
        self.restore(saved);
    }

    /// 32 bits without a sign.
    fn by_factor(&mut self, wanted: Wanted, divisor: Rm, factor: Rm, to: Gpr) {
        self.asm.lea(true, RAX, Mem::Base(to, 1));
        self.asm.one(One::Mul, true, factor);
        self.take_from(wanted, divisor, to);
    }

    /// 64 bits without a sign: the product is the quotient, or one less, as the remainder says.
    fn wide_by_factor(&mut self, wanted: Wanted, divisor: Rm, factor: Rm, to: Gpr) {
        self.asm.mov(true, RAX, to);
        self.asm.one(One::Mul, true, factor);
        self.asm.mov(true, RAX, RDX);
        self.asm.imul(true, RAX, divisor);
        self.asm.alu(Alu::Sub, true, to, RAX);
        if wanted.remainder {
            self.asm.mov(true, RAX, to);
            self.asm.alu(Alu::Sub, true, RAX, divisor);
            self.asm.cmov(Cond::AboveEqual, true, to, RAX);
        } else {
            self.asm.alu(Alu::Xor, false, RAX, RAX);
            self.asm.alu(Alu::Cmp, true, to, divisor);
            self.asm.set(Cond::AboveEqual, RAX);
            self.asm.alu(Alu::Add, true, RDX, RAX);
            self.asm.mov(true, to, RDX);
        }
    }

    /// 32 bits with a sign. Divisors below 2 have no reciprocal, and go to the processor.
    fn signed_by_factor(&mut self, (op, id): (BinaryOp, ExprId), divisor: Rm, factor: Rm, to: Gpr) {
        self.asm.alu_imm(Alu::Cmp, true, factor, 0);
        let none = self.asm.skip_if(Cond::Equal);
        self.asm.sign_extend(4, true, RAX, to);
        self.asm.alu(Alu::Add, true, RAX, RAX);
        self.asm.one(One::Imul, true, factor);
        // One more if the dividend is negative.
        self.asm.mov(false, RAX, to);
        self.asm.shift_imm(Shift::Sar, false, RAX, 31);
        self.asm.alu(Alu::Sub, false, RDX, RAX);
        self.take_from(Wanted::of(op), divisor, to);
        let done = self.asm.skip();
        self.asm.land(none);
        self.asm.mov(false, RAX, to);
        self.quotient((op, id), false, divisor, to, ShortCuts::default());
        self.asm.land(done);
    }

    /// The quotient of 32 bits, which is in `rdx`, or what it leaves of the dividend.
    fn take_from(&mut self, wanted: Wanted, divisor: Rm, to: Gpr) {
        if wanted.remainder {
            self.asm.imul(false, RDX, divisor);
            self.asm.alu(Alu::Sub, false, to, RDX);
        } else {
            self.asm.mov(false, to, RDX);
        }
    }
}
