//! Division without the processor's, or with a smaller one, for operands that allow it ([`crate::native::Division`]).

use super::super::asm::{Alu, Cond, Gpr, Mem, One, R15, RAX, RDX, Rm, Shift, Short};
use super::super::division::FIRST;
use super::Emitter;
use super::constant_divisor::Wanted;
use crate::exec::fiber::{RECIPROCALS, at};

impl Emitter<'_> {
    /// Divides `rax`, of 32 bits, which `to` holds too, by a divisor of 16 bits: quotient in `rax`, or remainder in `rdx`. What does not
    /// fit goes on behind the jump that is given, which leads to the end.
    pub(super) fn by_table(&mut self, wanted: Wanted, divisor: Rm, to: Gpr) -> Short {
        self.unit.takes_reciprocals = true;
        let negative = wanted.signed.then(|| {
            self.asm.mov(false, RDX, RAX);
            self.asm.alu(Alu::Or, false, RDX, divisor);
            self.asm.skip_if(Cond::Sign)
        });
        self.asm.mov(false, RDX, divisor);
        self.asm.alu_imm(Alu::Sub, false, RDX, FIRST as i32);
        self.asm.alu_imm(Alu::Cmp, false, RDX, RECIPROCALS as i32);
        let outside = self.asm.skip_if(Cond::AboveEqual);
        self.asm.shift_imm(Shift::Shl, false, RDX, 3);
        self.asm.alu(Alu::Add, true, RDX, Mem::Base(R15, at::RECIPROCALS));
        self.asm.one(One::Mul, true, Mem::Base(RDX, 0));
        if wanted.remainder {
            self.asm.imul(false, RDX, divisor);
            self.asm.alu(Alu::Sub, false, to, RDX);
            self.asm.mov(false, RDX, to);
        } else {
            self.asm.mov(false, RAX, RDX);
        }
        let done = self.asm.skip();
        negative.into_iter().chain([outside]).for_each(|short| self.asm.land(short));
        done
    }

    /// Divides `rax`, of 64 bits, by a divisor that is not zero, if neither has more than 32 bits: quotient in `rax`, remainder in `rdx`.
    /// What does not fit goes on behind the jump that is given, which leads to the end.
    pub(super) fn by_half(&mut self, divisor: Rm) -> Short {
        self.asm.mov(true, RDX, RAX);
        self.asm.alu(Alu::Or, true, RDX, divisor);
        self.asm.shift_imm(Shift::Shr, true, RDX, 32);
        let wide = self.asm.skip_if(Cond::NotEqual);
        self.asm.one(One::Div, false, divisor);
        let done = self.asm.skip();
        self.asm.land(wide);
        done
    }
}
