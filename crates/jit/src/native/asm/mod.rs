//! An encoder of x86-64 instructions (Intel SDM volume 2): the forms that native code is made of.

mod encode;
mod forms;
mod mark;

use crate::spare::Spare;
use alloc::vec::Vec;
pub(in crate::native) use mark::Mark;
use velocity_nda::module::ExprId;

/// A general register, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::native) struct Gpr(pub(in crate::native) u8);

/// A vector register, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::native) struct Xmm(pub(in crate::native) u8);

pub(in crate::native) const RAX: Gpr = Gpr(0);
pub(in crate::native) const RCX: Gpr = Gpr(1);
pub(in crate::native) const RDX: Gpr = Gpr(2);
pub(in crate::native) const RSP: Gpr = Gpr(4);
pub(in crate::native) const RSI: Gpr = Gpr(6);
pub(in crate::native) const RDI: Gpr = Gpr(7);
pub(in crate::native) const R13: Gpr = Gpr(13);
pub(in crate::native) const R14: Gpr = Gpr(14);
pub(in crate::native) const R15: Gpr = Gpr(15);

/// A place in memory.
#[derive(Clone, Copy, Debug)]
pub(in crate::native) enum Mem {
    /// A register and a displacement.
    Base(Gpr, i32),
    /// Two registers, the second one shifted to the left, and a displacement.
    Index(Gpr, Gpr, u8, i32),
    /// A register shifted to the left, and a displacement.
    Scaled(Gpr, u8, i32),
    /// A register and a displacement from the start of linear memory. With a node, the instruction itself finds out whether that is
    /// inside: see [`Assembler::unchecked`].
    Linear(Gpr, i32, Option<ExprId>),
    /// A label.
    Label(Label),
}

/// An operand that may be in memory.
#[derive(Clone, Copy, Debug)]
pub(in crate::native) enum Rm {
    Reg(u8),
    Mem(Mem),
}

impl From<Gpr> for Rm {
    fn from(reg: Gpr) -> Self {
        Self::Reg(reg.0)
    }
}

impl From<Xmm> for Rm {
    fn from(reg: Xmm) -> Self {
        Self::Reg(reg.0)
    }
}

impl From<Mem> for Rm {
    fn from(mem: Mem) -> Self {
        Self::Mem(mem)
    }
}

/// A place in the code that may not be there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::native) struct Label(u32);

impl Label {
    /// So many behind it.
    pub(in crate::native) const fn plus(self, number: u32) -> Self {
        Self(self.0 + number)
    }
}

/// A forward jump over at most 127 bytes.
#[derive(Debug)]
#[must_use]
pub(in crate::native) struct Short(usize);

/// Arithmetic of two operands, by number in the opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::native) enum Alu {
    Add = 0,
    Or = 1,
    And = 4,
    Sub = 5,
    Xor = 6,
    Cmp = 7,
}

/// Shifts, by number in the opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::native) enum Shift {
    Rol = 0,
    Ror = 1,
    Shl = 4,
    Shr = 5,
    Sar = 7,
}

/// Operations of one operand, by number in the opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::native) enum One {
    Mul = 4,
    Imul = 5,
    Div = 6,
    Idiv = 7,
}

/// Conditions, by number in the opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(in crate::native) enum Cond {
    Overflow = 0,
    NoOverflow = 1,
    Below = 2,
    AboveEqual = 3,
    Equal = 4,
    NotEqual = 5,
    BelowEqual = 6,
    Above = 7,
    Sign = 8,
    NoSign = 9,
    Parity = 10,
    NoParity = 11,
    Less = 12,
    GreaterEqual = 13,
    LessEqual = 14,
    Greater = 15,
}

impl Cond {
    /// The opposite.
    pub(in crate::native) const fn not(self) -> Self {
        match self {
            Self::Overflow => Self::NoOverflow,
            Self::NoOverflow => Self::Overflow,
            Self::Below => Self::AboveEqual,
            Self::AboveEqual => Self::Below,
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::BelowEqual => Self::Above,
            Self::Above => Self::BelowEqual,
            Self::Sign => Self::NoSign,
            Self::NoSign => Self::Sign,
            Self::Parity => Self::NoParity,
            Self::NoParity => Self::Parity,
            Self::Less => Self::GreaterEqual,
            Self::GreaterEqual => Self::Less,
            Self::LessEqual => Self::Greater,
            Self::Greater => Self::LessEqual,
        }
    }
}

/// An opcode: a mandatory prefix or none, and the byte itself, perhaps behind an escape byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::native) struct Op {
    prefix: u8,
    len: u8,
    bytes: u16,
}

const NO: u8 = 0;
const ESCAPE: u8 = 0x0F;

impl Op {
    const fn plain(opcode: u8) -> Self {
        Self { prefix: NO, len: 1, bytes: opcode as u16 }
    }

    /// Of 16 bits if `short`.
    const fn sized(short: bool, opcode: u8) -> Self {
        Self { prefix: if short { 0x66 } else { NO }, ..Self::plain(opcode) }
    }

    const fn two(opcode: u8) -> Self {
        Self::prefixed(NO, opcode)
    }

    /// Of scalar floats: `F3` for binary32, `F2` for binary64.
    pub(in crate::native) const fn scalar(double: bool, opcode: u8) -> Self {
        Self::prefixed(if double { 0xF2 } else { 0xF3 }, opcode)
    }

    /// Of packed floats: no prefix for binary32, `66` for binary64.
    pub(in crate::native) const fn packed(double: bool, opcode: u8) -> Self {
        Self::prefixed(if double { 0x66 } else { NO }, opcode)
    }

    pub(in crate::native) const fn prefixed(prefix: u8, opcode: u8) -> Self {
        Self { prefix, len: 2, bytes: u16::from_le_bytes([ESCAPE, opcode]) }
    }
}

/// Code on its way.
#[derive(Debug, Default)]
pub(in crate::native) struct Assembler {
    pub(in crate::native) code: Vec<u8>,
    /// Where labels are; [`UNBOUND`] for those that are not yet anywhere.
    labels: Vec<u32>,
    /// 32-bit fields that hold the way to a label from their end.
    fixups: Vec<(u32, Label)>,
    /// Fields of tables: the way to a label from the start of the table.
    entries: Vec<(u32, u32, Label)>,
    /// Where instructions begin that touch linear memory without a check before them, and the nodes that fail if they do.
    unchecked: Vec<(u32, ExprId)>,
    /// A short jump was too long.
    failed: bool,
}

const UNBOUND: u32 = u32::MAX;

/// Room that most programs do not fill: for bytes of code, for labels, and for ways to them.
const ROOM: (usize, usize) = (4096, 64);

/// Room for how many items in a list waits for another unit at most, and for how many bytes of code.
const MAX_SPARE: usize = 4096;
const MAX_SPARE_CODE: usize = 1 << 16;

static SPARE: Spare<Assembler> = Spare::new();
static CODE: Spare<Vec<u8>> = Spare::new();

/// Takes the room of code that was copied.
pub(in crate::native) fn give_back(mut code: Vec<u8>) {
    if code.capacity() <= MAX_SPARE_CODE {
        code.clear();
        CODE.leave(code);
    }
}

impl Assembler {
    /// Nothing is assembled yet.
    pub(in crate::native) fn new() -> Self {
        let code = CODE.take(|| Vec::with_capacity(ROOM.0));
        let spare = SPARE.take(|| Self {
            labels: Vec::with_capacity(ROOM.1),
            fixups: Vec::with_capacity(ROOM.1),
            ..Self::default()
        });
        Self { code, ..spare }
    }

    /// The code. The room of all else is left to the next one, unless it is large.
    pub(in crate::native) fn end(mut self) -> Vec<u8> {
        let code = core::mem::take(&mut self.code);
        let lists = [self.labels.capacity(), self.fixups.capacity(), self.entries.capacity()];
        if lists.into_iter().fold(self.unchecked.capacity(), usize::max) <= MAX_SPARE {
            self.labels.clear();
            self.fixups.clear();
            self.entries.clear();
            self.unchecked.clear();
            self.failed = false;
            SPARE.leave(self);
        }
        code
    }

    /// Whether every short jump is one so far.
    pub(in crate::native) const fn is_sound(&self) -> bool {
        !self.failed
    }

    pub(in crate::native) fn position(&self) -> u32 {
        self.code.len() as u32
    }

    pub(in crate::native) fn label(&mut self) -> Label {
        self.labels.push(UNBOUND);
        Label(self.labels.len() as u32 - 1)
    }

    /// So many labels, numbered one after the other; the first of them.
    pub(in crate::native) fn labels(&mut self, count: usize) -> Label {
        let first = Label(self.labels.len() as u32);
        self.labels.resize(self.labels.len() + count, UNBOUND);
        first
    }

    pub(in crate::native) fn bind(&mut self, label: Label) {
        self.labels[label.0 as usize] = self.position();
    }

    /// Where a label is.
    pub(in crate::native) fn place(&self, label: Label) -> u32 {
        self.labels[label.0 as usize]
    }

    /// Fills in the ways to labels; whether all of them are somewhere and every short jump is.
    #[must_use]
    pub(in crate::native) fn resolve(&mut self) -> bool {
        let Self { code, labels, fixups, entries, failed, .. } = self;
        let ways = fixups.drain(..).map(|(at, label)| (at, at + 4, label)).chain(entries.drain(..));
        for (at, from, label) in ways {
            let place = labels[label.0 as usize];
            *failed |= place == UNBOUND;
            if let Some(field) = code.get_mut(at as usize..at as usize + 4) {
                field.copy_from_slice(&place.wrapping_sub(from).to_le_bytes());
            }
        }
        !*failed
    }

    /// Where instructions begin that touch linear memory without a check, in their order.
    pub(in crate::native) fn unchecked(&self) -> &[(u32, ExprId)] {
        &self.unchecked
    }

    pub(in crate::native) fn byte(&mut self, byte: u8) {
        self.code.push(byte);
    }

    fn word(&mut self, word: u32) {
        self.code.extend_from_slice(&word.to_le_bytes());
    }

    /// Data of 8 bytes.
    pub(in crate::native) fn quad(&mut self, quad: u64) {
        self.code.extend_from_slice(&quad.to_le_bytes());
    }

    /// An entry of a table that begins at `table`.
    pub(in crate::native) fn entry(&mut self, table: u32, label: Label) {
        self.entries.push((self.position(), table, label));
        self.word(0);
    }

    /// Bytes up to the next multiple of a power of two.
    pub(in crate::native) fn align(&mut self, to: usize, with: u8) {
        while self.code.len() & (to - 1) != 0 {
            self.code.push(with);
        }
    }
}
