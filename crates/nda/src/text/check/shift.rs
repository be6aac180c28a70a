//! Takes a node out again.
//!
//! `-x` of a whole number is `0 - x`, whose zero comes before the nodes of `x`; whether `x` is a whole number is known
//! only behind them. So the zero is written first, and taken out if it turns out to be too much.

use super::{Checker, ExprId};
use crate::module::{Expr, Key};

impl Checker<'_> {
    /// Takes out a node without operands that nothing uses, and moves those behind it up to `last`, which were written
    /// since, forward by one. Gives the new key of the last.
    pub(super) fn remove_leaf(&mut self, leaf: ExprId, last: ExprId) -> ExprId {
        for id in (leaf.0 + 1..=last.0).map(ExprId) {
            let before = ExprId(id.0 - 1);
            self.module.spans[before] = self.module.spans[id];
            *self.type_at(before) = *self.type_at(id);
            let mut expr = self.module.exprs[id];
            self.move_children(&mut expr);
            self.module.exprs[before] = expr;
        }
        self.module.exprs.truncate(last.index());
        self.module.spans.truncate(last.index());
        self.types.pop();
        for jump in self.jumps.iter_mut().rev().take_while(|jump| jump.node > leaf) {
            jump.node.0 -= 1;
        }
        ExprId(last.0 - 1)
    }

    /// The same node with all its children moved forward by one.
    fn move_children(&mut self, expr: &mut Expr) {
        let each: [Option<&mut ExprId>; 3] = match expr {
            Expr::I32(_)
            | Expr::I64(_)
            | Expr::F32(_)
            | Expr::F64(_)
            | Expr::LocalGet(_)
            | Expr::GlobalGet(_)
            | Expr::Address(_)
            | Expr::MemorySize
            | Expr::DataDrop(_)
            | Expr::ElementDrop(_)
            | Expr::Unreachable => [None, None, None],
            Expr::LocalSet(_, a)
            | Expr::LocalTee(_, a)
            | Expr::LocalSetMany(_, a)
            | Expr::GlobalSet(_, a)
            | Expr::Unary(_, a)
            | Expr::Load(_, _, a)
            | Expr::MemoryGrow(a)
            | Expr::Drop(a)
            | Expr::Block(a)
            | Expr::Loop(a)
            | Expr::Break(_, a)
            | Expr::Return(a) => [Some(a), None, None],
            Expr::Binary(_, a, b) | Expr::Store(_, _, a, b) | Expr::If(a, b) | Expr::BreakTable(_, a, b) => {
                [Some(a), Some(b), None]
            }
            Expr::Select(a, b, c) | Expr::MemoryCopy(a, b, c) | Expr::MemoryFill(a, b, c) | Expr::IfElse(a, b, c) => {
                [Some(a), Some(b), Some(c)]
            }
            Expr::MemoryInit(_, list)
            | Expr::TableInit(_, _, list)
            | Expr::TableCopy(_, _, list)
            | Expr::Sequence(list)
            | Expr::Tuple(list)
            | Expr::Call(_, list)
            | Expr::CallIndirect(_, _, list) => {
                self.module.pool.words_mut(*list).iter_mut().for_each(|child| *child -= 1);
                [None, None, None]
            }
        };
        each.into_iter().flatten().for_each(|child| child.0 -= 1);
    }
}
