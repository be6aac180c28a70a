//! Declarations: capabilities and functions get their names before any body is read, so order does not matter.

use super::{Callee, Checker, Ty};
use crate::arena::Key;
use crate::ast::{Function, Head, Name, Use};
use crate::core::{self, FuncId, LocalId};
use crate::span::Span;
use crate::{MAX_LOCALS, ast};
use alloc::string::String;
use alloc::vec::Vec;

/// The capabilities there are, as group and item of a `use` declaration.
pub(super) const CAPABILITIES: [(&str, &str); 1] = [("sys", "print")];

impl<'a> Checker<'a> {
    /// Declares everything that can be called.
    pub(super) fn declare(&mut self) {
        let file = self.file;
        for declaration in &file.uses {
            self.declare_use(declaration);
        }
        for (index, function) in file.functions.iter().enumerate() {
            self.declare_callee(function.name, Callee::Function(FuncId::new(index)));
        }
    }

    fn declare_use(&mut self, declaration: &Use) {
        let path = (self.names.text(declaration.group.symbol), self.names.text(declaration.item.symbol));
        if CAPABILITIES.contains(&path) {
            self.declare_callee(declaration.item, Callee::Print);
        } else {
            self.unknown_capability(declaration);
        }
    }

    fn declare_callee(&mut self, name: Name, callee: Callee) {
        if let Some(earlier) = self.callees.replace(name.symbol, Some(callee)) {
            self.callees.replace(name.symbol, Some(earlier));
            self.duplicate(name, self.callee_span(earlier));
        }
    }

    /// Where a callee is declared.
    pub(super) fn callee_span(&self, callee: Callee) -> Option<Span> {
        match callee {
            Callee::Function(id) => Some(self.file.functions[id.index()].name.span),
            Callee::Print => self.file.uses.first().map(|declaration| declaration.item.span),
        }
    }

    /// Checks one function and adds it to the module, in the order of the syntax tree: its index is its [`FuncId`].
    pub(super) fn function(&mut self, function: &'a Function) {
        self.locals.clear();
        let (mut parameters, mut result, mut body) = (0, None, core::ExprId::new(0));
        if let Some(head) = &function.head {
            parameters = head.parameters.len() as u32;
            result = head.result.flatten();
            if let Some(block) = function.body {
                body = self.body(head, block);
            }
        }
        let name = String::from(self.names.text(function.name.symbol));
        let locals: Vec<_> = self.locals.iter().map(|ty| ty.value()).collect();
        self.module.functions.push(core::Function { name, locals, parameters, result, body });
    }

    fn body(&mut self, head: &'a Head, block: ast::BlockId) -> core::ExprId {
        self.result = head.result.map_or(Ty::Unit, Ty::of);
        for (index, parameter) in head.parameters.iter().enumerate() {
            let twin = head.parameters[..index].iter().find(|other| other.name.symbol == parameter.name.symbol);
            if let Some(twin) = twin {
                self.duplicate(parameter.name, Some(twin.name.span));
            }
            self.declare_variable(parameter.name, Ty::of(parameter.ty));
        }
        let value = self.block(block);
        match (value.ty, self.result) {
            (Ty::Unit, Ty::Value(_)) => self.no_result(value.blame, head.result_span),
            (Ty::Number | Ty::Value(_), Ty::Unit) => self.unwanted_result(value, head.result_span),
            _ => self.coerce(value, self.result),
        }
        self.leave_scope(0);
        value.id
    }

    /// A new local that hides any variable of the same name until the scope is left.
    pub(super) fn declare_variable(&mut self, name: Name, ty: Ty) -> LocalId {
        if self.locals.len() == MAX_LOCALS {
            self.too_many_variables(name);
        }
        let local = LocalId::new(self.locals.len());
        self.locals.push(ty);
        let hidden = self.variables.replace(name.symbol, Some(local));
        self.hidden.push((name.symbol, hidden));
        local
    }

    /// Ends the scope of every variable declared since `hidden` had this length.
    pub(super) fn leave_scope(&mut self, mark: usize) {
        for (symbol, hidden) in self.hidden.drain(mark..).rev() {
            self.variables.replace(symbol, hidden);
        }
    }
}
