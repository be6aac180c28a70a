//! Ways to spoil code: each names an instruction, what becomes of its bytes, and the rule that it breaks.

use super::operands::first;
use super::places::{
    add_to_stack, after_room, checks, compares_end, counts, field, frame, holds_globals, indirect, is, leaves, linear,
    linear_short, of_r15, plain_move, reciprocal, room, sub_fuel, table, takes_one,
};
use crate::check::Rule;
use crate::check::operand::RSP;
use crate::exec::fiber::at;
use iced_x86::{Code, Instruction};

/// Which instruction of a function: by all of them, and its number.
pub(super) type Find = fn(&[Instruction], usize) -> bool;

/// Changes the bytes of the instruction.
pub(super) type Edit = fn(&mut [u8]);

fn last(bytes: &mut [u8]) -> &mut u8 {
    bytes.last_mut().unwrap()
}

pub(super) const SPOILT: &[(&str, Rule, Find, Edit)] = &[
    ("a bounds branch becomes nops", Rule::Form, leaves, |bytes| bytes.fill(0x90)),
    ("a bounds branch is turned round", Rule::Bounds, leaves, |bytes| bytes[1] = 0x82),
    ("a bounds branch leads to the next instruction", Rule::Bounds, leaves, |bytes| bytes[2..].fill(0)),
    ("a bounds branch asks for equality", Rule::Bounds, leaves, |bytes| bytes[1] = 0x84),
    ("another register is compared", Rule::Bounds, compares_end, |bytes| bytes[2] ^= 8),
    ("another field is compared", Rule::Context, compares_end, |bytes| bytes[3] = at::MEMORY as u8),
    ("the comparison is of 32 bits", Rule::Context, compares_end, |bytes| bytes[0] &= !8),
    ("the comparison becomes a sum", Rule::Context, compares_end, |bytes| bytes[1] = 3),
    ("too few bytes are checked", Rule::Bounds, checks, |bytes| *last(bytes) = 0),
    ("the end wraps round", Rule::Bounds, checks, |bytes| *last(bytes) = 0xFF),
    ("the end is of 32 bits", Rule::Bounds, checks, |bytes| bytes[0] &= !8),
    ("the end is of another address", Rule::Bounds, checks, |bytes| bytes[2] ^= 1),
    ("room is asked for by another register", Rule::Stack, room, |bytes| bytes[2] ^= 8),
    ("an address above is taken", Rule::Stack, room, |bytes| *last(bytes) = if bytes.len() == 5 { 8 } else { 0 }),
    ("room is compared with another field", Rule::Stack, |all, n| after_room(all, n, 1), |bytes| *last(bytes) = 0),
    ("there is always room", Rule::Stack, |all, n| after_room(all, n, 2), |bytes| bytes[1] = 0x80),
    ("room is found by going on", Rule::Stack, |all, n| after_room(all, n, 2), |bytes| bytes[2..].fill(0)),
    ("an access is further", Rule::Bounds, linear_short, |bytes| *last(bytes) = 0x7F),
    ("an access is before", Rule::Bounds, linear_short, |bytes| *last(bytes) = 0x80),
    (
        "an access is scaled",
        Rule::Bounds,
        |all, n| linear(all, n) && all[n].memory_displ_size() == 0,
        |bytes| {
            *last(bytes) |= 0x40;
        },
    ),
    (
        "an access has another index",
        Rule::Bounds,
        |all, n| linear(all, n) && all[n].memory_displ_size() == 0,
        |bytes| {
            *last(bytes) ^= 8;
        },
    ),
    (
        "an access has the context as its base",
        Rule::Context,
        |all, n| linear(all, n) && all[n].memory_displ_size() == 0,
        |bytes| {
            *last(bytes) ^= 1;
        },
    ),
    (
        "an access is wider",
        Rule::Bounds,
        |all, n| linear(all, n) && is(all, n, Code::Mov_r32_rm32),
        |bytes| {
            bytes[0] |= 8;
        },
    ),
    (
        "an access loads a reserved register",
        Rule::Register,
        |all, n| linear(all, n) && is(all, n, Code::Mov_r32_rm32),
        |bytes| {
            bytes[0] |= 4;
            bytes[2] |= 0x38;
        },
    ),
    ("a slot is below the stack", Rule::Frame, frame, |bytes| *last(bytes) = 0xF8),
    ("a slot is read by an index", Rule::Frame, frame, |bytes| {
        let sib = bytes.len() - 2;
        bytes[sib] = 0x04;
    }),
    (
        "the frame is larger than what was checked",
        Rule::Prologue,
        |all, n| is(all, n, Code::Sub_rm64_imm32) && first(&all[n]) == Some(RSP),
        |bytes| bytes[5] = 0x40,
    ),
    (
        "the frame is negative",
        Rule::Prologue,
        |all, n| is(all, n, Code::Sub_rm64_imm8) && first(&all[n]) == Some(RSP),
        |bytes| {
            *last(bytes) = 0xF8;
        },
    ),
    (
        "the frame is crooked",
        Rule::Prologue,
        |all, n| is(all, n, Code::Sub_rm64_imm8) && first(&all[n]) == Some(RSP),
        |bytes| {
            *last(bytes) |= 1;
        },
    ),
    ("less of the frame is given back", Rule::Stack, add_to_stack, |bytes| bytes[3] ^= 8),
    ("the frame is taken again", Rule::Register, add_to_stack, |bytes| bytes[2] = 0xEC),
    (
        "a register is not pushed",
        Rule::Form,
        |all, n| n == 3 && is(all, n, Code::Push_r64) && all[n].len() == 1,
        |bytes| bytes[0] = 0x90,
    ),
    (
        "another register is pushed",
        Rule::Prologue,
        |all, n| n == 3 && is(all, n, Code::Push_r64) && all[n].len() == 1,
        |bytes| bytes[0] = 0x50,
    ),
    (
        "the stack pointer is pushed",
        Rule::Prologue,
        |all, n| n == 3 && is(all, n, Code::Push_r64) && all[n].len() == 1,
        |bytes| bytes[0] = 0x54,
    ),
    (
        "a register is popped into another",
        Rule::Stack,
        |all, n| is(all, n, Code::Pop_r64) && all[n].len() == 1,
        |bytes| bytes[0] ^= 6,
    ),
    (
        "a pop becomes a push",
        Rule::Stack,
        |all, n| is(all, n, Code::Pop_r64) && all[n].len() == 1,
        |bytes| bytes[0] &= !8,
    ),
    (
        "the stack check is of less",
        Rule::Prologue,
        |all, n| n == 0 && is(all, n, Code::Lea_r64_m),
        |bytes| bytes[4..].fill(0),
    ),
    (
        "the stack check adds",
        Rule::Prologue,
        |all, n| n == 0 && is(all, n, Code::Lea_r64_m),
        |bytes| *last(bytes) = 0x7F,
    ),
    (
        "the stack check is of another register",
        Rule::Prologue,
        |all, n| n == 1 && is(all, n, Code::Cmp_r64_rm64),
        |bytes| bytes[2] ^= 8,
    ),
    (
        "the stack check is with another limit",
        Rule::Prologue,
        |all, n| n == 1 && is(all, n, Code::Cmp_r64_rm64),
        |bytes| *last(bytes) = 0,
    ),
    (
        "the stack check is turned round",
        Rule::Prologue,
        |all, n| n == 2 && is(all, n, Code::Jb_rel32_64),
        |bytes| bytes[1] = 0x87,
    ),
    (
        "the stack check leads on",
        Rule::Prologue,
        |all, n| n == 2 && is(all, n, Code::Jb_rel32_64),
        |bytes| bytes[2..].fill(0),
    ),
    ("a return becomes a stop", Rule::Stack, |all, n| n > 5 && is(all, n, Code::Retnq), |bytes| bytes[0] = 0xCC),
    (
        "a return becomes a system call's first byte",
        Rule::Decoding,
        |all, n| n > 5 && is(all, n, Code::Retnq),
        |bytes| bytes[0] = 0x06,
    ),
    (
        "a branch leads into an instruction",
        Rule::Target,
        |all, n| is(all, n, Code::Jmp_rel32_64),
        |bytes| bytes[1] ^= 1,
    ),
    (
        "a branch leads out of the function",
        Rule::Target,
        |all, n| is(all, n, Code::Jmp_rel32_64),
        |bytes| bytes[4] = 0x10,
    ),
    ("a branch leads to the prologue", Rule::Target, |all, n| is(all, n, Code::Jmp_rel8_64), |bytes| bytes[1] = 0x80),
    ("a jump becomes a call", Rule::Site, |all, n| is(all, n, Code::Jmp_rel32_64), |bytes| bytes[0] = 0xE8),
    ("a call leads into a function", Rule::Call, |all, n| is(all, n, Code::Call_rel32_64), |bytes| bytes[1] ^= 4),
    ("a call leads out of the unit", Rule::Call, |all, n| is(all, n, Code::Call_rel32_64), |bytes| bytes[4] = 0x10),
    ("a call becomes a jump", Rule::Site, |all, n| is(all, n, Code::Call_rel32_64), |bytes| bytes[0] = 0xE9),
    (
        "an exit is by another field",
        Rule::Site,
        |all, n| is(all, n, Code::Call_rm64) && field(&all[n], at::EXIT),
        |bytes| {
            *last(bytes) = at::MEMORY as u8;
        },
    ),
    (
        "an exit is a jump",
        Rule::Site,
        |all, n| is(all, n, Code::Call_rm64) && field(&all[n], at::EXIT),
        |bytes| bytes[2] ^= 0x30,
    ),
    ("a global is behind all", Rule::Memory, holds_globals, |bytes| *last(bytes) = 0x7F),
    ("a global is before all", Rule::Memory, holds_globals, |bytes| *last(bytes) = 0xF0),
    (
        "globals are taken from another field",
        Rule::Context,
        |all, n| of_r15(all, n, at::GLOBALS),
        |bytes| *last(bytes) = 0,
    ),
    (
        "globals are taken for functions",
        Rule::Memory,
        |all, n| of_r15(all, n, at::GLOBALS),
        |bytes| *last(bytes) = at::FUNCTIONS as u8,
    ),
    ("the context is moved", Rule::Register, plain_move, |bytes| {
        bytes[0] |= 4;
        bytes[2] |= 0x38;
    }),
    ("memory is moved", Rule::Register, plain_move, |bytes| {
        bytes[0] |= 4;
        bytes[2] = bytes[2] & !0x38 | 0x30;
    }),
    ("fuel is moved", Rule::Register, plain_move, |bytes| {
        bytes[0] |= 4;
        bytes[2] = bytes[2] & !0x38 | 0x28;
    }),
    ("the stack is moved", Rule::Register, plain_move, |bytes| {
        bytes[0] &= !4;
        bytes[2] = bytes[2] & !0x38 | 0x20;
    }),
    ("another function's calls are counted", Rule::Count, takes_one, |bytes| bytes[3] ^= 8),
    ("two calls are counted", Rule::Count, takes_one, |bytes| *last(bytes) = 2),
    ("a call is given back", Rule::Count, takes_one, |bytes| *last(bytes) = 0xFF),
    ("a count is taken from", Rule::Count, takes_one, |bytes| bytes[2] |= 0x28),
    ("a count is of 32 bits", Rule::Count, takes_one, |bytes| bytes[0] &= !8),
    ("a count lies elsewhere", Rule::Count, takes_one, |bytes| bytes[2] ^= 1),
    ("what counts is somewhere else", Rule::Form, counts, |bytes| *last(bytes) = at::GLOBALS as u8),
    ("where calls are counted is kept", Rule::Count, counts, |bytes| bytes[2] ^= 8),
    ("fuel is given", Rule::Fuel, sub_fuel, |bytes| bytes[2] = 0xC5),
    ("negative fuel is taken", Rule::Fuel, sub_fuel, |bytes| *last(bytes) = 0x80),
    ("fuel is masked", Rule::Register, sub_fuel, |bytes| bytes[2] = 0xE5),
    ("fuel is taken from memory's start", Rule::Register, sub_fuel, |bytes| bytes[2] += 1),
    ("fuel is taken from the context", Rule::Register, sub_fuel, |bytes| bytes[2] += 2),
    ("fuel is taken of 32 bits", Rule::Register, sub_fuel, |bytes| bytes[0] &= !8),
    (
        "an indirect call takes another table",
        Rule::Indirect,
        |all, n| indirect(all, n, 1),
        |bytes| *last(bytes) ^= 0x70,
    ),
    ("an indirect call is not bounded", Rule::Indirect, |all, n| indirect(all, n, 2), |bytes| bytes[1] = 0x82),
    (
        "an indirect call is of the next byte",
        Rule::Indirect,
        |all, n| indirect(all, n, 4),
        |bytes| *last(bytes) ^= 0x40,
    ),
    (
        "an indirect call leaves the table as memory",
        Rule::Indirect,
        |all, n| indirect(all, n, 5),
        |bytes| *last(bytes) = at::TABLES as u8,
    ),
    ("an indirect call calls nothing", Rule::Indirect, |all, n| indirect(all, n, 7), |bytes| bytes[1] = 0x85),
    (
        "an indirect call's entries are of 8 bytes",
        Rule::Indirect,
        |all, n| indirect(all, n, 8),
        |bytes| *last(bytes) = 3,
    ),
    ("an indirect call is of any type", Rule::Indirect, |all, n| indirect(all, n, 11), |bytes| bytes[1] = 0x84),
    ("an indirect call compares another field", Rule::Indirect, |all, n| indirect(all, n, 10), |bytes| bytes[2] = 4),
    ("an indirect call is of any instance", Rule::Indirect, |all, n| indirect(all, n, 12), |bytes| *last(bytes) ^= 1),
    ("a system call", Rule::Form, plain_move, |bytes| bytes.copy_from_slice(&[0x0F, 0x05, 0x90])),
    ("a halt", Rule::Form, |all, n| is(all, n, Code::Jmp_rel8_64), |bytes| bytes.copy_from_slice(&[0xF4, 0xF4])),
    (
        "an access to a port",
        Rule::Form,
        |all, n| is(all, n, Code::Jmp_rel8_64),
        |bytes| bytes.copy_from_slice(&[0xEE, 0x90]),
    ),
    ("a jump table is longer than it is", Rule::Table, |all, n| table(all, n + 2), |bytes| *last(bytes) = 0x7F),
    ("a jump table is not bounded", Rule::Table, |all, n| n > 0 && table(all, n + 1), |bytes| bytes[1] = 0x82),
    ("a jump table is elsewhere", Rule::Table, table, |bytes| bytes[3] ^= 4),
    ("a jump table is read by pairs", Rule::Table, |all, n| n > 0 && table(all, n - 1), |bytes| *last(bytes) ^= 0x40),
    (
        "a divisor beyond the reciprocals is let through",
        Rule::Reciprocal,
        |all, n| reciprocal(all, n, -3),
        |bytes| {
            *last(bytes) = 1;
        },
    ),
    ("a divisor is compared with its sign", Rule::Reciprocal, |all, n| reciprocal(all, n, -2), |bytes| bytes[0] = 0x7D),
    (
        "a reciprocal is nine numbers further",
        Rule::Reciprocal,
        |all, n| reciprocal(all, n, -1),
        |bytes| *last(bytes) = 4,
    ),
    ("another number is scaled", Rule::Reciprocal, |all, n| reciprocal(all, n, -1), |bytes| bytes[1] = 0xE1),
    (
        "reciprocals lie where functions do",
        Rule::Context,
        |all, n| reciprocal(all, n, 0),
        |bytes| {
            *last(bytes) = at::FUNCTIONS as u8;
        },
    ),
    (
        "a reciprocal is read behind its place",
        Rule::Reciprocal,
        |all, n| reciprocal(all, n, 1),
        |bytes| bytes[2] = 0x26,
    ),
];
