//! The tables that say which entry an opcode has, made of the entries when this is compiled.

use super::op::Op;
use super::rows::ENTRIES;
use super::{BRANCHES, Byte, CALLS, CONSTANT, FIRST_IN_MEMORY, IN_MEMORY, Layout, PLAIN, Tail, Turn, WAY, What};
use crate::check::Rule;
use crate::check::form::Form;

/// Opcodes with the same map, prefix and `REX.W`: where their 256 places begin.
pub(super) type Cell = usize;

pub(super) const ONE: Cell = cell(0, 0, 0);
pub(super) const ONE_W: Cell = cell(0, 0, 1);
pub(super) const ONE_66: Cell = cell(0, 1, 0);
/// Behind `0F`.
pub(super) const TWO: Cell = cell(1, 0, 0);
pub(super) const TWO_W: Cell = cell(1, 0, 1);
pub(super) const TWO_66: Cell = cell(1, 1, 0);
pub(super) const TWO_66_W: Cell = cell(1, 1, 1);
pub(super) const TWO_F3: Cell = cell(1, 2, 0);
pub(super) const TWO_F3_W: Cell = cell(1, 2, 1);
pub(super) const TWO_F2: Cell = cell(1, 3, 0);
pub(super) const TWO_F2_W: Cell = cell(1, 3, 1);
/// Behind `0F 3A`.
pub(super) const THREE_66: Cell = cell(2, 1, 0);

/// The map is 0 to 2, the prefix 0 to 3 (none, `66`, `F3`, `F2`), and the last is `REX.W`.
pub(super) const fn cell(map: usize, prefix: usize, wide: usize) -> Cell {
    (map << 3 | prefix << 1 | wide) << 8
}

/// What is known of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) what: What,
    pub(super) layout: Layout,
    pub(super) byte: Byte,
    pub(super) turn: Turn,
    /// What is added to the numbers of registers: whether they are vector registers.
    pub(super) vectors: (u8, u8),
    /// The flags of all of its instructions, and of those with an operand in memory.
    pub(super) flags: u8,
    pub(super) in_memory: u8,
    /// Bytes of what is at the end, bits that it leaves of 64, and whether it has a sign.
    pub(super) tail_bytes: u8,
    pub(super) rest: u8,
    pub(super) is_signed: bool,
    /// The rule that its opcode breaks: it is no operation.
    refused: Option<Rule>,
}

impl Row {
    const fn new(op: Op, layout: Layout, tail: Tail, form: Form) -> Self {
        let (bits, is_signed) = tail.size();
        let flags = match tail {
            Tail::Way8 | Tail::Way32 => WAY,
            Tail::None => plain(op, form),
            _ if layout.has(Layout::THIRD) => plain(op, form),
            _ => CONSTANT | plain(op, form),
        };
        let flags = flags
            | match form {
                Form::Branch | Form::Jump => BRANCHES,
                Form::Call | Form::CallTo => CALLS,
                _ => 0,
            };
        let in_memory = if layout.has(Layout::REG_FIRST) { IN_MEMORY } else { IN_MEMORY | FIRST_IN_MEMORY };
        let (byte, turn, vectors) = (layout.byte(), layout.turn(), layout.vectors());
        let (tail_bytes, rest) = (bits / 8, 64 - bits);
        Self {
            what: What { op, form },
            layout,
            byte,
            turn,
            vectors,
            flags,
            in_memory,
            tail_bytes,
            rest,
            is_signed,
            refused: None,
        }
    }
}

/// [`PLAIN`] if it only computes, and its result is nothing that the walk knows more of than its width.
const fn plain(op: Op, form: Form) -> u8 {
    use Op::{AddR64Rm64, CmovR64Rm64, MovR32Imm32, MovR64Imm64, MovR64Rm64, MovRm64Imm32, ShrRm64Imm8, XorR32Rm32};
    let is_known = matches!(
        op,
        AddR64Rm64 | CmovR64Rm64 | MovR32Imm32 | MovR64Imm64 | MovR64Rm64 | MovRm64Imm32 | ShrRm64Imm8 | XorR32Rm32
    );
    let computes = matches!(
        form,
        Form::Write(..) | Form::Between(_) | Form::Compare(_) | Form::Pair(..) | Form::Vector(_) | Form::VectorBetween
    );
    if computes && !is_known { PLAIN } else { 0 }
}

/// An operation and where it is in the map.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    cell: Cell,
    opcode: u8,
    /// How many opcodes it has, which follow each other.
    times: u8,
    /// What tells it from others with its opcode: the middle of the byte behind it.
    digit: Option<u8>,
    row: Row,
}

pub(super) const fn entry(cell: Cell, opcode: u8, op: Op, layout: Layout, tail: Tail, form: Form) -> Entry {
    Entry { cell, opcode, times: 1, digit: None, row: Row::new(op, layout, tail, form) }
}

impl Entry {
    pub(super) const fn times(self, times: u8) -> Self {
        Self { times, ..self }
    }

    pub(super) const fn digit(self, digit: u8) -> Self {
        Self { digit: Some(digit), ..self }
    }
}

/// No entry.
const NONE: u8 = 0;
/// An opcode that means nothing in 64-bit code.
const UNDEFINED: u8 = 1;
/// The first row of an entry.
const FIRST: u8 = 2;
/// From here on: groups of eight rows, of which digits choose one.
const GROUPS: u8 = 0x80;

/// Opcodes of one byte that mean nothing in 64-bit code, or begin what this decoder never takes (`62`, `C4`, `C5`).
const WITHOUT_MEANING: [u8; 24] = [
    0x06, 0x07, 0x0E, 0x16, 0x17, 0x1E, 0x1F, 0x27, 0x2F, 0x37, 0x3F, 0x60, 0x61, 0x62, 0x82, 0x9A, 0xC4, 0xC5, 0xCE,
    0xD4, 0xD5, 0xD6, 0xEA, 0xF1,
];

struct Tables {
    /// By cell and opcode: the number of a row, or of the first one of a group.
    cells: [u8; 3 << 11],
    rows: [Row; 256],
}

static TABLES: Tables = Tables::new();

impl Tables {
    #[expect(clippy::indexing_slicing, reason = "evaluated while this is compiled, where a wrong index is an error")]
    const fn new() -> Self {
        let nothing = Row { refused: Some(Rule::Form), ..ENTRIES[0].row };
        let mut tables = Self { cells: [NONE; 3 << 11], rows: [nothing; 256] };
        tables.rows[UNDEFINED as usize].refused = Some(Rule::Decoding);
        let mut at = 0;
        while at < WITHOUT_MEANING.len() {
            let mut cell = 0;
            while cell < cell_end(ONE) {
                tables.cells[cell + WITHOUT_MEANING[at] as usize] = UNDEFINED;
                cell += 256;
            }
            at += 1;
        }
        let (mut plain, mut groups) = (FIRST, GROUPS as usize);
        at = 0;
        while at < ENTRIES.len() {
            let Entry { cell, opcode, times, digit, row } = ENTRIES[at];
            let first = cell + opcode as usize;
            if let Some(digit) = digit {
                assert!(times == 1);
                if tables.cells[first] == NONE {
                    assert!(groups < 256);
                    tables.cells[first] = groups as u8;
                    groups += 8;
                }
                let number = (tables.cells[first] + digit) as usize;
                assert!(tables.cells[first] >= GROUPS && tables.rows[number].refused.is_some());
                tables.rows[number] = row;
            } else {
                assert!(plain < GROUPS);
                let mut place = first;
                while place < first + times as usize {
                    assert!(tables.cells[place] == NONE);
                    tables.cells[place] = plain;
                    place += 1;
                }
                tables.rows[plain as usize] = row;
                plain += 1;
            }
            at += 1;
        }
        tables
    }
}

/// Where the cells of a map end.
const fn cell_end(map: Cell) -> usize {
    map + cell(1, 0, 0)
}

/// The entry of an opcode, with the byte behind it, or the rule that it breaks.
#[inline(always)]
pub(super) fn look_up(cell: Cell, head: u64) -> Result<&'static Row, Rule> {
    let found = TABLES.cells.get(cell | head as usize & 0xFF).copied().unwrap_or(NONE);
    let digit = if found >= GROUPS { (head >> 11) as u8 & 7 } else { 0 };
    let row = &TABLES.rows[(found | digit) as usize];
    match row.refused {
        None => Ok(row),
        Some(rule) => Err(rule),
    }
}

/// By byte: the number of a prefix, as [`cell`] has it.
pub(super) static PREFIXES: [u8; 256] = {
    let mut all = [0; 256];
    (all[0x66], all[0xF3], all[0xF2]) = (1, 2, 3);
    all
};
