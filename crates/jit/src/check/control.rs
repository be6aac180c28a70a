//! Where control goes: branches, calls, exits, and back to the caller.

use super::decode::Instruction;
use super::operand::{Base, Memory};
use super::scan::{is_exit, reject};
use super::state::{Compared, Fact};
use super::walk::Walk;
use super::{Rejected, Rule, SiteKind};

/// The condition of a branch on "above".
const ABOVE: u8 = 7;

impl Walk<'_> {
    /// Control may go to a place.
    pub(super) fn branch_to(&mut self, target: u32) -> Result<(), Rejected> {
        if self.scanned.is_overflow(target) {
            // The stack is not what it is at the beginning.
            return reject(self.instruction(), Rule::Stack);
        }
        if self.scanned.is_check(target) {
            return reject(self.instruction(), Rule::Fuel);
        }
        if self.scanned.is_last(target) {
            return Ok(());
        }
        self.needs_own()?;
        self.graph.edge(target, self.state.upper);
        Ok(())
    }

    pub(super) fn leave(&mut self) -> Result<(), Rejected> {
        self.needs_own()?;
        self.at = self.frame.epilogue(self.scanned, self.at)?;
        self.live = false;
        Ok(())
    }

    pub(super) fn branch(&mut self, instruction: &Instruction, compared: Compared) -> Result<(), Rejected> {
        let target = instruction.target();
        if self.scanned.is_check(target) {
            return self.check(instruction);
        }
        if let Compared::Bounds(base, past) = compared {
            if instruction.condition() != Some(ABOVE) || !self.scanned.is_last(target) {
                return reject(instruction, Rule::Bounds);
            }
            if !self.graph.need(self.state.upper, base) {
                return reject(instruction, Rule::Upper);
            }
            self.state.check(base, past);
        }
        self.branch_to(target)
    }

    pub(super) fn call(&mut self, instruction: &Instruction) -> Result<(), Rejected> {
        let target = instruction.target();
        let functions = self.unit.functions;
        let found = functions.binary_search_by_key(&target, |function| function.start).ok();
        let number = found.and_then(|at| functions.get(at)?.number);
        self.call_number(instruction, number)
    }

    pub(super) fn call_to(&mut self, instruction: &Instruction) -> Result<(), Rejected> {
        if is_exit(instruction) {
            return self.exit(instruction);
        }
        let Some(Memory { base: Base::Gpr(base), index: None, displacement }) = instruction.memory() else {
            return reject(instruction, Rule::Call);
        };
        if self.state.fact(base) != Fact::Functions || displacement < 0 || displacement % 16 != 0 {
            return reject(instruction, Rule::Call);
        }
        self.call_number(instruction, u32::try_from(displacement / 16).ok())
    }

    fn call_number(&mut self, instruction: &Instruction, number: Option<u32>) -> Result<(), Rejected> {
        let Some(callee) = number.and_then(|number| self.unit.around.callee(number)) else {
            return reject(instruction, Rule::Call);
        };
        if !self.frame.has_slots(callee.above) {
            return reject(instruction, Rule::Call);
        }
        if self.state.held.is_none() || callee.instance.is_some() && callee.instance != self.state.held {
            return reject(instruction, Rule::Hold);
        }
        if self.next_site() != Some(SiteKind::Call) {
            return reject(instruction, Rule::Site);
        }
        self.state.forget_by_call();
        Ok(())
    }

    fn exit(&mut self, instruction: &Instruction) -> Result<(), Rejected> {
        match self.next_site() {
            Some(SiteKind::Exit) => {
                self.needs_own()?;
                self.state.forget(u16::MAX);
            }
            Some(SiteKind::Last | SiteKind::Overflow) => self.live = false,
            _ => return reject(instruction, Rule::Site),
        }
        Ok(())
    }
}
