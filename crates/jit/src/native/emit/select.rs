//! One of two integers.

use super::super::asm::{Gpr, Mem, Rm};
use super::{Emitter, Operand, is_leaf};
use crate::ir::Tree;
use velocity_nda::module::Type;

impl Emitter<'_> {
    /// The first if the third is not zero, else the second.
    pub(super) fn select(&mut self, operands: &[Tree; 3], to: Gpr) {
        let [one, two, test] = operands;
        // The upper half of a 32-bit integer stays zero.
        let wide = !is_narrow(one) || !is_narrow(two);
        if self.reads_gpr(two, to) || self.reads_gpr(test, to) {
            return self.through_scratch(None, (wide, to), |emitter, reg| emitter.select(operands, reg));
        }
        self.int_into(one, to);
        let mut other = self.operand_beside(to, two, wide);
        if !is_leaf(test) && matches!(other, Operand::Rm(Rm::Mem(Mem::Linear(..)), _)) {
            // The load may fail, and then the test has not been evaluated.
            other = self.in_register(other, wide);
        }
        let (mut rm, mut owned) = self.in_rm(other);
        let mut borrowed = false;
        if !is_leaf(test)
            && let Some(reg) = owned
        {
            // Nothing is held in registers but the first.
            self.asm.mov(wide, reg, rm);
            let slot = self.borrow();
            self.asm.store(8, slot, reg);
            self.free(reg);
            (rm, owned, borrowed) = (slot.into(), None, true);
        }
        let held = !is_leaf(test) && Self::is_scratch(to) && self.few_gprs();
        let slot = held.then(|| {
            let slot = self.borrow();
            self.asm.store(8, slot, to);
            self.free(to);
            slot
        });
        let cond = self.flags(test);
        if let Some(slot) = slot {
            self.asm.mov(wide, to, slot);
            self.occupy(to);
            self.give_back();
        }
        self.asm.cmov(cond.not(), wide, to, rm);
        if borrowed {
            self.give_back();
        }
        self.drop_operand(Operand::Rm(rm, owned));
    }
}

/// Whether a value is known to have a zero upper half.
fn is_narrow(tree: &Tree) -> bool {
    match tree {
        Tree::Constant(value) => u32::try_from(*value).is_ok(),
        Tree::Select(operands) => is_narrow(&operands[0]) && is_narrow(&operands[1]),
        tree => tree.ty() == Some(Type::I32),
    }
}
