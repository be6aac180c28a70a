//! A decoder of what machine code may consist of, and of nothing else.
//!
//! It is driven by the tables in `map`, which are made of the list in `rows`; it shares nothing with the assembler. An instruction is
//! at most one of the prefixes `66`, `F3` and `F2`, then at most one `REX`, an opcode of the list with that prefix and that `REX.W`,
//! and what the list says comes behind it. Everything else is refused: other prefixes, several, one that says nothing, `REX` before a prefix,
//! `REX.W` where it says nothing, `ah` to `bh`, `VEX` and `EVEX`. What an instruction does to the state is the matter of the walk.

mod map;
mod op;
mod rows;

use super::Rule;
use super::form::{Form, Out};
use super::operand::{Base, Memory};
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
    /// Its value at the beginning of these bytes, and how many it has.
    const fn read(self, bytes: u64) -> (i64, usize) {
        match self {
            Self::None => (0, 0),
            Self::U8 => (bytes as u8 as i64, 1),
            Self::S8 | Self::Way8 => (bytes as i8 as i64, 1),
            Self::U16 => (bytes as u16 as i64, 2),
            Self::U32 => (bytes as u32 as i64, 4),
            Self::S32 | Self::Way32 => (bytes as i32 as i64, 4),
            Self::U64 => (bytes as i64, 8),
        }
    }
}

/// From here on: vector registers, among numbers of registers.
const VECTORS: u8 = 16;
/// As an operand or an index: no register.
const NOTHING: u8 = 0xFF;
/// As a base: none, and the place behind the instruction.
const NO_BASE: u8 = 16;
const CODE_BASE: u8 = 17;

/// One of the operands is in memory.
const IN_MEMORY: u8 = 1;
/// The first one.
const FIRST_IN_MEMORY: u8 = 2;
/// The second operand is a constant.
const CONSTANT: u8 = 4;

/// An instruction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instruction {
    /// The constant, or where a branch leads.
    value: i64,
    /// Where it begins in the unit.
    pub(super) offset: u32,
    displacement: i32,
    pub(super) op: Op,
    pub(super) form: Form,
    pub(super) len: u8,
    /// By its number, of operations by a condition.
    condition: u8,
    first: u8,
    second: u8,
    base: u8,
    index: u8,
    scale: u8,
    flags: u8,
    /// The general registers that are operands, as a set.
    pub(super) named: u16,
}

impl Instruction {
    /// Where the next one begins.
    pub(super) const fn end(&self) -> u32 {
        self.offset + self.len as u32
    }

    /// The number of the general register that the first operand is.
    pub(super) const fn first(&self) -> Option<u8> {
        if self.first < VECTORS { Some(self.first) } else { None }
    }

    /// The same of the second operand.
    pub(super) const fn second(&self) -> Option<u8> {
        if self.second < VECTORS { Some(self.second) } else { None }
    }

    /// The second operand, if it is a constant.
    pub(super) const fn immediate(&self) -> Option<i64> {
        if self.flags & CONSTANT != 0 { Some(self.value) } else { None }
    }

    /// Where a branch, jump or call leads; to no place if it leads out of what offsets can say.
    pub(super) fn target(&self) -> u32 {
        u32::try_from(self.value).unwrap_or(u32::MAX)
    }

    /// The condition of a branch, by its number.
    pub(super) fn condition(&self) -> Option<u8> {
        matches!(self.form, Form::Branch).then_some(self.condition)
    }

    pub(super) const fn is_in_memory(&self) -> bool {
        self.flags & IN_MEMORY != 0
    }

    pub(super) const fn is_first_in_memory(&self) -> bool {
        self.flags & FIRST_IN_MEMORY != 0
    }

    /// Whether an operand is in memory behind a general register.
    pub(super) const fn is_based_on(&self, register: u8) -> bool {
        self.base == register && self.is_in_memory()
    }

    /// Whether an operand is in memory by its distance from the instruction.
    pub(super) const fn is_in_code(&self) -> bool {
        self.is_based_on(CODE_BASE)
    }

    /// The operand in memory.
    pub(super) const fn memory(&self) -> Option<Memory> {
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
    pub(super) const fn is_at(&self, register: u8, displacement: i32) -> bool {
        self.is_based_on(register) && self.index == NOTHING && self.displacement == displacement
    }

    /// The numbers of both operands, from 16 on those of vector registers.
    #[cfg(test)]
    pub(super) const fn registers(&self) -> [u8; 2] {
        [self.first, self.second]
    }

    #[cfg(test)]
    pub(super) const fn third(&self) -> i64 {
        self.value
    }

    /// Makes a register an operand.
    fn set(&mut self, first: bool, number: u8, vector: bool) {
        let number = if vector { number | VECTORS } else { number };
        *(if first { &mut self.first } else { &mut self.second }) = number;
        self.named |= if vector { 0 } else { 1 << (number & 15) };
    }
}

/// The instruction at the beginning of the bytes; it begins at an offset in its unit.
///
/// # Errors
/// [`Rule::Decoding`] where bytes end too early or mean nothing, [`Rule::Register`] for `ah` to `bh`, [`Rule::Form`] for all else that is not
/// in the list.
#[inline]
pub(super) fn decode(bytes: &[u8], offset: u32) -> Result<Instruction, Rule> {
    if let Some(window) = bytes.first_chunk() {
        return decode_window(window, WINDOW, offset);
    }
    // Nothing of the zeros behind the end belongs to an instruction that is accepted.
    let mut window = [0; WINDOW];
    for (to, from) in window.iter_mut().zip(bytes) {
        *to = *from;
    }
    decode_window(&window, bytes.len(), offset)
}

/// What is looked at, in two halves.
#[derive(Clone, Copy)]
struct Bytes([u64; 2]);

impl Bytes {
    fn of(window: &[u8; WINDOW]) -> Self {
        let bits = u128::from_le_bytes(*window);
        Self([bits as u64, (bits >> 64) as u64])
    }

    /// Eight bytes from a place on, with zeros behind the end.
    const fn from(self, at: usize) -> u64 {
        let [low, high] = if at < 8 { self.0 } else { [self.0[1], 0] };
        let by = 8 * (at as u32 & 7);
        low >> by | high << 1 << (63 - by)
    }
}

/// The same of a window, of which so many bytes are there.
#[inline]
fn decode_window(window: &[u8; WINDOW], left: usize, offset: u32) -> Result<Instruction, Rule> {
    let byte = |at: usize| window[at % WINDOW];
    let mut at = 0;
    let prefix = match byte(0) {
        0x66 => 1,
        0xF3 => 2,
        0xF2 => 3,
        _ => 0,
    };
    at += usize::from(prefix != 0);
    let rex = if byte(at) & 0xF0 == 0x40 { byte(at) } else { 0 };
    at += usize::from(rex != 0);
    let map = match (byte(at), byte(at + 1)) {
        (0x0F, 0x3A) => 2,
        (0x0F, _) => 1,
        _ => 0,
    };
    at += map;
    let (opcode, next) = (byte(at), byte(at + 1));
    at += 1;
    let (grouped, row) = look_up(cell(map, prefix, (rex >> 3 & 1).into()), opcode, next);
    let row = match row {
        _ if at + usize::from(grouped) > left => return Err(Rule::Decoding),
        row => row?,
    };
    let mut found = Instruction {
        value: 0,
        offset,
        displacement: 0,
        op: row.op,
        form: row.form,
        len: 0,
        condition: opcode & 15,
        first: NOTHING,
        second: NOTHING,
        base: NO_BASE,
        index: NOTHING,
        scale: 1,
        flags: 0,
        named: 0,
    };
    let bytes = Bytes::of(window);
    if row.layout.has(Layout::MODRM) {
        at = operands(&mut found, row, rex, bytes, at)?;
    } else if row.layout.has(Layout::IN_OPCODE) {
        found.set(true, opcode & 7 | rex << 3 & 8, false);
    }
    let (value, size) = row.tail.read(bytes.from(at));
    at += size;
    if at > left {
        return Err(Rule::Decoding);
    }
    found.len = at as u8;
    found.value = value;
    match row.tail {
        Tail::Way8 | Tail::Way32 => found.value += i64::from(offset) + at as i64,
        Tail::None => {}
        _ if row.layout.has(Layout::THIRD) => {}
        _ => found.flags |= CONSTANT,
    }
    Ok(found)
}

/// The operands that are named behind the opcode, and where what comes behind them begins.
#[inline]
fn operands(found: &mut Instruction, row: &Row, rex: u8, bytes: Bytes, at: usize) -> Result<usize, Rule> {
    let layout = row.layout;
    let rest = bytes.from(at);
    let modrm = rest as u8;
    let (kind, reg, low) = (modrm >> 6, modrm >> 3 & 7, modrm & 7);
    let is_first = layout.has(Layout::REG_FIRST);
    if layout.has(Layout::REG_FIRST | Layout::REG_SECOND) {
        has_name(layout.has(Layout::REG_IS_BYTE), reg, rex)?;
        found.set(is_first, reg | rex << 1 & 8, layout.has(Layout::REG_VECTOR));
    }
    if layout.has(Layout::BY_CL) {
        found.set(false, 1, false);
    }
    if kind != 3 {
        found.flags |= if is_first { IN_MEMORY } else { IN_MEMORY | FIRST_IN_MEMORY };
        return Ok(memory(found, (kind, low, rex), rest >> 8, at + 1));
    }
    if layout.has(Layout::ONLY_MEMORY) {
        return Err(Rule::Decoding);
    }
    has_name(layout.has(Layout::RM_IS_BYTE), low, rex)?;
    found.set(!is_first, low | rex << 3 & 8, layout.has(Layout::RM_VECTOR));
    if row.op == Op::MovRm64Imm32 {
        found.form = Form::Between(Out::Wide);
    }
    Ok(at + 1)
}

/// Whether a register is one that may be named: without `REX`, the upper four of a byte are `ah` to `bh`.
const fn has_name(byte: bool, number: u8, rex: u8) -> Result<(), Rule> {
    if byte && number >= 4 && rex == 0 { Err(Rule::Register) } else { Ok(()) }
}

/// The operand in memory, by what is behind the byte that says so, and where what comes behind it begins.
#[inline]
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
