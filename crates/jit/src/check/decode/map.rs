//! The tables that say which entry an opcode has, made of the entries when this is compiled.

use super::op::Op;
use super::rows::ENTRIES;
use super::{Layout, Tail};
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
    pub(super) op: Op,
    pub(super) form: Form,
    pub(super) layout: Layout,
    pub(super) tail: Tail,
    /// Which of [`Layout::candidates`] the operands are, as shifts.
    pub(super) operands: (u8, u8),
    /// What is added to the numbers of registers: whether they are vector registers.
    pub(super) vectors: (u8, u8),
    /// Bits that the constant leaves of 64, and whether it has a sign.
    pub(super) rest: u8,
    pub(super) is_signed: bool,
}

impl Row {
    const fn new(op: Op, layout: Layout, tail: Tail, form: Form) -> Self {
        let (bits, is_signed) = tail.size();
        let (operands, vectors) = (layout.operands(), layout.vectors());
        Self { op, form, layout, tail, operands, vectors, rest: 64 - bits, is_signed }
    }
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
const UNDEFINED: u8 = 0xDF;
/// From here on: numbers of groups, whose entries differ by their digits.
const GROUP: u8 = 0xE0;
const GROUPS: usize = 16;

/// Opcodes of one byte that mean nothing in 64-bit code, or begin what this decoder never takes (`62`, `C4`, `C5`).
const WITHOUT_MEANING: [u8; 24] = [
    0x06, 0x07, 0x0E, 0x16, 0x17, 0x1E, 0x1F, 0x27, 0x2F, 0x37, 0x3F, 0x60, 0x61, 0x62, 0x82, 0x9A, 0xC4, 0xC5, 0xCE,
    0xD4, 0xD5, 0xD6, 0xEA, 0xF1,
];

struct Tables {
    /// By cell and opcode: one more than the number of an entry, or one of the above.
    cells: [u8; 3 << 11],
    groups: [[u8; 8]; GROUPS],
    rows: [Row; ENTRIES.len()],
}

static TABLES: Tables = Tables::new();

impl Tables {
    #[expect(clippy::indexing_slicing, reason = "evaluated while this is compiled, where a wrong index is an error")]
    const fn new() -> Self {
        assert!(ENTRIES.len() < UNDEFINED as usize);
        let rows = [ENTRIES[0].row; ENTRIES.len()];
        let mut tables = Self { cells: [NONE; 3 << 11], groups: [[NONE; 8]; GROUPS], rows };
        let (mut at, mut groups) = (0, 0);
        while at < WITHOUT_MEANING.len() {
            let mut cell = 0;
            while cell < cell_end(ONE) {
                tables.cells[cell + WITHOUT_MEANING[at] as usize] = UNDEFINED;
                cell += 256;
            }
            at += 1;
        }
        at = 0;
        while at < ENTRIES.len() {
            let Entry { cell, opcode, times, digit, row } = ENTRIES[at];
            tables.rows[at] = row;
            let number = at as u8 + 1;
            let first = cell + opcode as usize;
            let mut place = first;
            while place < first + times as usize {
                if let Some(digit) = digit {
                    if tables.cells[place] == NONE {
                        tables.cells[place] = GROUP + groups as u8;
                        groups += 1;
                    }
                    let group = &mut tables.groups[(tables.cells[place] - GROUP) as usize];
                    assert!(group[digit as usize] == NONE);
                    group[digit as usize] = number;
                } else {
                    assert!(tables.cells[place] == NONE);
                    tables.cells[place] = number;
                }
                place += 1;
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

/// The entry of an opcode, by the byte behind it, or the rule that it breaks; and whether that byte was looked at.
#[inline(always)]
pub(super) fn look_up(cell: Cell, opcode: u8, next: u8) -> (bool, Result<&'static Row, Rule>) {
    let found = TABLES.cells.get(cell | opcode as usize).copied().unwrap_or(NONE);
    let (grouped, number) = match found.checked_sub(GROUP) {
        Some(group) => (true, TABLES.groups[group as usize % GROUPS][next as usize >> 3 & 7]),
        None => (false, found),
    };
    let row = TABLES.rows.get((number as usize).wrapping_sub(1));
    (grouped, row.ok_or(if number == UNDEFINED { Rule::Decoding } else { Rule::Form }))
}
