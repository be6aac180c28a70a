//! Blocks, statements and scopes.

use super::ty::{Ty, Typed};
use super::{Checker, Entity, ExprId, Local};
use crate::MAX_LOCALS;
use crate::arena::List;
use crate::module::{Expr, Key, LocalId};
use crate::names::Symbol;
use crate::span::Span;
use crate::text::ast::{self, BlockId, ExprKind, Name, Statement};

impl Checker<'_> {
    /// A block: a scope, its statements, its value. It never ends if one of its statements does not.
    pub(super) fn block(&mut self, id: BlockId) -> Typed {
        let (first, nodes) = (self.mark(), self.list.len());
        let span = self.file.blocks[id].span;
        let brace = Span::new(span.end.saturating_sub(1), span.end);
        match self.open_block(id) {
            (true, Some(value)) => {
                let whole = self.pack(nodes, value.ty, span, first);
                Typed { blame: value.blame, ..whole }
            }
            (ends, value) => {
                if let Some(value) = value {
                    self.default(value);
                }
                let ty = if ends { Ty::Unit } else { Ty::Never };
                let whole = self.pack(nodes, ty, span, first);
                Typed { blame: value.map_or(brace, |value| value.blame), ..whole }
            }
        }
    }

    /// The nodes of a block, its value last, left in `list`; whether it gets to its end, and the value.
    fn open_block(&mut self, id: BlockId) -> (bool, Option<Typed>) {
        let file = self.file;
        let (block, scope) = (file.blocks[id], self.hidden.len());
        let mut ends = true;
        for &statement in file.statements.get(block.statements) {
            ends &= self.statement(statement) != Ty::Never;
        }
        let value = block.value.map(|value| self.expr(value));
        self.list.extend(value.map(|value| value.id));
        self.leave_scope(scope);
        (ends, value)
    }

    /// The nodes of a block whose value, if any, is not wanted: the body of a loop. Left in `list`. Gives
    /// [`Ty::Never`] if control does not get to its end.
    pub(super) fn loop_body(&mut self, id: BlockId) -> Ty {
        match self.open_block(id) {
            (true, Some(value)) => {
                if value.ty.is_value() {
                    self.unused_value(value);
                }
                if value.ty == Ty::Never { Ty::Never } else { Ty::Unit }
            }
            (ends, value) => {
                if let Some(value) = value.filter(|value| value.ty.is_value()) {
                    self.list.pop();
                    self.drop_value(value);
                }
                if ends { Ty::Unit } else { Ty::Never }
            }
        }
    }

    /// The nodes in `list[nodes..]` as one node. One alone needs nothing around it.
    #[inline(never)]
    pub(super) fn pack(&mut self, nodes: usize, ty: Ty, span: Span, first: ExprId) -> Typed {
        if let [only] = self.list[nodes..] {
            self.list.truncate(nodes);
            return Typed { id: only, first, ty, blame: span };
        }
        let list = self.module.pool.take(&mut self.list, nodes);
        self.add(Expr::Sequence(list), ty, span, first)
    }

    /// A statement. Gives [`Ty::Never`] if control does not get past it.
    #[inline(never)]
    fn statement(&mut self, statement: Statement) -> Ty {
        match statement {
            Statement::Let { name, ty, value: Some(value) } => self.let_statement(name, ty, value),
            Statement::Let { name, ty, value: None } => {
                self.declare_variable(name, ty.map_or(Ty::Error, Ty::of));
                Ty::Unit
            }
            Statement::LetMany { names, value } => self.let_many(names, value),
            Statement::Assign { name, value } => self.assignment(name, value),
            Statement::AssignMany { names, value } => self.assign_many(names, value),
            Statement::Store { target, value } => self.store_statement(target, value),
            Statement::Drop(value) => {
                let value = self.expr(value);
                self.drop_value(value)
            }
            Statement::Unit(value) => {
                let value = self.expr(value);
                if value.ty.is_value() {
                    self.unused_value(value);
                }
                self.list.push(value.id);
                value.ty
            }
        }
    }

    #[inline(never)]
    fn let_statement(&mut self, name: Name, annotation: Option<ast::Type>, value: ast::ExprId) -> Ty {
        let value = self.expr(value);
        let ty = match annotation {
            Some(written) => {
                self.coerce(value, Ty::of(written));
                Ty::of(written)
            }
            None => self.default(value),
        };
        let ty = self.variable_type(value, ty);
        // The name is in scope only behind its own first value.
        let local = self.declare_variable(name, ty);
        let span = name.span.to(self.module.spans[value.id]);
        self.set(Expr::LocalSet(local, value.id), value, span)
    }

    /// The type of a variable whose first value is of type `ty`.
    fn variable_type(&mut self, value: Typed, ty: Ty) -> Ty {
        match ty {
            Ty::Unit => {
                self.no_value(value, "a variable needs a value");
                Ty::Error
            }
            Ty::Many(_) => {
                self.many_in_one(value);
                Ty::Error
            }
            // It never gets a value, but needs a type.
            Ty::Never => Ty::I32,
            ty => ty,
        }
    }

    /// Writes a node that sets something and leaves nothing.
    pub(super) fn set(&mut self, node: Expr, value: Typed, span: Span) -> Ty {
        let ty = if value.ty == Ty::Never { Ty::Never } else { Ty::Unit };
        let node = self.add(node, ty, span, value.first);
        self.list.push(node.id);
        ty
    }

    #[inline(never)]
    fn let_many(&mut self, names: List<Name>, value: ast::ExprId) -> Ty {
        let file = self.file;
        let value = self.expr(value);
        let names = file.names.get(names);
        let ty = self.default(value);
        self.check_count(value, ty, names.len());
        let from = self.locals.len();
        for (index, &name) in names.iter().enumerate() {
            let ty = self.part_type(ty, index);
            self.declare_variable(name, if ty == Ty::Never { Ty::I32 } else { ty });
        }
        let locals = names.iter().enumerate().map(|(index, _)| LocalId((from + index) as u32));
        let locals = self.local_list(locals);
        self.set_many(locals, value, names)
    }

    /// The type of one of several values.
    fn part_type(&self, ty: Ty, index: usize) -> Ty {
        match ty {
            Ty::Many(tuple) => self.types_in(tuple).get(index).copied().unwrap_or(Ty::Error),
            Ty::Never => Ty::Never,
            _ => Ty::Error,
        }
    }

    /// Reports a value that is not so many values.
    fn check_count(&mut self, value: Typed, ty: Ty, want: usize) {
        let found = match ty {
            Ty::Never | Ty::Error => return,
            Ty::Many(tuple) => self.types_in(tuple).len(),
            Ty::Unit => 0,
            _ => 1,
        };
        if found != want {
            self.wrong_number_of_values(value, want, found);
        }
    }

    fn local_list(&mut self, locals: impl Iterator<Item = LocalId>) -> crate::module::List<LocalId> {
        let mut few = [LocalId(0); crate::MAX_RESULTS];
        let count = few.iter_mut().zip(locals).map(|(slot, local)| *slot = local).count();
        self.module.pool.push(&few[..count])
    }

    fn set_many(&mut self, locals: crate::module::List<LocalId>, value: Typed, names: &[Name]) -> Ty {
        let start = names.first().map_or(value.blame, |name| name.span);
        let span = start.to(self.module.spans[value.id]);
        self.set(Expr::LocalSetMany(locals, value.id), value, span)
    }

    #[inline(never)]
    fn assign_many(&mut self, names: List<Name>, value: ast::ExprId) -> Ty {
        let file = self.file;
        let value = self.expr(value);
        let names = file.names.get(names);
        self.check_count(value, value.ty, names.len());
        let from = self.parts.len();
        let mut locals = [LocalId(0); crate::MAX_RESULTS];
        for (index, &name) in names.iter().enumerate() {
            let local = self.variables.get(name.symbol);
            match local {
                Some(local) => self.parts.push(self.locals[local.index()].ty),
                None => {
                    self.not_a_variable(name);
                    self.parts.push(Ty::Error);
                }
            }
            if let Some(slot) = locals.get_mut(index) {
                *slot = local.unwrap_or(LocalId(0));
            }
        }
        let want = self.tuple_type(from);
        if matches!(value.ty, Ty::Many(tuple) if self.types_in(tuple).len() == names.len()) {
            self.coerce(value, want);
        }
        let locals = self.local_list(locals.into_iter().take(names.len()));
        self.set_many(locals, value, names)
    }

    #[inline(never)]
    fn assignment(&mut self, name: Name, value: ast::ExprId) -> Ty {
        let value = self.expr(value);
        let span = name.span.to(self.module.spans[value.id]);
        if let Some(local) = self.variables.get(name.symbol) {
            self.coerce(value, self.locals[local.index()].ty);
            return self.set(Expr::LocalSet(local, value.id), value, span);
        }
        match self.known.get(name.symbol).map(|known| known.entity) {
            Some(Entity::Global(global)) if self.module.globals[global].mutable => {
                self.coerce(value, self.globals[global.index()]);
                self.set(Expr::GlobalSet(global, value.id), value, span)
            }
            _ => {
                self.not_assignable(name);
                Ty::Error
            }
        }
    }

    /// `pointer[index] = value;`
    #[inline(never)]
    fn store_statement(&mut self, target: ast::ExprId, value: ast::ExprId) -> Ty {
        let place = self.file.exprs[target];
        let ExprKind::Index(pointer, index) = place.kind else { return Ty::Error };
        let pointer = self.expr(pointer);
        let address = self.address(pointer, index, place.span);
        let value = self.expr(value);
        let Some((address, offset, cell)) = address else {
            self.default(value);
            return Ty::Error;
        };
        self.coerce(value, Ty::of_cell(cell));
        let span = place.span.to(self.module.spans[value.id]);
        let node = Expr::Store(super::operators::store(cell), offset, address.id, value.id);
        let never = if address.ty == Ty::Never { Ty::Never } else { value.ty };
        self.set(node, Typed { ty: never, first: address.first, ..value }, span)
    }

    /// Adds a node that evaluates `value` and leaves nothing.
    #[inline(never)]
    pub(super) fn drop_value(&mut self, value: Typed) -> Ty {
        let ty = self.default(value);
        let id = if ty.is_value() {
            self.add(Expr::Drop(value.id), Ty::Unit, value.blame, value.first).id
        } else {
            value.id
        };
        self.list.push(id);
        ty
    }

    /// A new local that hides any variable of the same name until the scope is left.
    pub(super) fn declare_variable(&mut self, name: Name, ty: Ty) -> LocalId {
        let local = self.new_local(Some(name.symbol), ty, name.span);
        self.bring_into_scope(name.symbol, local);
        local
    }

    /// A new local that is not in scope yet.
    pub(super) fn new_local(&mut self, name: Option<Symbol>, ty: Ty, span: Span) -> LocalId {
        if self.locals.len() == MAX_LOCALS {
            self.too_many_variables(span);
        }
        self.locals.push(Local { ty, name });
        LocalId(self.locals.len() as u32 - 1)
    }

    pub(super) fn bring_into_scope(&mut self, symbol: Symbol, local: LocalId) {
        let hidden = self.variables.replace(symbol, Some(local));
        self.hidden.push((symbol, hidden));
    }

    /// Ends the scope of every variable declared since `hidden` had this length.
    pub(super) fn leave_scope(&mut self, mark: usize) {
        for (symbol, hidden) in self.hidden.drain(mark..).rev() {
            self.variables.replace(symbol, hidden);
        }
    }
}
