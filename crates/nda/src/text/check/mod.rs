//! The checker: resolves names, gives everything a type, and writes the core.
//!
//! `declare` gives every item its key before anything is read, `items`, `data` and `tables` read what is no function,
//! `constant` the values that are known without running code, `function` the functions; `block` handles statements and
//! scopes, `expr`, `cast`, `index`, `call`, `built_in` and `control` expressions, `loops` and `label` what can be broken
//! out of; `ty` and `fit` have the rules of types, `words` and `advice` word the errors.
//!
//! Numbers take their type from what they meet. Until then an expression made of them only has the type
//! [`Ty::Number`] or [`Ty::Float`]; since the core nodes of an expression are one consecutive range, settling its type
//! later is one pass over that range. So there is no table of type variables, and a node is looked at once more per
//! level of nesting at most. What waits for something else than the value around it (the value of a break, a part of
//! a tuple) says so in its [`Group`](ty::Group).
//!
//! Whether a loop needs a block around it is known at its end, so breaks name their target by number, and their depths
//! are counted when the function is complete (`label`).
//!
//! Invariants: recursion follows the parser's nesting only (left operands are followed in a loop, [`super::ast`]); a
//! name is looked up by index; the module is used only if nothing was reported. What takes part in the recursion is
//! kept out of line (`#[inline(never)]`), so that a level of nesting takes about half a kilobyte of stack.

mod advice;
mod block;
mod built_in;
mod bulk;
mod call;
mod cast;
mod constant;
mod control;
mod data;
mod declare;
mod expr;
mod fit;
mod function;
mod index;
mod items;
mod label;
mod loops;
mod operators;
mod placing;
mod shift;
mod tables;
#[cfg(test)]
mod tests;
mod ty;
mod words;

use super::ast::{self, File, SignatureId};
use super::parse::Parsed;
use crate::arena::Pool;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::module::{
    DataId, ElementId, Expr, ExprId, FuncId, GlobalId, List, LocalId, Module, SigId, Table, TableId, TextId, Type,
};
use crate::names::{NameMap, Names, Symbol};
use crate::span::Span;
use crate::sys::Shim;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use built_in::BuiltIn;
use control::Arm;
use label::{Jump, Label, Target};
use ty::{TupleId, Ty, Typed};

/// Checks a syntax tree. Errors go to `diagnostics`; if there are any, the module is worthless.
pub(crate) fn check(parsed: &Parsed<'_>, source: &str, diagnostics: &mut Diagnostics) -> Module {
    let mut checker = Checker::new(parsed, source, diagnostics);
    checker.declare();
    checker.items();
    checker.functions();
    checker.implied_memory();
    checker.check_room();
    checker.module
}

/// What the name of an item stands for.
#[derive(Clone, Copy, Debug)]
enum Entity {
    Function(FuncId),
    /// A shim, as the index of its `use`.
    Shim(usize),
    Global(GlobalId),
    Static(DataId),
    Data(DataId),
    Table(TableId),
    Element(ElementId),
}

/// An item that has a name: what it is, and its position in the file.
#[derive(Clone, Copy, Debug)]
struct Known {
    entity: Entity,
    item: u32,
}

/// A declared function: the types as they were written. No head if it could not be read, which has been reported.
#[derive(Clone, Copy, Debug)]
struct Head {
    signature: Option<SignatureId>,
    result: Ty,
}

/// A shim that the program may call, and the host items of its overloads that it does call.
struct Use {
    shim: &'static Shim,
    item: u32,
    functions: Vec<Option<FuncId>>,
}

/// A variable.
#[derive(Clone, Copy, Debug)]
struct Local {
    ty: Ty,
    /// `None` for those without a name of their own.
    name: Option<Symbol>,
}

/// The state of a check.
struct Checker<'a> {
    file: &'a File,
    names: &'a Names<'a>,
    source: &'a str,
    diagnostics: &'a mut Diagnostics,
    module: Module,

    // Items.
    known: NameMap<Known>,
    /// The core key of each item of the file; worthless for items without one.
    keys: Vec<u32>,
    heads: Vec<Head>,
    uses: Vec<Use>,
    /// Types of the globals as they were written.
    globals: Vec<Ty>,
    /// Signatures by the types they list.
    signatures: BTreeMap<Vec<u8>, SigId>,
    /// Room for a key of `signatures`.
    signature: Vec<u8>,
    /// Texts of names that were kept.
    texts: NameMap<TextId>,
    no_text: Option<TextId>,
    memory_used: bool,
    built_ins: BTreeMap<(usize, usize), Option<BuiltIn>>,

    // Several types, such as the results of a function.
    tuples: Table<TupleId, crate::arena::List<Ty>>,
    tuple_types: Pool<Ty>,
    tuple_lists: Vec<Option<List<Type>>>,
    /// Where the open parts of several types are settled.
    tuple_links: Vec<Option<TupleId>>,

    // The function at hand.
    variables: NameMap<LocalId>,
    /// What each variable in scope hides, innermost last.
    hidden: Vec<(Symbol, Option<LocalId>)>,
    locals: Vec<Local>,
    result: Ty,
    /// Its first node.
    base: ExprId,
    /// Types of its nodes.
    types: Vec<Ty>,
    targets: Vec<Target>,
    /// The innermost target at hand.
    inside: usize,
    labels: Vec<Label>,
    jumps: Vec<Jump>,
    /// Targets of those jumps that have several.
    jump_targets: Vec<usize>,
    depths: Vec<u32>,

    // Lists being built; inner lists are moved out from the end before outer ones go on.
    spine: Vec<ast::ExprId>,
    list: Vec<ExprId>,
    arms: Vec<Arm>,
    parts: Vec<Ty>,
    bytes: Vec<u8>,
    core_types: Vec<Type>,
    local_texts: Vec<TextId>,
}

impl<'a> Checker<'a> {
    fn new(parsed: &'a Parsed<'a>, source: &'a str, diagnostics: &'a mut Diagnostics) -> Self {
        let names = &parsed.names;
        let mut module = Module::default();
        module.exprs.reserve(parsed.file.exprs.len());
        module.spans.reserve(parsed.file.exprs.len());
        module.yields.reserve(parsed.file.exprs.len());
        Self {
            file: &parsed.file,
            names,
            source,
            diagnostics,
            module,
            known: NameMap::new(names),
            keys: Vec::new(),
            heads: Vec::new(),
            uses: Vec::new(),
            globals: Vec::new(),
            signatures: BTreeMap::new(),
            signature: Vec::new(),
            texts: NameMap::new(names),
            no_text: None,
            memory_used: false,
            built_ins: BTreeMap::new(),
            tuples: Table::default(),
            tuple_types: Pool::new(),
            tuple_lists: Vec::new(),
            tuple_links: Vec::new(),
            variables: NameMap::new(names),
            hidden: Vec::new(),
            locals: Vec::new(),
            result: Ty::Unit,
            base: ExprId(0),
            types: Vec::new(),
            targets: Vec::new(),
            inside: 0,
            labels: Vec::new(),
            jumps: Vec::new(),
            jump_targets: Vec::new(),
            depths: Vec::new(),
            spine: Vec::new(),
            list: Vec::new(),
            arms: Vec::new(),
            parts: Vec::new(),
            bytes: Vec::new(),
            core_types: Vec::new(),
            local_texts: Vec::new(),
        }
    }

    /// Where the core nodes of an expression begin: ask before writing the first.
    fn mark(&self) -> ExprId {
        self.module.exprs.next_key()
    }

    /// Writes a core node whose operands begin at `first`.
    #[inline(always)]
    fn add(&mut self, expr: Expr, ty: Ty, span: Span, first: ExprId) -> Typed {
        let id = self.module.exprs.push(expr, &self.module.pool);
        self.module.spans.push(span);
        self.types.push(ty);
        Typed { id, first, ty, blame: span }
    }

    /// A node without operands.
    #[inline(always)]
    fn leaf(&mut self, expr: Expr, ty: Ty, span: Span) -> Typed {
        let first = self.mark();
        self.add(expr, ty, span, first)
    }

    /// The type of a node of the function at hand.
    fn type_at(&mut self, id: ExprId) -> &mut Ty {
        &mut self.types[(id.0 - self.base.0) as usize]
    }

    /// What stands for an expression that was reported; never runs.
    fn poison(&mut self, span: Span) -> Typed {
        self.leaf(Expr::Sequence(List::EMPTY), Ty::Error, span)
    }

    /// A value that is none: what `return;` and `break;` bring along.
    fn nothing(&mut self, span: Span) -> Typed {
        self.leaf(Expr::Sequence(List::EMPTY), Ty::Unit, span)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}
