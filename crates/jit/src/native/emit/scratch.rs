//! Scratch registers, and what to do when there are few.

use super::super::asm::{Gpr, Mem, RAX, RCX, RDI, RDX, RSI, Xmm};
use super::{Emitter, Held};

/// In the order in which they are taken: those that instructions ask for by name last.
const GPRS: [Gpr; 5] = [RDI, RSI, RAX, RDX, RCX];

/// All of them, as a set.
pub(super) const ALL_GPRS: u16 = 1 << RDI.0 | 1 << RSI.0 | 1 << RAX.0 | 1 << RDX.0 | 1 << RCX.0;

/// `xmm0` to `xmm5`.
pub(super) const ALL_XMMS: u16 = 0x3F;

/// With fewer free registers than this, nothing is held while something else is computed.
const FEW: u32 = 3;

impl Emitter<'_> {
    /// A free register.
    pub(super) fn gpr(&mut self) -> Gpr {
        self.gpr_but(None)
    }

    /// A free register other than this one.
    pub(super) fn gpr_but(&mut self, but: Option<Gpr>) -> Gpr {
        let free = GPRS.into_iter().find(|&gpr| self.is_free(gpr) && but != Some(gpr));
        self.failed |= free.is_none();
        let gpr = free.unwrap_or(RDI);
        self.occupy(gpr);
        gpr
    }

    pub(super) const fn is_free(&self, gpr: Gpr) -> bool {
        self.gprs >> gpr.0 & 1 != 0
    }

    pub(super) const fn occupy(&mut self, gpr: Gpr) {
        self.gprs &= !(1 << gpr.0);
    }

    pub(super) const fn free(&mut self, gpr: Gpr) {
        self.gprs |= 1 << gpr.0;
    }

    pub(super) const fn release(&mut self, held: Held<Gpr>) {
        if held.owned {
            self.free(held.reg);
        }
    }

    pub(super) const fn is_scratch(gpr: Gpr) -> bool {
        ALL_GPRS >> gpr.0 & 1 != 0
    }

    pub(super) const fn few_gprs(&self) -> bool {
        self.gprs.count_ones() < FEW
    }

    pub(super) fn xmm(&mut self) -> Xmm {
        let number = self.xmms.trailing_zeros() as u8;
        self.failed |= number >= 6;
        let number = number.min(5);
        self.xmms &= !(1 << number);
        Xmm(number)
    }

    pub(super) const fn free_xmm(&mut self, xmm: Xmm) {
        self.xmms |= 1 << xmm.0;
    }

    pub(super) const fn release_xmm(&mut self, held: Held<Xmm>) {
        if held.owned {
            self.free_xmm(held.reg);
        }
    }

    pub(super) const fn is_scratch_xmm(xmm: Xmm) -> bool {
        xmm.0 < 6
    }

    pub(super) const fn few_xmms(&self) -> bool {
        self.xmms.count_ones() < FEW
    }

    /// A slot of the frame until [`Self::give_back`].
    pub(super) fn borrow(&mut self) -> Mem {
        let at = self.spilled;
        self.spilled += 1;
        self.most_spilled = self.most_spilled.max(self.spilled);
        self.spill(at)
    }

    pub(super) const fn give_back(&mut self) {
        self.spilled -= 1;
    }
}
