//! The nodes of a body in their canonical form.
//!
//! Nodes come in post-order, which is the order in which the module keeps them; a node's children are the last
//! subtrees before it, as many as its code or its count says. So neither keys nor yields need to be written. A node that
//! uses definitions takes the next of the references. A body that the module keeps in this form is copied.

use super::code::node;
use super::draft::Draft;
use super::encode::Encoder;
use crate::identity::Definition;
use crate::module::{Expr, Module, Pool};
use core::ops::Range;

impl Expr {
    /// The first word in the canonical form. Of an indirect call the immediate is missing: the number of its signature
    /// is one of the definition.
    #[inline(always)]
    pub(crate) fn word(&self, pool: &Pool) -> u64 {
        match *self {
            Self::I32(value) => word(node::I32, 0, value as u32),
            Self::I64(_) => word(node::I64, 0, 0),
            Self::F32(bits) => word(node::F32, 0, bits),
            Self::F64(_) => word(node::F64, 0, 0),
            Self::LocalGet(id) => word(node::LOCAL_GET, 0, id.0),
            Self::LocalSet(id, _) => word(node::LOCAL_SET, 0, id.0),
            Self::LocalTee(id, _) => word(node::LOCAL_TEE, 0, id.0),
            Self::LocalSetMany(locals, _) => word(node::LOCAL_SET_MANY, 0, pool.len(locals) as u32),
            Self::GlobalGet(_) => word(node::GLOBAL_GET, 0, 0),
            Self::GlobalSet(..) => word(node::GLOBAL_SET, 0, 0),
            Self::Unary(op, _) => word(op.code(), 0, 0),
            Self::Binary(op, ..) => word(op.code(), 0, 0),
            Self::Select(..) => word(node::SELECT, 0, 0),
            Self::Load(op, offset, _) => word(op.code(), 0, offset),
            Self::Store(op, offset, ..) => word(op.code(), 0, offset),
            Self::Address(_) => word(node::ADDRESS, 0, 0),
            Self::MemorySize => word(node::MEMORY_SIZE, 0, 0),
            Self::MemoryGrow(_) => word(node::MEMORY_GROW, 0, 0),
            Self::MemoryCopy(..) => word(node::MEMORY_COPY, 0, 0),
            Self::MemoryFill(..) => word(node::MEMORY_FILL, 0, 0),
            Self::MemoryInit(..) => word(node::MEMORY_INIT, 0, 0),
            Self::DataDrop(_) => word(node::DATA_DROP, 0, 0),
            Self::TableInit(..) => word(node::TABLE_INIT, 0, 0),
            Self::TableCopy(..) => word(node::TABLE_COPY, 0, 0),
            Self::ElementDrop(_) => word(node::ELEMENT_DROP, 0, 0),
            Self::Sequence(list) => word(node::SEQUENCE, pool.len(list), 0),
            Self::Tuple(list) => word(node::TUPLE, pool.len(list), 0),
            Self::Drop(_) => word(node::DROP, 0, 0),
            Self::Block(_) => word(node::BLOCK, 0, 0),
            Self::Loop(_) => word(node::LOOP, 0, 0),
            Self::If(..) => word(node::IF, 0, 0),
            Self::IfElse(..) => word(node::IF_ELSE, 0, 0),
            Self::Break(depth, _) => word(node::BREAK, 0, depth),
            Self::BreakTable(depths, ..) => word(node::BREAK_TABLE, 0, pool.len(depths) as u32),
            Self::Return(_) => word(node::RETURN, 0, 0),
            Self::Unreachable => word(node::UNREACHABLE, 0, 0),
            Self::Call(_, list) => word(node::CALL, pool.len(list), 0),
            Self::CallIndirect(_, _, list) => word(node::CALL_INDIRECT, pool.len(list), 0),
        }
    }

    /// Whatever follows [the first word](Self::word).
    #[inline]
    pub(crate) fn more_words(&self, pool: &Pool, mut out: impl FnMut(u64)) {
        match *self {
            Self::I64(value) => out(value as u64),
            Self::F64(bits) => out(bits),
            Self::LocalSetMany(locals, _) => pool.words(locals).iter().for_each(|&item| out(item.into())),
            Self::BreakTable(depths, ..) => pool.words(depths).iter().for_each(|&item| out(item.into())),
            _ => {}
        }
    }

    /// The definitions that the node uses.
    #[inline(always)]
    pub(crate) const fn uses(&self) -> [Option<Definition>; 2] {
        let first = match *self {
            Self::Call(id, _) => Definition::Function(id),
            Self::CallIndirect(_, table, _) => Definition::Table(table),
            Self::GlobalGet(id) | Self::GlobalSet(id, _) => Definition::Global(id),
            Self::Address(id) | Self::MemoryInit(id, _) | Self::DataDrop(id) => Definition::Data(id),
            Self::ElementDrop(id) => Definition::Element(id),
            Self::TableInit(table, element, _) => {
                return [Some(Definition::Table(table)), Some(Definition::Element(element))];
            }
            Self::TableCopy(to, from, _) => return [Some(Definition::Table(to)), Some(Definition::Table(from))],
            _ => return [None, None],
        };
        [Some(first), None]
    }

    /// Whether the node has more than [its word](Self::word), or a signature in it.
    #[inline(always)]
    pub(crate) const fn is_long(&self) -> bool {
        matches!(
            self,
            Self::I64(_) | Self::F64(_) | Self::LocalSetMany(..) | Self::BreakTable(..) | Self::CallIndirect(..)
        )
    }
}

/// The first word of a node.
#[inline(always)]
const fn word(code: u8, count: usize, immediate: u32) -> u64 {
    // No valid node has 2^24 children.
    let count = if count > 0xFF_FFFF { 0xFF_FFFF } else { count as u64 };
    code as u64 | count << 8 | (immediate as u64) << 32
}

/// Where the nodes of a body are.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    pub(super) nodes: Range<usize>,
    /// As a [closed](crate::module::Nodes::close) body: its number plus one.
    pub(super) closed: u32,
}

/// Writes the nodes of a body. `signatures` are the local numbers of the signatures of indirect calls, in the order of these;
/// there may be others behind them.
pub(super) fn write(module: &Module, source: &Source, mut signatures: &[u32], out: &mut Draft) {
    let start = out.words().len();
    if let Some(body) = module.exprs.words(source.closed) {
        out.extend(body.words);
        let inside = body.indirect.iter().map(|&at| (at - body.start) as usize).take_while(|&at| at < body.words.len());
        inside.zip(signatures).for_each(|(at, &number)| out.set_upper(start + at, number));
        return;
    }
    for expr in module.exprs.as_slice().get(source.nodes.clone()).unwrap_or(&[]) {
        let mut first = expr.word(&module.pool);
        if matches!(expr, Expr::CallIndirect(..)) {
            first |= u64::from(signatures.split_off_first().copied().unwrap_or(0)) << 32;
        }
        out.push(first);
        expr.more_words(&module.pool, |word| out.push(word));
    }
}

impl Encoder<'_> {
    /// Notes what a range of nodes uses, and where it is.
    pub(super) fn uses(&mut self, range: Range<usize>) {
        let nodes = &self.module.exprs;
        for one in nodes.uses(&range, &mut self.uses_end) {
            match one.of {
                Definition::Function(id) => self.reference(Definition::Function(id)),
                Definition::Global(id) => self.reference(Definition::Global(id)),
                Definition::Data(id) => self.reference(Definition::Data(id)),
                Definition::Table(id) => {
                    if let Expr::CallIndirect(signature, ..) = nodes[one.node] {
                        let number = self.signature(signature);
                        self.out.signatures.push(number);
                    }
                    self.reference(Definition::Table(id));
                }
                Definition::Element(_) | Definition::Memory => self.reference(one.of),
            }
        }
        let closed = nodes.closed(&range, self.next_closed);
        self.next_closed = closed as usize;
        self.source = Source { nodes: range, closed };
    }
}
