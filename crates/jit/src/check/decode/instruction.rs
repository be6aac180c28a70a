//! What is known of an instruction.

use super::op::Op;
use crate::check::form::Form;
use crate::check::operand::{Base, Memory, RESERVED};

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

/// It has a way to go, from its end on.
pub(super) const WAY: u8 = 8;

/// It only computes, and what it writes is nothing that anything is known of.
pub(super) const PLAIN: u8 = 16;

/// It is a branch or a jump to its way.
pub(super) const BRANCHES: u8 = 32;

/// It calls.
pub(super) const CALLS: u8 = 64;

/// What an instruction is.
#[derive(Clone, Copy, Debug)]
pub(super) struct What {
    pub(super) op: Op,
    pub(super) form: Form,
}

/// Where the operand in memory is, and what there is of operands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) base: u8,
    pub(super) index: u8,
    pub(super) scale: u8,
    pub(super) flags: u8,
}

impl Place {
    pub(super) const NONE: Self = Self { base: NO_BASE, index: NOTHING, scale: 1, flags: 0 };
}

/// An instruction.
#[derive(Clone, Copy, Debug)]
pub(in crate::check) struct Instruction {
    /// The constant, or where a branch leads.
    pub(super) value: i64,
    /// Where it begins in the unit.
    pub(in crate::check) offset: u32,
    /// Means something only if an operand is in memory.
    pub(super) displacement: i32,
    pub(super) place: Place,
    pub(super) what: What,
    /// The numbers of both operands.
    pub(super) registers: [u8; 2],
    pub(in crate::check) len: u8,
    /// By its number, of operations by a condition.
    pub(super) condition: u8,
}

/// A general register as a set; nothing for all other numbers.
#[inline(always)]
const fn named(number: u8) -> u16 {
    (1_u64 << (number & 63)) as u16
}

impl Instruction {
    /// Nothing of it is known yet.
    pub(in crate::check) const NOTHING: Self = Self {
        value: 0,
        offset: 0,
        displacement: 0,
        place: Place::NONE,
        what: What { op: Op::Int3, form: Form::Stop },
        registers: [NOTHING; 2],
        len: 0,
        condition: 0,
    };

    /// Whether it is a branch or a jump to a place that it names.
    pub(in crate::check) const fn branches(&self) -> bool {
        self.place.flags & BRANCHES != 0
    }

    pub(in crate::check) const fn calls(&self) -> bool {
        self.place.flags & CALLS != 0
    }

    pub(in crate::check) const fn op(&self) -> Op {
        self.what.op
    }

    pub(in crate::check) const fn form(&self) -> Form {
        self.what.form
    }

    /// Whether it only computes, on registers without a meaning of their own, and what it writes is nothing that anything is known of.
    pub(in crate::check) const fn is_simple(&self) -> bool {
        self.place.flags & (PLAIN | IN_MEMORY) == PLAIN && self.named() & RESERVED == 0
    }

    /// The general registers that are operands, as a set.
    pub(in crate::check) const fn named(&self) -> u16 {
        let [first, second] = self.registers;
        named(first) | named(second)
    }

    /// Where the next one begins.
    pub(in crate::check) const fn end(&self) -> u32 {
        self.offset + self.len as u32
    }

    /// The number of the general register that the first operand is.
    pub(in crate::check) const fn first(&self) -> Option<u8> {
        if self.registers[0] < VECTORS { Some(self.registers[0]) } else { None }
    }

    /// The same of the second operand.
    pub(in crate::check) const fn second(&self) -> Option<u8> {
        if self.registers[1] < VECTORS { Some(self.registers[1]) } else { None }
    }

    /// The second operand, if it is a constant.
    pub(in crate::check) const fn immediate(&self) -> Option<i64> {
        if self.place.flags & CONSTANT != 0 { Some(self.value) } else { None }
    }

    /// Where a branch, jump or call leads; to no place if it leads out of what offsets can say.
    pub(in crate::check) fn target(&self) -> u32 {
        u32::try_from(self.value).unwrap_or(u32::MAX)
    }

    /// The condition of a branch, by its number.
    pub(in crate::check) fn condition(&self) -> Option<u8> {
        matches!(self.what.form, Form::Branch).then_some(self.condition)
    }

    pub(in crate::check) const fn is_in_memory(&self) -> bool {
        self.place.flags & IN_MEMORY != 0
    }

    pub(in crate::check) const fn is_first_in_memory(&self) -> bool {
        self.place.flags & FIRST_IN_MEMORY != 0
    }

    /// Whether an operand is in memory behind a general register.
    pub(in crate::check) const fn is_based_on(&self, register: u8) -> bool {
        self.place.base == register && self.is_in_memory()
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
        let (base, displacement) = match self.place.base {
            NO_BASE => (Base::Nothing, way),
            CODE_BASE => (Base::Code, way + self.offset as i64 + self.len as i64),
            base => (Base::Gpr(base), way),
        };
        let index = if self.place.index == NOTHING { None } else { Some((self.place.index, self.place.scale as u32)) };
        Some(Memory { base, index, displacement })
    }

    /// Whether an operand is in memory at a general register and so many bytes.
    pub(in crate::check) const fn is_at(&self, register: u8, displacement: i32) -> bool {
        self.is_based_on(register) && self.place.index == NOTHING && self.displacement == displacement
    }

    /// The numbers of both operands, from 16 on those of vector registers.
    #[cfg(test)]
    pub(in crate::check) const fn registers(&self) -> [u8; 2] {
        self.registers
    }

    #[cfg(test)]
    pub(in crate::check) const fn third(&self) -> i64 {
        self.value
    }
}
