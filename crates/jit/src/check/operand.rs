//! Registers by number, and operands in memory.

use iced_x86::{Instruction, OpKind, Register};

pub(super) const RAX: u8 = 0;
pub(super) const RDX: u8 = 2;
pub(super) const RSP: u8 = 4;
pub(super) const RSI: u8 = 6;
pub(super) const R13: u8 = 13;
pub(super) const R14: u8 = 14;
pub(super) const R15: u8 = 15;

/// General registers with a meaning of their own.
pub(super) const RESERVED: u16 = 1 << RSP | 1 << R13 | 1 << R14 | 1 << R15;

/// Registers that a function keeps for its caller: `rbx`, `rbp`, `r8` to `r12`.
pub(super) const KEPT: u16 = 1 << 3 | 1 << 5 | 0x1F00;

/// What is known of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// A general register of 64 bits, by number.
    Wide(u8),
    /// A part of one; `ah` to `bh` are none.
    Partial(u8),
    Vector,
    Other,
}

/// By register.
static KNOWN: [Known; 256] = {
    let mut all = [Known::Other; 256];
    let mut number = 0;
    while number < 16 {
        let part = Known::Partial(number as u8);
        all[Register::RAX as usize + number] = Known::Wide(number as u8);
        all[Register::EAX as usize + number] = part;
        all[Register::AX as usize + number] = part;
        // `spl` follows `bh`.
        all[if number < 4 { Register::AL as usize } else { Register::SPL as usize - 4 } + number] = part;
        all[Register::XMM0 as usize + number] = Known::Vector;
        number += 1;
    }
    all
};

pub(super) fn known(register: Register) -> Known {
    KNOWN[register as usize & 255]
}

/// The number of a general register, whatever its width.
fn gpr(register: Register) -> Option<u8> {
    match known(register) {
        Known::Wide(number) | Known::Partial(number) => Some(number),
        Known::Vector | Known::Other => None,
    }
}

/// The number of a general register of 64 bits.
fn wide(register: Register) -> Option<u8> {
    if let Known::Wide(number) = known(register) { Some(number) } else { None }
}

/// An operand in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) base: Base,
    /// A register, and what it is multiplied by.
    pub(super) index: Option<(u8, u32)>,
    pub(super) displacement: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Of 64 bits.
    Gpr(u8),
    /// None, which is no place in memory.
    Nothing,
    /// The displacement is the place in the unit.
    Code,
}

impl Memory {
    pub(super) const fn at(base: u8, displacement: i64) -> Self {
        Self { base: Base::Gpr(base), index: None, displacement }
    }

    pub(super) const fn indexed(base: u8, index: u8, scale: u32) -> Self {
        Self { base: Base::Gpr(base), index: Some((index, scale)), displacement: 0 }
    }
}

/// The operand in memory; `None` if there is none, or none of a form that is known.
pub(super) fn memory(instruction: &Instruction) -> Option<Memory> {
    if instruction.op0_kind() != OpKind::Memory && instruction.op1_kind() != OpKind::Memory {
        return None;
    }
    let base = match instruction.memory_base() {
        Register::RIP => Base::Code,
        Register::None => Base::Nothing,
        base => Base::Gpr(wide(base)?),
    };
    let index = match instruction.memory_index() {
        Register::None => None,
        index => Some((wide(index)?, instruction.memory_index_scale())),
    };
    Some(Memory { base, index, displacement: instruction.memory_displacement64() as i64 })
}

/// The number of the general register that the first operand is.
pub(super) fn first(instruction: &Instruction) -> Option<u8> {
    if instruction.op0_kind() == OpKind::Register { gpr(instruction.op0_register()) } else { None }
}

/// The same of the second operand.
pub(super) fn second(instruction: &Instruction) -> Option<u8> {
    if instruction.op1_kind() == OpKind::Register { gpr(instruction.op1_register()) } else { None }
}

/// The last operand, if it is a constant.
pub(super) fn immediate(instruction: &Instruction) -> Option<i64> {
    instruction.try_immediate(1).ok().map(|value| value as i64)
}

/// The general registers among the register operands, as a set; `None` if one is of a kind that is not known. What has three operands
/// has a constant for the third.
pub(super) fn named(instruction: &Instruction) -> Option<u16> {
    let of = |kind: OpKind, register: Register| {
        // An operand that is not there looks like a register that is none.
        if kind != OpKind::Register || register == Register::None {
            return Some(0);
        }
        match known(register) {
            Known::Wide(number) | Known::Partial(number) => Some(1 << (number & 15)),
            Known::Vector => Some(0),
            Known::Other => None,
        }
    };
    if instruction.op2_kind() == OpKind::Register && instruction.op2_register() != Register::None {
        return None;
    }
    let one = of(instruction.op0_kind(), instruction.op0_register())?;
    let two = of(instruction.op1_kind(), instruction.op1_register())?;
    Some(one | two)
}
