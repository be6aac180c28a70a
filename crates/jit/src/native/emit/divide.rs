//! Division and remainder of integers.

use super::super::asm::{Alu, Cond, Gpr, Mem, One, RAX, RDX, Rm};
use super::super::division::ShortCuts;
use super::constant_divisor::Wanted;
use super::{Emitter, Operand};
use crate::ir::Tree;
use velocity_interp::TrapKind;
use velocity_nda::module::{BinaryOp, ExprId, Type};

impl Emitter<'_> {
    pub(super) fn divide(&mut self, op: BinaryOp, id: ExprId, left: &Tree, right: &Tree, to: Gpr) {
        if self.divide_by_constant(op, left, right, to) {
            return;
        }
        let wide = op.operand() == Type::I64;
        if self.reads_gpr(right, to) || matches!(to, RAX | RDX) {
            return self.through_scratch_but_pair((wide, to), |emitter, reg| emitter.divide(op, id, left, right, reg));
        }
        self.int_into(left, to);
        let operand = self.operand_beside(to, right, wide);
        let (rm, owned) = self.in_rm(operand);
        let saved = [self.save(RAX, owned), self.save(RDX, owned)];
        // The divisor is where the instruction does not write.
        let (divisor, borrowed) = match rm {
            Rm::Reg(reg) if reg != RAX.0 && reg != RDX.0 => (rm, false),
            Rm::Mem(Mem::Base(..)) => (rm, false),
            _ => {
                let slot = self.borrow();
                self.asm.mov(wide, RAX, rm);
                self.asm.store(8, slot, RAX);
                (slot.into(), true)
            }
        };
        self.asm.mov(wide, RAX, to);
        self.quotient((op, id), wide, divisor, to, self.shape.cuts);
        if borrowed {
            self.give_back();
        }
        self.drop_operand(Operand::Rm(rm, owned));
        self.restore(saved);
    }

    /// Undoes [`Self::save`] of `rax` and `rdx`.
    pub(super) fn restore(&mut self, saved: [Option<Mem>; 2]) {
        for (reg, slot) in [RAX, RDX].into_iter().zip(saved).rev() {
            if let Some(slot) = slot {
                self.asm.mov(true, reg, slot);
                self.give_back();
            }
        }
    }

    /// Divides `rax`, which `to` holds too.
    pub(super) fn quotient(&mut self, (op, id): (BinaryOp, ExprId), wide: bool, divisor: Rm, to: Gpr, cuts: ShortCuts) {
        use BinaryOp as Op;
        let wanted = Wanted::of(op);
        let by_table = (!wide && cuts.reciprocals).then(|| self.by_table(wanted, divisor, to));
        let zero = self.trap(TrapKind::DivideByZero, id);
        self.asm.alu_imm(Alu::Cmp, wide, divisor, 0);
        self.asm.branch(Cond::Equal, zero);
        let by_half = (wide && cuts.narrows).then(|| self.by_half(divisor));
        match op {
            Op::I32DivU | Op::I32RemU | Op::I64DivU | Op::I64RemU => {
                self.asm.alu(Alu::Xor, false, RDX, RDX);
                self.asm.one(One::Div, wide, divisor);
            }
            Op::I32DivS | Op::I64DivS => {
                self.overflow(id, wide, divisor);
                self.asm.sign_into_rdx(wide);
                self.asm.one(One::Idiv, wide, divisor);
            }
            _ => {
                // A remainder by -1 is zero, which the instruction does not say of the smallest number.
                self.asm.alu(Alu::Xor, false, RDX, RDX);
                self.asm.alu_imm(Alu::Cmp, wide, divisor, -1);
                let over = self.asm.skip_if(Cond::Equal);
                self.asm.sign_into_rdx(wide);
                self.asm.one(One::Idiv, wide, divisor);
                self.asm.land(over);
            }
        }
        by_table.into_iter().chain(by_half).for_each(|done| self.asm.land(done));
        self.asm.mov(wide, to, if wanted.remainder { RDX } else { RAX });
    }

    /// The smallest number by -1 has no quotient.
    fn overflow(&mut self, id: ExprId, wide: bool, divisor: Rm) {
        let overflow = self.trap(TrapKind::IntegerOverflow, id);
        self.asm.alu_imm(Alu::Cmp, wide, divisor, -1);
        let over = self.asm.skip_if(Cond::NotEqual);
        // The smallest number is its own negative.
        self.asm.mov(wide, RDX, RAX);
        self.asm.alu_imm(Alu::Sub, wide, RDX, 1);
        let fits = self.asm.skip_if(Cond::NoOverflow);
        self.asm.jump(overflow);
        self.asm.land(fits);
        self.asm.land(over);
    }

    /// Keeps a register that somebody else uses.
    pub(super) fn save(&mut self, reg: Gpr, owned: Option<Gpr>) -> Option<Mem> {
        if self.is_free(reg) || owned == Some(reg) {
            return None;
        }
        let slot = self.borrow();
        self.asm.store(8, slot, reg);
        Some(slot)
    }

    fn gpr_but_pair(&mut self) -> Gpr {
        let (rax, rdx) = (self.is_free(RAX), self.is_free(RDX));
        self.occupy(RAX);
        self.occupy(RDX);
        let reg = self.gpr();
        if rax {
            self.free(RAX);
        }
        if rdx {
            self.free(RDX);
        }
        reg
    }

    pub(super) fn through_scratch_but_pair(&mut self, (wide, to): (bool, Gpr), with: impl FnOnce(&mut Self, Gpr)) {
        let scratch = Self::is_scratch(to);
        if scratch {
            // Nothing is there yet.
            self.free(to);
        }
        let reg = self.gpr_but_pair();
        with(self, reg);
        self.asm.mov(wide, to, reg);
        self.free(reg);
        if scratch {
            self.occupy(to);
        }
    }
}
