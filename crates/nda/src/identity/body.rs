//! From the words of a body back to nodes.
//!
//! Three scans, none of which recurses. Forward: a stack holds the subtrees that no node has taken yet. Backward,
//! where parents come first: which block each break leads to. Forward again: what each node yields (`yields`).

use super::canonical::{DecodeError, DecodeFault, Decoded, Reader};
use super::code::node;
use super::yields::Yields;
use crate::identity::Definition;
use crate::module::{BinaryOp, Expr, ExprId, LoadOp, LocalId, Module, SigId, StoreOp, UnaryOp, Yield};
use crate::span::Span;
use alloc::vec::Vec;

/// What the numbers in a body stand for.
pub(super) struct Scope<'s> {
    /// Types of parameters and variables.
    pub(super) locals: &'s [u8],
    pub(super) signatures: &'s [SigId],
    pub(super) references: &'s [Definition],
}

/// Reads the nodes of a body; gives the first and the last.
pub(super) fn read(module: &mut Module, scope: &Scope<'_>, reader: &mut Reader<'_>) -> Decoded<(ExprId, ExprId)> {
    let first = module.exprs.next_key();
    let offset = reader.offset;
    let targets = Targets { rest: scope.references };
    let mut nodes =
        Nodes { module, scope, targets, reader: *reader, loose: Vec::new(), labels: Vec::new(), breaks: Vec::new() };
    while !nodes.reader.is_empty() {
        nodes.node()?;
    }
    *reader = nodes.reader;
    nodes.targets.end(reader)?;
    let [(root, _)] = nodes.loose[..] else { return reader.fault(DecodeFault::Children) };
    let arrivals = nodes.arrivals(first, root).map_err(|fault| DecodeError { offset, fault })?;
    nodes.module.close(first);
    Yields { module: nodes.module, locals: scope.locals }.derive(first, root, &arrivals);
    Ok((first, root))
}

struct Nodes<'s, 'b> {
    module: &'s mut Module,
    scope: &'s Scope<'s>,
    targets: Targets<'s>,
    reader: Reader<'b>,
    /// Subtrees that no node has taken: root and first node.
    loose: Vec<(ExprId, ExprId)>,
    /// Blocks and loops in the order of their nodes, with the first node inside.
    labels: Vec<(ExprId, ExprId)>,
    /// Breaks in the order of their nodes: node, what it brings, where its depths lie in `depths`.
    breaks: Vec<(ExprId, ExprId, Depths)>,
}

/// The labels of a break.
#[derive(Clone, Copy)]
enum Depths {
    One(u32),
    Many(crate::module::List<u32>),
}

impl Nodes<'_, '_> {
    fn children<const N: usize>(&mut self) -> Decoded<([ExprId; N], ExprId)> {
        let Some(from) = self.loose.len().checked_sub(N) else { return self.reader.fault(DecodeFault::Children) };
        let mut children = [ExprId(0); N];
        children.iter_mut().zip(&self.loose[from..]).for_each(|(child, &(root, _))| *child = root);
        let first = self.loose[from].1;
        self.loose.truncate(from);
        Ok((children, first))
    }

    fn list(&mut self, count: usize) -> Decoded<(crate::module::List<ExprId>, ExprId)> {
        let Some(from) = self.loose.len().checked_sub(count) else { return self.reader.fault(DecodeFault::Children) };
        let first = self.loose.get(from).map_or(self.module.exprs.next_key(), |&(_, first)| first);
        let children: Vec<ExprId> = self.loose.drain(from..).map(|(root, _)| root).collect();
        Ok((self.module.pool.push(&children), first))
    }

    fn push(&mut self, expr: Expr, first: Option<ExprId>) {
        let id = self.module.add(expr, Yield::NONE, Span::default());
        let first = first.unwrap_or(id);
        if matches!(expr, Expr::Block(_) | Expr::Loop(_)) {
            self.labels.push((id, first));
        }
        match expr {
            Expr::Break(depth, value) => self.breaks.push((id, value, Depths::One(depth))),
            Expr::BreakTable(depths, value, _) => self.breaks.push((id, value, Depths::Many(depths))),
            _ => {}
        }
        self.loose.push((id, first));
    }

    fn zero(&self, word: u64) -> Decoded<()> {
        if word == 0 { Ok(()) } else { self.reader.fault(DecodeFault::Number) }
    }

    fn node(&mut self) -> Decoded<()> {
        if self.module.exprs.len() >= crate::MAX_MODULE_NODES {
            return self.reader.fault(DecodeFault::Number);
        }
        let word = self.reader.word()?;
        let (code, count, immediate) = (word as u8, (word >> 8) as usize & 0xFF_FFFF, (word >> 32) as u32);
        match code {
            node::CALL | node::CALL_INDIRECT | node::SEQUENCE | node::TUPLE => self.counted(code, count, immediate),
            _ if count != 0 => self.reader.fault(DecodeFault::Number),
            node::LOCAL_GET | node::I32 | node::F32 => self.leaf(code, immediate),
            node::GLOBAL_GET | node::ADDRESS | node::GLOBAL_SET | node::MEMORY_INIT..=node::ELEMENT_DROP => {
                self.zero(immediate.into())?;
                self.using(code)
            }
            node::I64 | node::F64 => {
                self.zero(immediate.into())?;
                let bits = self.reader.word()?;
                self.push(if code == node::I64 { Expr::I64(bits as i64) } else { Expr::F64(bits) }, None);
                Ok(())
            }
            node::LOCAL_SET | node::LOCAL_TEE | node::BREAK => self.set(code, immediate),
            node::LOCAL_SET_MANY | node::BREAK_TABLE => self.many(code, immediate),
            _ => self.operator(code, immediate),
        }
    }

    fn counted(&mut self, code: u8, count: usize, immediate: u32) -> Decoded<()> {
        let (list, first) = self.list(count)?;
        let expr = match code {
            node::CALL => {
                self.zero(immediate.into())?;
                Expr::Call(self.targets.function(&self.reader)?, list)
            }
            node::CALL_INDIRECT => {
                let Some(&signature) = self.scope.signatures.get(immediate as usize) else {
                    return self.reader.fault(DecodeFault::Reference);
                };
                Expr::CallIndirect(signature, self.targets.table(&self.reader)?, list)
            }
            _ => {
                self.zero(immediate.into())?;
                if code == node::TUPLE { Expr::Tuple(list) } else { Expr::Sequence(list) }
            }
        };
        self.push(expr, Some(first));
        Ok(())
    }

    fn leaf(&mut self, code: u8, immediate: u32) -> Decoded<()> {
        let expr = match code {
            node::LOCAL_GET => Expr::LocalGet(self.local(immediate)?),
            node::I32 => Expr::I32(immediate as i32),
            _ => Expr::F32(immediate),
        };
        self.push(expr, None);
        Ok(())
    }

    fn set(&mut self, code: u8, immediate: u32) -> Decoded<()> {
        let ([value], first) = self.children()?;
        let expr = match code {
            node::LOCAL_SET => Expr::LocalSet(self.local(immediate)?, value),
            node::LOCAL_TEE => Expr::LocalTee(self.local(immediate)?, value),
            _ => Expr::Break(immediate, value),
        };
        self.push(expr, Some(first));
        Ok(())
    }

    fn many(&mut self, code: u8, count: u32) -> Decoded<()> {
        let count = count as usize;
        if count > self.reader.words_left() {
            return self.reader.fault(DecodeFault::Truncated);
        }
        let words = (0..count).map(|_| self.reader.number()).collect::<Decoded<Vec<u32>>>()?;
        let (expr, first) = if code == node::BREAK_TABLE {
            let ([value, index], first) = self.children()?;
            (Expr::BreakTable(self.module.pool.push(&words), value, index), first)
        } else {
            let locals = words.into_iter().map(|word| self.local(word)).collect::<Decoded<Vec<LocalId>>>()?;
            let ([value], first) = self.children()?;
            (Expr::LocalSetMany(self.module.pool.push(&locals), value), first)
        };
        self.push(expr, Some(first));
        Ok(())
    }

    /// Nodes that use definitions other than functions.
    fn using(&mut self, code: u8) -> Decoded<()> {
        let reader = self.reader;
        let targets = &mut self.targets;
        let leaf = match code {
            node::GLOBAL_GET => Expr::GlobalGet(targets.global(&reader)?),
            node::ADDRESS => Expr::Address(targets.data(&reader)?),
            node::DATA_DROP => Expr::DataDrop(targets.data(&reader)?),
            node::ELEMENT_DROP => Expr::ElementDrop(targets.element(&reader)?),
            node::GLOBAL_SET => {
                let id = targets.global(&reader)?;
                let ([value], first) = self.children()?;
                self.push(Expr::GlobalSet(id, value), Some(first));
                return Ok(());
            }
            _ => return self.segment(code),
        };
        self.push(leaf, None);
        Ok(())
    }

    fn segment(&mut self, code: u8) -> Decoded<()> {
        let (list, first) = self.list(3)?;
        let (targets, reader) = (&mut self.targets, &self.reader);
        let expr = match code {
            node::MEMORY_INIT => Expr::MemoryInit(targets.data(reader)?, list),
            node::TABLE_INIT => Expr::TableInit(targets.table(reader)?, targets.element(reader)?, list),
            _ => Expr::TableCopy(targets.table(reader)?, targets.table(reader)?, list),
        };
        self.push(expr, Some(first));
        Ok(())
    }

    /// Nodes of a fixed number of children without anything but perhaps an offset.
    fn operator(&mut self, code: u8, immediate: u32) -> Decoded<()> {
        if let Some(op) = LoadOp::ALL.iter().find(|op| op.code() == code) {
            let ([address], first) = self.children()?;
            self.push(Expr::Load(*op, immediate, address), Some(first));
            return Ok(());
        }
        if let Some(op) = StoreOp::ALL.iter().find(|op| op.code() == code) {
            let ([address, value], first) = self.children()?;
            self.push(Expr::Store(*op, immediate, address, value), Some(first));
            return Ok(());
        }
        self.zero(immediate.into())?;
        let (expr, first) = match code {
            node::MEMORY_SIZE => (Expr::MemorySize, None),
            node::UNREACHABLE => (Expr::Unreachable, None),
            node::IF => self.children().map(|([a, b], first)| (Expr::If(a, b), Some(first)))?,
            node::SELECT | node::IF_ELSE | node::MEMORY_COPY | node::MEMORY_FILL => self.three(code)?,
            _ => match BinaryOp::of_code(code) {
                Some(op) => self.children().map(|([a, b], first)| (Expr::Binary(op, a, b), Some(first)))?,
                None => self.one(code)?,
            },
        };
        self.push(expr, first);
        Ok(())
    }

    fn three(&mut self, code: u8) -> Decoded<(Expr, Option<ExprId>)> {
        let ([a, b, c], first) = self.children()?;
        let expr = match code {
            node::SELECT => Expr::Select(a, b, c),
            node::IF_ELSE => Expr::IfElse(a, b, c),
            node::MEMORY_COPY => Expr::MemoryCopy(a, b, c),
            _ => Expr::MemoryFill(a, b, c),
        };
        Ok((expr, Some(first)))
    }

    fn one(&mut self, code: u8) -> Decoded<(Expr, Option<ExprId>)> {
        let make: fn(ExprId) -> Expr = match code {
            node::BLOCK => Expr::Block,
            node::LOOP => Expr::Loop,
            node::RETURN => Expr::Return,
            node::DROP => Expr::Drop,
            node::MEMORY_GROW => Expr::MemoryGrow,
            _ => {
                let Some(op) = UnaryOp::of_code(code) else { return self.reader.fault(DecodeFault::Node) };
                let ([value], first) = self.children()?;
                return Ok((Expr::Unary(op, value), Some(first)));
            }
        };
        let ([value], first) = self.children()?;
        Ok((make(value), Some(first)))
    }

    fn local(&self, number: u32) -> Decoded<LocalId> {
        let known = (number as usize) < self.scope.locals.len();
        if known { Ok(LocalId(number)) } else { self.reader.fault(DecodeFault::Reference) }
    }

    /// For every block the values that breaks bring to it: (block, value), sorted.
    fn arrivals(&mut self, first: ExprId, root: ExprId) -> Result<Vec<(ExprId, ExprId)>, DecodeFault> {
        let (mut open, mut found): (Vec<(ExprId, ExprId)>, _) = (Vec::new(), Vec::new());
        for node in (first.0..=root.0).rev().map(ExprId) {
            while open.last().is_some_and(|&(_, first)| first > node) {
                open.pop();
            }
            if let Some(label) = self.labels.pop_if(|&mut (label, _)| label == node) {
                open.push(label);
            }
            let Some((_, value, depths)) = self.breaks.pop_if(|&mut (id, _, _)| id == node) else { continue };
            let mut arrive = |depth: u32| {
                let outer = open.len().checked_sub(1).and_then(|last| last.checked_sub(depth as usize));
                let (label, _) = outer.map(|at| open[at]).ok_or(DecodeFault::Label)?;
                if matches!(self.module.exprs[label], Expr::Block(_)) {
                    found.push((label, value));
                }
                Ok(())
            };
            match depths {
                Depths::One(depth) => arrive(depth)?,
                Depths::Many(list) => self.module.pool.words(list).iter().try_for_each(|&depth| arrive(depth))?,
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

/// What the references of a definition lead to, used one after the other.
#[derive(Clone, Copy)]
pub(super) struct Targets<'t> {
    pub(super) rest: &'t [Definition],
}

impl Targets<'_> {
    fn next(&mut self) -> Option<Definition> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Every reference has been used.
    pub(super) fn end(&self, reader: &Reader<'_>) -> Decoded<()> {
        if self.rest.is_empty() { Ok(()) } else { reader.fault(DecodeFault::Reference) }
    }
}

/// The next reference, of the kind that is wanted.
macro_rules! targets {
    ($($name:ident $kind:ident $id:ident)+) => {
        impl Targets<'_> {
            $(pub(super) fn $name(&mut self, reader: &Reader<'_>) -> Decoded<crate::module::$id> {
                match self.next() {
                    Some(Definition::$kind(id)) => Ok(id),
                    _ => reader.fault(DecodeFault::Reference),
                }
            })+
        }
    };
}
targets! { function Function FuncId global Global GlobalId table Table TableId data Data DataId element Element ElementId }
