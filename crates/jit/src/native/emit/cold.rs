//! What seldom runs, behind the function.

use super::super::asm::{Alu, Cond, Gpr, Label, Mem, Op, R14, R15, RSI, Shift, Xmm};
use super::super::unit::Site;
use super::Emitter;
use super::convert::Misfit;
use super::float::nan;
use crate::exec::fiber::{Entry, at};
use velocity_interp::TrapKind;
use velocity_nda::module::ExprId;

/// 2^63, which either kind of float holds.
pub(super) const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

#[derive(Debug)]
pub(super) enum Cold {
    /// Leaves for good.
    Exit(Label, Site),
    /// A checked charge could not be paid from the slice: who answers gives it back, and goes on at an offset.
    Check { label: Label, back: u32, fuel: u32, head: ExprId },
    /// A NaN that may be any.
    Nan { label: Label, back: Label, reg: Xmm, double: bool },
    /// A float for which there is no integer.
    Misfit { label: Label, back: Label, from: Xmm, double: bool, to: Gpr, misfit: Misfit },
    /// An indirect call to another instance, or to the host: the entry is in `rsi`.
    Elsewhere { label: Label, back: Label, id: ExprId },
}

impl Emitter<'_> {
    /// Lays all of it.
    pub(super) fn cold(&mut self) {
        while let Some((due, within, cold)) = self.cold.pop() {
            self.owe(due);
            self.stand(within);
            match cold {
                Cold::Exit(label, site) => {
                    self.asm.bind(label);
                    self.exit(site);
                }
                Cold::Check { label, back, fuel, head } => {
                    self.asm.bind(label);
                    self.asm.call(Mem::Base(R15, at::EXIT));
                    let end = self.asm.position();
                    self.unit.site(end, Site::Check { fuel, behind: end - back, head });
                }
                Cold::Nan { label, back, reg, double } => {
                    self.asm.bind(label);
                    self.constant_float(double, reg, nan(double));
                    self.asm.jump(back);
                }
                Cold::Misfit { label, back, from, double, to, misfit } => {
                    self.asm.bind(label);
                    match misfit {
                        Misfit::Trap(id) => self.misfit_traps(None, from, double, id),
                        Misfit::TrapUnlessLeast(id) => self.misfit_traps(Some(back), from, double, id),
                        Misfit::Saturate(low, high) => self.saturate(back, from, double, to, (low, high)),
                    }
                }
                Cold::Elsewhere { label, back, id } => self.elsewhere(label, back, id),
            }
        }
    }

    fn misfit_traps(&mut self, least: Option<Label>, from: Xmm, double: bool, id: ExprId) {
        let invalid = self.asm.label();
        self.compare_registers(double, from, from);
        self.asm.branch(Cond::Parity, invalid);
        if let Some(back) = least {
            let bits = if double { (-TWO_TO_63).to_bits() } else { (-TWO_TO_63 as f32).to_bits().into() };
            let constant = self.unit.constant(self.asm, bits);
            self.asm.vector(Op::packed(double, 0x2E), from, Mem::Label(constant));
            self.asm.branch(Cond::Equal, back);
        }
        self.exit(Site::Trap(TrapKind::IntegerOverflow, id));
        self.asm.bind(invalid);
        self.exit(Site::Trap(TrapKind::InvalidConversion, id));
    }

    /// Zero for what is no number, else the bound that is near.
    fn saturate(&mut self, back: Label, from: Xmm, double: bool, to: Gpr, (low, high): (u64, u64)) {
        let (less, set) = (self.asm.label(), self.asm.label());
        let zero = self.unit.constant(self.asm, 0);
        self.asm.mov_imm(to, 0);
        self.compare_registers(double, from, from);
        self.asm.branch(Cond::Parity, set);
        self.asm.vector(Op::packed(double, 0x2E), from, Mem::Label(zero));
        self.asm.branch(Cond::BelowEqual, less);
        self.asm.mov_imm(to, high);
        self.asm.jump(back);
        self.asm.bind(less);
        self.asm.mov_imm(to, low);
        self.asm.bind(set);
        self.asm.jump(back);
    }

    fn elsewhere(&mut self, label: Label, back: Label, id: ExprId) {
        self.asm.bind(label);
        let host = self.asm.label();
        self.asm.alu_imm(Alu::Cmp, false, Mem::Base(RSI, 12), Entry::HOST as i32);
        self.asm.branch(Cond::Equal, host);
        self.asm.mov(false, R14, Mem::Base(RSI, 12));
        self.asm.shift_imm(Shift::Shl, true, R14, 4);
        self.asm.alu(Alu::Add, true, R14, Mem::Base(R15, at::MEMORIES));
        self.hold_at(0);
        self.asm.call(Mem::Base(RSI, 0));
        self.unit.site(self.asm.position(), Site::Call(id));
        self.hold(self.function.instance);
        self.asm.jump(back);
        self.asm.bind(host);
        self.asm.call(Mem::Base(RSI, 0));
        self.unit.site(self.asm.position(), Site::Call(id));
        self.asm.jump(back);
    }
}
