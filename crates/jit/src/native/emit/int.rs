//! Integers.

use super::super::asm::{Alu, Gpr, Mem, R15, RCX, Rm, Shift};
use super::super::place::Place;
use super::{Emitter, Held, Operand, is_leaf, traps};
use crate::exec::fiber::at;
use crate::ir::Tree;
use velocity_interp::engine::Global;
use velocity_nda::module::{BinaryOp, ExprId, Type};

/// `log2` of a page.
const PAGE_SHIFT: u8 = 16;

/// What an operator of two integers is made of.
enum Kind {
    Alu(Alu),
    Mul,
    Shift(Shift),
    Divide,
    Compare,
}

impl Emitter<'_> {
    /// Evaluates into a register.
    pub(super) fn int(&mut self, tree: &Tree) -> Held<Gpr> {
        if let Tree::Slot(slot, ty) = tree
            && let Place::Gpr(reg) = self.place(*slot, *ty)
        {
            return Held { reg, owned: false };
        }
        let reg = self.gpr();
        self.int_into(tree, reg);
        Held { reg, owned: true }
    }

    /// Evaluates into a register: this one, if it is scratch and the value is nowhere yet.
    pub(super) fn int_near(&mut self, tree: &Tree, near: Gpr) -> Held<Gpr> {
        if !Self::is_scratch(near) || self.home(tree).is_some() {
            return self.int(tree);
        }
        self.int_into(tree, near);
        Held { reg: near, owned: false }
    }

    /// Evaluates into this register, which is either scratch of the caller's or lives on after the tree was read.
    pub(super) fn int_into(&mut self, tree: &Tree, to: Gpr) {
        match tree {
            Tree::Slot(slot, ty) => match self.place(*slot, *ty) {
                Place::Gpr(from) if from != to => self.asm.mov(*ty == Type::I64, to, from),
                Place::Frame(at) => self.asm.mov(*ty == Type::I64, to, self.frame(at)),
                Place::Constant(value) => self.asm.mov_imm(to, value),
                _ => {}
            },
            Tree::Constant(value) => self.asm.mov_imm(to, *value),
            Tree::Global(global, ty) => {
                self.asm.mov(true, to, Mem::Base(R15, at::GLOBALS));
                let offset = self.global(*global);
                self.asm.mov(*ty == Type::I64, to, Mem::Base(to, offset));
            }
            Tree::MemorySize => {
                self.asm.mov(true, to, Mem::Base(R15, at::MEMORY_LEN));
                self.asm.shift_imm(Shift::Shr, true, to, PAGE_SHIFT);
            }
            Tree::Unary(op, id, operand) => self.int_unary(*op, *id, operand, to),
            Tree::Binary(op, id, operands) => self.int_binary(*op, *id, operands, to),
            Tree::Divided(op, id, operands, reciprocal) => self.divide_by_slot((*op, *id), operands, *reciprocal, to),
            Tree::Load(load, id, address) => self.load(*load, *id, address, to),
            Tree::Select(operands) => self.select(operands, to),
        }
    }

    /// Where a global lies among all.
    pub(super) fn global(&mut self, global: u32) -> i32 {
        let offset = i32::try_from(global as usize * Global::BYTES);
        self.failed |= offset.is_err();
        offset.unwrap_or_default()
    }

    /// What stands for a tree as the second operand of an instruction.
    pub(super) fn operand(&mut self, tree: &Tree, wide: bool) -> Operand {
        if let Some(value) = self.constant_of(tree) {
            let value = if wide { value as i64 } else { i64::from(value as i32) };
            if let Ok(value) = i32::try_from(value) {
                return Operand::Imm(value);
            }
        }
        match tree {
            Tree::Slot(slot, ty) => {
                if let Place::Frame(at) = self.place(*slot, *ty) {
                    return Operand::Rm(self.frame(at).into(), None);
                }
            }
            Tree::Load((op, offset), id, address) if op.ty() == integer(wide) && op.bytes() == bytes(wide) => {
                let (mem, owned) = self.access(address, *offset, op.bytes(), *id);
                return Operand::Rm(mem.into(), owned);
            }
            _ => {}
        }
        let held = self.int(tree);
        Operand::Rm(held.reg.into(), held.owned.then_some(held.reg))
    }

    /// The same, while `kept` keeps its value.
    pub(super) fn operand_beside(&mut self, kept: Gpr, tree: &Tree, wide: bool) -> Operand {
        if is_leaf(tree) || !Self::is_scratch(kept) || !self.few_gprs() {
            return self.operand(tree, wide);
        }
        let slot = self.borrow();
        self.asm.store(8, slot, kept);
        self.free(kept);
        let mut held = self.int(tree);
        if held.reg == kept {
            held.reg = self.gpr();
            self.asm.mov(true, held.reg, kept);
        } else {
            self.occupy(kept);
        }
        self.asm.mov(true, kept, slot);
        self.give_back();
        Operand::Rm(held.reg.into(), held.owned.then_some(held.reg))
    }

    pub(super) const fn drop_operand(&mut self, operand: Operand) {
        if let Operand::Rm(_, Some(owned)) = operand {
            self.free(owned);
        }
    }

    /// An operand that is no constant.
    pub(super) fn in_rm(&mut self, operand: Operand) -> (Rm, Option<Gpr>) {
        match operand {
            Operand::Rm(rm, owned) => (rm, owned),
            Operand::Imm(value) => {
                let reg = self.gpr();
                self.asm.mov_imm(reg, i64::from(value) as u64);
                (reg.into(), Some(reg))
            }
        }
    }

    fn int_binary(&mut self, op: BinaryOp, id: ExprId, operands: &[Tree; 2], to: Gpr) {
        let wide = op.operand() == Type::I64;
        let [left, right] = operands;
        match kind(op) {
            Kind::Alu(alu) => self.arithmetic(alu, wide, left, right, to),
            Kind::Mul => self.multiply(wide, left, right, to),
            Kind::Shift(shift) => self.shift(shift, wide, left, right, to),
            Kind::Divide => self.divide(op, id, left, right, to),
            Kind::Compare => self.compare_into(op, operands, to),
        }
    }

    fn arithmetic(&mut self, alu: Alu, wide: bool, left: &Tree, right: &Tree, to: Gpr) {
        if alu == Alu::Add && self.add_by_lea(wide, left, right, to) {
            return;
        }
        if alu == Alu::Sub
            && let Some(value) = self.constant_of(right)
            && let Ok(less) = i32::try_from(if wide {
                (value as i64).wrapping_neg()
            } else {
                i64::from((value as i32).wrapping_neg())
            })
            && self.add_by_lea(wide, left, &Tree::Constant(i64::from(less) as u64), to)
        {
            return;
        }
        if is_leaf(left) {
            return self.arithmetic_of_leaf(alu, wide, left, right, to);
        }
        if self.reads_gpr(right, to) {
            if alu != Alu::Sub && !self.reads_gpr(left, to) && !(traps(left) && traps(right)) {
                return self.arithmetic(alu, wide, right, left, to);
            }
            return self
                .through_scratch(None, (wide, to), |emitter, reg| emitter.arithmetic(alu, wide, left, right, reg));
        }
        self.int_into(left, to);
        match self.operand_beside(to, right, wide) {
            Operand::Imm(value) => self.asm.alu_imm(alu, wide, to, value),
            Operand::Rm(rm, owned) => {
                self.asm.alu(alu, wide, to, rm);
                self.drop_operand(Operand::Rm(rm, owned));
            }
        }
    }

    /// The first operand has no place of its own to be computed in: the second one comes first.
    fn arithmetic_of_leaf(&mut self, alu: Alu, wide: bool, left: &Tree, right: &Tree, to: Gpr) {
        let at_home = self.home(left) == Some(to);
        if !at_home && Self::is_scratch(to) && alu != Alu::Sub && !is_leaf(right) {
            self.int_into(right, to);
            return self.arithmetic_with(alu, wide, to, left);
        }
        let mut operand = self.operand(right, wide);
        if !at_home {
            operand = self.apart(operand, to, wide);
            self.int_into(left, to);
        }
        match operand {
            Operand::Imm(value) => self.asm.alu_imm(alu, wide, to, value),
            Operand::Rm(rm, _) => self.asm.alu(alu, wide, to, rm),
        }
        self.drop_operand(operand);
    }

    fn arithmetic_with(&mut self, alu: Alu, wide: bool, to: Gpr, leaf: &Tree) {
        let operand = self.operand(leaf, wide);
        match operand {
            Operand::Imm(value) => self.asm.alu_imm(alu, wide, to, value),
            Operand::Rm(rm, _) => self.asm.alu(alu, wide, to, rm),
        }
        self.drop_operand(operand);
    }

    /// An operand that stays what it is when a register is written.
    fn apart(&mut self, operand: Operand, written: Gpr, wide: bool) -> Operand {
        let uses = match operand {
            Operand::Imm(_) => false,
            Operand::Rm(Rm::Reg(reg), _) => reg == written.0,
            Operand::Rm(Rm::Mem(Mem::Base(base, _)), _) => base == written,
            Operand::Rm(Rm::Mem(Mem::Index(base, index, ..)), _) => base == written || index == written,
            Operand::Rm(Rm::Mem(Mem::Scaled(index, ..) | Mem::Linear(index, ..)), _) => index == written,
            Operand::Rm(Rm::Mem(Mem::Label(_)), _) => false,
        };
        match operand {
            Operand::Rm(rm, owned) if uses => {
                let reg = owned.unwrap_or_else(|| self.gpr());
                self.asm.mov(wide, reg, rm);
                Operand::Rm(reg.into(), Some(reg))
            }
            operand => operand,
        }
    }

    /// Computes into scratch, and moves the result: all 64 bits, or 32 where it has no more, so that it is seen to have a zero upper half.
    pub(super) fn through_scratch(
        &mut self,
        but: Option<Gpr>,
        (wide, to): (bool, Gpr),
        with: impl FnOnce(&mut Self, Gpr),
    ) {
        // Nothing is there yet.
        let scratch = Self::is_scratch(to);
        if scratch {
            self.free(to);
        }
        let reg = self.gpr_but(but.or(Some(to)));
        with(self, reg);
        self.asm.mov(wide, to, reg);
        self.free(reg);
        if scratch {
            self.occupy(to);
        }
    }

    pub(super) fn home(&self, tree: &Tree) -> Option<Gpr> {
        match tree {
            Tree::Slot(slot, ty) => match self.place(*slot, *ty) {
                Place::Gpr(reg) => Some(reg),
                _ => None,
            },
            _ => None,
        }
    }

    fn multiply(&mut self, wide: bool, left: &Tree, right: &Tree, to: Gpr) {
        if let Some(value) = self.constant_of(right) {
            let value = if wide { value } else { u64::from(value as u32) };
            if value.is_power_of_two() {
                self.int_into(left, to);
                self.asm.shift_imm(Shift::Shl, wide, to, value.trailing_zeros() as u8);
                return;
            }
            let signed = if wide { value as i64 } else { i64::from(value as i32) };
            if let Ok(value) = i32::try_from(signed) {
                let held = self.int_near(left, to);
                self.asm.imul_imm(wide, to, held.reg, value);
                return self.release(held);
            }
        }
        if self.reads_gpr(right, to) {
            return self.through_scratch(None, (wide, to), |emitter, reg| emitter.multiply(wide, left, right, reg));
        }
        self.int_into(left, to);
        let operand = self.operand_beside(to, right, wide);
        let (rm, owned) = self.in_rm(operand);
        self.asm.imul(wide, to, rm);
        self.drop_operand(Operand::Rm(rm, owned));
    }

    fn shift(&mut self, shift: Shift, wide: bool, left: &Tree, right: &Tree, to: Gpr) {
        if let Some(by) = self.constant_of(right) {
            self.int_into(left, to);
            let by = by as u8 & if wide { 63 } else { 31 };
            if by != 0 {
                self.asm.shift_imm(shift, wide, to, by);
            } else if !wide {
                self.asm.mov(false, to, to);
            }
            return;
        }
        if to == RCX || self.reads_gpr(right, to) {
            return self
                .through_scratch(Some(RCX), (wide, to), |emitter, reg| emitter.shift(shift, wide, left, right, reg));
        }
        self.int_into(left, to);
        let operand = self.operand_beside(to, right, wide);
        let (rm, owned) = self.in_rm(operand);
        if owned == Some(RCX) && matches!(rm, Rm::Reg(_)) {
            self.asm.shift(shift, wide, to);
        } else if self.is_free(RCX) || owned == Some(RCX) {
            self.asm.mov(wide, RCX, rm);
            self.asm.shift(shift, wide, to);
        } else {
            let slot = self.borrow();
            self.asm.store(8, slot, RCX);
            self.asm.mov(wide, RCX, rm);
            self.asm.shift(shift, wide, to);
            self.asm.mov(true, RCX, slot);
            self.give_back();
        }
        self.drop_operand(Operand::Rm(rm, owned));
    }
}

const fn integer(wide: bool) -> Type {
    if wide { Type::I64 } else { Type::I32 }
}

const fn bytes(wide: bool) -> u32 {
    if wide { 8 } else { 4 }
}

const fn kind(op: BinaryOp) -> Kind {
    use BinaryOp as Op;
    match op {
        Op::I32Add | Op::I64Add => Kind::Alu(Alu::Add),
        Op::I32Sub | Op::I64Sub => Kind::Alu(Alu::Sub),
        Op::I32And | Op::I64And => Kind::Alu(Alu::And),
        Op::I32Or | Op::I64Or => Kind::Alu(Alu::Or),
        Op::I32Xor | Op::I64Xor => Kind::Alu(Alu::Xor),
        Op::I32Mul | Op::I64Mul => Kind::Mul,
        Op::I32Shl | Op::I64Shl => Kind::Shift(Shift::Shl),
        Op::I32ShrS | Op::I64ShrS => Kind::Shift(Shift::Sar),
        Op::I32ShrU | Op::I64ShrU => Kind::Shift(Shift::Shr),
        Op::I32Rotl | Op::I64Rotl => Kind::Shift(Shift::Rol),
        Op::I32Rotr | Op::I64Rotr => Kind::Shift(Shift::Ror),
        Op::I32DivS
        | Op::I32DivU
        | Op::I32RemS
        | Op::I32RemU
        | Op::I64DivS
        | Op::I64DivU
        | Op::I64RemS
        | Op::I64RemU => Kind::Divide,
        _ => Kind::Compare,
    }
}
