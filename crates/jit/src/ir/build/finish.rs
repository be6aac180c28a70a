//! Nodes whose operands are there.

use super::boxes::Boxes;
use super::{Builder, Operand, Touch, only};
use crate::ir::tree::{Effect, Facts, Tree, divides, truncates};
use crate::ir::{Call, End, Step};
use alloc::vec::Vec;
use core::mem::{replace, swap};
use velocity_interp::FunctionAddress;
use velocity_interp::engine::{Code, binary, unary};
use velocity_nda::module::{BinaryOp, Expr, ExprId, Key, Type, UnaryOp};

impl Builder<'_> {
    /// Does what a node does, which is no operator of two operands.
    pub(super) fn finish(&mut self, id: ExprId, expr: Expr) {
        match expr {
            Expr::LocalSet(local, _) => {
                self.set_local(local.0);
            }
            Expr::LocalTee(local, _) => {
                self.set_local(local.0);
                self.push_local(local.0);
            }
            Expr::LocalSetMany(locals, _) => {
                let first = self.take(self.module.pool.len(locals));
                // The last one first: of two that are the same, the first counts.
                for (at, local) in self.module.pool.get(locals).enumerate().rev() {
                    self.before(Effect { sets: Some(local.0), ..Effect::default() });
                    let (ty, from) = (self.types[local.index()], first + at as u32);
                    self.set(local.0, ty, Tree::Slot(from, ty), Facts::of_slot(from, ty));
                }
            }
            Expr::GlobalSet(global, _) => {
                let Operand { tree, facts, .. } = self.pop();
                self.before(Effect { outside: true, traps: facts.traps, ..Effect::default() });
                let address = self.instance.global(global).index() as u32;
                self.step(Step::SetGlobal(address, tree), Touch::reads(facts.reads));
            }
            Expr::Unary(op, _) => self.unary(op, id),
            Expr::Select(..) => self.select(),
            Expr::Load(op, offset, _) => {
                let Operand { tree: address, facts, .. } = self.pop();
                let facts = Facts { size: facts.size + 1, outside: true, traps: true, ..facts };
                let tree = Tree::Load((op, offset), id, self.room.boxes.one(address));
                self.push(tree, op.ty(), facts);
            }
            Expr::Store(op, offset, ..) => {
                let (stored, address) = (self.pop(), self.pop());
                self.before(Effect { outside: true, traps: true, ..Effect::default() });
                let traps = address.facts.traps || stored.facts.traps;
                let operands = self.room.boxes.of_two(address.tree, stored.tree);
                let reads = address.facts.reads | stored.facts.reads;
                self.step(Step::Store { op, offset, at: id, operands, traps }, Touch::reads(reads));
            }
            Expr::Drop(value) => self.forget(self.count(value)),
            Expr::Break(depth, value) => self.branch(depth, value),
            Expr::BreakTable(depths, value, _) => self.table(depths, value),
            Expr::Return(_) => self.leave(),
            Expr::Call(callee, list) => self.call(self.instance.function(callee), self.module.pool.len(list), id),
            Expr::CallIndirect(signature, table, list) => {
                let arguments = self.module.pool.len(list) - 1;
                self.outside();
                let reads = self.window(self.operands.len() - arguments - 1);
                let base = self.take(arguments + 1);
                self.room.touched.called.push(self.instance.types[signature.0 as usize]);
                let end = |call| End::CallIndirect((signature, table), base + arguments as u32, call);
                self.end_with(end, (base, arguments + 1), id, reads);
            }
            Expr::Sequence(_) | Expr::Tuple(_) | Expr::Binary(..) => {}
            _ => self.bulk(id),
        }
    }

    pub(super) fn set_local(&mut self, local: u32) {
        let Operand { tree, facts, .. } = self.pop();
        self.before(Effect { sets: Some(local), traps: facts.traps, ..Effect::default() });
        self.set(local, self.types[local as usize], tree, facts);
    }

    fn select(&mut self) {
        let (condition, two, one) = (self.pop(), self.pop(), self.pop());
        let facts = one.facts.with(two.facts).with(condition.facts);
        let tree = Tree::Select(self.room.boxes.three([one.tree, two.tree, condition.tree]));
        self.push(tree, one.ty, Facts { size: facts.size + 1, ..facts });
    }

    pub(super) fn unary(&mut self, op: UnaryOp, id: ExprId) {
        let Operand { tree: operand, facts, .. } = self.pop();
        if let Tree::Constant(value) = operand
            && let Ok(result) = unary(op, value)
        {
            return self.constant(result, op.result());
        }
        let facts = Facts { size: facts.size + 1, traps: facts.traps || truncates(op), ..facts };
        let tree = Tree::Unary(op, id, self.room.boxes.one(operand));
        self.push(tree, op.result(), facts);
    }

    pub(super) fn binary(&mut self, op: BinaryOp, id: ExprId) {
        let Some(position) = self.operands.len().checked_sub(2) else { return };
        self.settled = self.settled.min(position);
        let [left, right] = &mut self.operands[position..] else { return };
        // The left one becomes the result.
        left.ty = op.result();
        if let (Tree::Constant(one), Tree::Constant(two)) = (&left.tree, &right.tree)
            && let Ok(result) = binary(op, *one, *two)
        {
            left.tree = Tree::Constant(result);
            self.operands.truncate(position + 1);
            return;
        }
        let facts = left.facts.with(right.facts);
        left.facts = Facts { size: facts.size + 1, traps: facts.traps || divides(op), ..facts };
        arrange(op, id, (&mut left.tree, &mut right.tree), &mut self.room.boxes);
        if let Some(Operand { tree, .. }) = self.operands.pop() {
            self.room.boxes.keep(tree);
        }
        if facts.size >= self.max_size {
            self.settle_from(position);
        }
    }

    /// Forgets the topmost operands, but not their traps.
    pub(super) fn forget(&mut self, count: usize) {
        let position = self.operands.len() - count;
        let traps = |operand: &Operand| operand.facts.traps;
        if !self.operands[position..].iter().any(traps) {
            return self.truncate(position);
        }
        let forgotten: Vec<Operand> = self.operands.drain(position..).filter(traps).collect();
        self.settled = self.settled.min(position);
        self.before(Effect { traps: true, ..Effect::default() });
        for operand in forgotten {
            self.step(Step::Evaluate(operand.tree), Touch::reads(operand.facts.reads));
        }
    }

    /// Something outside changes next.
    pub(super) fn outside(&mut self) {
        self.before(Effect { outside: true, traps: true, ..Effect::default() });
    }

    pub(super) fn call(&mut self, callee: FunctionAddress, arguments: usize, id: ExprId) {
        let reads = self.window(self.operands.len() - arguments);
        let base = self.take(arguments);
        self.outside();
        let called = &self.fixed.functions[callee.index()];
        self.room.touched.called.push(called.ty);
        match called.code {
            Code::Host(_) => {
                let most = called.parameters.max(called.results).max(1);
                self.slot(self.operands.len() + most as usize - 1);
                let sets = self.window_of(self.module.yields[id]);
                self.step(Step::Host { callee, at: id, base }, Touch { reads, sets });
                self.push_settled(self.module.yields[id]);
            }
            Code::Defined { .. } => self.end_with(|call| End::Call(callee, call), (base, arguments), id, reads),
        }
    }

    /// Ends the block with a call, and goes on with its results.
    pub(super) fn end_with(
        &mut self,
        end: impl FnOnce(Call) -> End,
        (base, arguments): (u32, usize),
        id: ExprId,
        reads: u64,
    ) {
        let next = self.block();
        let sets = self.window_of(self.module.yields[id]);
        self.close_with_call(end(Call { base, at: id, next }), (base, arguments), Touch { reads, sets });
        self.open(next);
        self.push_settled(self.module.yields[id]);
    }

    pub(super) fn bulk(&mut self, id: ExprId) {
        match self.module.exprs[id] {
            Expr::DataDrop(data) => {
                self.outside();
                self.step(Step::DropData(data), Touch::NONE);
            }
            Expr::ElementDrop(element) => {
                self.outside();
                self.step(Step::DropElement(element), Touch::NONE);
            }
            Expr::MemoryGrow(_) => {
                let slot = self.take(1);
                self.outside();
                let own = only(slot, Type::I32);
                self.step(Step::Grow { at: id, slot }, Touch { reads: own, sets: own });
                self.room.touched.range = self.room.touched.range.max(1);
                self.push_own(Type::I32);
            }
            expr => {
                let reads = self.window(self.operands.len() - 3);
                let base = self.take(3);
                self.outside();
                self.step(Step::Bulk { expr, at: id, base }, Touch::reads(reads));
                self.room.touched.range = 3;
            }
        }
    }
}

/// Makes of the left operand an operator of two: constants last and sums of constants as one, equal modulo 2^32 and 2^64. The right operand has
/// no meaning afterwards.
fn arrange(op: BinaryOp, id: ExprId, (left, right): (&mut Tree, &mut Tree), boxes: &mut Boxes) {
    if matches!(left, Tree::Constant(_)) && commutes(op) {
        swap(left, right);
    }
    if let Tree::Binary(inner, node, operands) = left
        && *inner == op
        && adds(op)
    {
        *node = id;
        if let Tree::Constant(one) = &mut operands[1] {
            if let Tree::Constant(two) = right {
                *one = binary(op, *one, *two).unwrap_or_default();
                return;
            }
            swap(&mut operands[1], right);
        }
    }
    let operands = boxes.of_two(replace(left, Tree::MemorySize), replace(right, Tree::MemorySize));
    *left = Tree::Binary(op, id, operands);
}

/// Sums of whole numbers.
const fn adds(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::I32Add | BinaryOp::I64Add)
}

/// Whether the operands of an operator of whole numbers may change places.
const fn commutes(op: BinaryOp) -> bool {
    use BinaryOp as Op;
    matches!(
        op,
        Op::I32Add
            | Op::I64Add
            | Op::I32Mul
            | Op::I64Mul
            | Op::I32And
            | Op::I64And
            | Op::I32Or
            | Op::I64Or
            | Op::I32Xor
            | Op::I64Xor
            | Op::I32Eq
            | Op::I64Eq
            | Op::I32Ne
            | Op::I64Ne
    )
}
