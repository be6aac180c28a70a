//! Nodes that part control, and labels.

use super::{Builder, Fork, Label, Operand, Work, only};
use crate::ir::tree::{Effect, Facts, Tree};
use crate::ir::{Block, BlockId, End, Step};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use velocity_interp::TrapKind;
use velocity_interp::engine::of_i32;
use velocity_nda::module::{Children, Expr, ExprId, List, Shape, Type, Yield};

impl Builder<'_> {
    pub(super) fn run(&mut self, root: ExprId) {
        self.work.push(Work::Visit(root));
        while let Some(work) = self.work.pop() {
            match work {
                Work::Visit(id) if self.current.is_some() => {
                    let mut next = Some(id);
                    while let Some(id) = next {
                        next = self.visit(id);
                    }
                }
                Work::Finish(id) if self.current.is_some() => match self.module.exprs[id] {
                    Expr::Binary(op, ..) => self.binary(op, id),
                    expr => self.finish(id, expr),
                },
                Work::Part(id) if self.current.is_some() => self.part(id),
                Work::Visit(_) | Work::Finish(_) | Work::Part(_) => {}
                Work::Else => self.otherwise(),
                Work::Join(yields) => self.join(yields),
                Work::EndBlock => self.end_block(),
                Work::EndLoop => {
                    self.labels.pop();
                }
            }
        }
    }

    /// Does what comes before the operands of a node, and gives the first one if it is known; the others are work to do. Control is still here
    /// when it gives one.
    fn visit(&mut self, id: ExprId) -> Option<ExprId> {
        self.charge(id);
        match self.module.exprs[id] {
            Expr::I32(value) => self.constant(of_i32(value), Type::I32),
            Expr::I64(value) => self.constant(value as u64, Type::I64),
            Expr::F32(bits) => self.constant(bits.into(), Type::F32),
            Expr::F64(bits) => self.constant(bits, Type::F64),
            Expr::LocalGet(local) => self.push_local(local.0),
            Expr::GlobalGet(global) => {
                let ty = self.module.globals[global].ty;
                if let Some(value) = self.known(global) {
                    self.constant(value, ty);
                    return None;
                }
                let address = self.instance.global(global).index() as u32;
                self.push_leaf(Tree::Global(address, ty), ty, Facts { outside: true, ..Facts::leaf() });
            }
            Expr::Address(data) => self.constant(self.instance.placed[data.0 as usize].into(), Type::I32),
            Expr::MemorySize => self.push_leaf(Tree::MemorySize, Type::I32, Facts { outside: true, ..Facts::leaf() }),
            Expr::Unreachable => {
                self.before_leaving();
                self.close(End::Trap(TrapKind::Unreachable, id));
            }
            Expr::If(condition, _) | Expr::IfElse(condition, ..) => {
                self.work.push(Work::Part(id));
                return Some(condition);
            }
            Expr::Block(body) => {
                self.settle();
                let (block, takes) = (self.block(), self.module.yields[id]);
                self.labels.push(Label { block, height: self.operands.len(), takes, used: false });
                self.work.push(Work::EndBlock);
                return Some(body);
            }
            Expr::Loop(body) => {
                self.settle();
                let block = self.block();
                self.labels.push(Label { block, height: self.operands.len(), takes: Yield::NONE, used: true });
                self.close(End::Goto(block));
                self.open(block);
                self.work.push(Work::EndLoop);
                return Some(body);
            }
            Expr::Binary(_, first, second) | Expr::Store(_, _, first, second) => {
                self.work.push(Work::Finish(id));
                self.work.push(Work::Visit(second));
                return Some(first);
            }
            Expr::Sequence(list) | Expr::Tuple(list) => {
                let before = self.work.len();
                self.work.extend(self.module.pool.get(list).rev().map(Work::Visit));
                if self.work.len() > before
                    && let Some(Work::Visit(first)) = self.work.pop()
                {
                    return Some(first);
                }
            }
            Expr::Unary(_, operand) | Expr::Load(_, _, operand) | Expr::LocalSet(_, operand) => {
                self.work.push(Work::Finish(id));
                return Some(operand);
            }
            expr => {
                self.work.push(Work::Finish(id));
                match expr.children() {
                    Children::Few(few, count) => {
                        few[..count].iter().rev().for_each(|&child| self.work.push(Work::Visit(child)));
                    }
                    Children::List(list) => {
                        self.work.extend(self.module.pool.get(list).rev().map(Work::Visit));
                    }
                }
            }
        }
        None
    }

    /// The condition of a node is the topmost operand.
    pub(super) fn part(&mut self, id: ExprId) {
        let Operand { tree: test, facts, .. } = self.pop();
        self.settle();
        let (then, join, height) = (self.block(), self.block(), self.operands.len());
        let arms = match self.module.exprs[id] {
            Expr::IfElse(_, one, two) => Some((one, two)),
            _ => None,
        };
        let otherwise = if arms.is_some() { self.block() } else { join };
        self.close_reading(End::If { test, traps: facts.traps, then, otherwise }, facts.reads);
        self.open(then);
        self.forks.push(Fork { otherwise, join, height, met: arms.is_none() });
        self.work.push(Work::Join(self.module.yields[id]));
        match (arms, self.module.exprs[id]) {
            (Some((one, two)), _) => {
                self.work.push(Work::Visit(two));
                self.work.push(Work::Else);
                self.work.push(Work::Visit(one));
            }
            (None, Expr::If(_, then)) => self.work.push(Work::Visit(then)),
            _ => {}
        }
    }

    /// Goes on at the join of the innermost fork with the values of an arm.
    pub(super) fn meet(&mut self) {
        let Some((height, join)) = self.forks.last().map(|fork| (fork.height, fork.join)) else { return };
        if self.current.is_some() {
            self.settle_from(height);
            self.close(End::Goto(join));
            if let Some(fork) = self.forks.last_mut() {
                fork.met = true;
            }
        }
        self.truncate(height);
    }

    pub(super) fn otherwise(&mut self) {
        self.meet();
        if let Some(otherwise) = self.forks.last().map(|fork| fork.otherwise) {
            self.open(otherwise);
        }
    }

    pub(super) fn join(&mut self, yields: Yield) {
        self.meet();
        let Some(fork) = self.forks.pop() else { return };
        if fork.met {
            self.open(fork.join);
            self.push_settled(yields);
        }
    }

    pub(super) fn end_block(&mut self) {
        let Some(label) = self.labels.pop() else { return };
        if !label.used {
            return;
        }
        if self.current.is_some() {
            self.settle_from(label.height);
            self.close(End::Goto(label.block));
        }
        self.truncate(label.height);
        self.open(label.block);
        self.push_settled(label.takes);
    }

    /// The label that a break of a depth goes to: its block, height and arity.
    pub(super) fn label(&mut self, depth: u32) -> (BlockId, usize, usize) {
        let at = self.labels.len().saturating_sub(1 + depth as usize);
        let label = &mut self.labels[at];
        label.used = true;
        let (block, height, takes) = (label.block, label.height, label.takes);
        (block, height, self.arity(takes))
    }

    /// Moves the topmost operands to the slots from a height on.
    pub(super) fn carry(&mut self, count: usize, height: usize) {
        let position = self.operands.len() - count;
        if position == height {
            self.settle_from(position);
            return;
        }
        if count == 0 {
            return self.before_leaving();
        }
        let mut moved = core::mem::take(&mut self.room.taken);
        moved.extend(self.operands.drain(position..));
        self.settled = self.settled.min(position);
        self.before_leaving();
        for (at, Operand { tree, ty, facts }) in moved.drain(..).enumerate() {
            let slot = self.slot(height + at);
            self.set(slot, ty, tree, facts);
        }
        self.room.taken = moved;
    }

    /// Control leaves, and operands that nobody will use must not lose their traps.
    pub(super) fn before_leaving(&mut self) {
        self.before(Effect { traps: true, ..Effect::default() });
    }

    pub(super) fn branch(&mut self, depth: u32, value: ExprId) {
        let (block, height, arity) = self.label(depth);
        let count = self.count(value).min(arity);
        self.carry(count, height);
        self.close(End::Goto(block));
    }

    pub(super) fn table(&mut self, depths: List<u32>, value_of: ExprId) {
        let Operand { tree: index, facts, .. } = self.pop();
        let count = self.count(value_of);
        self.before_leaving();
        // The index is evaluated last, and its tree reads only slots above the values'.
        let types: Vec<Type> = self.operands[self.operands.len() - count..].iter().map(|operand| operand.ty).collect();
        let first = if count > 0 { self.take(count) } else { 0 };
        let words = self.module.pool.words(depths);
        let mut edges = BTreeMap::new();
        let targets: Box<[BlockId]> = words
            .iter()
            .map(|&depth| {
                let (block, height, _) = self.label(depth);
                let to = self.locals + height as u32;
                if count == 0 || to == first {
                    return block;
                }
                *edges.entry(depth).or_insert_with(|| {
                    self.slot(height + count - 1);
                    let edge = Block { steps: moves(&types, first, to), end: End::Goto(block), ..Block::default() };
                    self.blocks.push(edge);
                    let id = self.blocks.len() as BlockId - 1;
                    self.order.push(id);
                    id
                })
            })
            .collect();
        if facts.traps {
            // Evaluated in a step, so that its trap is seen.
            let slot = self.slot(self.operands.len() + count);
            self.set(slot, Type::I32, index, Facts { traps: true, ..facts });
            self.close_reading(End::Table(Tree::Slot(slot, Type::I32), targets), only(slot, Type::I32));
        } else {
            self.close_reading(End::Table(index, targets), facts.reads);
        }
        for id in edges.into_values() {
            let reads = (first..).zip(&types).map(|(slot, &ty)| only(slot, ty));
            self.room.touched.moves(id, &self.blocks[id as usize].steps, reads);
        }
    }

    /// Returns the topmost operands.
    pub(super) fn leave(&mut self) {
        match self.results {
            0 => {
                self.before_leaving();
                self.close(End::Return(0, 0));
            }
            1 => {
                let Operand { tree, facts, .. } = self.pop();
                self.before_leaving();
                self.close_reading(End::ReturnValue(tree), facts.reads);
            }
            many => {
                self.before_leaving();
                let window = self.window(self.operands.len() - many as usize);
                let first = self.take(many as usize);
                self.close_reading(End::Return(first, many), window);
            }
        }
    }

    /// How many values a node leaves behind.
    pub(super) fn count(&self, id: ExprId) -> usize {
        self.arity(self.module.yields[id])
    }

    fn arity(&self, yields: Yield) -> usize {
        match yields.shape() {
            Shape::None | Shape::Never => 0,
            Shape::One(_) => 1,
            Shape::Many(list) => self.module.pool.len(list),
        }
    }
}

/// Steps that move values of these types from the slots from `first` on to those from `to` on, which lie lower.
fn moves(types: &[Type], first: u32, to: u32) -> Vec<Step> {
    let moved =
        |(at, &ty): (u32, &Type)| Step::Set { slot: to + at, ty, tree: Tree::Slot(first + at, ty), traps: false };
    (0..).zip(types).map(moved).collect()
}
