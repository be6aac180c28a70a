//! Which instruction of a function is spoilt: what it is, and what stands around it.

use super::operands::{first, memory};
use crate::check::operand::{Base, R14, R15, RSP};
use crate::exec::fiber::at;
use iced_x86::{Code, Instruction};

pub(super) fn base(instruction: &Instruction) -> Option<u8> {
    match memory(instruction)?.base {
        Base::Gpr(base) => Some(base),
        _ => None,
    }
}

pub(super) fn field(instruction: &Instruction, of: i32) -> bool {
    base(instruction) == Some(R15) && memory(instruction).unwrap().displacement == i64::from(of)
}

pub(super) fn is(all: &[Instruction], number: usize, code: Code) -> bool {
    all.get(number).is_some_and(|instruction| instruction.code() == code)
}

pub(super) fn compares_end(all: &[Instruction], number: usize) -> bool {
    is(all, number, Code::Cmp_r64_rm64) && field(&all[number], at::MEMORY_LEN)
}

pub(super) fn checks(all: &[Instruction], number: usize) -> bool {
    is(all, number, Code::Lea_r64_m) && compares_end(all, number + 1)
}

/// A branch to where the run ends.
pub(super) fn leaves(all: &[Instruction], number: usize) -> bool {
    is(all, number, Code::Ja_rel32_64) && compares_end(all, number - 1)
}

pub(super) fn linear(all: &[Instruction], number: usize) -> bool {
    number > 0 && leaves(all, number - 1) && base(&all[number]) == Some(R14)
}

/// The same, with a displacement of one byte.
pub(super) fn linear_short(all: &[Instruction], number: usize) -> bool {
    linear(all, number) && all[number].memory_displ_size() == 1
}

pub(super) fn frame(all: &[Instruction], number: usize) -> bool {
    base(&all[number]) == Some(RSP) && number > 4 && all[number].memory_displ_size() == 1
}

pub(super) fn of_r15(all: &[Instruction], number: usize, of: i32) -> bool {
    is(all, number, Code::Mov_r64_rm64) && field(&all[number], of)
}

pub(super) fn counts(all: &[Instruction], number: usize) -> bool {
    of_r15(all, number, at::COUNTS)
}

/// It has a displacement of one byte.
pub(super) fn takes_one(all: &[Instruction], number: usize) -> bool {
    number > 0 && counts(all, number - 1) && all[number].memory_displ_size() == 1
}

pub(super) fn holds_globals(all: &[Instruction], number: usize) -> bool {
    number > 0 && of_r15(all, number - 1, at::GLOBALS) && all[number].memory_displ_size() == 1
}

pub(super) fn plain_move(all: &[Instruction], number: usize) -> bool {
    is(all, number, Code::Mov_r64_rm64) && base(&all[number]).is_none()
}

/// The start of the sequence of an indirect call.
pub(super) fn indirect(all: &[Instruction], number: usize, after: usize) -> bool {
    number >= after && of_r15(all, number - after, at::TABLES)
}

pub(super) fn table(all: &[Instruction], number: usize) -> bool {
    is(all, number, Code::Lea_r64_m) && all[number].is_ip_rel_memory_operand()
}

pub(super) fn add_to_stack(all: &[Instruction], number: usize) -> bool {
    matches!(all[number].code(), Code::Add_rm64_imm8 | Code::Add_rm64_imm32) && first(&all[number]) == Some(RSP)
}

pub(super) fn sub_fuel(all: &[Instruction], number: usize) -> bool {
    is(all, number, Code::Sub_rm64_imm8) && first(&all[number]) == Some(13)
}

/// Where an inlined call asks for room.
pub(super) fn room(all: &[Instruction], number: usize) -> bool {
    number > 2 && is(all, number, Code::Lea_r64_m) && base(&all[number]) == Some(RSP)
}

pub(super) fn after_room(all: &[Instruction], number: usize, after: usize) -> bool {
    number >= after && room(all, number - after)
}

/// So many instructions behind the place where a reciprocal is looked up.
pub(super) fn reciprocal(all: &[Instruction], number: usize, after: isize) -> bool {
    let at = number.checked_add_signed(-after).and_then(|at| all.get(at));
    at.is_some_and(|at| at.code() == Code::Add_r64_rm64 && field(at, at::RECIPROCALS))
}
