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

/// The number of a general register, whatever its width; `None` for all others, and for `ah` to `bh`.
pub(super) const fn gpr(register: Register) -> Option<u8> {
    let number = register as u32;
    let first = match number {
        _ if number >= Register::AL as u32 && number <= Register::BL as u32 => Register::AL as u32,
        // `spl` follows `bh`.
        _ if number >= Register::SPL as u32 && number <= Register::R15L as u32 => Register::SPL as u32 - 4,
        _ if number >= Register::AX as u32 && number <= Register::R15W as u32 => Register::AX as u32,
        _ if number >= Register::EAX as u32 && number <= Register::R15D as u32 => Register::EAX as u32,
        _ if number >= Register::RAX as u32 && number <= Register::R15 as u32 => Register::RAX as u32,
        _ => return None,
    };
    Some((number - first) as u8)
}

/// The number of a general register of 64 bits.
pub(super) const fn wide(register: Register) -> Option<u8> {
    if register as u32 >= Register::RAX as u32 && register as u32 <= Register::R15 as u32 {
        gpr(register)
    } else {
        None
    }
}

const fn is_vector(register: Register) -> bool {
    register as u32 >= Register::XMM0 as u32 && register as u32 <= Register::XMM15 as u32
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
    let kinds = [instruction.op0_kind(), instruction.op1_kind()];
    if !kinds.contains(&OpKind::Memory) {
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

/// The number of the general register that an operand is.
pub(super) fn register(instruction: &Instruction, operand: u32) -> Option<u8> {
    (instruction.op_kind(operand) == OpKind::Register).then(|| gpr(instruction.op_register(operand))).flatten()
}

/// The last operand, if it is a constant.
pub(super) fn immediate(instruction: &Instruction) -> Option<i64> {
    instruction.try_immediate(1).ok().map(|value| value as i64)
}

/// The general registers among the register operands, as a set; `None` if one is of a kind that is not known.
pub(super) fn named(instruction: &Instruction) -> Option<u16> {
    let mut set = 0;
    for operand in 0..instruction.op_count() {
        if instruction.op_kind(operand) != OpKind::Register {
            continue;
        }
        let register = instruction.op_register(operand);
        match gpr(register) {
            Some(number) => set |= 1 << number,
            None if is_vector(register) => {}
            None => return None,
        }
    }
    Some(set)
}
