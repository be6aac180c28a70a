//! A function's frame: how it begins, what belongs to it, and how it ends.

use super::decode::{Instruction, Op};
use super::operand::{KEPT, Memory, R15, RSI, RSP};
use super::scan::{Scanned, reject};
use super::{Rejected, Rule, place};
use crate::exec::fiber::at;

/// How far a frame may reach: what is subtracted from the stack pointer for the stack check must not wrap.
pub(super) const MAX_BELOW: i64 = 1 << 24;

/// The condition of a branch on "below".
pub(super) const BELOW: u8 = 2;

#[derive(Debug)]
pub(super) struct Frame {
    /// The registers that are pushed, in order.
    saved: [u8; KEPT.count_ones() as usize],
    /// How many these are, and the same as a set.
    count: usize,
    owned: u16,
    /// How much lies below them.
    pub(super) bytes: i64,
    /// Slots of the caller's.
    above: u32,
    /// How many instructions make it.
    pub(super) prologue: usize,
}

impl Frame {
    /// By the prologue of a function.
    pub(super) fn of(scanned: &Scanned, above: u32) -> Result<Self, Rejected> {
        let below = stack_check(scanned)?;
        let code = scanned.instructions();
        let (mut saved, mut count, mut owned) = ([0; KEPT.count_ones() as usize], 0, !KEPT);
        let mut at = 3;
        while let Some(push) = code.get(at).filter(|push| push.op() == Op::PushR64) {
            // Only one that is kept is not owned yet, and each of these only once.
            let number = push.first().filter(|number| owned >> number & 1 == 0);
            let (Some(number), Some(place)) = (number, saved.get_mut(count)) else {
                return reject(push, Rule::Prologue);
            };
            *place = number;
            owned |= 1 << number;
            (at, count) = (at + 1, count + 1);
        }
        let Some(sub) = code.get(at) else { return Err(place(0, Rule::Prologue)) };
        let bytes = sub.immediate().filter(|_| is_stack(sub, [Op::SubRm64Imm8, Op::SubRm64Imm32]));
        let frame = Self { saved, count, owned, bytes: bytes.unwrap_or(-1), above, prologue: at + 1 };
        let fits = frame.bytes >= 0 && frame.bytes % 8 == 0 && frame.depth() <= below;
        if !fits || (0..=at).any(|at| scanned.is_target(at)) {
            return reject(sub, Rule::Prologue);
        }
        Ok(frame)
    }

    /// How far the return address is above the stack pointer.
    fn depth(&self) -> i64 {
        self.bytes + 8 * self.count as i64
    }

    /// Whether a register belongs to the function.
    pub(super) fn owns(&self, register: u8) -> bool {
        self.owned >> register & 1 != 0
    }

    /// Whether bytes above the stack pointer are the function's own, or of its caller's slots.
    pub(super) fn holds(&self, displacement: i64, bytes: u8) -> bool {
        let end = displacement.saturating_add(bytes.into());
        let above = self.depth() + 8;
        let inside = displacement >= 0 && end <= self.bytes;
        inside || displacement >= above && end <= above + 8 * i64::from(self.above)
    }

    /// Whether a call may touch so many slots at the bottom.
    pub(super) fn has_slots(&self, slots: u32) -> bool {
        8 * i64::from(slots) <= self.bytes
    }

    /// How many instructions undo it, from this one on.
    pub(super) fn epilogue(&self, scanned: &Scanned, at: usize) -> Result<usize, Rejected> {
        let Some(add) = scanned.instructions().get(at) else { return Err(place(0, Rule::Stack)) };
        if !is_stack(add, [Op::AddRm64Imm8, Op::AddRm64Imm32]) || add.immediate() != Some(self.bytes) {
            return reject(add, Rule::Stack);
        }
        let mut next = at + 1;
        for &saved in self.saved.iter().take(self.count).rev() {
            self.expect(scanned, next, |pop| pop.op() == Op::PopR64 && pop.first() == Some(saved))?;
            next += 1;
        }
        self.expect(scanned, next, |back| back.op() == Op::Retnq)?;
        Ok(next + 1)
    }

    fn expect(&self, scanned: &Scanned, at: usize, is: impl FnOnce(&Instruction) -> bool) -> Result<(), Rejected> {
        let Some(found) = scanned.instructions().get(at) else { return Err(place(0, Rule::Stack)) };
        if scanned.is_target(at) || !is(found) { reject(found, Rule::Stack) } else { Ok(()) }
    }
}

/// Whether an instruction is one of these, on the stack pointer.
pub(super) fn is_stack(instruction: &Instruction, ops: [Op; 2]) -> bool {
    ops.contains(&instruction.op()) && instruction.first() == Some(RSP)
}

/// How far the stack is known to reach after the first three instructions.
fn stack_check(scanned: &Scanned) -> Result<i64, Rejected> {
    let Some([lea, compare, branch]) = scanned.straight::<3>(0) else {
        return Err(place(scanned.instructions().first().map_or(0, |first| first.offset), Rule::Prologue));
    };
    let below = match lea.memory() {
        Some(found) if lea.op() == Op::LeaR64M => Some(found)
            .filter(|found| *found == Memory::at(RSP, found.displacement))
            .map(|found| -found.displacement)
            .filter(|below| (0..=MAX_BELOW).contains(below) && lea.first() == Some(RSI)),
        _ => None,
    };
    let Some(below) = below else { return reject(lea, Rule::Prologue) };
    if compare.op() != Op::CmpR64Rm64 || compare.first() != Some(RSI) || !compare.is_at(R15, at::STACK_LIMIT) {
        return reject(compare, Rule::Prologue);
    }
    let out = branch.target();
    if branch.condition() != Some(BELOW) || !scanned.is_overflow(out) {
        return reject(branch, Rule::Prologue);
    }
    Ok(below)
}
