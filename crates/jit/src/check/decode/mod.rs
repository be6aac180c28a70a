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
use instruction::{
    BRANCHES, CALLS, CODE_BASE, CONSTANT, FIRST_IN_MEMORY, IN_MEMORY, NO_BASE, NOTHING, PLAIN, Place, VECTORS, WAY,
    What,
};
use map::{PREFIXES, Row, cell, look_up};
pub(crate) use op::Op;

/// The bytes that are looked at: eight more than any instruction of the list has, of which the longest has a prefix, `REX`, three bytes
/// of opcode, two of an operand, and four and one of numbers.
pub(super) const WINDOW: usize = 24;

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
    /// A constant is put into memory, or into a register.
    const STORES_CONSTANT: u16 = 2048;

    const ZO: Self = Self(0);
    const O: Self = Self(Self::IN_OPCODE);
    const M: Self = Self(Self::MODRM);
    const M_BYTE: Self = Self(Self::MODRM | Self::RM_IS_BYTE);
    const M_CONSTANT: Self = Self(Self::MODRM | Self::STORES_CONSTANT);
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

    /// How the register and the operand that may be in memory, a byte for each, become the first and the second operand: turned by so many
    /// bits, of which these are kept, beside these.
    const fn turn(self) -> Turn {
        if self.is_empty() {
            Turn { by: 0, kept: 0, set: u16::MAX }
        } else if self.has(Self::REG_FIRST) {
            Turn { by: 0, kept: u16::MAX, set: 0 }
        } else if self.has(Self::REG_SECOND) {
            Turn { by: 8, kept: u16::MAX, set: 0 }
        } else {
            let second = if self.has(Self::BY_CL) { 1 } else { NOTHING };
            Turn { by: 8, kept: 0x00FF, set: (second as u16) << 8 }
        }
    }

    const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The byte that names operands.
    const fn byte(self) -> Byte {
        if self.has(Self::MODRM) {
            Byte { from: 8, kept: 0xFF, set: 0, behind: 1 }
        } else {
            Byte { from: 0, kept: 7, set: 0xC0, behind: 0 }
        }
    }

    /// What is added to the numbers of the register and of the operand that may be in memory.
    const fn vectors(self) -> (u8, u8) {
        let reg = if self.has(Self::REG_VECTOR) { VECTORS } else { 0 };
        (reg, if self.has(Self::RM_VECTOR) { VECTORS } else { 0 })
    }
}

/// See [`Layout::turn`].
#[derive(Clone, Copy, Debug)]
struct Turn {
    by: u8,
    kept: u16,
    set: u16,
}

impl Turn {
    #[inline(always)]
    const fn of(self, reg: u8, rm: u8) -> [u8; 2] {
        let both = u16::from_le_bytes([reg, rm]);
        (both.rotate_right(self.by as u32) & self.kept | self.set).to_le_bytes()
    }
}

/// Which byte names operands: so many bits behind the beginning of the opcode, of which these are kept, beside these. Without one, it is as
/// if it named registers.
#[derive(Clone, Copy, Debug)]
struct Byte {
    from: u8,
    kept: u8,
    set: u8,
    /// How many bytes that are behind the opcode.
    behind: u8,
}

impl Byte {
    #[inline(always)]
    const fn of(self, head: u64) -> u8 {
        (head >> (self.from & 63)) as u8 & self.kept | self.set
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
            // Nothing of it is looked at.
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

/// The instruction at the beginning of the bytes; it begins at an offset in its unit, and ends where it says, or behind the bytes.
///
/// # Errors
/// [`Rule::Decoding`] where bytes mean nothing, [`Rule::Register`] for `ah` to `bh`, [`Rule::Form`] for all else that is not in the list; all
/// of them as if zeros came behind the bytes.
#[inline(always)]
pub(super) fn decode(bytes: &[u8], offset: u32, into: &mut Instruction) -> Result<(), Rule> {
    match bytes.first_chunk() {
        Some(window) => decode_window(window, offset, into),
        None => decode_last(bytes, offset, into),
    }
}

/// The instruction at the beginning of the bytes, which ends there, too.
///
/// # Errors
/// As of [`decode`], and [`Rule::Decoding`] if it is not all there.
pub(super) fn read(bytes: &[u8], offset: u32) -> Result<Instruction, Rule> {
    let mut found = Instruction::NOTHING;
    decode(bytes, offset, &mut found)?;
    if usize::from(found.len) <= bytes.len() { Ok(found) } else { Err(Rule::Decoding) }
}

/// The same near the end of the unit.
#[inline(never)]
fn decode_last(bytes: &[u8], offset: u32, into: &mut Instruction) -> Result<(), Rule> {
    let mut window = [0; WINDOW];
    for (to, from) in window.iter_mut().zip(bytes) {
        *to = *from;
    }
    decode_window(&window, offset, into)
}

/// Eight bytes of a window from a place on; none of them is behind its end, as operands end far before.
#[inline(always)]
fn word(window: &[u8; WINDOW], at: usize) -> u64 {
    let at = at & 15;
    window.get(at..at + 8).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The same of a window. Code is mixed, so that a branch on what is decoded is often mispredicted: there are few.
#[inline(always)]
fn decode_window(window: &[u8; WINDOW], offset: u32, found: &mut Instruction) -> Result<(), Rule> {
    let prefix = PREFIXES[window[0] as usize];
    if prefix == 0 {
        return behind_prefix(window, (0, 0), offset, found);
    }
    behind_prefix(window, (prefix.into(), 1), offset, found)
}

/// The same from behind a prefix.
#[inline(always)]
fn behind_prefix(
    window: &[u8; WINDOW],
    (prefix, at): (usize, usize),
    offset: u32,
    found: &mut Instruction,
) -> Result<(), Rule> {
    let head = word(window, at);
    let has_rex = head & 0xF0 == 0x40;
    let rex = if has_rex { head as u8 } else { 0 };
    let mut head = head >> (8 * u32::from(has_rex));
    let mut at = at + usize::from(has_rex) + 1;
    let mut cell = cell(0, prefix, (rex >> 3 & 1).into());
    if head & 0xFF == 0x0F {
        (head, at, cell) = (head >> 8, at + 1, cell + map::cell(1, 0, 0));
        if head & 0xFF == 0x3A {
            (head, at, cell) = (head >> 8, at + 1, cell + map::cell(1, 0, 0));
        }
    }
    let row = look_up(cell, head)?;
    (found.offset, found.condition, found.what) = (offset, head as u8 & 15, row.what);
    at += usize::from(row.byte.behind);
    at = operands(found, row, (rex, row.byte.of(head)), window, at)?;
    let raw = word(window, at) << (row.rest & 63);
    found.value = if row.is_signed { raw as i64 >> (row.rest & 63) } else { (raw >> (row.rest & 63)) as i64 };
    at += usize::from(row.tail_bytes);
    found.len = at as u8;
    found.place.flags |= row.flags;
    let end = if row.flags & WAY != 0 { i64::from(offset) + at as i64 } else { 0 };
    found.value += end;
    Ok(())
}

/// The operands that are named by a byte, behind which come others: and where what comes behind them begins.
#[inline(always)]
fn operands(
    found: &mut Instruction,
    row: &Row,
    (rex, modrm): (u8, u8),
    window: &[u8; WINDOW],
    at: usize,
) -> Result<usize, Rule> {
    if row.layout.has(Layout::REG_IS_BYTE | Layout::RM_IS_BYTE) {
        has_names(row.layout, (rex, modrm))?;
    }
    let reg = modrm >> 3 & 7 | rex << 1 & 8 | row.vectors.0;
    if modrm < 0xC0 {
        found.registers = row.turn.of(reg, NOTHING);
        return Ok(memory(found, row, (rex, modrm), word(window, at), at));
    }
    found.registers = row.turn.of(reg, modrm & 7 | rex << 3 & 8 | row.vectors.1);
    found.place = Place::NONE;
    if row.layout.has(Layout::ONLY_MEMORY | Layout::STORES_CONSTANT) {
        in_register(found, row.layout)?;
    }
    Ok(at)
}

/// Where an operand is in a register that is so in a few operations only.
#[cold]
const fn in_register(found: &mut Instruction, layout: Layout) -> Result<(), Rule> {
    if layout.has(Layout::ONLY_MEMORY) {
        return Err(Rule::Decoding);
    }
    if matches!(found.what.op, Op::MovRm64Imm32) {
        found.what.form = Form::Between(Out::Wide);
    }
    Ok(())
}

/// Whether registers are ones that may be named: without `REX`, the upper four of a byte are `ah` to `bh`.
#[cold]
const fn has_names(layout: Layout, (rex, modrm): (u8, u8)) -> Result<(), Rule> {
    if rex != 0 {
        return Ok(());
    }
    let reg = layout.has(Layout::REG_IS_BYTE) && modrm >> 3 & 7 >= 4;
    let rm = layout.has(Layout::RM_IS_BYTE) && modrm >> 6 == 3 && modrm & 7 >= 4;
    if reg || rm { Err(Rule::Register) } else { Ok(()) }
}

/// The operand in memory, by what is behind the byte that says so, and where what comes behind it begins.
#[inline(always)]
fn memory(found: &mut Instruction, row: &Row, (rex, modrm): (u8, u8), bytes: u64, at: usize) -> usize {
    let (mut bytes, mut at, mut low) = (bytes, at, modrm & 7);
    let mut place = Place { base: low | rex << 3 & 8, index: NOTHING, scale: 1, flags: row.in_memory };
    let mut without = CODE_BASE;
    if low == 4 {
        let sib = bytes as u8;
        low = sib & 7;
        let index = sib >> 3 & 7 | rex << 2 & 8;
        place.base = low | rex << 3 & 8;
        place.index = if index == 4 { NOTHING } else { index };
        place.scale = 1 << (sib >> 6);
        (bytes, at, without) = (bytes >> 8, at + 1, NO_BASE);
    }
    let len = match modrm >> 6 {
        0 if low == 5 => {
            place.base = without;
            4
        }
        0 => 0,
        1 => 1,
        _ => 4,
    };
    let near = if len == 0 { 0 } else { i32::from(bytes as i8) };
    found.displacement = if len == 4 { bytes as i32 } else { near };
    found.place = place;
    at + len
}
