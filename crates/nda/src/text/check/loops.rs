//! Loops and labelled blocks to core nodes. What each becomes is in `docs/nda.md`, where it is a promise.

use super::label::{Form, Label};
use super::operators;
use super::ty::{Ty, Typed};
use super::{Checker, ExprId};
use crate::module::{BinaryOp, Expr, Key, LocalId};
use crate::span::Span;
use crate::text::ast::{self, BlockId, ForId, Operator};

impl Checker<'_> {
    /// `'label: { ... }`
    #[inline(never)]
    pub(super) fn labelled_block(&mut self, label: ast::Label, body: BlockId, span: Span) -> Typed {
        let out = self.open_target(true);
        self.labels.push(Label::new(label, Form::Block, Some(out), None));
        let body = self.block(body);
        let ty = self.close_label(body);
        self.close_target();
        Typed { blame: body.blame, ..self.add(Expr::Block(body.id), ty, span, body.first) }
    }

    /// `redo { ... }`
    #[inline(never)]
    pub(super) fn redo(&mut self, label: ast::Label, body: BlockId, span: Span) -> Typed {
        let again = self.open_target(true);
        self.labels.push(Label::new(label, Form::Redo, None, Some(again)));
        let body = self.block(body);
        self.labels.pop();
        self.close_target();
        Typed { blame: body.blame, ..self.add(Expr::Loop(body.id), body.ty, span, body.first) }
    }

    /// `loop { ... }`: a `continue` is a break to the core's loop itself.
    #[inline(never)]
    pub(super) fn endless_loop(&mut self, label: ast::Label, body: BlockId, span: Span) -> Typed {
        let (first, nodes) = (self.mark(), self.list.len());
        let out = self.open_target(false);
        let again = self.open_target(true);
        self.labels.push(Label::new(label, Form::Loop, Some(out), Some(again)));
        self.loop_body(body);
        let whole = self.turn_around(nodes, first, span);
        let whole = self.add(Expr::Loop(whole.id), Ty::Never, span, first);
        self.close_target();
        let ty = self.close_label(whole);
        if self.close_target() { self.add(Expr::Block(whole.id), ty, span, first) } else { whole }
    }

    /// The nodes in `list[nodes..]`, then a break to the loop around them.
    fn turn_around(&mut self, nodes: usize, first: ExprId, span: Span) -> Typed {
        let brace = Span::new(span.end.saturating_sub(1), span.end);
        let nothing = self.nothing(brace);
        let node = self.add(Expr::Break(0, nothing.id), Ty::Never, brace, nothing.first);
        self.list.push(node.id);
        self.pack(nodes, Ty::Never, span, first)
    }

    /// `while condition { ... }`
    #[inline(never)]
    pub(super) fn while_loop(&mut self, label: ast::Label, condition: ast::ExprId, body: BlockId, span: Span) -> Typed {
        let (first, nodes) = (self.mark(), self.list.len());
        let out = self.open_target(false);
        self.open_target(true);
        let condition = self.condition(condition);
        let inside = self.mark();
        self.inner_body(Label::new(label, Form::While, Some(out), None), body);
        let then = self.turn_around(nodes, inside, span);
        self.closed_loop(condition, then, span, first)
    }

    /// The body of a loop that does something behind it: a `continue` leaves only a block around the body. Left in
    /// `list`.
    fn inner_body(&mut self, label: Label, body: BlockId) {
        let (nodes, inside, span) = (self.list.len(), self.mark(), self.file.blocks[body].span);
        let next = self.open_target(false);
        self.labels.push(Label { again: Some(next), ..label });
        let ty = self.loop_body(body);
        self.labels.pop();
        if self.close_target() {
            let packed = self.pack(nodes, ty, span, inside);
            let node = self.add(Expr::Block(packed.id), Ty::Unit, span, inside);
            self.list.push(node.id);
        }
    }

    /// The loop of a condition and a body that ends with a break to the loop, in a block if something leaves it.
    fn closed_loop(&mut self, condition: Typed, then: Typed, span: Span, first: ExprId) -> Typed {
        let ty = if condition.ty == Ty::Never { Ty::Never } else { Ty::Unit };
        let node = self.add(Expr::If(condition.id, then.id), ty, span, first);
        let node = self.add(Expr::Loop(node.id), ty, span, first);
        self.close_target();
        if self.close_target() { self.add(Expr::Block(node.id), Ty::Unit, span, first) } else { node }
    }

    /// `for name in from..to { ... }`: two locals, the one that counts and the end, which is evaluated once.
    #[inline(never)]
    pub(super) fn for_loop(&mut self, label: ast::Label, id: ForId, span: Span) -> Typed {
        let head = self.file.fors[id];
        let (first, nodes) = (self.mark(), self.list.len());
        let counter = self.new_local(Some(head.name.symbol), Ty::Error, head.name.span);
        let end = self.new_local(None, Ty::Error, head.name.span);
        let from = self.expr(head.from);
        let set_from = self.set(Expr::LocalSet(counter, from.id), from, head.name.span.to(from.blame));
        let to = self.expr(head.to);
        let set_to = self.set(Expr::LocalSet(end, to.id), to, to.blame);
        let ty = self.counted_type(from, to);
        self.locals[counter.index()].ty = ty;
        self.locals[end.index()].ty = ty;
        let node = self.counted_loop(label, head, [counter, end], ty, span);
        self.list.push(node.id);
        let never = [set_from, set_to, node.ty].contains(&Ty::Never);
        self.pack(nodes, if never { Ty::Never } else { Ty::Unit }, span, first)
    }

    /// The type of what a `for` counts.
    #[inline(never)]
    fn counted_type(&mut self, from: Typed, to: Typed) -> Ty {
        for side in [from, to] {
            if matches!(side.ty, Ty::Unit | Ty::Many(_)) {
                self.no_value(side, "a `for` needs two numbers");
                return Ty::Error;
            }
        }
        let ty = self.unify(from, to);
        let ty = self.default(Typed { first: from.first, ty, ..to });
        match ty {
            Ty::Never => Ty::I32,
            Ty::Error => Ty::Error,
            ty if ty.is_integer() => ty,
            _ => {
                self.not_counted(Typed { ty, ..from });
                Ty::Error
            }
        }
    }

    #[inline(never)]
    fn counted_loop(&mut self, label: ast::Label, head: ast::For, locals: [LocalId; 2], ty: Ty, span: Span) -> Typed {
        let (first, nodes, scope) = (self.mark(), self.list.len(), self.hidden.len());
        let at = head.name.span;
        let out = self.open_target(false);
        self.open_target(true);
        let [counter, end] = locals.map(|local| self.leaf(Expr::LocalGet(local), ty, at));
        let less = operators::binary(Operator::Less, ty).unwrap_or(BinaryOp::I32LtS);
        let condition = self.add(Expr::Binary(less, counter.id, end.id), Ty::I32, at, first);
        let inside = self.mark();
        self.bring_into_scope(head.name.symbol, locals[0]);
        self.inner_body(Label::new(label, Form::For, Some(out), None), head.body);
        self.leave_scope(scope);
        self.count_up(locals[0], ty, at);
        let then = self.turn_around(nodes, inside, span);
        self.closed_loop(condition, then, span, first)
    }

    fn count_up(&mut self, counter: LocalId, ty: Ty, at: Span) {
        let value = self.leaf(Expr::LocalGet(counter), ty, at);
        let wide = ty.core() == crate::module::Type::I64;
        let one = self.leaf(if wide { Expr::I64(1) } else { Expr::I32(1) }, ty, at);
        let add = operators::binary(Operator::Add, ty).unwrap_or(BinaryOp::I32Add);
        let sum = self.add(Expr::Binary(add, value.id, one.id), ty, at, value.first);
        self.set(Expr::LocalSet(counter, sum.id), sum, at);
    }
}
