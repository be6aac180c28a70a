//! Where an instruction may read and write memory.

use super::decode::{Instruction, Op};
use super::operand::{Base, Memory, R14, R15, RSP};
use super::scan::reject;
use super::state::Fact;
use super::walk::Walk;
use super::{Rejected, Rule};
use crate::exec::fiber::at;

impl Walk<'_> {
    /// An access to memory is to where it may go.
    pub(super) fn access(&mut self, instruction: &Instruction, bytes: u8, writes: bool) -> Result<(), Rejected> {
        let Some(found) = instruction.memory() else { return reject(instruction, Rule::Memory) };
        let rule = match found {
            Memory { base: Base::Code, index: None, displacement } if !writes => {
                let pool = &self.unit.pool;
                let inside = i64::from(pool.start) <= displacement
                    && displacement + i64::from(bytes) <= pool.end.into()
                    && displacement % 8 == 0;
                inside.then_some(()).ok_or(Rule::Constant)
            }
            Memory { base: Base::Code, .. } => Err(Rule::Constant),
            Memory { base: Base::Gpr(RSP), index: None, displacement } => {
                self.frame.holds(displacement, bytes).then_some(()).ok_or(Rule::Frame)
            }
            Memory { base: Base::Gpr(RSP), .. } => Err(Rule::Frame),
            Memory { base: Base::Gpr(R15), index, displacement } => {
                let known = !writes && index.is_none() && is_field(instruction, displacement);
                known.then_some(()).ok_or(Rule::Context)
            }
            Memory { base: Base::Gpr(R14), index: Some((index, 1)), displacement } => {
                self.needs_own()?;
                let end = u64::try_from(displacement).ok().map(|start| start + u64::from(bytes));
                let known = end.is_some_and(|end| self.state.is_checked(index, end));
                if known { Ok(()) } else { self.guarded(instruction, index, displacement) }
            }
            Memory { base: Base::Gpr(R14), .. } => Err(Rule::Bounds),
            Memory { base: Base::Gpr(base), index: None, displacement } => {
                let known = self.state.fact(base) == Fact::Globals && self.is_global(displacement, bytes);
                known.then_some(()).ok_or(Rule::Memory)
            }
            Memory { .. } => Err(Rule::Memory),
        };
        rule.or_else(|rule| reject(instruction, rule))
    }

    /// An access that was not checked fails by itself: its memory is guarded, and it goes no further than the guard.
    fn guarded(&mut self, instruction: &Instruction, index: u8, displacement: i64) -> Result<(), Rule> {
        let (base, past) = match self.state.fact(index) {
            Fact::Sum(base, past) => (base, past),
            _ => (index, 0),
        };
        let reach = u64::try_from(displacement).ok().and_then(|way| past.checked_add(way));
        let near = reach.is_some_and(|reach| reach <= u32::MAX.into());
        if !near || !self.unit.around.is_guarded(self.own) || !self.scanned.may_fault(instruction.offset) {
            return Err(Rule::Bounds);
        }
        if self.graph.need(self.state.upper, base) { Ok(()) } else { Err(Rule::Upper) }
    }

    /// Whether bytes from where globals lie belong to the value of one.
    fn is_global(&self, displacement: i64, bytes: u8) -> bool {
        let (count, size) = self.unit.around.globals();
        let Ok(offset) = u64::try_from(displacement) else { return false };
        offset.checked_div(size).is_some_and(|number| number < count) && offset % size + u64::from(bytes) <= 8
    }
}

/// Whether a field of the context may be read by an instruction.
fn is_field(instruction: &Instruction, displacement: i64) -> bool {
    let is = |field: i32| displacement == i64::from(field);
    match instruction.op() {
        Op::MovR64Rm64 => is(at::GLOBALS) || is(at::FUNCTIONS) || is(at::MEMORY_LEN),
        Op::CmpR64Rm64 => is(at::MEMORY_LEN),
        _ => false,
    }
}
