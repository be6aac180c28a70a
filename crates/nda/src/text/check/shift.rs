//! Takes a node out again.
//!
//! `-x` of a whole number is `0 - x`, whose zero comes before the nodes of `x`; whether `x` is a whole number is known
//! only behind them. So the zero is written first, and taken out if it turns out to be too much.

use super::{Checker, ExprId};
use crate::module::Key;

impl Checker<'_> {
    /// Takes out a node without operands that nothing uses, and moves those behind it up to `last`, which were written
    /// since, forward by one. Gives the new key of the last.
    pub(super) fn remove_leaf(&mut self, leaf: ExprId, last: ExprId) -> ExprId {
        for id in (leaf.0 + 1..=last.0).map(ExprId) {
            let before = ExprId(id.0 - 1);
            self.module.spans[before] = self.module.spans[id];
            *self.type_at(before) = *self.type_at(id);
        }
        let pool = &mut self.module.pool;
        self.module.exprs.remove(leaf, |expr| {
            let (keys, list) = expr.children_mut();
            keys.into_iter().flatten().for_each(|child| child.0 -= 1);
            pool.words_mut(list).iter_mut().for_each(|child| *child -= 1);
        });
        self.module.spans.truncate(last.index());
        self.types.pop();
        for jump in self.jumps.iter_mut().rev().take_while(|jump| jump.node > leaf) {
            jump.node.0 -= 1;
        }
        ExprId(last.0 - 1)
    }
}
