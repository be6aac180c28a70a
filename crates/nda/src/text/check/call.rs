//! Calls: of functions, of shims, through tables.

use super::ty::{Ty, Typed};
use super::{Checker, Entity, Head};
use crate::arena::List;
use crate::module::{Expr, FuncId, Function, FunctionKind, HostItem, Key, Meta};
use crate::span::Span;
use crate::sys::{GROUP, Overload};
use crate::text::ast::{self, IndirectId, Name, SignatureId};

impl Checker<'_> {
    #[inline(never)]
    pub(super) fn call(&mut self, name: Name, arguments: List<ast::ExprId>, span: Span) -> Typed {
        match self.known.get(name.symbol).map(|known| known.entity) {
            Some(Entity::Function(id)) => self.call_function(id, name, arguments, span),
            Some(Entity::Shim(index)) => self.call_shim(index, name, arguments, span),
            None if self.names.text(name.symbol) == "select" => self.select(name, arguments, span),
            None if self.names.text(name.symbol) == "unreachable" => self.unreachable(name, arguments, span),
            _ => {
                self.unknown_function(name);
                self.check_all(arguments);
                self.poison(span)
            }
        }
    }

    fn call_function(&mut self, id: FuncId, name: Name, arguments: List<ast::ExprId>, span: Span) -> Typed {
        let (first, nodes) = (self.mark(), self.list.len());
        let Head { signature, result } = self.heads[id.index()];
        let Some(signature) = signature else {
            self.check_all(arguments);
            return self.poison(span);
        };
        let never = self.arguments(signature, arguments, name, true);
        let list = self.module.pool.take(&mut self.list, nodes);
        self.add(Expr::Call(id, list), if never { Ty::Never } else { result }, span, first)
    }

    /// Leaves the arguments' nodes in `list`; whether one of them never ends.
    fn arguments(&mut self, signature: SignatureId, arguments: List<ast::ExprId>, name: Name, declared: bool) -> bool {
        let file = self.file;
        let parameters = file.parameters.get(file.signatures[signature].parameters);
        let arguments_given = file.arguments.get(arguments);
        if parameters.len() != arguments_given.len() {
            let place = if declared { self.item_span(name) } else { None };
            self.wrong_count(name, parameters.len(), arguments_given.len(), place);
            self.check_all(arguments);
            return false;
        }
        let mut never = false;
        for (&argument, parameter) in arguments_given.iter().zip(parameters) {
            never |= self.argument(argument, Ty::of(parameter.ty));
        }
        never
    }

    /// Leaves an argument's node in `list`; whether it never ends.
    fn argument(&mut self, argument: ast::ExprId, want: Ty) -> bool {
        let value = self.expr(argument);
        self.coerce(value, want);
        self.list.push(value.id);
        value.ty == Ty::Never
    }

    /// Looks for errors in arguments that have no parameters to fit.
    pub(super) fn check_all(&mut self, arguments: List<ast::ExprId>) {
        let file = self.file;
        for &argument in file.arguments.get(arguments) {
            let value = self.expr(argument);
            self.default(value);
        }
    }

    /// `table[index: fn(i32) -> i32](arguments)`: the index is evaluated behind the arguments.
    #[inline(never)]
    pub(super) fn call_indirect(&mut self, head: IndirectId, arguments: List<ast::ExprId>, span: Span) -> Typed {
        let head = self.file.indirects[head];
        let (first, nodes) = (self.mark(), self.list.len());
        let table = match self.known.get(head.table.symbol).map(|known| known.entity) {
            Some(Entity::Table(table)) => Some(table),
            _ => {
                self.no_table(head.table);
                None
            }
        };
        let (key, result) = self.signature(head.signature);
        let mut never = self.arguments(head.signature, arguments, head.table, false);
        let index = self.index_value(head.index, "the index into a table");
        never |= index.ty == Ty::Never;
        self.list.push(index.id);
        let list = self.module.pool.take(&mut self.list, nodes);
        let Some(table) = table else { return self.poison(span) };
        self.add(Expr::CallIndirect(key, table, list), if never { Ty::Never } else { result }, span, first)
    }

    /// A shim that has several overloads takes one argument, whose type decides.
    #[inline(never)]
    fn call_shim(&mut self, index: usize, name: Name, arguments: List<ast::ExprId>, span: Span) -> Typed {
        let file = self.file;
        let (first, nodes) = (self.mark(), self.list.len());
        let overloads = self.uses[index].shim.overloads;
        let given = file.arguments.get(arguments);
        let want = overloads[0].parameters.len();
        if given.len() != want {
            self.wrong_count(name, want, given.len(), None);
            self.check_all(arguments);
            return self.poison(span);
        }
        let mut never = false;
        let chosen = match (overloads, given) {
            ([_, _, ..], &[argument]) => {
                let value = self.expr(argument);
                never = value.ty == Ty::Never;
                self.list.push(value.id);
                self.overload(overloads, value, name)
            }
            _ => {
                for (&argument, &parameter) in given.iter().zip(overloads[0].parameters) {
                    never |= self.argument(argument, Ty::of_shim(parameter));
                }
                Some(0)
            }
        };
        let list = self.module.pool.take(&mut self.list, nodes);
        let Some(chosen) = chosen else { return self.poison(span) };
        let result = overloads[chosen].result.map_or(Ty::Unit, Ty::of_shim);
        let function = self.shim_function(index, chosen);
        self.add(Expr::Call(function, list), if never { Ty::Never } else { result }, span, first)
    }

    /// The overload for an argument.
    fn overload(&mut self, overloads: &[Overload], value: Typed, name: Name) -> Option<usize> {
        let ty = self.default(value);
        if ty == Ty::Never {
            return Some(0);
        }
        let found = overloads.iter().position(|overload| overload.parameters.iter().all(|&one| Ty::of_shim(one) == ty));
        if found.is_none() && ty != Ty::Error {
            self.no_overload(Typed { ty, ..value }, name);
        }
        found
    }

    /// The function that stands for a host item. It becomes part of the module when it is first called, so that a
    /// module says exactly what it needs.
    fn shim_function(&mut self, index: usize, overload: usize) -> FuncId {
        if let Some(id) = self.uses[index].functions[overload] {
            return id;
        }
        let shim = self.uses[index].shim;
        let Overload { item, parameters, result } = &shim.overloads[overload];
        self.memory_used |= parameters.contains(&crate::sys::ShimType::Bytes);
        self.signature.clear();
        self.signature.extend(parameters.iter().map(|ty| ty.core() as u8));
        self.signature.push(0);
        self.signature.extend(result.iter().map(|ty| ty.core() as u8));
        let signature = self.interned_signature();
        let declaration = &self.file.items[self.uses[index].item as usize];
        let (docs, span) = (declaration.docs, declaration.span);
        let host = HostItem { module: self.module.add_text(GROUP), item: self.module.add_text(item) };
        let name = Some(self.module.add_text(shim.name));
        let meta = Meta { name, doc: self.doc_text(docs), span };
        let id = self.module.functions.push(Function { meta, signature, kind: FunctionKind::Host(host) });
        self.uses[index].functions[overload] = Some(id);
        id
    }
}
