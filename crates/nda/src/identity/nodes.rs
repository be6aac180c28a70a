//! The nodes of a body in their canonical form.
//!
//! Nodes come in post-order, which is the order in which the module keeps them; a node's children are the last
//! subtrees before it, as many as its code or its count says. So neither keys nor yields need to be written. A node that
//! uses definitions takes the next of the references.
//!
//! What kind of node follows is hard to guess for a processor, and a wrong guess costs more than to write a node. So a
//! body is written in three passes that hardly choose: the first writes for every node what tables and its first number
//! say, and notes the nodes of which that is not all; the second writes the operators, the third the rest.

use super::code::node;
use super::encode::Encoder;
use crate::identity::Definition;
use crate::module::{Body, Expr, Key};
use alloc::vec::Vec;

/// Numbers the kinds of nodes, in the order of their declaration, and lists their codes: 0 for operators, which bring their own.
macro_rules! kinds {
    ($($kind:ident = $code:expr,)+) => {
        #[derive(Clone, Copy)]
        #[repr(u8)]
        enum Kind { $($kind,)+ }

        /// The code of each kind.
        const CODES: [u8; 64] = {
            let mut codes = [0; 64];
            $(codes[Kind::$kind as usize] = $code;)+
            codes
        };

        /// The kind of a node.
        #[inline(always)]
        const fn kind(expr: &Expr) -> Kind {
            match expr { $(Expr::$kind { .. } => Kind::$kind,)+ }
        }
    };
}

kinds! {
    I32 = node::I32,
    I64 = node::I64,
    F32 = node::F32,
    F64 = node::F64,
    LocalGet = node::LOCAL_GET,
    LocalSet = node::LOCAL_SET,
    LocalTee = node::LOCAL_TEE,
    LocalSetMany = node::LOCAL_SET_MANY,
    GlobalGet = node::GLOBAL_GET,
    GlobalSet = node::GLOBAL_SET,
    Unary = 0,
    Binary = 0,
    Select = node::SELECT,
    Load = 0,
    Store = 0,
    Address = node::ADDRESS,
    MemorySize = node::MEMORY_SIZE,
    MemoryGrow = node::MEMORY_GROW,
    MemoryCopy = node::MEMORY_COPY,
    MemoryFill = node::MEMORY_FILL,
    MemoryInit = node::MEMORY_INIT,
    DataDrop = node::DATA_DROP,
    TableInit = node::TABLE_INIT,
    TableCopy = node::TABLE_COPY,
    ElementDrop = node::ELEMENT_DROP,
    Sequence = node::SEQUENCE,
    Tuple = node::TUPLE,
    Drop = node::DROP,
    Block = node::BLOCK,
    Loop = node::LOOP,
    If = node::IF,
    IfElse = node::IF_ELSE,
    Break = node::BREAK,
    BreakTable = node::BREAK_TABLE,
    Return = node::RETURN,
    Unreachable = node::UNREACHABLE,
    Call = node::CALL,
    CallIndirect = node::CALL_INDIRECT,
}

/// One bit for each of these kinds.
const fn bits(kinds: &[Kind]) -> u64 {
    let (mut bits, mut at) = (0, 0);
    while at < kinds.len() {
        bits |= 1 << kinds[at] as u8;
        at += 1;
    }
    bits
}

/// Kinds whose first number is the immediate: all bits are set in their mask.
const IMMEDIATES: [u32; 64] = {
    let kinds = bits(&[
        Kind::I32,
        Kind::F32,
        Kind::LocalGet,
        Kind::LocalSet,
        Kind::LocalTee,
        Kind::Load,
        Kind::Store,
        Kind::Break,
    ]);
    let (mut masks, mut kind) = ([0; 64], 0);
    while kind < masks.len() {
        masks[kind] = if kinds >> kind & 1 == 0 { 0 } else { u32::MAX };
        kind += 1;
    }
    masks
};

/// Kinds that bring their own code.
const OPERATORS: u64 = bits(&[Kind::Unary, Kind::Binary, Kind::Load, Kind::Store]);

/// Kinds of two words.
const WIDE: u64 = bits(&[Kind::I64, Kind::F64]);

/// Kinds of as many words more as their list has items.
const LISTS: u64 = bits(&[Kind::LocalSetMany, Kind::BreakTable]);

/// Kinds that count something, say more than a word, or use definitions.
const OTHERS: u64 = WIDE
    | LISTS
    | bits(&[
        Kind::Sequence,
        Kind::Tuple,
        Kind::Call,
        Kind::CallIndirect,
        Kind::GlobalGet,
        Kind::GlobalSet,
        Kind::Address,
        Kind::MemoryInit,
        Kind::DataDrop,
        Kind::TableInit,
        Kind::TableCopy,
        Kind::ElementDrop,
    ]);

/// The first number of a node, be it an immediate or a child; 0 if it has none that is asked for. As many kinds as
/// possible are listed: for the compiler they are all the same.
#[inline(always)]
const fn first_number(expr: &Expr) -> u32 {
    match *expr {
        Expr::I32(value) => value as u32,
        Expr::F32(number) | Expr::Load(_, number, _) | Expr::Store(_, number, _, _) | Expr::Break(number, _) => number,
        Expr::LocalGet(id) | Expr::LocalSet(id, _) | Expr::LocalTee(id, _) => id.0,
        Expr::Sequence(list) | Expr::Tuple(list) => list.position(),
        Expr::Unary(_, child)
        | Expr::Binary(_, child, _)
        | Expr::Select(child, _, _)
        | Expr::MemoryGrow(child)
        | Expr::MemoryCopy(child, _, _)
        | Expr::MemoryFill(child, _, _)
        | Expr::Drop(child)
        | Expr::Block(child)
        | Expr::Loop(child)
        | Expr::If(child, _)
        | Expr::IfElse(child, _, _)
        | Expr::Return(child) => child.0,
        _ => 0,
    }
}

/// The code of an operator; 0 for other nodes.
#[inline(always)]
const fn operator(expr: &Expr) -> u8 {
    match *expr {
        Expr::Unary(op, _) => op.code(),
        Expr::Binary(op, _, _) => op.code(),
        Expr::Load(op, _, _) => op.code(),
        Expr::Store(op, _, _, _) => op.code(),
        _ => 0,
    }
}

/// The first word of a node.
const fn word(code: u8, count: usize, immediate: u32) -> u64 {
    // No valid node has 2^24 children.
    let count = if count > 0xFF_FFFF { 0xFF_FFFF } else { count as u64 };
    code as u64 | count << 8 | (immediate as u64) << 32
}

/// A node of which not all is written: its position in the body (bits 0 to 31), and where its first word is.
#[derive(Clone, Copy, Default)]
struct Place(u64);

impl Place {
    const fn new(node: u32, word: usize) -> Self {
        Self(node as u64 | (word as u64) << 32)
    }

    const fn node(self) -> usize {
        self.0 as u32 as usize
    }

    const fn word(self) -> usize {
        (self.0 >> 32) as usize
    }
}

/// Nodes of which not all is written, kept to be used again for the next body.
#[derive(Default)]
pub(super) struct Unfinished {
    operators: Vec<Place>,
    others: Vec<Place>,
}

impl Encoder<'_> {
    /// Writes the nodes of a body.
    pub(super) fn nodes(&mut self, body: &Body) {
        let module = self.module;
        let (first, end) = (body.first.index(), body.root.index().saturating_add(1));
        let nodes = module.exprs.as_slice().get(first..end).unwrap_or(&[]);
        let start = self.out.bodies.len();
        let mut words = core::mem::take(&mut self.out.bodies);
        let mut unfinished = core::mem::take(&mut self.unfinished);
        let (operators, others) = self.outline(nodes, &mut words, start, &mut unfinished);
        let written = &mut words[start..];
        for place in &unfinished.operators[..operators] {
            written[place.word()][0] = operator(&nodes[place.node()]);
        }
        for place in &unfinished.others[..others] {
            self.other(&nodes[place.node()], &mut written[place.word()..]);
        }
        (self.out.bodies, self.unfinished) = (words, unfinished);
    }

    /// Writes what tables and first numbers say of the nodes behind `start`, and leaves room for the rest. Says how many
    /// operators and other nodes are unfinished.
    fn outline(
        &self,
        nodes: &[Expr],
        words: &mut Vec<[u8; 8]>,
        start: usize,
        unfinished: &mut Unfinished,
    ) -> (usize, usize) {
        // A node that is finished is noted, too, and overwritten by the next; so there is one place more.
        for list in [&mut unfinished.operators, &mut unfinished.others] {
            list.resize(list.len().max(nodes.len() + 1), Place::default());
        }
        let (first, second) = (&mut unfinished.operators[..], &mut unfinished.others[..]);
        words.resize(start + 2 * nodes.len(), [0; 8]);
        let (mut at, mut operators, mut others) = (start, 0, 0);
        for (node, expr) in (0..).zip(nodes) {
            let kind = kind(expr) as usize;
            words[at] = word(CODES[kind], 0, first_number(expr) & IMMEDIATES[kind]).to_le_bytes();
            let place = Place::new(node, at - start);
            (first[operators], second[others]) = (place, place);
            operators += (OPERATORS >> kind & 1) as usize;
            others += (OTHERS >> kind & 1) as usize;
            at += 1 + (WIDE >> kind & 1) as usize;
            if LISTS >> kind & 1 != 0 {
                let more = self.listed(expr).len();
                words.resize(words.len() + more, [0; 8]);
                at += more;
            }
        }
        words.truncate(at);
        (operators, others)
    }

    /// The list whose items follow the first word.
    fn listed(&self, expr: &Expr) -> &[u32] {
        match *expr {
            Expr::LocalSetMany(locals, _) => self.module.pool.words(locals),
            Expr::BreakTable(depths, _, _) => self.module.pool.words(depths),
            _ => &[],
        }
    }

    /// Writes a node that counts something, says more than a word, or uses definitions, to where its words begin.
    fn other(&mut self, expr: &Expr, words: &mut [[u8; 8]]) {
        let pool = &self.module.pool;
        let (mut count, mut immediate) = (0, 0);
        match *expr {
            Expr::Sequence(list) | Expr::Tuple(list) => count = pool.len(list),
            Expr::I64(value) => words[1] = value.to_le_bytes(),
            Expr::F64(bits) => words[1] = bits.to_le_bytes(),
            Expr::Call(id, list) => {
                count = pool.len(list);
                self.reference(Definition::Function(id));
            }
            Expr::CallIndirect(signature, table, list) => {
                count = pool.len(list);
                immediate = self.signature(signature);
                self.reference(Definition::Table(table));
            }
            Expr::GlobalGet(id) | Expr::GlobalSet(id, _) => self.reference(Definition::Global(id)),
            Expr::Address(id) | Expr::MemoryInit(id, _) | Expr::DataDrop(id) => self.reference(Definition::Data(id)),
            Expr::ElementDrop(id) => self.reference(Definition::Element(id)),
            Expr::TableInit(table, element, _) => {
                self.reference(Definition::Table(table));
                self.reference(Definition::Element(element));
            }
            Expr::TableCopy(to, from, _) => {
                self.reference(Definition::Table(to));
                self.reference(Definition::Table(from));
            }
            _ => {
                let items = self.listed(expr);
                immediate = items.len() as u32;
                words[1..].iter_mut().zip(items).for_each(|(word, &item)| *word = u64::from(item).to_le_bytes());
            }
        }
        words[0] = word(CODES[kind(expr) as usize], count, immediate).to_le_bytes();
    }
}
