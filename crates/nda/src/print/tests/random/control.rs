//! Random control flow: choices, blocks, loops in the shapes of `while`, `loop` and `for`, and what never comes back.

use super::{Label, Random};
use crate::module::*;

impl Random {
    pub(super) fn decide(&mut self, condition: ExprId, then: ExprId, other: ExprId, want: &[Type]) -> ExprId {
        let expr = Expr::IfElse(condition, then, other);
        if self.is_never(condition) || (self.is_never(then) && self.is_never(other)) {
            return self.b.never(expr);
        }
        self.leaving(expr, want)
    }

    pub(super) fn if_else(&mut self, want: &[Type]) -> ExprId {
        let condition = self.one(Type::I32);
        let (then, other) = (self.node(want), self.node(want));
        self.decide(condition, then, other, want)
    }

    fn labelled(&mut self, takes: &[Type], is_loop: bool, body: impl FnOnce(&mut Self) -> ExprId) -> (ExprId, bool) {
        self.labels.push(Label { takes: takes.to_vec(), is_loop, reached: false });
        let body = body(self);
        (body, self.labels.pop().is_some_and(|label| label.reached))
    }

    pub(super) fn block(&mut self, want: &[Type]) -> ExprId {
        let (body, reached) = self.labelled(want, false, |random| random.node(want));
        if self.is_never(body) && !reached {
            return self.b.never(Expr::Block(body));
        }
        self.leaving(Expr::Block(body), want)
    }

    pub(super) fn looped(&mut self, want: &[Type]) -> ExprId {
        let (body, _) = self.labelled(&[], true, |random| random.node(want));
        self.over(Expr::Loop(body), &[body], want)
    }

    /// A break to the innermost label, which is a loop.
    fn again(&mut self) -> ExprId {
        let nothing = self.b.sequence(&[]);
        self.b.never(Expr::Break(0, nothing))
    }

    /// Some items, perhaps in a block, perhaps a step, and the break that begins the next turn.
    fn turn(&mut self, step: Option<LocalId>) -> ExprId {
        let mut items = Vec::new();
        if self.dice.roll(2) == 0 {
            items.push(self.block(&[]));
        } else {
            items.extend((0..self.dice.roll(3)).map(|_| self.node(&[])));
        }
        if let Some(local) = step {
            let (get, one) = (self.b.one(Expr::LocalGet(local), Type::I32), self.b.i32(1));
            let sum = self.b.one(Expr::Binary(BinaryOp::I32Add, get, one), Type::I32);
            items.push(self.b.none(Expr::LocalSet(local, sum)));
        }
        items.push(self.again());
        if let [only] = items[..] {
            return only;
        }
        let list = self.b.list(&items);
        self.b.never(Expr::Sequence(list))
    }

    /// What could be a `while` or `loop`, perhaps in a block.
    pub(super) fn turning(&mut self) -> ExprId {
        let endless = self.dice.roll(2) == 0;
        let whole = |random: &mut Self| {
            let (body, _) = random.labelled(&[], true, |random| {
                if endless {
                    return random.turn(None);
                }
                let condition = random.one(Type::I32);
                let then = random.turn(None);
                random.over(Expr::If(condition, then), &[condition], &[])
            });
            random.over(Expr::Loop(body), &[body], &[])
        };
        if self.dice.roll(2) == 0 {
            return whole(self);
        }
        let (body, reached) = self.labelled(&[], false, whole);
        let never = self.is_never(body) && !reached;
        if never { self.b.never(Expr::Block(body)) } else { self.b.none(Expr::Block(body)) }
    }

    /// What could be a `for`.
    pub(super) fn counting(&mut self) -> ExprId {
        let pairs: Vec<usize> = (1..self.locals.len())
            .filter(|&end| self.locals[end - 1] == Type::I32 && self.locals[end] == Type::I32)
            .collect();
        if pairs.is_empty() {
            return self.b.sequence(&[]);
        }
        let end = self.dice.pick(&pairs) as u32;
        let (counter, end) = (LocalId(end - 1), LocalId(end));
        let (from, to) = (self.dice.roll(9) as i32, self.dice.roll(99) as i32);
        let from = self.b.i32(from);
        let set = self.b.none(Expr::LocalSet(counter, from));
        let to = self.b.i32(to);
        let set_end = self.b.none(Expr::LocalSet(end, to));
        let (body, _) = self.labelled(&[], true, |random| {
            let (a, b) =
                (random.b.one(Expr::LocalGet(counter), Type::I32), random.b.one(Expr::LocalGet(end), Type::I32));
            let less = random.b.one(Expr::Binary(BinaryOp::I32LtS, a, b), Type::I32);
            let then = random.turn(Some(counter));
            random.b.none(Expr::If(less, then))
        });
        let whole = self.b.none(Expr::Loop(body));
        self.b.sequence(&[set, set_end, whole])
    }

    /// What a break or return brings along.
    fn brought(&mut self, types: &[Type]) -> ExprId {
        match types {
            [] if self.dice.roll(9) > 0 => self.b.sequence(&[]),
            [] => self.never(),
            types => self.node(types),
        }
    }

    /// Something that never comes back.
    pub(super) fn never(&mut self) -> ExprId {
        let kind = self.dice.roll(4);
        if self.labels.is_empty() || kind == 0 {
            let results = self.results.clone();
            if kind < 2 {
                return self.b.never(Expr::Unreachable);
            }
            let value = self.brought(&results);
            return self.b.never(Expr::Return(value));
        }
        let depth = self.dice.roll(self.labels.len());
        let at = self.labels.len() - 1 - depth;
        let (takes, is_loop) = (self.labels[at].takes.clone(), self.labels[at].is_loop);
        let value = if is_loop { self.b.sequence(&[]) } else { self.brought(&takes) };
        self.labels[at].reached |= !self.is_never(value);
        if kind == 3 {
            let index = self.one(Type::I32);
            let depths = self.b.module.pool.push(&[depth as u32, depth as u32]);
            return self.b.never(Expr::BreakTable(depths, value, index));
        }
        self.b.never(Expr::Break(depth as u32, value))
    }
}
