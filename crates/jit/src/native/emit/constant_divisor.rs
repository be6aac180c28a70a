//! Division by constants: by shifts, or by a product with the reciprocal (Granlund, Montgomery 1994; Warren, Hacker's Delight, chapter 10).

use super::super::asm::{Alu, Gpr, One, RAX, RDX, Rm, Shift};
use super::Emitter;
use crate::ir::Tree;
use velocity_nda::module::{BinaryOp, Type};

/// What an operator asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) wide: bool,
    pub(super) signed: bool,
    pub(super) remainder: bool,
}

impl Wanted {
    pub(super) const fn of(op: BinaryOp) -> Self {
        use BinaryOp as Op;
        Self {
            wide: matches!(op.operand(), Type::I64),
            signed: matches!(op, Op::I32DivS | Op::I32RemS | Op::I64DivS | Op::I64RemS),
            remainder: matches!(op, Op::I32RemS | Op::I32RemU | Op::I64RemS | Op::I64RemU),
        }
    }

    const fn bits(self) -> u32 {
        if self.wide { 64 } else { 32 }
    }
}

/// A reciprocal: the quotient is the upper half of the dividend times the factor, shifted to the right. That of a dividend without a sign is
/// less by two to the width than it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reciprocal {
    pub(super) factor: u64,
    pub(super) shift: u32,
}

impl Reciprocal {
    /// Of a divisor above 1 that is no power of two, for dividends of so many bits.
    pub(super) const fn unsigned(divisor: u64, bits: u32) -> Self {
        let log = 64 - (divisor - 1).leading_zeros();
        // 2^(bits + log) / divisor, rounded up, less 2^bits.
        let above = ((1_u128 << log) - divisor as u128) << bits;
        let factor = (above / divisor as u128 + 1) as u64;
        Self { factor, shift: log }
    }

    /// Of a divisor above 1 that is no power of two, for dividends with a sign.
    pub(super) const fn signed(divisor: u64, bits: u32) -> Self {
        let log = 64 - (divisor - 1).leading_zeros();
        let factor = ((1_u128 << (bits + log - 1)) / divisor as u128 + 1) as u64;
        Self { factor, shift: log - 1 }
    }
}

impl Emitter<'_> {
    /// Whether the divisor is a constant by which this can be done.
    pub(super) fn divide_by_constant(&mut self, op: BinaryOp, left: &Tree, right: &Tree, to: Gpr) -> bool {
        let Some(divisor) = self.constant_of(right) else { return false };
        let wanted = Wanted::of(op);
        let divisor = match (wanted.wide, wanted.signed) {
            (true, _) => divisor,
            (false, true) => i64::from(divisor as i32) as u64,
            (false, false) => u64::from(divisor as u32),
        };
        // Zero traps, and so does -1 at the smallest number; other negative divisors are seldom.
        if divisor == 0 || wanted.signed && (divisor as i64) < 0 {
            return false;
        }
        match (divisor.is_power_of_two(), wanted.signed) {
            (true, false) => self.by_power(wanted, divisor, left, to),
            (true, true) => self.by_signed_power(wanted, divisor, left, to),
            (false, _) if wanted.wide => self.by_wide_reciprocal(wanted, divisor, left, to),
            (false, false) => self.by_reciprocal(wanted, divisor, left, to),
            (false, true) => self.by_signed_reciprocal(wanted, divisor, left, to),
        }
        true
    }

    fn by_power(&mut self, wanted: Wanted, divisor: u64, left: &Tree, to: Gpr) {
        self.int_into(left, to);
        match (wanted.remainder, i32::try_from(divisor - 1)) {
            (true, Ok(mask)) => self.asm.alu_imm(Alu::And, wanted.wide, to, mask),
            (true, Err(_)) => {
                let kept = (wanted.bits() - divisor.trailing_zeros()) as u8;
                self.asm.shift_imm(Shift::Shl, wanted.wide, to, kept);
                self.asm.shift_imm(Shift::Shr, wanted.wide, to, kept);
            }
            (false, _) if divisor > 1 => {
                self.asm.shift_imm(Shift::Shr, wanted.wide, to, divisor.trailing_zeros() as u8);
            }
            (false, _) => {}
        }
    }

    /// Towards zero: a negative dividend is raised by the divisor less one before.
    fn by_signed_power(&mut self, wanted: Wanted, divisor: u64, left: &Tree, to: Gpr) {
        let (wide, log) = (wanted.wide, divisor.trailing_zeros() as u8);
        self.int_into(left, to);
        if log == 0 {
            if wanted.remainder {
                self.asm.mov_imm(to, 0);
            }
            return;
        }
        let raised = self.gpr();
        self.asm.mov(wide, raised, to);
        self.asm.shift_imm(Shift::Sar, wide, raised, wanted.bits() as u8 - 1);
        self.asm.shift_imm(Shift::Shr, wide, raised, wanted.bits() as u8 - log);
        self.asm.alu(Alu::Add, wide, raised, to);
        if wanted.remainder {
            // Less what the raised dividend is a multiple of.
            self.asm.shift_imm(Shift::Sar, wide, raised, log);
            self.asm.shift_imm(Shift::Shl, wide, raised, log);
            self.asm.alu(Alu::Sub, wide, to, raised);
        } else {
            self.asm.mov(wide, to, raised);
            self.asm.shift_imm(Shift::Sar, wide, to, log);
        }
        self.free(raised);
    }

    /// 32 bits without a sign: the product fits 64.
    fn by_reciprocal(&mut self, wanted: Wanted, divisor: u64, left: &Tree, to: Gpr) {
        let reciprocal = Reciprocal::unsigned(divisor, 32);
        let held = self.int_near(left, to);
        let quotient = self.gpr();
        self.asm.mov_imm(quotient, reciprocal.factor);
        self.asm.imul(true, quotient, held.reg);
        self.asm.shift_imm(Shift::Shr, true, quotient, 32);
        // The factor lacks 2^32: the dividend is added, halfway so that the sum fits.
        let sum = self.gpr();
        self.asm.mov(false, sum, held.reg);
        self.asm.alu(Alu::Sub, false, sum, quotient);
        self.asm.shift_imm(Shift::Shr, false, sum, 1);
        self.asm.alu(Alu::Add, false, quotient, sum);
        self.free(sum);
        self.asm.shift_imm(Shift::Shr, false, quotient, reciprocal.shift as u8 - 1);
        self.take_quotient(wanted, divisor, held.reg, quotient, to);
        self.free(quotient);
        self.release(held);
    }

    /// 32 bits with a sign.
    fn by_signed_reciprocal(&mut self, wanted: Wanted, divisor: u64, left: &Tree, to: Gpr) {
        let reciprocal = Reciprocal::signed(divisor, 32);
        let held = self.int_near(left, to);
        let (quotient, sign) = (self.gpr(), self.gpr());
        self.asm.sign_extend(4, true, quotient, held.reg);
        self.asm.mov_imm(sign, reciprocal.factor);
        self.asm.imul(true, quotient, sign);
        self.asm.shift_imm(Shift::Sar, true, quotient, 32 + reciprocal.shift as u8);
        self.asm.mov(false, sign, held.reg);
        self.asm.shift_imm(Shift::Sar, false, sign, 31);
        self.asm.alu(Alu::Sub, false, quotient, sign);
        self.free(sign);
        self.take_quotient(wanted, divisor, held.reg, quotient, to);
        self.free(quotient);
        self.release(held);
    }

    /// 64 bits: the product has 128, in `rdx` and `rax`.
    fn by_wide_reciprocal(&mut self, wanted: Wanted, divisor: u64, left: &Tree, to: Gpr) {
        if matches!(to, RAX | RDX) {
            return self.through_scratch_but_pair((true, to), |emitter, reg| {
                emitter.by_wide_reciprocal(wanted, divisor, left, reg);
            });
        }
        self.int_into(left, to);
        let saved = [self.save(RAX, None), self.save(RDX, None)];
        if wanted.signed {
            let reciprocal = Reciprocal::signed(divisor, 64);
            self.asm.mov_imm(RAX, reciprocal.factor);
            self.asm.one(One::Imul, true, to);
            // A factor above 2^63 counts as less by 2^64.
            if reciprocal.factor >> 63 != 0 {
                self.asm.alu(Alu::Add, true, RDX, to);
            }
            self.asm.shift_imm(Shift::Sar, true, RDX, reciprocal.shift as u8);
            self.asm.mov(true, RAX, to);
            self.asm.shift_imm(Shift::Sar, true, RAX, 63);
            self.asm.alu(Alu::Sub, true, RDX, RAX);
        } else {
            let reciprocal = Reciprocal::unsigned(divisor, 64);
            self.asm.mov_imm(RAX, reciprocal.factor);
            self.asm.one(One::Mul, true, to);
            self.asm.mov(true, RAX, to);
            self.asm.alu(Alu::Sub, true, RAX, RDX);
            self.asm.shift_imm(Shift::Shr, true, RAX, 1);
            self.asm.alu(Alu::Add, true, RDX, RAX);
            self.asm.shift_imm(Shift::Shr, true, RDX, reciprocal.shift as u8 - 1);
        }
        self.take_wide_quotient(wanted, divisor, to);
        self.restore(saved);
    }

    fn take_wide_quotient(&mut self, wanted: Wanted, divisor: u64, to: Gpr) {
        if !wanted.remainder {
            return self.asm.mov(true, to, RDX);
        }
        match i32::try_from(divisor) {
            Ok(divisor) => self.asm.imul_imm(true, RDX, RDX, divisor),
            Err(_) => {
                self.asm.mov_imm(RAX, divisor);
                self.asm.imul(true, RDX, RAX);
            }
        }
        self.asm.alu(Alu::Sub, true, to, RDX);
    }

    /// The quotient, or what it leaves of the dividend.
    fn take_quotient(&mut self, wanted: Wanted, divisor: u64, dividend: Gpr, quotient: Gpr, to: Gpr) {
        if !wanted.remainder {
            return self.asm.mov(false, to, quotient);
        }
        self.asm.imul_imm(false, quotient, Rm::from(quotient), divisor as u32 as i32);
        if to != dividend {
            self.asm.mov(false, to, dividend);
        }
        self.asm.alu(Alu::Sub, false, to, quotient);
    }
}

#[cfg(test)]
mod tests {
    use super::Reciprocal;
    use proptest::prelude::*;

    /// The quotient as the code computes it.
    fn unsigned(x: u64, divisor: u64, bits: u32) -> u64 {
        let mask = u64::MAX >> (64 - bits);
        let Reciprocal { factor, shift, .. } = Reciprocal::unsigned(divisor, bits);
        assert!(factor <= mask);
        let high = ((u128::from(x) * u128::from(factor)) >> bits) as u64;
        (((x - high) >> 1) + high) >> (shift - 1)
    }

    fn signed(x: i64, divisor: u64, bits: u32) -> i64 {
        let Reciprocal { factor, shift, .. } = Reciprocal::signed(divisor, bits);
        ((i128::from(x) * i128::from(factor)) >> (bits + shift)) as i64 - (x >> 63)
    }

    fn is_usual(divisor: u64) -> bool {
        divisor > 1 && !divisor.is_power_of_two()
    }

    #[test]
    fn all_short_dividends_and_edges_are_divided_exactly() {
        for divisor in (3..2000).chain([0x7FFF_FFFF, 0x8000_0001, 0xFFFF_FFFF]).filter(|&divisor| is_usual(divisor)) {
            let near = |x: u64| [x.wrapping_sub(1), x, x.wrapping_add(1)];
            let edges = [0, divisor, divisor << 7, 1 << 31, u64::from(u32::MAX)].into_iter().flat_map(near);
            for x in edges.chain(0..300).map(|x| u64::from(x as u32)) {
                assert_eq!(unsigned(x, divisor, 32), x / divisor, "{x} / {divisor}");
                if divisor < 1 << 31 {
                    let x = i64::from(x as i32);
                    assert_eq!(signed(x, divisor, 32), x / divisor as i64, "{x} / {divisor}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn long_dividends_are_divided_exactly(x: u64, divisor: u64, shift in 0..63_u32) {
            let divisor = divisor >> shift;
            prop_assume!(is_usual(divisor));
            prop_assert_eq!(unsigned(x, divisor, 64), x / divisor);
            prop_assume!(divisor < 1 << 63);
            prop_assert_eq!(signed(x as i64, divisor, 64), x as i64 / divisor as i64);
        }
    }
}
