//! What can yield values of any number, and what never comes back.

use super::{FIRST, Label, Random, SHAPES, surroundings};
use velocity_nda::module::{BinaryOp, Expr, ExprId, FuncId, LocalId, SigId, TableId, Type, Yield};

impl Random<'_> {
    pub(super) fn control(&mut self, types: &'static [Type]) -> ExprId {
        match self.below(12) {
            0..=2 => self.block(types),
            3 | 4 => self.again(types),
            5 | 6 => {
                let (condition, then, otherwise) = (self.one(Type::I32), self.values(types), self.values(types));
                let arms = [then, otherwise].map(|arm| self.yields_of(arm));
                let yields = if arms[0] == Yield::NEVER { arms[1] } else { arms[0] };
                self.add(Expr::IfElse(condition, then, otherwise), yields)
            }
            7..=9 => self.call(types),
            10 => self.sequence(types),
            _ => self.leave(),
        }
    }

    fn block(&mut self, types: &'static [Type]) -> ExprId {
        self.labels.push(Label { takes: types, reached: false });
        let body = if self.below(2) == 0 { self.sequence(types) } else { self.values(types) };
        let reached = self.labels.pop().is_some_and(|label| label.reached);
        let yields = match self.yields_of(body) {
            Yield::NEVER if reached => self.yields(types),
            yields => yields,
        };
        self.add(Expr::Block(body), yields)
    }

    pub(super) fn sequence(&mut self, types: &'static [Type]) -> ExprId {
        let statements = self.statements();
        self.ending(statements, types)
    }

    fn statements(&mut self) -> Vec<ExprId> {
        let count = 1 + self.below(3);
        (0..count).map(|_| self.maybe_leaving()).collect()
    }

    /// A statement, or a condition on which something is left.
    fn maybe_leaving(&mut self) -> ExprId {
        if self.rarely(6) && self.depth < super::DEPTH {
            let condition = self.one(Type::I32);
            self.depth += 1;
            let then = self.leave();
            self.depth -= 1;
            return self.add(Expr::If(condition, then), Yield::NONE);
        }
        self.values(&[])
    }

    fn ending(&mut self, mut items: Vec<ExprId>, types: &'static [Type]) -> ExprId {
        let last = self.values(types);
        items.push(last);
        let (list, yields) = (self.b.list(&items), self.yields_of(last));
        self.add(Expr::Sequence(list), yields)
    }

    /// A loop: it begins anew on some condition at its end, or wherever a break leads to it.
    fn again(&mut self, types: &'static [Type]) -> ExprId {
        self.labels.push(Label { takes: &[], reached: false });
        let mut items = Vec::new();
        if !self.rarely(16) {
            items.push(self.counted());
        }
        items.extend(self.statements());
        let (condition, nothing) = (self.one(Type::I32), self.nothing());
        let anew = self.add(Expr::Break(0, nothing), Yield::NEVER);
        items.push(self.add(Expr::If(condition, anew), Yield::NONE));
        let body = self.ending(items, types);
        self.labels.pop();
        let yields = self.yields_of(body);
        self.add(Expr::Loop(body), yields)
    }

    /// Counts a turn, and leaves the function if there were enough of them.
    fn counted(&mut self) -> ExprId {
        let (turns, ty) = (LocalId(self.locals.len() as u32), Type::I32);
        let before = self.add(Expr::LocalGet(turns), Yield::one(ty));
        let one = self.b.i32(1);
        let sum = self.binary(BinaryOp::I32Add, before, one);
        let now = self.add(Expr::LocalTee(turns, sum), Yield::one(ty));
        let most = self.below(12) as i32;
        let most = self.b.i32(most);
        let enough = self.binary(BinaryOp::I32GtU, now, most);
        let zeros: Vec<_> = self.results().iter().map(|ty| self.constant(ty.zero())).collect();
        let value = match zeros[..] {
            [] => self.nothing(),
            [one] => one,
            _ => {
                let (list, yields) = (self.b.list(&zeros), self.yields(self.results()));
                self.add(Expr::Tuple(list), yields)
            }
        };
        let out = self.add(Expr::Return(value), Yield::NEVER);
        self.add(Expr::If(enough, out), Yield::NONE)
    }

    /// A call of a function that gives this: one that comes later, or now and then any of them.
    fn call(&mut self, types: &'static [Type]) -> ExprId {
        let first = if self.rarely(12) { 0 } else { self.number + 1 };
        let all: Vec<_> = (first..SHAPES.len()).filter(|&number| SHAPES[number].1 == types).collect();
        if all.is_empty() {
            return self.block(types);
        }
        let number = self.pick(&all);
        let (parameters, yields) = (SHAPES[number].0, self.yields(types));
        if self.below(2) == 0 {
            return self.call_of(FuncId(FIRST + number as u32), parameters, yields);
        }
        let table = self.below(2);
        let mut arguments: Vec<_> = parameters.iter().map(|&ty| self.one(ty)).collect();
        let index = if self.rarely(6) { self.masked(0xF) } else { self.b.i32(surroundings::place_of(table, number)) };
        arguments.push(index);
        let list = self.b.list(&arguments);
        self.add(Expr::CallIndirect(SigId(number as u32), TableId(table as u32), list), yields)
    }

    /// A call of this function.
    pub(super) fn call_of(&mut self, function: FuncId, parameters: &[Type], yields: Yield) -> ExprId {
        let arguments: Vec<_> = parameters.iter().map(|&ty| self.one(ty)).collect();
        let list = self.b.list(&arguments);
        self.add(Expr::Call(function, list), yields)
    }

    /// A node that never comes back: a break to some label, by a table or not, a return, or seldom a trap.
    pub(super) fn leave(&mut self) -> ExprId {
        let choice = self.below(16);
        if choice == 15 {
            return self.add(Expr::Unreachable, Yield::NEVER);
        }
        if choice > 11 || self.labels.is_empty() {
            let value = self.brought(self.results());
            return self.add(Expr::Return(value), Yield::NEVER);
        }
        let last = self.labels.len() - 1;
        let depth = self.below(last + 1);
        let takes = self.labels[last - depth].takes;
        let value = self.brought(takes);
        let brings = self.yields_of(value) != Yield::NEVER;
        if choice < 7 {
            self.labels[last - depth].reached |= brings;
            return self.add(Expr::Break(depth as u32, value), Yield::NEVER);
        }
        let fits: Vec<_> = (0..=last).filter(|depth| self.labels[last - depth].takes == takes).collect();
        let count = 1 + self.below(5);
        let depths: Vec<_> = (0..count).map(|_| self.pick(&fits)).collect();
        for depth in &depths {
            self.labels[last - depth].reached |= brings;
        }
        let depths: Vec<_> = depths.into_iter().map(|depth| depth as u32).collect();
        let index = if self.rarely(3) { self.one(Type::I32) } else { self.masked(3) };
        let depths = self.b.0.pool.push(&depths);
        self.add(Expr::BreakTable(depths, value, index), Yield::NEVER)
    }

    /// What a break or return brings along: without values, a sequence that is empty.
    fn brought(&mut self, types: &'static [Type]) -> ExprId {
        if types.is_empty() { self.nothing() } else { self.values(types) }
    }
}
