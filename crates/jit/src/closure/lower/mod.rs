//! From the [intermediate form](crate::ir) to operations.
//!
//! One walk over the blocks in their order. A block that is charged begins with an operation that charges; whoever goes there and pays
//! by itself goes on behind it. The test of a loop that is nothing but a test stands at the end of every turn as well.
//!
//! What operations cannot name (slots beyond the window, more intermediate values than there is room for) is left to [`super::rare`],
//! statement by statement: a step is lowered, and taken back if that turned out ([`Lower::failed`]).

mod access;
mod branch;
mod value;

use super::context::{Function, NO_MEMORY, Rare};
use super::op::{call, moves};
use crate::exec::thread::{Code, Handler, Op, WINDOW};
use crate::ir::{self, Block, BlockId, End, Step, Tree};
use crate::profile::Book;
use alloc::vec::Vec;
use branch::Jump;
use core::sync::atomic::AtomicU32;
use value::Goal;
use velocity_interp::TrapKind;
use velocity_interp::engine::Charge;
use velocity_nda::module::{ExprId, Type};

/// How many operations may follow one another with none that stops.
const STRETCH: usize = 256;

/// The operations of a function.
pub(super) fn lower(function: &ir::Function) -> Function {
    let mut lower = Lower {
        function,
        ops: Vec::with_capacity(64),
        places: Vec::new(),
        charges: Vec::new(),
        rare: Vec::new(),
        entries: alloc::vec![0; function.blocks.len()],
        jumps: Vec::new(),
        temps: function.frame as u32,
        failed: false,
        rested: 0,
        copy: None,
    };
    for (at, &id) in function.order.iter().enumerate() {
        lower.block(id, function.order.get(at + 1).copied());
    }
    lower.link();
    let Lower { ops, places, charges, rare, .. } = lower;
    Function {
        code: Code::seal(ops),
        slots: function.slots,
        room: function.frame.max(WINDOW) as u32,
        memory: function.memory.map_or(NO_MEMORY, |memory| memory as u32),
        instance: function.instance,
        key: function.key,
        results: function.results,
        charges: charges.into_boxed_slice(),
        places: places.into_boxed_slice(),
        rare: rare.into_boxed_slice(),
        cell: AtomicU32::new(Book::FIRST),
    }
}

struct Lower<'f> {
    function: &'f ir::Function,
    ops: Vec<Op>,
    places: Vec<(u32, ExprId)>,
    charges: Vec<(u32, Charge, ExprId)>,
    rare: Vec<Rare>,
    /// Where blocks begin, by their numbers.
    entries: Vec<u32>,
    jumps: Vec<Jump>,
    /// The next slot for an intermediate value.
    temps: u32,
    /// Something had no name.
    failed: bool,
    /// Where the last operation is that stops.
    rested: usize,
    /// The last operation, if it only copies a slot and control cannot come between it and the next one.
    copy: Option<usize>,
}

impl Lower<'_> {
    fn emit(&mut self, op: Op) {
        self.ops.push(op);
    }

    /// The number of the next operation.
    fn here(&self) -> u32 {
        self.ops.len() as u32
    }

    /// The node is to blame if the next operation traps.
    fn blame(&mut self, at: ExprId) {
        self.places.push((self.here(), at));
    }

    /// A slot that operations can name.
    fn near(&mut self, slot: u32) -> u8 {
        u8::try_from(slot).unwrap_or_else(|_| {
            self.failed = true;
            0
        })
    }

    /// A slot for an intermediate value.
    fn temp(&mut self) -> u8 {
        let slot = self.temps;
        self.temps += 1;
        self.near(slot)
    }

    /// Lowers by `with`, or takes it back; whether it was lowered.
    fn attempt(&mut self, with: impl FnOnce(&mut Self)) -> bool {
        let (ops, places, jumps, copy) = (self.ops.len(), self.places.len(), self.jumps.len(), self.copy);
        self.failed = false;
        with(self);
        self.temps = self.function.frame as u32;
        if self.failed {
            self.ops.truncate(ops);
            self.places.truncate(places);
            self.jumps.truncate(jumps);
            self.copy = copy;
        }
        !core::mem::take(&mut self.failed)
    }

    fn leave_to_others(&mut self, rare: Rare) {
        let mut op = Op::new(call::rare);
        op.imm = self.rare.len() as u64;
        self.rare.push(rare);
        self.emit(op);
    }

    /// A value that goes to the register of its type.
    fn register_with(&mut self, tree: &Tree, float: bool) {
        if !self.attempt(|lower| lower.value(tree, float, Goal::Register)) {
            self.leave_to_others(Rare::Value(tree.clone()));
        }
    }

    fn block(&mut self, id: BlockId, next: Option<BlockId>) {
        let function = self.function;
        let block = &function.blocks[id as usize];
        self.copy = None;
        self.entries[id as usize] = self.here();
        if !block.charge.is_none() {
            self.charges.push((self.here(), block.charge, block.head));
            let mut op = Op::new(super::op::branch::charge);
            op.k = block.charge.fuel();
            self.emit(op);
        }
        if id == 0 {
            self.clear_variables(block);
        }
        let counted = self.counts(block, next);
        let steps = &block.steps[..block.steps.len() - usize::from(counted)];
        for step in steps {
            if self.ops.len() - self.rested >= STRETCH {
                self.copy = None;
                self.rested = self.ops.len();
                self.emit(Op::new(call::rest));
            }
            self.step(step);
        }
        self.end(block, next, counted);
    }

    /// Sets variables to zero that the first block does not set before anything reads them.
    fn clear_variables(&mut self, first: &Block) {
        let (parameters, variables) = (self.function.parameters, self.function.variables);
        let end = parameters + variables;
        if end as usize > WINDOW {
            return self.leave_to_others(Rare::Clear(parameters, variables));
        }
        // Whether slots are set, or read before.
        let (mut set, mut read) = ([false; WINDOW], [false; WINDOW]);
        let mut reads = |tree: &Tree, set: &[bool; WINDOW]| {
            tree.slots(&mut |slot, _| {
                if let Some(read) = read.get_mut(slot as usize) {
                    *read |= !set[slot as usize];
                }
            });
        };
        for step in &first.steps {
            let Step::Set { slot, tree, .. } = step else { break };
            reads(tree, &set);
            if let Some(set) = set.get_mut(*slot as usize) {
                *set = true;
            }
        }
        let unset = |slot: &u32| !set[*slot as usize] || read[*slot as usize];
        let (Some(from), Some(last)) = ((parameters..end).find(unset), (parameters..end).rfind(unset)) else { return };
        let mut op = Op::new(moves::zero);
        (op.a, op.k) = (from as u8, last + 1 - from);
        self.emit(op);
    }

    fn step(&mut self, step: &Step) {
        if !self.attempt(|lower| lower.try_step(step)) {
            self.leave_to_others(Rare::Step(step.clone()));
        }
    }

    fn try_step(&mut self, step: &Step) {
        match step {
            Step::Set { slot, ty, tree, traps } => {
                let (slot, blamed) = (self.near(*slot), self.places.len());
                match tree {
                    Tree::Slot(from, _) => self.copies(*from, slot),
                    tree => self.value(tree, *ty == Type::F64, Goal::Slot(slot)),
                }
                // A division whose divisor is known.
                if !traps {
                    self.places.truncate(blamed);
                }
            }
            Step::Evaluate(tree) => self.value(tree, tree.ty() == Some(Type::F64), Goal::Register),
            Step::SetGlobal(global, tree) => self.set_global(*global, tree),
            Step::Store { op, offset, at, operands, traps } => {
                let blamed = self.places.len();
                self.store((*op, *offset), *at, operands);
                if !traps {
                    self.places.drain(blamed..self.places.len() - 1);
                }
            }
            Step::Host { callee, at, base } => {
                let mut op = Op::new(call::host);
                (op.imm, op.k) = (callee.index() as u64, *base);
                self.blame(*at);
                self.emit(op);
            }
            // Nothing is inlined here.
            Step::Room { at, .. } => self.leave_to_others(Rare::Trap(TrapKind::StackOverflow, *at)),
            Step::Bulk { .. } | Step::Grow { .. } | Step::DropData(_) | Step::DropElement(_) => self.failed = true,
        }
    }

    /// Copies a slot, together with the copy before it if there is one.
    fn copies(&mut self, from: u32, to: u8) {
        let from = self.near(from);
        if let Some(at) = self.copy.take().filter(|&at| at + 1 == self.ops.len()) {
            let (a, d) = (self.ops[at].a, self.ops[at].d);
            let mut op = Op::new(moves::copies);
            (op.a, op.d, op.b, op.e) = (a, d, from, to);
            self.ops[at] = op;
        } else if from != to {
            self.copy = Some(self.ops.len());
            let mut op = Op::new(moves::COPY);
            (op.a, op.d) = (from, to);
            self.emit(op);
        }
    }

    fn set_global(&mut self, global: u32, tree: &Tree) {
        let float = tree.ty() == Some(Type::F64);
        let slot = match tree {
            Tree::Slot(slot, _) => Some(self.near(*slot)),
            tree => {
                self.value(tree, float, Goal::Register);
                None
            }
        };
        let mut op = Op::new(moves::set_global(float, slot.is_some()));
        (op.a, op.imm) = (slot.unwrap_or_default(), global.into());
        self.emit(op);
    }

    fn end(&mut self, block: &Block, next: Option<BlockId>, counted: bool) {
        self.copy = None;
        match &block.end {
            End::Nowhere => {}
            End::Goto(to) => self.goto(block, *to, next, counted),
            End::If { test, traps: _, then, otherwise } => {
                let count = if counted { block.steps.last() } else { None };
                self.branch(test, [*then, *otherwise], None, count);
            }
            End::Table(index, targets) => {
                self.register_with(index, false);
                let mut op = Op::new(super::op::branch::table);
                op.imm = targets.len().saturating_sub(1) as u64;
                self.emit(op);
                targets.iter().for_each(|&to| self.go(to));
            }
            End::Call(callee, call) => {
                let mut op = Op::new(call::call);
                (op.imm, op.k) = (u64::from(self.here() + 1) << 32 | callee.index() as u64, call.base);
                self.call(op, *call, next);
            }
            End::CallIndirect((signature, table), slot, call) => {
                let mut op = Op::new(call::indirect);
                [op.a, op.b, op.d, op.e] = slot.to_le_bytes();
                (op.imm, op.k) = (u64::from(signature.0) << 32 | u64::from(table.0), call.base);
                self.call(op, *call, next);
            }
            End::Return(first, count) => {
                if *count > 0 {
                    self.leave_to_others(Rare::Results(*first, *count));
                }
                self.give();
            }
            End::ReturnValue(tree) => {
                self.result(tree);
                self.give();
            }
            End::Trap(kind, at) => {
                self.leave_to_others(Rare::Trap(*kind, *at));
            }
            End::Counted { fuel, closed, looped } => {
                self.register_with(fuel, false);
                self.ways(Op::new(super::op::branch::counted), [*closed, *looped], None);
            }
        }
    }

    fn call(&mut self, op: Op, call: ir::Call, next: Option<BlockId>) {
        self.blame(call.at);
        self.emit(op);
        if next != Some(call.next) {
            self.go(call.next);
        }
    }

    fn give(&mut self) {
        let mut op = Op::new(call::give);
        op.imm = self.function.slots.into();
        self.emit(op);
    }

    fn result(&mut self, tree: &Tree) {
        let float = tree.ty() == Some(Type::F64);
        if !self.attempt(|lower| lower.value(tree, float, Goal::Slot(0))) {
            self.register_with(tree, float);
            self.with_target(moves::put(float), 0);
        }
    }

    fn with_slot(&mut self, run: Handler, a: u8) {
        let mut op = Op::new(run);
        op.a = a;
        self.emit(op);
    }

    fn with_target(&mut self, run: Handler, d: u8) {
        let mut op = Op::new(run);
        op.d = d;
        self.emit(op);
    }
}
