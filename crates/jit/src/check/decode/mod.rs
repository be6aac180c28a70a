//! A decoder of what machine code may consist of, and of nothing else.
//!
//! It is driven by the tables in `map`, which are made of the list in `rows`; it shares nothing with the assembler. An instruction is
//! at most one of the prefixes `66`, `F3` and `F2`, then at most one `REX`, an opcode of the list with that prefix and that `REX.W`,
//! and what the list says comes behind it. Everything else is refused: other prefixes, several, one that says nothing, `REX` before a prefix,
//! `REX.W` where it says nothing, `ah` to `bh`, `VEX` and `EVEX`. What an instruction does to the state is the matter of the walk.

mod instruction;
mod map;
mod op;
mod rows;

use super::Rule;
use super::form::{Form, Out};
pub(super) use instruction::Instruction;
use instruction::{CODE_BASE, CONSTANT, FIRST_IN_MEMORY, IN_MEMORY, NO_BASE, NOTHING, VECTORS};
use map::{Row, cell, look_up};
pub(crate) use op::Op;

/// The bytes that are looked at: more than any instruction of the list has, of which the longest has a prefix, `REX`, three bytes of
/// opcode, two of an operand, and four and one of numbers.
pub(super) const WINDOW: usize = 16;

/// How operands are encoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout(u16);

impl Layout {
    /// A byte behind the opcode names operands.
    const MODRM: u16 = 1;
    /// The register of that byte is the first operand.
    const REG_FIRST: u16 = 2;
    /// It is the second one; if neither, it is a part of the opcode.
    const REG_SECOND: u16 = 4;
    const REG_VECTOR: u16 = 8;
    const RM_VECTOR: u16 = 16;
    const REG_IS_BYTE: u16 = 32;
    const RM_IS_BYTE: u16 = 64;
    /// The second operand is `cl`.
    const BY_CL: u16 = 128;
    /// The first operand is in the opcode.
    const IN_OPCODE: u16 = 256;
    /// The operand that may be in memory is there.
    const ONLY_MEMORY: u16 = 512;
    /// The constant is the third operand.
    const THIRD: u16 = 1024;

    const ZO: Self = Self(0);
    const O: Self = Self(Self::IN_OPCODE);
    const M: Self = Self(Self::MODRM);
    const M_BYTE: Self = Self(Self::MODRM | Self::RM_IS_BYTE);
    const MC: Self = Self(Self::MODRM | Self::BY_CL);
    const MR: Self = Self(Self::MODRM | Self::REG_SECOND);
    const MR_BYTE: Self = Self(Self::MR.0 | Self::REG_IS_BYTE | Self::RM_IS_BYTE);
    const RM: Self = Self(Self::MODRM | Self::REG_FIRST);
    const RM_BYTE: Self = Self(Self::RM.0 | Self::RM_IS_BYTE);
    const RM_MEMORY: Self = Self(Self::RM.0 | Self::ONLY_MEMORY);
    const RMI: Self = Self(Self::RM.0 | Self::THIRD);
    /// `X` is a vector register, `G` a general one; the first of both is the first operand, and the second may be in memory.
    const XX: Self = Self(Self::RM.0 | Self::REG_VECTOR | Self::RM_VECTOR);
    const XX_IMM: Self = Self(Self::XX.0 | Self::THIRD);
    const XG: Self = Self(Self::RM.0 | Self::REG_VECTOR);
    const GX: Self = Self(Self::RM.0 | Self::RM_VECTOR);
    /// The first may be in memory.
    const XX_STORE: Self = Self(Self::MR.0 | Self::REG_VECTOR | Self::RM_VECTOR);
    const GX_STORE: Self = Self(Self::MR.0 | Self::REG_VECTOR);

    const fn has(self, flag: u16) -> bool {
        self.0 & flag != 0
    }

    /// What an operand may be, a byte for each: the register of the byte behind the opcode, what else that byte names, nothing, `cl`.
    #[inline(always)]
    fn candidates(reg: u8, rm: u8) -> u32 {
        u32::from_le_bytes([reg, rm, NOTHING, 1])
    }

    /// By how many bits candidates are shifted to be the first and the second operand.
    const fn operands(self) -> (u8, u8) {
        const REG: u8 = 0;
        const RM: u8 = 8;
        const NONE: u8 = 16;
        const CL: u8 = 24;
        if !self.has(Self::MODRM) {
            (NONE, NONE)
        } else if self.has(Self::REG_FIRST) {
            (REG, RM)
        } else if self.has(Self::REG_SECOND) {
            (RM, REG)
        } else {
            (RM, if self.has(Self::BY_CL) { CL } else { NONE })
        }
    }

    /// What is added to the numbers of the register and of the operand that may be in memory.
    const fn vectors(self) -> (u8, u8) {
        let reg = if self.has(Self::REG_VECTOR) { VECTORS } else { 0 };
        (reg, if self.has(Self::RM_VECTOR) { VECTORS } else { 0 })
    }
}

/// What is at the end of an instruction: a constant with or without a sign and of so many bits, or a way to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    None,
    U8,
    S8,
    U16,
    U32,
    S32,
    U64,
    Way8,
    Way32,
}

impl Tail {
    /// How many bits it has, and whether it has a sign.
    const fn size(self) -> (u8, bool) {
        match self {
            Self::None => (0, false),
            Self::U8 => (8, false),
            Self::S8 | Self::Way8 => (8, true),
            Self::U16 => (16, false),
            Self::U32 => (32, false),
            Self::S32 | Self::Way32 => (32, true),
            Self::U64 => (64, false),
        }
    }
}

/// The instruction at the beginning of the bytes, of which so many may belong to it; it begins at an offset in its unit.
///
/// # Errors
/// [`Rule::Decoding`] where bytes end too early or mean nothing, [`Rule::Register`] for `ah` to `bh`, [`Rule::Form`] for all else that is not
/// in the list.
#[inline(always)]
pub(super) fn decode(bytes: &[u8], left: usize, offset: u32, into: &mut Instruction) -> Result<(), Rule> {
    match bytes.first_chunk() {
        Some(window) => decode_window(window, left, offset, into),
        None => decode_last(bytes, left, offset, into),
    }
}

/// The same near the end of the unit.
#[inline(never)]
fn decode_last(bytes: &[u8], left: usize, offset: u32, into: &mut Instruction) -> Result<(), Rule> {
    // Nothing of the zeros behind the end belongs to an instruction that is accepted.
    let mut window = [0; WINDOW];
    for (to, from) in window.iter_mut().zip(bytes) {
        *to = *from;
    }
    decode_window(&window, left.min(bytes.len()), offset, into)
}

/// What is looked at, in two halves.
#[derive(Clone, Copy)]
struct Bytes([u64; 2]);

impl Bytes {
    #[inline(always)]
    const fn of(window: &[u8; WINDOW]) -> Self {
        let bits = u128::from_le_bytes(*window);
        Self([bits as u64, (bits >> 64) as u64])
    }

    /// Eight bytes from a place on, with zeros behind the end.
    #[inline(always)]
    const fn from(self, at: usize) -> u64 {
        let [low, high] = if at < 8 { self.0 } else { [self.0[1], 0] };
        let by = 8 * (at as u32 & 7);
        low >> by | high << 1 << (63 - by)
    }
}

/// The same of a window, of which so many bytes are there.
#[inline(always)]
fn decode_window(window: &[u8; WINDOW], left: usize, offset: u32, found: &mut Instruction) -> Result<(), Rule> {
    let byte = |at: usize| window[at % WINDOW];
    let prefix = match byte(0) {
        0x66 => 1,
        0xF3 => 2,
        0xF2 => 3,
        _ => 0,
    };
    let mut at = usize::from(prefix != 0);
    let rex = if byte(at) & 0xF0 == 0x40 { byte(at) } else { 0 };
    at += usize::from(rex != 0);
    let map = if byte(at) == 0x0F { 1 + usize::from(byte(at + 1) == 0x3A) } else { 0 };
    at += map;
    let (opcode, next) = (byte(at), byte(at + 1));
    at += 1;
    let (grouped, row) = look_up(cell(map, prefix, (rex >> 3 & 1).into()), opcode, next);
    if at + usize::from(grouped) > left {
        return Err(Rule::Decoding);
    }
    let row = row?;
    *found = Instruction { offset, op: row.op, form: row.form, condition: opcode & 15, ..Instruction::NOTHING };
    let bytes = Bytes::of(window);
    if row.layout.has(Layout::MODRM) {
        at = operands(found, row, (rex, next), bytes.from(at + 1), at + 1)?;
    } else if row.layout.has(Layout::IN_OPCODE) {
        found.first = opcode & 7 | rex << 3 & 8;
    }
    found.named = named(found.first) | named(found.second);
    if !matches!(row.tail, Tail::None) {
        let raw = bytes.from(at) << row.rest;
        found.value = if row.is_signed { raw as i64 >> row.rest } else { (raw >> row.rest) as i64 };
        at += 8 - usize::from(row.rest / 8);
        if matches!(row.tail, Tail::Way8 | Tail::Way32) {
            found.value += i64::from(offset) + at as i64;
        } else if !row.layout.has(Layout::THIRD) {
            found.flags |= CONSTANT;
        }
    }
    if at > left {
        return Err(Rule::Decoding);
    }
    found.len = at as u8;
    Ok(())
}

/// A general register as a set; nothing for all other numbers.
#[inline(always)]
const fn named(number: u8) -> u16 {
    (1_u64 << (number & 63)) as u16
}

/// The operands that are named by a byte, behind which come others: and where what comes behind them begins.
#[inline(always)]
fn operands(found: &mut Instruction, row: &Row, (rex, modrm): (u8, u8), behind: u64, at: usize) -> Result<usize, Rule> {
    let layout = row.layout;
    let (kind, reg, low) = (modrm >> 6, modrm >> 3 & 7, modrm & 7);
    if layout.has(Layout::REG_IS_BYTE | Layout::RM_IS_BYTE) && rex == 0 {
        has_names(layout, modrm)?;
    }
    let is_memory = kind != 3;
    let rm = if is_memory { NOTHING } else { low | rex << 3 & 8 | row.vectors.1 };
    let candidates = Layout::candidates(reg | rex << 1 & 8 | row.vectors.0, rm);
    (found.first, found.second) = ((candidates >> row.operands.0) as u8, (candidates >> row.operands.1) as u8);
    if is_memory {
        let is_second = layout.has(Layout::REG_FIRST);
        found.flags = if is_second { IN_MEMORY } else { IN_MEMORY | FIRST_IN_MEMORY };
        return Ok(memory(found, (kind, low, rex), behind, at));
    }
    if layout.has(Layout::ONLY_MEMORY) {
        return Err(Rule::Decoding);
    }
    if row.op == Op::MovRm64Imm32 {
        found.form = Form::Between(Out::Wide);
    }
    Ok(at)
}

/// Whether registers are ones that may be named: without `REX`, the upper four of a byte are `ah` to `bh`.
#[cold]
const fn has_names(layout: Layout, modrm: u8) -> Result<(), Rule> {
    let reg = layout.has(Layout::REG_IS_BYTE) && modrm >> 3 & 7 >= 4;
    let rm = layout.has(Layout::RM_IS_BYTE) && modrm >> 6 == 3 && modrm & 7 >= 4;
    if reg || rm { Err(Rule::Register) } else { Ok(()) }
}

/// The operand in memory, by what is behind the byte that says so, and where what comes behind it begins.
#[inline(always)]
fn memory(found: &mut Instruction, (kind, low, rex): (u8, u8, u8), bytes: u64, at: usize) -> usize {
    let (mut bytes, mut at) = (bytes, at);
    let mut base = low;
    if low == 4 {
        let sib = bytes as u8;
        base = sib & 7;
        let index = sib >> 3 & 7 | rex << 2 & 8;
        if index != 4 {
            (found.index, found.scale) = (index, 1 << (sib >> 6));
        }
        (bytes, at) = (bytes >> 8, at + 1);
    }
    let is_without = kind == 0 && base == 5;
    found.base = match (is_without, low) {
        (true, 4) => NO_BASE,
        (true, _) => CODE_BASE,
        _ => base | rex << 3 & 8,
    };
    if is_without || kind == 2 {
        found.displacement = bytes as i32;
        return at + 4;
    }
    if kind == 1 {
        found.displacement = (bytes as i8).into();
        return at + 1;
    }
    at
}
