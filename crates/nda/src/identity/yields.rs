//! What each node yields, found from the tree alone.
//!
//! In a valid module every yield is a function of the tree (`validate`), so the canonical form leaves them out. A
//! block yields what its body does, or else what the first break to it brings; it never ends if nothing does. What is
//! found for a tree that is not valid does not matter: the validator refuses it.

use crate::module::{Expr, ExprId, Module, Shape, Type, Yield};
use alloc::vec::Vec;

/// A module whose new nodes get their yields.
pub(super) struct Yields<'m> {
    pub(super) module: &'m mut Module,
    /// Types of parameters and variables.
    pub(super) locals: &'m [u8],
}

impl Yields<'_> {
    /// Sets the yields of `first..=root`. `arrivals` are the values that breaks bring to blocks, sorted.
    pub(super) fn derive(&mut self, first: ExprId, root: ExprId, arrivals: &[(ExprId, ExprId)]) {
        let mut arrivals = arrivals;
        for node in (first.0..=root.0).map(ExprId) {
            let yields = match self.module.exprs[node] {
                Expr::Block(body) => {
                    let count = arrivals.iter().take_while(|&&(block, _)| block == node).count();
                    let (here, later) = arrivals.split_at(count);
                    arrivals = later;
                    let all = core::iter::once(body).chain(here.iter().map(|&(_, value)| value));
                    all.map(|value| self.of(value)).find(|&found| found != Yield::NEVER).unwrap_or(Yield::NEVER)
                }
                expr => self.node(expr),
            };
            self.module.yields[node] = yields;
        }
    }

    fn of(&self, node: ExprId) -> Yield {
        self.module.yields[node]
    }

    fn node(&mut self, expr: Expr) -> Yield {
        let i32 = Yield::one(Type::I32);
        match expr {
            Expr::Break(..) | Expr::BreakTable(..) | Expr::Return(_) | Expr::Unreachable => Yield::NEVER,
            Expr::If(condition, _) => self.unless_never(&[condition], Yield::NONE),
            Expr::Loop(body) => self.of(body),
            Expr::IfElse(condition, then, other) => {
                let value = if self.of(then) == Yield::NEVER { self.of(other) } else { self.of(then) };
                self.unless_never(&[condition], value)
            }
            Expr::Tuple(list) => self.tuple(list),
            Expr::Sequence(list) => {
                let last = self.module.pool.len(list).checked_sub(1);
                let last = last.and_then(|last| self.module.pool.item(list, last));
                self.unless_any_never(expr, last.map_or(Yield::NONE, |last: ExprId| self.of(last)))
            }
            Expr::I32(_) | Expr::Address(_) | Expr::MemorySize => i32,
            Expr::I64(_) => Yield::one(Type::I64),
            Expr::F32(_) => Yield::one(Type::F32),
            Expr::F64(_) => Yield::one(Type::F64),
            Expr::LocalGet(id) => self.local(id.0),
            Expr::LocalTee(id, value) => self.unless_never(&[value], self.local(id.0)),
            Expr::GlobalGet(id) => Yield::one(self.module.globals[id].ty),
            Expr::Unary(op, a) => self.unless_never(&[a], Yield::one(op.result())),
            Expr::Binary(op, a, b) => self.unless_never(&[a, b], Yield::one(op.result())),
            Expr::Select(a, b, condition) => self.unless_never(&[a, b, condition], self.of(a)),
            Expr::Load(op, _, address) => self.unless_never(&[address], Yield::one(op.ty())),
            Expr::MemoryGrow(pages) => self.unless_never(&[pages], i32),
            Expr::Call(id, _) => {
                self.unless_any_never(expr, self.module.result_yield(self.module.functions[id].signature))
            }
            Expr::CallIndirect(signature, _, _) => self.unless_any_never(expr, self.module.result_yield(signature)),
            _ => self.unless_any_never(expr, Yield::NONE),
        }
    }

    fn local(&self, number: u32) -> Yield {
        let ty = self.locals.get(number as usize).and_then(|&code| Type::of_code(code));
        ty.map_or(Yield::NONE, Yield::one)
    }

    fn unless_never(&self, operands: &[ExprId], value: Yield) -> Yield {
        if operands.iter().any(|&operand| self.of(operand) == Yield::NEVER) { Yield::NEVER } else { value }
    }

    fn unless_any_never(&self, expr: Expr, value: Yield) -> Yield {
        match expr.children() {
            crate::module::Children::Few(few, count) => self.unless_never(&few[..count], value),
            crate::module::Children::List(list) => {
                let never = self.module.pool.get(list).any(|child| self.of(child) == Yield::NEVER);
                if never { Yield::NEVER } else { value }
            }
        }
    }

    fn tuple(&mut self, list: crate::module::List<ExprId>) -> Yield {
        let mut types: Vec<Type> = Vec::new();
        for item in self.module.pool.get(list) {
            match self.of(item).shape() {
                Shape::One(ty) => types.push(ty),
                Shape::Never => return Yield::NEVER,
                Shape::None | Shape::Many(_) => return Yield::NONE,
            }
        }
        if types.is_empty() { Yield::NONE } else { Yield::many(self.module.pool.push(&types)) }
    }
}
