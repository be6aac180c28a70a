//! What is known of an instruction.

use super::op::Op;
use crate::check::form::Form;
use crate::check::operand::{Base, Memory};

/// From here on: vector registers, among numbers of registers.
pub(super) const VECTORS: u8 = 16;
/// As an operand or an index: no register.
pub(super) const NOTHING: u8 = 0xFF;
/// As a base: none, and the place behind the instruction.
pub(super) const NO_BASE: u8 = 16;
pub(super) const CODE_BASE: u8 = 17;

/// One of the operands is in memory.
pub(super) const IN_MEMORY: u8 = 1;
/// The first one.
pub(super) const FIRST_IN_MEMORY: u8 = 2;
/// The second operand is a constant.
pub(super) const CONSTANT: u8 = 4;

/// An instruction.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Instruction {
    /// The constant, or where a branch leads.
    pub(super) value: i64,
    /// Where it begins in the unit.
    pub(in crate::check) offset: u32,
    pub(super) displacement: i32,
    pub(in crate::check) op: Op,
    pub(in crate::check) form: Form,
    pub(in crate::check) len: u8,
    /// By its number, of operations by a condition.
    pub(super) condition: u8,
    pub(super) first: u8,
    pub(super) second: u8,
    pub(super) base: u8,
    pub(super) index: u8,
    pub(super) scale: u8,
    pub(super) flags: u8,
    /// The general registers that are operands, as a set.
    pub(in crate::check) named: u16,
}

impl Instruction {
    /// Nothing of it is known yet.
    pub(in crate::check) const NOTHING: Self = Self {
        value: 0,
        offset: 0,
        displacement: 0,
        op: Op::Int3,
        form: Form::Stop,
        len: 0,
        condition: 0,
        first: NOTHING,
        second: NOTHING,
        base: NO_BASE,
        index: NOTHING,
        scale: 1,
        flags: 0,
        named: 0,
    };

    /// Where the next one begins.
    pub(in crate::check) const fn end(&self) -> u32 {
        self.offset + self.len as u32
    }

    /// The number of the general register that the first operand is.
    pub(in crate::check) const fn first(&self) -> Option<u8> {
        if self.first < VECTORS { Some(self.first) } else { None }
    }

    /// The same of the second operand.
    pub(in crate::check) const fn second(&self) -> Option<u8> {
        if self.second < VECTORS { Some(self.second) } else { None }
    }

    /// The second operand, if it is a constant.
    pub(in crate::check) const fn immediate(&self) -> Option<i64> {
        if self.flags & CONSTANT != 0 { Some(self.value) } else { None }
    }

    /// Where a branch, jump or call leads; to no place if it leads out of what offsets can say.
    pub(in crate::check) fn target(&self) -> u32 {
        u32::try_from(self.value).unwrap_or(u32::MAX)
    }

    /// The condition of a branch, by its number.
    pub(in crate::check) fn condition(&self) -> Option<u8> {
        matches!(self.form, Form::Branch).then_some(self.condition)
    }

    pub(in crate::check) const fn is_in_memory(&self) -> bool {
        self.flags & IN_MEMORY != 0
    }

    pub(in crate::check) const fn is_first_in_memory(&self) -> bool {
        self.flags & FIRST_IN_MEMORY != 0
    }

    /// Whether an operand is in memory behind a general register.
    pub(in crate::check) const fn is_based_on(&self, register: u8) -> bool {
        self.base == register && self.is_in_memory()
    }

    /// Whether an operand is in memory by its distance from the instruction.
    pub(in crate::check) const fn is_in_code(&self) -> bool {
        self.is_based_on(CODE_BASE)
    }

    /// The operand in memory.
    pub(in crate::check) const fn memory(&self) -> Option<Memory> {
        if !self.is_in_memory() {
            return None;
        }
        let way = self.displacement as i64;
        let (base, displacement) = match self.base {
            NO_BASE => (Base::Nothing, way),
            CODE_BASE => (Base::Code, way + self.offset as i64 + self.len as i64),
            base => (Base::Gpr(base), way),
        };
        let index = if self.index == NOTHING { None } else { Some((self.index, self.scale as u32)) };
        Some(Memory { base, index, displacement })
    }

    /// Whether an operand is in memory at a general register and so many bytes.
    pub(in crate::check) const fn is_at(&self, register: u8, displacement: i32) -> bool {
        self.is_based_on(register) && self.index == NOTHING && self.displacement == displacement
    }

    /// The numbers of both operands, from 16 on those of vector registers.
    #[cfg(test)]
    pub(in crate::check) const fn registers(&self) -> [u8; 2] {
        [self.first, self.second]
    }

    #[cfg(test)]
    pub(in crate::check) const fn third(&self) -> i64 {
        self.value
    }
}
