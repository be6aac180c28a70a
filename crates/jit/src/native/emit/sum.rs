//! Sums that are addresses.

use super::super::asm::{Gpr, Mem};
use super::Emitter;
use crate::ir::Tree;
use velocity_nda::module::BinaryOp;

impl Emitter<'_> {
    /// Sums that one instruction makes without touching what it adds; whether this is one.
    pub(super) fn add_by_lea(&mut self, wide: bool, left: &Tree, right: &Tree, to: Gpr) -> bool {
        let shifted = self.shifted(left);
        let Some(one) = self.home(left) else {
            let Some((index, by)) = shifted else { return false };
            let from = match (self.constant_of(right), self.home(right)) {
                (Some(value), _) if !wide => Mem::Scaled(index, by, value as i32),
                (None, Some(base)) => Mem::Index(base, index, by, 0),
                _ => return false,
            };
            self.asm.lea(wide, to, from);
            return true;
        };
        if let Some(value) = self.constant_of(right) {
            let value = if wide { i32::try_from(value as i64) } else { Ok(value as i32) };
            if let Ok(value) = value
                && one != to
            {
                self.asm.lea(wide, to, Mem::Base(one, value));
                return true;
            }
            return false;
        }
        if let Some(two) = self.home(right)
            && one != to
            && two != to
        {
            self.asm.lea(wide, to, Mem::Index(one, two, 0, 0));
            return true;
        }
        if let Some((two, by)) = self.shifted(right) {
            self.asm.lea(wide, to, Mem::Index(one, two, by, 0));
            return true;
        }
        false
    }

    /// A value in its register that is shifted to the left by what an address can say.
    fn shifted(&self, tree: &Tree) -> Option<(Gpr, u8)> {
        let Tree::Binary(BinaryOp::I32Shl | BinaryOp::I64Shl, _, operands) = tree else { return None };
        match &**operands {
            [shifted, Tree::Constant(by @ 1..=3)] => Some((self.home(shifted)?, *by as u8)),
            _ => None,
        }
    }
}
