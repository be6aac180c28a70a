//! Registers by number and operands by what another decoder makes of bytes: what the checker's own decoder is compared with.

use crate::check::operand::{Base, Memory};
use iced_x86::{Instruction, OpKind, Register};

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
