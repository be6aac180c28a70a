//! The checker: resolves names, gives everything a type, and writes the core tree.
//!
//! `items` declares functions and capabilities, `block` handles statements and scopes, `expr` and `control`
//! expressions, `ty` the rules of types, `complain` words the errors.
//!
//! Whole numbers take their type from what they meet. Until then an expression made of them only has the type
//! [`Ty::Number`]; since the core nodes of an expression are one consecutive range, settling its type later is one
//! pass over that range. So there is no table of type variables, and a node is looked at once more per level of nesting
//! at most.
//!
//! Invariants: recursion follows the parser's nesting only (left operands are followed in a loop, [`crate::ast`]); a
//! name is looked up by index; the module is used only if nothing was reported. What takes part in the recursion is
//! kept out of line (`#[inline(never)]`), so that a level of nesting takes about half a kilobyte of stack.

mod block;
mod complain;
mod control;
mod expr;
mod items;
#[cfg(test)]
mod tests;
mod ty;

use crate::arena::{Arena, List, Pool};
use crate::ast::{self, File};
use crate::core::{Expr, ExprId, FuncId, LocalId, Module};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::names::{NameMap, Names, Symbol};
use crate::parse::Parsed;
use crate::span::Span;
use alloc::vec::Vec;
use ty::{Ty, Typed};

/// Checks a syntax tree. Errors go to `diagnostics`; if there are any, the module is worthless.
pub(crate) fn check(parsed: &Parsed<'_>, source: &str, diagnostics: &mut Diagnostics) -> Module {
    let mut checker = Checker::new(parsed, source, diagnostics);
    checker.declare();
    for function in &parsed.file.functions {
        if checker.diagnostics.is_full() {
            break;
        }
        checker.function(function);
    }
    checker.module
}

/// What a called name stands for.
#[derive(Clone, Copy, Debug)]
enum Callee {
    Function(FuncId),
    /// The capability `sys::print`.
    Print,
}

/// The state of a check.
struct Checker<'a> {
    file: &'a File,
    names: &'a Names<'a>,
    source: &'a str,
    diagnostics: &'a mut Diagnostics,
    callees: NameMap<Callee>,
    /// The variables in scope.
    variables: NameMap<LocalId>,
    /// What each variable in scope hides, innermost last.
    hidden: Vec<(Symbol, Option<LocalId>)>,
    /// Types of the current function's locals.
    locals: Vec<Ty>,
    /// The current function's result type.
    result: Ty,
    module: Module,
    /// Types of the core nodes, in step with `module.exprs`.
    types: Arena<ExprId, Ty>,
    // Lists being built, as in the parser.
    spine: Vec<ast::ExprId>,
    list: Vec<ExprId>,
}

impl<'a> Checker<'a> {
    fn new(parsed: &'a Parsed<'a>, source: &'a str, diagnostics: &'a mut Diagnostics) -> Self {
        Self {
            file: &parsed.file,
            names: &parsed.names,
            source,
            diagnostics,
            callees: NameMap::new(&parsed.names),
            variables: NameMap::new(&parsed.names),
            hidden: Vec::new(),
            locals: Vec::new(),
            result: Ty::Unit,
            module: Module { functions: Arena::new(), exprs: Arena::new(), spans: Arena::new(), lists: Pool::new() },
            types: Arena::new(),
            spine: Vec::new(),
            list: Vec::new(),
        }
    }

    /// Where the core nodes of an expression begin: ask before writing the first.
    fn mark(&self) -> ExprId {
        self.module.exprs.next_key()
    }

    /// Writes a core node whose operands begin at `first`.
    fn add(&mut self, expr: Expr, ty: Ty, span: Span, first: ExprId) -> Typed {
        let id = self.module.exprs.push(expr);
        self.module.spans.push(span);
        self.types.push(ty);
        Typed { id, first, ty, blame: span }
    }

    /// What stands for an expression that was reported; never runs.
    fn poison(&mut self, span: Span) -> Typed {
        let first = self.mark();
        self.add(Expr::Block(List::EMPTY), Ty::Error, span, first)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}
