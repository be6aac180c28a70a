//! Blocks, statements and scopes.

use super::{Checker, Ty, Typed};
use crate::ast::{self, BlockId, Name, Statement, Written};
use crate::core::{Expr, ExprId};
use crate::span::Span;

impl Checker<'_> {
    /// A block: a scope, its statements, its value. It never ends if one of its statements does not.
    pub(super) fn block(&mut self, id: BlockId) -> Typed {
        let file = self.file;
        let block = file.blocks[id];
        let (first, scope, nodes) = (self.mark(), self.hidden.len(), self.list.len());
        let mut ends = true;
        for &statement in file.statements.get(block.statements) {
            ends &= self.statement(statement) != Ty::Never;
        }
        let value = block.value.map(|value| self.expr(value));
        self.leave_scope(scope);
        match value {
            Some(value) if ends => self.sequence(nodes, Some(value), value.ty, block.span, first),
            _ => {
                if let Some(value) = value {
                    self.drop_value(value);
                }
                self.sequence(nodes, None, if ends { Ty::Unit } else { Ty::Never }, block.span, first)
            }
        }
    }

    /// The statements in `list[nodes..]`, then the value, as one node. One thing alone needs no block around it.
    #[inline(never)]
    fn sequence(&mut self, nodes: usize, value: Option<Typed>, ty: Ty, span: Span, first: ExprId) -> Typed {
        let brace = Span::new(span.end.saturating_sub(1), span.end);
        let blame = value.map_or(brace, |value| value.blame);
        self.list.extend(value.map(|value| value.id));
        if let [only] = self.list[nodes..] {
            self.list.truncate(nodes);
            return Typed { id: only, first, ty, blame };
        }
        let list = self.module.lists.take(&mut self.list, nodes);
        Typed { blame, ..self.add(Expr::Block(list), ty, span, first) }
    }

    /// A statement. Gives [`Ty::Never`] if control does not get past it.
    #[inline(never)]
    fn statement(&mut self, statement: Statement) -> Ty {
        match statement {
            Statement::Let { name, annotation, value } => self.let_statement(name, annotation, value),
            Statement::Assign { name, value } => self.assignment(name, value),
            Statement::Drop(value) => {
                let value = self.expr(value);
                self.drop_value(value)
            }
            Statement::Unit(value) => {
                let value = self.expr(value);
                if matches!(value.ty, Ty::Number | Ty::Value(_)) {
                    self.unused_value(value);
                }
                self.list.push(value.id);
                value.ty
            }
        }
    }

    #[inline(never)]
    fn let_statement(&mut self, name: Name, annotation: Option<Written>, value: ast::ExprId) -> Ty {
        let value = self.expr(value);
        let ty = match annotation {
            Some(written) => {
                self.coerce(value, Ty::of(written));
                Ty::of(written)
            }
            None => self.default(value),
        };
        if ty == Ty::Unit {
            self.no_value(value, "a variable needs a value");
        }
        // The name is in scope only behind its own first value.
        let local = self.declare_variable(name, if ty == Ty::Unit { Ty::Error } else { ty });
        self.set_local(local, value, name)
    }

    #[inline(never)]
    fn assignment(&mut self, name: Name, value: ast::ExprId) -> Ty {
        let value = self.expr(value);
        let Some(local) = self.variables.get(name.symbol) else {
            self.unknown_variable(name);
            return Ty::Error;
        };
        self.coerce(value, self.locals[crate::arena::Key::index(local)]);
        self.set_local(local, value, name)
    }

    fn set_local(&mut self, local: crate::core::LocalId, value: Typed, name: Name) -> Ty {
        let span = name.span.to(self.module.spans[value.id]);
        let node = self.add(Expr::SetLocal(local, value.id), Ty::Unit, span, value.first);
        self.list.push(node.id);
        value.ty
    }

    /// Adds a node that evaluates `value` and leaves nothing.
    #[inline(never)]
    fn drop_value(&mut self, value: Typed) -> Ty {
        let ty = self.default(value);
        let id = match ty {
            Ty::Value(_) => self.add(Expr::Drop(value.id), Ty::Unit, value.blame, value.first).id,
            _ => value.id,
        };
        self.list.push(id);
        ty
    }

    /// The core node of a block whose value, if any, is not wanted to be one: a loop's body.
    pub(super) fn unit_block(&mut self, id: BlockId) -> ExprId {
        let body = self.block(id);
        if matches!(body.ty, Ty::Number | Ty::Value(_)) {
            self.unused_value(body);
        }
        body.id
    }
}
