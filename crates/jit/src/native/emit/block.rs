//! Blocks, their steps, and where they lead.

use super::super::asm::{Alu, Cond, Mem, R13, R14, R15, RAX, RSI, RSP, Xmm};
use super::super::flow::is_float;
use super::super::fuel::is_short_test;
use super::super::place::Place;
use super::super::unit::Site;
use super::cold::Cold;
use super::compare::Test;
use super::scratch::{ALL_GPRS, ALL_XMMS};
use super::{Emitter, Held, traps};
use crate::exec::fiber::at;
use crate::ir::{BlockId, End, Step, Tree};
use velocity_interp::{InstanceId, TrapKind};
use velocity_nda::module::{ExprId, Type};

impl Emitter<'_> {
    pub(super) fn block(&mut self, id: BlockId, next: Option<BlockId>) {
        let block = &self.function.blocks[id as usize];
        self.asm.bind(self.label_of(id));
        self.stand(block.within);
        self.pay(id, 0);
        if block.charge.fuel() > 0 {
            self.unit.node(self.asm.position(), block.head);
        }
        let arguments = self.arguments[id as usize] as usize;
        for step in &block.steps[..arguments] {
            self.step(step);
            // Nothing is held between two statements.
            self.failed |= self.gprs != ALL_GPRS || self.xmms != ALL_XMMS || self.spilled != 0;
        }
        self.end(id, &block.steps[arguments..], next);
        self.failed |= self.gprs != ALL_GPRS || self.xmms != ALL_XMMS || self.spilled != 0;
    }

    /// Pays what a block pays at its start, and what is due before.
    fn pay(&mut self, id: BlockId, due: u32) {
        let (block, payment) = (&self.function.blocks[id as usize], self.room.payments.all[id as usize]);
        let fuel = payment.fuel.saturating_add(due);
        self.failed |= i32::try_from(fuel).is_err();
        if self.shape.counts && fuel > 0 {
            self.asm.alu_imm(Alu::Sub, true, R13, fuel as i32);
        }
        self.owe(payment.due);
        if self.shape.counts && block.charge.is_checked() {
            let label = self.asm.label();
            self.asm.branch(Cond::Less, label);
            let back = self.asm.position();
            self.later(Cold::Check { label, back, fuel: block.charge.fuel(), head: block.head });
        }
    }

    fn step(&mut self, step: &Step) {
        if let Some(node) = step.node() {
            self.unit.node(self.asm.position(), node);
        }
        match step {
            Step::Set { slot, ty, tree, .. } => self.set_slot(*slot, *ty, tree),
            Step::Evaluate(tree) => self.evaluate(tree),
            Step::SetGlobal(global, tree) => self.set_global(*global, tree),
            Step::Store { op, offset, at, operands, .. } => self.store_to(*op, *offset, *at, operands),
            Step::Bulk { at, base, .. } => {
                for slot in 0..3 {
                    self.int_to_slot(&Tree::Slot(base + slot, Type::I32), Self::outgoing(slot));
                }
                self.exit(Site::Bulk(*at));
            }
            Step::Grow { at, slot } => {
                self.int_to_slot(&Tree::Slot(*slot, Type::I32), Self::outgoing(0));
                self.exit(Site::Grow(*at));
                self.settle_mem(*slot, Type::I32, Self::outgoing(0));
            }
            Step::DropData(data) => self.exit(Site::DropData(*data)),
            Step::DropElement(element) => self.exit(Site::DropElement(*element)),
            Step::Room { slots, at } => self.room(*slots, *at),
            Step::Host { callee, at, base } => self.call_direct(*callee, *base, *at, &[]),
        }
    }

    /// Ends the run unless so many slots are left of the stack, as the function that is not called would.
    fn room(&mut self, slots: u32, at: ExprId) {
        let Some(below) = slots.checked_mul(8).and_then(|below| i32::try_from(below).ok()) else {
            self.failed = true;
            return;
        };
        self.asm.lea(true, RSI, Mem::Base(RSP, -below));
        self.asm.alu(Alu::Cmp, true, RSI, Mem::Base(R15, at::ROOM_LIMIT));
        let overflow = self.trap(TrapKind::StackOverflow, at);
        self.asm.branch(Cond::Below, overflow);
    }

    fn set_slot(&mut self, slot: u32, ty: Type, tree: &Tree) {
        let double = ty == Type::F64;
        match self.place(slot, ty) {
            Place::Gpr(to) => self.int_into(tree, to),
            Place::Xmm(to) => {
                self.float_into(tree, to, double);
                if !self.is_lazy(slot) {
                    self.canonical(tree, Held { reg: to, owned: false }, double);
                }
            }
            Place::Frame(at) if is_float(ty) => {
                let held = self.float(tree, double);
                if !self.is_lazy(slot) {
                    self.canonical(tree, held, double);
                }
                self.store_float(double, self.frame(at), held.reg);
                self.release_xmm(held);
            }
            Place::Frame(at) => self.int_to_slot(tree, self.frame(at)),
            Place::Nowhere if traps(tree) => self.evaluate(tree),
            Place::Nowhere | Place::Constant(_) => {}
        }
    }

    fn is_lazy(&self, slot: u32) -> bool {
        self.lazy[super::value_of(slot, true)]
    }

    /// Puts an integer into the frame, as 64 bits.
    pub(super) fn int_to_slot(&mut self, tree: &Tree, to: Mem) {
        if let Some(value) = self.constant_of(tree)
            && let Ok(value) = i32::try_from(value as i64)
        {
            return self.asm.store_imm(8, to, value);
        }
        let held = self.int(tree);
        self.asm.store(8, to, held.reg);
        self.release(held);
    }

    fn evaluate(&mut self, tree: &Tree) {
        match tree.ty() {
            Some(ty) if is_float(ty) => {
                let held = self.float(tree, ty == Type::F64);
                self.release_xmm(held);
            }
            _ => {
                let held = self.int(tree);
                self.release(held);
            }
        }
    }

    fn set_global(&mut self, global: u32, tree: &Tree) {
        let offset = self.global(global);
        let ty = tree.ty();
        if let Some(ty) = ty.filter(|&ty| is_float(ty)) {
            let double = ty == Type::F64;
            let held = self.float(tree, double);
            self.canonical(tree, held, double);
            let (reg, bits) = (self.gpr(), self.gpr());
            self.asm.mov(true, reg, Mem::Base(R15, at::GLOBALS));
            self.asm.vector_to_gpr(double, bits, held.reg);
            self.asm.store(8, Mem::Base(reg, offset), bits);
            self.free(reg);
            self.free(bits);
            return self.release_xmm(held);
        }
        let held = self.int(tree);
        let reg = self.gpr();
        self.asm.mov(true, reg, Mem::Base(R15, at::GLOBALS));
        self.asm.store(8, Mem::Base(reg, offset), held.reg);
        self.free(reg);
        self.release(held);
    }

    fn end(&mut self, id: BlockId, arguments: &[Step], next: Option<BlockId>) {
        match &self.function.blocks[id as usize].end {
            End::Goto(to) if self.shape.repeats && next != Some(*to) && is_short_test(self.function, *to) => {
                self.test_again(*to, next);
            }
            End::Goto(to) => self.go(*to, next),
            End::If { test, then, otherwise, .. } => self.fork(test, *then, *otherwise, next),
            End::Table(index, targets) => self.jump_table(index, targets),
            End::Call(callee, call) => {
                self.call_direct(*callee, call.base, call.at, arguments);
                self.go(call.next, next);
            }
            End::CallIndirect(what, index, call) => {
                self.call_indirect(*what, *index, *call, arguments);
                self.go(call.next, next);
            }
            End::Return(first, _) => {
                for (at, &ty) in (0..).zip(self.signatures.results()) {
                    self.pass_out(&Tree::Slot(first + at, ty), ty, self.above(at));
                }
                self.leave();
            }
            End::ReturnValue(tree) => {
                match self.signatures.results().first() {
                    Some(&ty) if is_float(ty) => {
                        let double = ty == Type::F64;
                        self.xmms &= !1;
                        self.float_into(tree, Xmm(0), double);
                        self.canonical(tree, Held { reg: Xmm(0), owned: false }, double);
                        self.free_xmm(Xmm(0));
                    }
                    _ => {
                        self.occupy(RAX);
                        self.int_into(tree, RAX);
                        self.free(RAX);
                    }
                }
                self.leave();
            }
            End::Counted { fuel, closed, looped } => {
                let held = self.int(fuel);
                self.asm.alu(Alu::Cmp, true, held.reg, R13);
                self.asm.branch(Cond::Greater, self.label_of(*looped));
                self.asm.alu(Alu::Sub, true, R13, held.reg);
                self.release(held);
                self.go(*closed, next);
            }
            End::Trap(kind, id) => self.exit(Site::Trap(*kind, *id)),
            End::Nowhere => self.asm.byte(0xCC),
        }
    }

    /// Puts a value where somebody else reads it.
    pub(super) fn pass_out(&mut self, tree: &Tree, ty: Type, to: Mem) {
        if !is_float(ty) {
            return self.int_to_slot(tree, to);
        }
        let double = ty == Type::F64;
        let held = self.float(tree, double);
        self.canonical(tree, held, double);
        self.store_float(double, to, held.reg);
        self.release_xmm(held);
    }

    fn go(&mut self, to: BlockId, next: Option<BlockId>) {
        if next != Some(to) {
            self.asm.jump(self.label_of(to));
        }
    }

    fn test_again(&mut self, id: BlockId, next: Option<BlockId>) {
        let block = &self.function.blocks[id as usize];
        self.stand(block.within);
        self.pay(id, self.due);
        block.steps.iter().for_each(|step| self.step(step));
        self.end(id, &[], next);
    }

    fn fork(&mut self, test: &Tree, then: BlockId, otherwise: BlockId, next: Option<BlockId>) {
        let (yes, no) = (self.label_of(then), self.label_of(otherwise));
        match self.test(test, None) {
            Test::One(cond) if next == Some(then) => self.asm.branch(cond.not(), no),
            Test::One(cond) => {
                self.asm.branch(cond, yes);
                self.go(otherwise, next);
            }
            Test::FloatEqual(true) => {
                self.asm.branch(Cond::NotEqual, no);
                self.asm.branch(Cond::Parity, no);
                self.go(then, next);
            }
            Test::FloatEqual(false) => {
                self.asm.branch(Cond::NotEqual, yes);
                self.asm.branch(Cond::Parity, yes);
                self.go(otherwise, next);
            }
        }
    }

    fn jump_table(&mut self, index: &Tree, targets: &[BlockId]) {
        let labels: alloc::vec::Vec<_> = targets.iter().map(|&target| self.label_of(target)).collect();
        let Some((&last, first)) = labels.split_last() else {
            self.failed = true;
            return;
        };
        let Ok(count) = i32::try_from(first.len()) else {
            self.failed = true;
            return;
        };
        let held = self.int(index);
        let (table, way) = (self.gpr(), self.gpr());
        self.asm.alu_imm(Alu::Cmp, false, held.reg, count);
        self.asm.branch(Cond::AboveEqual, last);
        let label = self.asm.label();
        self.asm.lea(true, table, Mem::Label(label));
        self.asm.sign_extend(4, true, way, Mem::Index(table, held.reg, 2, 0));
        self.asm.alu(Alu::Add, true, way, table);
        self.asm.jump_to(way);
        self.tables.push((label, first.to_vec()));
        self.free(table);
        self.free(way);
        self.release(held);
    }

    /// Makes the memory of an instance the one that loads and stores touch.
    pub(super) fn hold(&mut self, instance: InstanceId) {
        let Ok(offset) = i32::try_from(instance.index() * 16) else {
            self.failed = true;
            return;
        };
        self.asm.mov(true, R14, Mem::Base(R15, at::MEMORIES));
        self.hold_at(offset);
    }

    /// The same for the view that lies at an offset from `r14`.
    pub(super) fn hold_at(&mut self, offset: i32) {
        self.asm.push_mem(Mem::Base(R14, offset + 8));
        self.asm.pop_mem(Mem::Base(R15, at::MEMORY_LEN));
        self.asm.mov(true, R14, Mem::Base(R14, offset));
        self.asm.store(8, Mem::Base(R15, at::MEMORY), R14);
    }
}
