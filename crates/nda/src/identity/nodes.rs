//! The nodes of a body in their canonical form.
//!
//! Nodes come in post-order, which is the order in which the module keeps them; a node's children are the last
//! subtrees before it, as many as its code or its count says. So neither keys nor yields need to be written. A node that
//! uses definitions takes the next of the references.

use super::code::node;
use super::encode::Encoder;
use crate::identity::Definition;
use crate::module::{Body, Expr, Key};

/// The first word of a node.
const fn word(code: u8, count: usize, immediate: u32) -> u64 {
    // No valid node has 2^24 children.
    let count = if count > 0xFF_FFFF { 0xFF_FFFF } else { count as u64 };
    code as u64 | count << 8 | (immediate as u64) << 32
}

impl Encoder<'_> {
    /// Writes the nodes of a body.
    pub(super) fn nodes(&mut self, body: &Body) {
        let module = self.module;
        let (first, end) = (body.first.index(), body.root.index().saturating_add(1));
        for expr in module.exprs.as_slice().get(first..end).unwrap_or(&[]) {
            self.node(expr);
        }
    }

    #[inline]
    fn node(&mut self, expr: &Expr) {
        let pool = &self.module.pool;
        let first = match *expr {
            Expr::LocalGet(id) => word(node::LOCAL_GET, 0, id.0),
            Expr::I32(value) => word(node::I32, 0, value as u32),
            Expr::Binary(op, _, _) => word(op.code(), 0, 0),
            Expr::Unary(op, _) => word(op.code(), 0, 0),
            Expr::LocalSet(id, _) => word(node::LOCAL_SET, 0, id.0),
            Expr::LocalTee(id, _) => word(node::LOCAL_TEE, 0, id.0),
            Expr::Load(op, offset, _) => word(op.code(), 0, offset),
            Expr::Store(op, offset, _, _) => word(op.code(), 0, offset),
            Expr::Sequence(list) => word(node::SEQUENCE, pool.len(list), 0),
            Expr::If(_, _) => word(node::IF, 0, 0),
            Expr::IfElse(_, _, _) => word(node::IF_ELSE, 0, 0),
            Expr::Block(_) => word(node::BLOCK, 0, 0),
            Expr::Loop(_) => word(node::LOOP, 0, 0),
            Expr::Break(depth, _) => word(node::BREAK, 0, depth),
            Expr::Drop(_) => word(node::DROP, 0, 0),
            Expr::Return(_) => word(node::RETURN, 0, 0),
            Expr::F32(bits) => word(node::F32, 0, bits),
            Expr::Select(_, _, _) => word(node::SELECT, 0, 0),
            Expr::Tuple(list) => word(node::TUPLE, pool.len(list), 0),
            Expr::MemorySize => word(node::MEMORY_SIZE, 0, 0),
            Expr::MemoryGrow(_) => word(node::MEMORY_GROW, 0, 0),
            Expr::MemoryCopy(_, _, _) => word(node::MEMORY_COPY, 0, 0),
            Expr::MemoryFill(_, _, _) => word(node::MEMORY_FILL, 0, 0),
            Expr::Unreachable => word(node::UNREACHABLE, 0, 0),
            Expr::I64(value) => return self.two(node::I64, value as u64),
            Expr::F64(bits) => return self.two(node::F64, bits),
            Expr::Call(id, list) => {
                let count = pool.len(list);
                self.reference(Definition::Function(id));
                word(node::CALL, count, 0)
            }
            _ => return self.rare(expr),
        };
        self.word(first);
    }

    fn two(&mut self, code: u8, second: u64) {
        self.word(word(code, 0, 0));
        self.word(second);
    }

    /// Nodes that have more to say, or are seldom seen.
    fn rare(&mut self, expr: &Expr) {
        let pool = &self.module.pool;
        match *expr {
            Expr::LocalSetMany(locals, _) => {
                let words = pool.words(locals);
                self.list(node::LOCAL_SET_MANY, words);
            }
            Expr::BreakTable(depths, _, _) => {
                let words = pool.words(depths);
                self.list(node::BREAK_TABLE, words);
            }
            Expr::CallIndirect(signature, table, list) => {
                let count = pool.len(list);
                let signature = self.signature(signature);
                self.reference(Definition::Table(table));
                self.word(word(node::CALL_INDIRECT, count, signature));
            }
            Expr::TableInit(table, element, _) => {
                self.pair(node::TABLE_INIT, Definition::Table(table), Definition::Element(element));
            }
            Expr::TableCopy(to, from, _) => {
                self.pair(node::TABLE_COPY, Definition::Table(to), Definition::Table(from));
            }
            Expr::GlobalGet(id) => self.one(node::GLOBAL_GET, Definition::Global(id)),
            Expr::GlobalSet(id, _) => self.one(node::GLOBAL_SET, Definition::Global(id)),
            Expr::Address(id) => self.one(node::ADDRESS, Definition::Data(id)),
            Expr::MemoryInit(id, _) => self.one(node::MEMORY_INIT, Definition::Data(id)),
            Expr::DataDrop(id) => self.one(node::DATA_DROP, Definition::Data(id)),
            Expr::ElementDrop(id) => self.one(node::ELEMENT_DROP, Definition::Element(id)),
            _ => {}
        }
    }

    fn one(&mut self, code: u8, to: Definition) {
        self.reference(to);
        self.word(word(code, 0, 0));
    }

    fn pair(&mut self, code: u8, to: Definition, other: Definition) {
        self.reference(to);
        self.reference(other);
        self.word(word(code, 0, 0));
    }

    fn list(&mut self, code: u8, items: &[u32]) {
        self.word(word(code, 0, items.len() as u32));
        items.iter().for_each(|&item| self.word(u64::from(item)));
    }
}
