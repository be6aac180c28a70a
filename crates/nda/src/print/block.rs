//! Blocks and statements.

use super::expr::Context;
use super::form::Form;
use super::shape::{Items, Look};
use super::{Printer, Written};
use crate::module::{Expr, ExprId, List, LocalId};
use alloc::format;

impl<'m> Printer<'m> {
    pub(super) fn look(&self) -> Look<'m, '_> {
        Look { module: self.module, facts: &self.function.facts }
    }

    /// The block that holds what this node does.
    pub(super) fn block_of(&mut self, node: ExprId, known: bool, depth: u32) -> Written {
        let items = self.look().items(node);
        let known = known && !self.is_never(node);
        self.block(items, &[], known, depth)
    }

    /// `{ ... }`, with variables declared first.
    pub(super) fn block(&mut self, items: Items<'m>, declared: &[LocalId], known: bool, depth: u32) -> Written {
        if items.len() == 0 && declared.is_empty() {
            return self.out.push("{}");
        }
        self.out.push("{")?;
        self.out.deeper();
        for &local in declared {
            self.declaration(local)?;
        }
        for index in 0..items.len() {
            let last = index + 1 == items.len();
            self.statement(items.get(index), last, known, depth + 1)?;
        }
        self.out.shallower();
        self.out.line()?;
        self.out.push("}")
    }

    /// `let x: i32;`
    fn declaration(&mut self, local: LocalId) -> Written {
        self.out.line()?;
        let ty = format!("{}", self.local_type(local));
        self.out.all(&["let ", self.function.variables.name_of(local), ": ", &ty, ";"])
    }

    /// A statement, or the value of the block.
    fn statement(&mut self, node: ExprId, last: bool, known: bool, depth: u32) -> Written {
        if self.function.facts[node].declares {
            let locals: alloc::vec::Vec<LocalId> = self.function.variables.before(node).collect();
            locals.into_iter().try_for_each(|local| self.declaration(local))?;
        }
        self.out.line()?;
        match self.expr_at(node) {
            Expr::LocalSet(local, value) => self.set_local(node, local, value, depth),
            Expr::LocalSetMany(locals, value) => self.set_many(node, locals, value, depth),
            Expr::GlobalSet(id, value) => {
                self.out.all(&[self.names.global(id), " = "])?;
                self.expression(value, Context::whole(true, depth))?;
                self.out.push(";")
            }
            Expr::Drop(value) => {
                self.plain(value, false, depth)?;
                self.out.push(";")
            }
            _ => {
                let known = known && !self.is_never(node);
                let braces = matches!(self.form(node, known), Form::Braces);
                self.plain(node, last && known, depth)?;
                let value = self.has_value(node) && last;
                self.out.push(if braces || value { "" } else { ";" })
            }
        }
    }

    /// An expression as a statement. What ends with a brace stands bare; nothing follows it.
    fn plain(&mut self, node: ExprId, known: bool, depth: u32) -> Written {
        match self.expr_at(node) {
            Expr::Tuple(list) => {
                self.enter(depth)?;
                self.tuple(list, known && !self.is_never(node), depth)
            }
            _ => self.expression(node, Context::whole(known, depth)),
        }
    }

    /// `let x = value;` or `x = value;`
    fn set_local(&mut self, node: ExprId, local: LocalId, value: ExprId, depth: u32) -> Written {
        let name = self.function.variables.name_of(local);
        if self.function.variables.declares(local, node) {
            self.out.all(&["let ", name])?;
            if !self.function.facts[value].typed || self.is_never(value) {
                let ty = format!(": {}", self.local_type(local));
                self.out.push(&ty)?;
            }
        } else {
            self.out.push(name)?;
        }
        self.out.push(" = ")?;
        self.expression(value, Context::whole(true, depth))?;
        self.out.push(";")
    }

    /// `let (a, b) = value;` or `(a, b) = value;`
    fn set_many(&mut self, node: ExprId, locals: List<LocalId>, value: ExprId, depth: u32) -> Written {
        let first = self.module.pool.item(locals, 0);
        let declares = first.is_some_and(|first| self.function.variables.declares(first, node));
        self.out.push(if declares { "let (" } else { "(" })?;
        for (index, local) in self.module.pool.get(locals).enumerate() {
            self.out.all(&[if index == 0 { "" } else { ", " }, self.function.variables.name_of(local)])?;
        }
        self.out.push(") = ")?;
        match self.expr_at(value) {
            Expr::Tuple(list) => {
                self.enter(depth)?;
                self.tuple(list, !declares && !self.is_never(value), depth)?;
            }
            _ => self.expression(value, Context::whole(!declares, depth))?,
        }
        self.out.push(";")
    }

    /// What has braces: blocks, loops, decisions, and statements where a value would stand.
    pub(super) fn braces(&mut self, node: ExprId, known: bool, depth: u32) -> Written {
        match self.expr_at(node) {
            Expr::If(..) | Expr::IfElse(..) => self.decision(node, known, depth),
            Expr::Block(_) | Expr::Loop(_) => self.labelled(node, depth),
            Expr::Sequence(_) if self.function.facts[node].counted => self.counted(node, depth),
            Expr::Sequence(_) => self.block_of(node, known, depth),
            _ => self.block(Items::One(node), &[], known, depth),
        }
    }
}
