//! Which nodes the language has a word for: `while`, `loop`, `for`, `&&` and `||`.
//!
//! `docs/nda.md` states what each becomes in the core; here is the way back. Whatever is not exactly that shape is
//! written with labelled blocks and `redo`, which can say everything.

use super::facts::is_nothing;
use super::{Facts, Printer};
use crate::module::{BinaryOp, Expr, ExprId, List, LocalId, Module, Shape, Type, UnaryOp, Yield};

/// Statements between braces: the items of a sequence, or one node.
#[derive(Clone, Copy, Debug)]
pub(super) enum Items<'m> {
    One(ExprId),
    Many(&'m [u32]),
}

impl Items<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(words) => words.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> ExprId {
        match self {
            Self::One(node) => *node,
            Self::Many(words) => ExprId(words[index]),
        }
    }
}

/// A loop as text writes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form<'m> {
    /// `redo { }`
    Redo(ExprId),
    /// `loop { }`
    Endless(Items<'m>),
    /// `while condition { }`; the label of a block around the body is where a `continue` goes
    While(ExprId, Option<ExprId>, Items<'m>),
}

/// `for counter in from..to { }`
#[derive(Clone, Copy, Debug)]
pub(super) struct For<'m> {
    pub(super) counter: LocalId,
    pub(super) end: LocalId,
    /// The nodes that set the two.
    pub(super) sets: [ExprId; 2],
    pub(super) from: ExprId,
    pub(super) to: ExprId,
    /// The block around the loop, where a `break` goes.
    pub(super) out: Option<ExprId>,
    pub(super) next: Option<ExprId>,
    pub(super) body: Items<'m>,
}

/// Looks at a body.
#[derive(Clone, Copy)]
pub(super) struct Look<'m, 'f> {
    pub(super) module: &'m Module,
    pub(super) facts: &'f Facts,
}

impl<'m> Look<'m, '_> {
    fn at(&self, node: ExprId) -> Expr {
        self.module.exprs[node]
    }

    fn list(&self, list: List<ExprId>) -> &'m [u32] {
        self.module.pool.words(list)
    }

    /// The items of what stands before the break that closes a loop's turn.
    fn turn(&self, node: ExprId) -> Option<Items<'m>> {
        let closes = |node| matches!(self.at(node), Expr::Break(0, value) if is_nothing(self.module, value));
        match self.at(node) {
            Expr::Sequence(list) => {
                let (&last, before) = self.list(list).split_last()?;
                closes(ExprId(last)).then_some(Items::Many(before))
            }
            _ => closes(node).then_some(Items::Many(&[])),
        }
    }

    /// How a loop is written.
    pub(super) fn form(&self, node: ExprId, body: ExprId) -> Form<'m> {
        if let Some(items) = self.turn(body) {
            return Form::Endless(items);
        }
        let Expr::If(condition, then) = self.at(body) else { return Form::Redo(body) };
        match self.turn(then) {
            Some(items) if self.facts[node].breaks == 1 && self.decides(condition) => {
                let (next, items) = self.next(items);
                Form::While(condition, next, items)
            }
            _ => Form::Redo(body),
        }
    }

    fn decides(&self, condition: ExprId) -> bool {
        self.module.yields[condition] == Yield::one(Type::I32)
    }

    /// The block of a `continue`, if the items are just that, and the items inside.
    fn next(&self, items: Items<'m>) -> (Option<ExprId>, Items<'m>) {
        let plain = (None, items);
        let Items::Many(&[only]) = items else { return plain };
        let block = ExprId(only);
        let Expr::Block(body) = self.at(block) else { return plain };
        let valued = matches!(self.module.yields[block].shape(), Shape::One(_) | Shape::Many(_));
        let fact = &self.facts[block];
        let inside = self.items(body);
        let dead_value = inside.len() > 0 && {
            let last = inside.get(inside.len() - 1);
            matches!(self.module.yields[last].shape(), Shape::One(_) | Shape::Many(_))
        };
        if valued || dead_value || fact.breaks == 0 || fact.special { plain } else { (Some(block), inside) }
    }

    /// The statements of a block that holds this node.
    pub(super) fn items(&self, node: ExprId) -> Items<'m> {
        match self.at(node) {
            Expr::Sequence(_) if self.facts[node].counted => Items::One(node),
            Expr::Sequence(list) => Items::Many(self.list(list)),
            _ => Items::One(node),
        }
    }

    /// The block and the loop of something that a `break` without a value may leave.
    pub(super) fn left(&self, node: ExprId) -> Option<(Option<ExprId>, ExprId, ExprId)> {
        match self.at(node) {
            Expr::Loop(body) => Some((None, node, body)),
            Expr::Block(inner) => {
                let Expr::Loop(body) = self.at(inner) else { return None };
                let fact = &self.facts[node];
                (fact.breaks > 0 && !fact.branched).then_some((Some(node), inner, body))
            }
            _ => None,
        }
    }

    /// Whether a `while` or `for` with this condition may have this block around it.
    pub(super) fn leaves_plainly(&self, out: Option<ExprId>, condition: ExprId) -> bool {
        out.is_none_or(|out| !self.facts[out].special && self.facts[out].first_break > condition)
    }

    /// Whether a sequence is a `for`, but for where its two locals are used beside.
    pub(super) fn counted(&self, node: ExprId) -> Option<For<'m>> {
        let Expr::Sequence(list) = self.at(node) else { return None };
        let &[first, second, third] = self.list(list) else { return None };
        let (first, second) = (ExprId(first), ExprId(second));
        let (Expr::LocalSet(counter, from), Expr::LocalSet(end, to)) = (self.at(first), self.at(second)) else {
            return None;
        };
        let (out, whole, body) = self.left(ExprId(third))?;
        let Expr::If(condition, then) = self.at(body) else { return None };
        let (BinaryOp::I32LtS | BinaryOp::I64LtS, a, b) = self.binary(condition)? else { return None };
        let gets = |node, local| matches!(self.at(node), Expr::LocalGet(found) if found == local);
        let Items::Many(items) = self.turn(then)? else { return None };
        let (&step, items) = items.split_last()?;
        let kept = gets(a, counter)
            && gets(b, end)
            && end.0 == counter.0 + 1
            && self.counts(ExprId(step), counter)
            && self.facts[whole].breaks == 1
            && self.leaves_plainly(out, condition)
            && [first, second].iter().all(|&set| self.module.yields[set] == Yield::NONE);
        let (next, body) = self.next(Items::Many(items));
        kept.then_some(For { counter, end, sets: [first, second], from, to, out, next, body })
    }

    fn binary(&self, node: ExprId) -> Option<(BinaryOp, ExprId, ExprId)> {
        match self.at(node) {
            Expr::Binary(op, a, b) => Some((op, a, b)),
            _ => None,
        }
    }

    /// `counter = counter + 1`
    fn counts(&self, node: ExprId, counter: LocalId) -> bool {
        let Expr::LocalSet(local, sum) = self.at(node) else { return false };
        let Some((BinaryOp::I32Add | BinaryOp::I64Add, a, b)) = self.binary(sum) else { return false };
        let one = matches!(self.at(b), Expr::I32(1) | Expr::I64(1));
        local == counter && one && matches!(self.at(a), Expr::LocalGet(found) if found == counter)
    }
}

/// The sides of `a && b` (true) or `a || b`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Logic {
    pub(super) both: bool,
    pub(super) left: ExprId,
    pub(super) right: ExprId,
}

impl Printer<'_> {
    /// Whether a node is what `&&` or `||` becomes.
    pub(super) fn logic(&self, node: ExprId) -> Option<Logic> {
        let Expr::IfElse(left, then, other) = self.expr_at(node) else { return None };
        let (both, right) = match (self.expr_at(then), self.expr_at(other)) {
            (_, Expr::I32(0)) => (true, then),
            (Expr::I32(1), _) => (false, other),
            _ => return None,
        };
        if self.is_never(left) || self.is_never(right) || !self.is_truth(right) {
            return None;
        }
        let right = match self.expr_at(right) {
            // What is not 0 or 1 by itself is compared with 0 by the language.
            Expr::Binary(BinaryOp::I32Ne, value, zero)
                if matches!(self.expr_at(zero), Expr::I32(0)) && !self.is_never(value) && !self.is_truth(value) =>
            {
                value
            }
            _ => right,
        };
        Some(Logic { both, left, right })
    }

    /// Whether a node yields 0 or 1 by its operator.
    fn is_truth(&self, node: ExprId) -> bool {
        match self.expr_at(node) {
            Expr::Binary(op, ..) => matches!(op.code(), 0x46..=0x4F | 0x51..=0x66),
            Expr::Unary(op, _) => matches!(op, UnaryOp::I32Eqz | UnaryOp::I64Eqz),
            _ => false,
        }
    }
}
