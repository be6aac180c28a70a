//! Expressions to core nodes: numbers, names, operators. What has a file of its own is called from here.

use super::fit::MINUS;
use super::operators::{self, compares};
use super::ty::{Ty, Typed};
use super::{Checker, Entity, ExprId};
use crate::module::{BinaryOp, Expr, Key as _, UnaryOp, Value};
use crate::span::Span;
use crate::text::ast::{self, ExprKind, Name, Operator, PathId};

impl Checker<'_> {
    /// An expression. Left operands are followed in a loop, because a chain of them is as long as the text.
    pub(super) fn expr(&mut self, id: ast::ExprId) -> Typed {
        let file = self.file;
        let (mark, mut at) = (self.spine.len(), id);
        while let ExprKind::Binary(_, left, _) | ExprKind::Cast(left, _) | ExprKind::Index(left, _) =
            file.exprs[at].kind
        {
            self.spine.push(at);
            at = left;
        }
        let mut left = self.operand(at);
        while self.spine.len() > mark {
            let Some(node) = self.spine.pop() else { break };
            let span = file.exprs[node].span;
            left = match file.exprs[node].kind {
                ExprKind::Binary(operator, _, right) => self.binary(operator, left, right, span),
                ExprKind::Cast(_, ty) => self.cast(left, ty, span),
                ExprKind::Index(_, index) => self.load(left, index, span),
                _ => left,
            };
        }
        left
    }

    fn operand(&mut self, id: ast::ExprId) -> Typed {
        let ast::Expr { kind, span } = self.file.exprs[id];
        match kind {
            ExprKind::Number(value) => self.number(i128::from(value), span),
            ExprKind::Float => self.float_literal(id, 0),
            ExprKind::Name(symbol) => self.name(Name { symbol, span }),
            ExprKind::Negate(operand) => self.negate(operand, span),
            ExprKind::Not(operand) => self.not(operand, span),
            ExprKind::Call(name, arguments) => self.call(name, arguments, span),
            ExprKind::BuiltIn(path, arguments) => self.built_in(path, arguments, span),
            ExprKind::Constant(path) => self.path_constant(path, span, false),
            ExprKind::CallIndirect(head, arguments) => self.call_indirect(head, arguments, span),
            ExprKind::Tee(name, value) => self.tee(name, value, span),
            ExprKind::Tuple(parts) => self.tuple(parts, span),
            ExprKind::Binary(..) | ExprKind::Cast(..) | ExprKind::Index(..) => self.expr(id),
            _ => self.control(kind, span),
        }
    }

    /// An expression that has a block or leaves one.
    fn control(&mut self, kind: ExprKind, span: Span) -> Typed {
        match kind {
            ExprKind::If(arms, otherwise) => self.if_chain(arms, otherwise, span),
            ExprKind::While(label, condition, body) => self.while_loop(label, condition, body, span),
            ExprKind::Loop(label, body) => self.endless_loop(label, body, span),
            ExprKind::Redo(label, body) => self.redo(label, body, span),
            ExprKind::For(label, head) => self.for_loop(label, head, span),
            ExprKind::Block(None, body) => self.block(body),
            ExprKind::Block(label, body) => self.labelled_block(label, body, span),
            ExprKind::Return(value) => self.return_value(value, span),
            ExprKind::Break(label, value) => self.break_out(label, value, span),
            ExprKind::Continue(label) => self.continue_loop(label, span),
            ExprKind::Branch(index, labels, value) => self.branch(index, labels, value, span),
            _ => self.poison(span),
        }
    }

    /// A whole number. Those that only fit into `u64` stand in an `f64` node, by their bits, until they are settled.
    #[inline(never)]
    pub(super) fn number(&mut self, value: i128, span: Span) -> Typed {
        let node = match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => Expr::I64(value),
            (_, Ok(bits)) => Expr::F64(bits),
            _ => {
                self.does_not_fit(span, Ty::I64);
                return self.poison(span);
            }
        };
        self.leaf(node, Ty::NUMBER, span)
    }

    /// A number with a fraction: its node has the key of the literal until it is settled, so that it is read only once
    /// its precision is known.
    #[inline(never)]
    fn float_literal(&mut self, id: ast::ExprId, sign: u64) -> Typed {
        let span = self.file.exprs[id].span;
        if !self.check_float(span) {
            return self.poison(span);
        }
        self.leaf(Expr::F64(id.index() as u64 | sign), Ty::FLOAT, span)
    }

    /// A name alone: a variable, a global, or the address of a static.
    #[inline(never)]
    fn name(&mut self, name: Name) -> Typed {
        if let Some(local) = self.variables.get(name.symbol) {
            let ty = self.locals[local.index()].ty;
            return self.leaf(Expr::LocalGet(local), ty, name.span);
        }
        match self.known.get(name.symbol).map(|known| known.entity) {
            Some(Entity::Global(global)) => {
                let ty = self.globals[global.index()];
                self.leaf(Expr::GlobalGet(global), ty, name.span)
            }
            Some(Entity::Static(data)) => {
                let ty = self.static_type(data);
                self.memory_used = true;
                self.leaf(Expr::Address(data), ty, name.span)
            }
            _ => {
                self.unknown_variable(name);
                self.poison(name.span)
            }
        }
    }

    /// `-x` is `0 - x`, or `neg` of a number with a fraction; a negated literal is a literal, so that the smallest one
    /// can be written.
    #[inline(never)]
    fn negate(&mut self, operand: ast::ExprId, span: Span) -> Typed {
        match self.file.exprs[operand].kind {
            ExprKind::Number(value) => return self.number(-i128::from(value), span),
            ExprKind::Float => return self.float_literal(operand, MINUS),
            ExprKind::Constant(path) => return self.path_constant(path, span, true),
            _ => {}
        }
        let zero = self.leaf(Expr::I64(0), Ty::NUMBER, span);
        let mut operand = self.expr(operand);
        if matches!(operand.ty, Ty::Float(_) | Ty::F32 | Ty::F64) {
            operand.id = self.remove_leaf(zero.id, operand.id);
            let op = if operand.ty == Ty::F32 { UnaryOp::F32Neg } else { UnaryOp::F64Neg };
            return self.add(Expr::Unary(op, operand.id), operand.ty, span, zero.id);
        }
        self.arithmetic(Operator::Sub, zero, operand, span)
    }

    fn binary(&mut self, operator: Operator, left: Typed, right: ast::ExprId, span: Span) -> Typed {
        if matches!(operator, Operator::BothTrue | Operator::EitherTrue) {
            return self.logic(operator, left, right, span);
        }
        let right = self.expr(right);
        self.arithmetic(operator, left, right, span)
    }

    #[inline(never)]
    fn arithmetic(&mut self, operator: Operator, left: Typed, right: Typed, span: Span) -> Typed {
        if let Some(wrong) = [left, right].into_iter().find(|side| !side.ty.is_single()) {
            self.no_value(wrong, "an operator needs two numbers");
            return self.poison(span);
        }
        let is_pointer = |side: &Typed| matches!(side.ty, Ty::Pointer(_));
        if let Some(pointer) = [left, right].into_iter().find(is_pointer)
            && operators::binary(operator, pointer.ty).is_none()
        {
            self.no_operator(operator, pointer, span);
            return self.poison(span);
        }
        let mut ty = self.unify(left, right);
        if compares(operator) && ty.is_open() {
            ty = self.default(Typed { first: left.first, ty, ..right });
        }
        if matches!(ty, Ty::Error | Ty::Never) {
            return self.add(Expr::Binary(BinaryOp::I32Add, left.id, right.id), ty, span, left.first);
        }
        let Some(op) = operators::binary(operator, ty) else {
            let blame = if left.ty == Ty::Never { right } else { left };
            self.no_operator(operator, Typed { ty, ..blame }, span);
            return self.poison(span);
        };
        let never = left.ty == Ty::Never || right.ty == Ty::Never;
        let result = match (never, compares(operator)) {
            (true, _) => Ty::Never,
            (_, true) => Ty::I32,
            _ => ty,
        };
        self.add(Expr::Binary(op, left.id, right.id), result, span, left.first)
    }

    /// `(name = value)`
    #[inline(never)]
    fn tee(&mut self, name: Name, value: ast::ExprId, span: Span) -> Typed {
        let value = self.expr(value);
        let Some(local) = self.variables.get(name.symbol) else {
            self.not_a_variable(name);
            return self.poison(span);
        };
        let ty = self.locals[local.index()].ty;
        self.coerce(value, ty);
        let ty = if value.ty == Ty::Never { Ty::Never } else { ty };
        self.add(Expr::LocalTee(local, value.id), ty, span, value.first)
    }

    /// `(a, b)`
    #[inline(never)]
    fn tuple(&mut self, parts: crate::arena::List<ast::ExprId>, span: Span) -> Typed {
        let file = self.file;
        let (first, nodes, from) = (self.mark(), self.list.len(), self.parts.len());
        let mut never = false;
        for (index, &part) in file.arguments.get(parts).iter().enumerate() {
            let part = self.expr(part);
            if !part.ty.is_single() {
                self.no_value(part, "each part of a tuple needs one value");
            }
            never |= part.ty == Ty::Never;
            if part.ty.is_open() {
                self.regroup(
                    part,
                    |group| {
                        if group == super::ty::Group::HERE { super::ty::Group::part(index) } else { group }
                    },
                );
            }
            self.parts.push(if part.ty.is_single() { part.ty } else { Ty::Error });
            self.list.push(part.id);
        }
        let count = self.parts.len() - from;
        if count > crate::MAX_RESULTS {
            self.too_many_parts(span);
        }
        let ty = self.tuple_type(from);
        let list = self.module.pool.take(&mut self.list, nodes);
        if never {
            let last = ExprId(self.mark().0 - 1);
            self.default(Typed { id: last, first, ty, blame: span });
            return self.add(Expr::Tuple(list), Ty::Never, span, first);
        }
        self.add(Expr::Tuple(list), ty, span, first)
    }

    /// `f64::inf`, `f32::nan`
    #[inline(never)]
    pub(super) fn path_constant(&mut self, path: PathId, span: Span, minus: bool) -> Typed {
        match self.named_constant(path, minus) {
            Some(value) => self.leaf(super::fit::constant(value), Ty::of_core(value.ty()), span),
            None => {
                self.unknown_constant(path, span);
                self.poison(span)
            }
        }
    }

    /// The value of a path without arguments.
    pub(super) fn named_constant(&self, path: PathId, minus: bool) -> Option<Value> {
        let path = self.file.paths[path];
        let value = match (self.names.text(path.group.symbol), self.names.text(path.item.symbol)) {
            ("f32", "inf") => Value::F32(f32::INFINITY.to_bits()),
            ("f32", "nan") => Value::F32(0x7fc0_0000),
            ("f64", "inf") => Value::F64(f64::INFINITY.to_bits()),
            ("f64", "nan") => Value::F64(0x7ff8_0000_0000_0000),
            _ => return None,
        };
        Some(match value {
            Value::F32(bits) => Value::F32(bits ^ (u32::from(minus) << 31)),
            Value::F64(bits) => Value::F64(bits ^ (u64::from(minus) << 63)),
            other => other,
        })
    }
}
