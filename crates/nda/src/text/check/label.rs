//! Labels: what can be broken out of or begun anew, and how deep each break is.
//!
//! A *target* is a place in the core that may become a block or loop: which ones do is known only when the text inside
//! is checked. Each break notes the innermost target around it and the one it goes to; when the function is complete,
//! its depth is the number of targets between the two that did become something.

use super::ty::{Ty, Typed};
use super::{Checker, ExprId};
use crate::module::{Expr, List};
use crate::names::Symbol;
use crate::span::Span;
use crate::text::ast::{self, Name};

/// A place in the core that may become a block or loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// The target around it; the first target of a function is around all.
    parent: usize,
    pub(super) used: bool,
    /// How many used targets there are up to this one, when the function is complete.
    level: u32,
}

/// A break whose depth is still open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jump {
    pub(super) node: ExprId,
    from: usize,
    to: Goals,
}

/// Where a break goes.
#[derive(Clone, Copy, Debug)]
enum Goals {
    One(usize),
    /// A range of `jump_targets`.
    Table(usize, usize),
}

/// What a label stands before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Block,
    While,
    Loop,
    For,
    Redo,
}

impl Form {
    /// As it is written.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Block => "a block",
            Self::While => "`while`",
            Self::Loop => "`loop`",
            Self::For => "`for`",
            Self::Redo => "`redo`",
        }
    }
}

/// Something that can be broken out of or begun anew, with a label or without.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pub(super) name: Option<Symbol>,
    pub(super) form: Form,
    /// Where a break goes.
    pub(super) out: Option<usize>,
    /// Where a `continue` goes.
    pub(super) again: Option<usize>,
    /// The type of what breaks bring along, as far as there are any.
    pub(super) ty: Option<Ty>,
    /// Some break brings an open number along.
    pub(super) open: bool,
}

impl Label {
    pub(super) fn new(label: ast::Label, form: Form, out: Option<usize>, again: Option<usize>) -> Self {
        Self { name: label.map(|name| name.symbol), form, out, again, ty: None, open: false }
    }
}

impl Checker<'_> {
    /// Enters a target.
    pub(super) fn open_target(&mut self, used: bool) -> usize {
        self.targets.push(Target { parent: self.inside, used, level: 0 });
        self.inside = self.targets.len() - 1;
        self.inside
    }

    /// Leaves the innermost target and says whether it is used.
    pub(super) fn close_target(&mut self) -> bool {
        let target = self.targets[self.inside];
        self.inside = target.parent;
        target.used
    }

    /// The type of what is left by the innermost label, whose body this is: what the body and all breaks give.
    #[inline(never)]
    pub(super) fn close_label(&mut self, body: Typed) -> Ty {
        let depth = self.labels.len() - 1;
        let Some(label) = self.labels.pop() else { return body.ty };
        let Some(broken) = label.ty else { return body.ty };
        let ty = self.join(broken, body.ty);
        if !self.fits(broken, ty) {
            self.mismatch(body, broken);
            return Ty::Error;
        }
        self.coerce(body, ty);
        self.link(broken, ty);
        if label.open {
            self.settle_breaks(body, ty, depth);
        }
        ty
    }

    /// Settles what breaks to the label of this depth brought along, or lets it wait for the value around.
    fn settle_breaks(&mut self, body: Typed, ty: Ty, depth: usize) {
        for id in (body.first.0..=body.id.0).map(ExprId) {
            let found = *self.type_at(id);
            let Some(group) = found.group().filter(|group| group.is_for(depth)) else { continue };
            let want = match (ty, group.index()) {
                (Ty::Many(tuple), Some(part)) => self.types_in(tuple).get(part).copied().unwrap_or(Ty::Error),
                _ => ty,
            };
            if want.is_open() {
                *self.type_at(id) = found.in_group(group.here());
            } else {
                self.settle_node(id, want);
            }
        }
    }

    /// Notes what a break brings to a label.
    fn bring(&mut self, at: usize, value: Typed) {
        if value.ty == Ty::Never {
            return;
        }
        let before = self.labels[at].ty.unwrap_or(value.ty);
        let ty = self.join(before, value.ty);
        if !self.fits(before, ty) || !self.fits(value.ty, ty) {
            return self.mismatch(value, before);
        }
        self.labels[at].ty = Some(ty);
        self.link(before, ty);
        self.coerce(value, ty);
        let open = match value.ty {
            Ty::Many(tuple) => self.types_in(tuple).iter().any(|part| part.is_open()),
            ty => ty.is_open(),
        };
        if open {
            self.labels[at].open = true;
            self.regroup(value, |group| if group.is_here() { group.for_label(at) } else { group });
        }
    }

    /// What a jump brings along.
    fn brought(&mut self, value: Option<ast::ExprId>, span: Span) -> Typed {
        let Some(value) = value else { return self.nothing(span) };
        let value = self.expr(value);
        if value.ty == Ty::Unit {
            self.no_value(value, "a value is needed here, or nothing at all");
            return Typed { ty: Ty::Error, ..value };
        }
        value
    }

    #[inline(never)]
    pub(super) fn break_out(&mut self, label: ast::Label, value: Option<ast::ExprId>, span: Span) -> Typed {
        let brought = self.brought(value, span);
        let Some(at) = self.label(label, "break", span) else { return self.poison(span) };
        let Some(out) = self.labels[at].out else {
            self.break_out_of_redo(span);
            return self.poison(span);
        };
        if value.is_some() && matches!(self.labels[at].form, Form::While | Form::For) {
            self.break_without_value(brought, self.labels[at].form);
            return self.poison(span);
        }
        self.bring(at, brought);
        let node = self.add(Expr::Break(0, brought.id), Ty::Never, span, brought.first);
        self.jump(node, Goals::One(out))
    }

    #[inline(never)]
    pub(super) fn continue_loop(&mut self, label: ast::Label, span: Span) -> Typed {
        let brought = self.nothing(span);
        let Some(at) = self.label(label, "continue", span) else { return self.poison(span) };
        let Some(again) = self.labels[at].again else {
            self.continue_of_block(span);
            return self.poison(span);
        };
        let node = self.add(Expr::Break(0, brought.id), Ty::Never, span, brought.first);
        self.jump(node, Goals::One(again))
    }

    #[inline(never)]
    pub(super) fn branch(
        &mut self,
        index: ast::ExprId,
        labels: crate::arena::List<Name>,
        value: Option<ast::ExprId>,
        span: Span,
    ) -> Typed {
        let file = self.file;
        let mut brought = self.brought(value, span);
        let index = self.index_value(index, "a `branch`");
        let from = self.jump_targets.len();
        let mut found = true;
        for &name in file.names.get(labels) {
            let Some(at) = self.label(Some(name), "branch", span) else {
                found = false;
                continue;
            };
            found &= self.branch_target(at, &mut brought, value.is_some());
        }
        if !found {
            return self.poison(span);
        }
        let to = self.jump_targets.len();
        let node = Expr::BreakTable(List::EMPTY, brought.id, index.id);
        let node = self.add(node, Ty::Never, span, brought.first);
        self.jump(node, Goals::Table(from, to))
    }

    /// Adds a target of a `branch`. All labels take the same value, so its type is settled by the first that has one.
    fn branch_target(&mut self, at: usize, brought: &mut Typed, has_value: bool) -> bool {
        let label = self.labels[at];
        let target = match label.again {
            Some(_) if has_value => {
                self.break_without_value(*brought, label.form);
                return false;
            }
            Some(again) => again,
            None => {
                if let Some(ty) = label.ty.filter(|&ty| brought.ty != Ty::Never && self.fits(brought.ty, ty)) {
                    self.coerce(*brought, ty);
                    brought.ty = ty;
                }
                brought.ty = self.default(*brought);
                self.bring(at, *brought);
                label.out.unwrap_or(0)
            }
        };
        self.jump_targets.push(target);
        true
    }

    /// Notes a jump, whose targets exist from now on.
    fn jump(&mut self, node: Typed, to: Goals) -> Typed {
        self.jumps.push(Jump { node: node.id, from: self.inside, to });
        match to {
            Goals::One(target) => self.targets[target].used = true,
            Goals::Table(from, to) => {
                for index in from..to {
                    let target = self.jump_targets[index];
                    self.targets[target].used = true;
                }
            }
        }
        node
    }

    /// The label that is meant: the one of this name, or without a name the innermost loop.
    fn label(&mut self, label: ast::Label, word: &'static str, span: Span) -> Option<usize> {
        let found = match label {
            Some(name) => self.labels.iter().rposition(|label| label.name == Some(name.symbol)),
            None => self.labels.iter().rposition(|label| label.form != Form::Block),
        };
        if found.is_none() {
            match label {
                Some(name) => self.unknown_label(name),
                None => self.no_loop(word, span),
            }
        }
        found
    }

    /// Counts the depths of all breaks of a function.
    pub(super) fn count_depths(&mut self) {
        for index in 1..self.targets.len() {
            // A target comes behind those around it.
            let target = self.targets[index];
            self.targets[index].level = self.targets[target.parent].level + u32::from(target.used);
        }
        let depth = |targets: &[Target], from: usize, to: usize| targets[from].level - targets[to].level;
        for jump in &self.jumps {
            let node = jump.node;
            match (jump.to, self.module.exprs[node]) {
                (Goals::One(to), Expr::Break(_, value)) => {
                    self.module.set(node, Expr::Break(depth(&self.targets, jump.from, to), value));
                }
                (Goals::Table(from, to), Expr::BreakTable(_, value, index)) => {
                    let depths = self.jump_targets[from..to].iter();
                    self.depths.extend(depths.map(|&to| depth(&self.targets, jump.from, to)));
                    let depths = self.module.pool.take(&mut self.depths, 0);
                    self.module.set(node, Expr::BreakTable(depths, value, index));
                }
                _ => {}
            }
        }
    }
}
