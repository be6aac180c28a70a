//! Floats.

use super::super::asm::{Cond, Mem, Op, R15, Rm, Xmm};
use super::super::place::Place;
use super::cold::Cold;
use super::{Emitter, Held, Operand, is_leaf, traps};
use crate::exec::fiber::at;
use crate::ir::Tree;
use velocity_nda::module::{BinaryOp, ExprId, LoadOp, Type, UnaryOp};

const MOV: u8 = 0x10;
const MOV_STORE: u8 = 0x11;
const SQRT: u8 = 0x51;
const AND: u8 = 0x54;
const AND_NOT: u8 = 0x55;
const OR: u8 = 0x56;
const XOR: u8 = 0x57;
pub(super) const ADD: u8 = 0x58;
const MUL: u8 = 0x59;
pub(super) const CONVERT: u8 = 0x5A;
const SUB: u8 = 0x5C;
const MIN: u8 = 0x5D;
const DIV: u8 = 0x5E;
const MAX: u8 = 0x5F;
const COMPARE: u8 = 0x2E;

/// What an operator of two floats is made of.
enum Kind {
    Arithmetic(u8),
    Min,
    Max,
    Copysign,
}

impl Emitter<'_> {
    pub(super) fn move_float(&mut self, to: Xmm, from: Xmm) {
        self.asm.vector(Op::packed(false, 0x28), to, from);
    }

    pub(super) fn load_float(&mut self, double: bool, to: Xmm, from: Mem) {
        self.asm.vector(Op::scalar(double, MOV), to, from);
    }

    pub(super) fn store_float(&mut self, double: bool, to: Mem, from: Xmm) {
        self.asm.vector(Op::scalar(double, MOV_STORE), from, to);
    }

    pub(super) fn clear(&mut self, to: Xmm) {
        self.asm.vector(Op::packed(false, XOR), to, to);
    }

    pub(super) fn compare_registers(&mut self, double: bool, one: Xmm, two: Xmm) {
        self.asm.vector(Op::packed(double, COMPARE), one, two);
    }

    /// Loads a constant.
    pub(super) fn constant_float(&mut self, double: bool, to: Xmm, bits: u64) {
        if bits == 0 {
            return self.clear(to);
        }
        let label = self.unit.constant(self.asm, bits);
        self.load_float(double, to, Mem::Label(label));
    }

    /// Evaluates into a register.
    pub(super) fn float(&mut self, tree: &Tree, double: bool) -> Held<Xmm> {
        if let Tree::Slot(slot, ty) = tree
            && let Place::Xmm(reg) = self.place(*slot, *ty)
        {
            return Held { reg, owned: false };
        }
        let reg = self.xmm();
        self.float_into(tree, reg, double);
        Held { reg, owned: true }
    }

    /// Evaluates into a register: this one, if it is scratch and the value is nowhere yet.
    pub(super) fn float_near(&mut self, tree: &Tree, near: Xmm, double: bool) -> Held<Xmm> {
        let at_home = matches!(tree, Tree::Slot(slot, ty) if matches!(self.place(*slot, *ty), Place::Xmm(_)));
        if at_home || !Self::is_scratch_xmm(near) {
            return self.float(tree, double);
        }
        self.float_into(tree, near, double);
        Held { reg: near, owned: false }
    }

    /// Evaluates while another one keeps its value.
    pub(super) fn float_beside_float(&mut self, kept: Held<Xmm>, tree: &Tree, double: bool) -> Held<Xmm> {
        if is_leaf(tree) || !Self::is_scratch_xmm(kept.reg) || !self.few_xmms() {
            return self.float(tree, double);
        }
        let slot = self.borrow();
        self.store_float(double, slot, kept.reg);
        self.free_xmm(kept.reg);
        let mut held = self.float(tree, double);
        if held.reg == kept.reg {
            held.reg = self.xmm();
            self.move_float(held.reg, kept.reg);
        } else {
            self.xmms &= !(1 << kept.reg.0);
        }
        self.load_float(double, kept.reg, slot);
        self.give_back();
        held
    }

    /// What stands for a float as the second operand of an instruction, while another one keeps its value.
    fn float_operand(&mut self, kept: Xmm, tree: &Tree, double: bool) -> (Rm, Operand, Held<Xmm>) {
        let nothing = Operand::Imm(0);
        let none = Held { reg: kept, owned: false };
        if let Some(bits) = self.constant_of(tree).filter(|&bits| bits != 0) {
            let label = self.unit.constant(self.asm, bits);
            return (Mem::Label(label).into(), nothing, none);
        }
        match tree {
            Tree::Slot(slot, ty) => {
                if let Place::Frame(at) = self.place(*slot, *ty) {
                    return (self.frame(at).into(), nothing, none);
                }
            }
            Tree::Load((op, offset), id, address) => {
                let (mem, owned) = self.access(address, *offset, op.bytes(), *id);
                return (mem.into(), Operand::Rm(mem.into(), owned), none);
            }
            _ => {}
        }
        let held = self.float_beside_float(Held { reg: kept, owned: true }, tree, double);
        (held.reg.into(), nothing, held)
    }

    /// Evaluates into this register, which is either scratch of the caller's or lives on after the tree was read.
    pub(super) fn float_into(&mut self, tree: &Tree, to: Xmm, double: bool) {
        match tree {
            Tree::Slot(slot, ty) => match self.place(*slot, *ty) {
                Place::Xmm(from) if from != to => self.move_float(to, from),
                Place::Frame(at) => self.load_float(double, to, self.frame(at)),
                Place::Constant(bits) => self.constant_float(double, to, bits),
                _ => {}
            },
            Tree::Constant(bits) => self.constant_float(double, to, *bits),
            Tree::Global(global, _) => {
                let reg = self.gpr();
                self.asm.mov(true, reg, Mem::Base(R15, at::GLOBALS));
                let offset = self.global(*global);
                self.load_float(double, to, Mem::Base(reg, offset));
                self.free(reg);
            }
            Tree::Load((op, offset), id, address) => self.load_into(*op, *offset, *id, address, to),
            Tree::Unary(op, _, operand) => self.float_unary(*op, operand, to),
            Tree::Binary(op, _, operands) => self.float_binary(*op, operands, to, double),
            Tree::Select(operands) => self.select_float(operands, to, double),
            // No integer is asked for as a float.
            Tree::MemorySize | Tree::Divided(..) => self.failed = true,
        }
    }

    fn load_into(&mut self, op: LoadOp, offset: u32, id: ExprId, address: &Tree, to: Xmm) {
        let (mem, owned) = self.access(address, offset, op.bytes(), id);
        self.load_float(op.ty() == Type::F64, to, mem);
        self.drop_operand(Operand::Rm(mem.into(), owned));
    }

    fn reads_xmm(&self, tree: &Tree, register: Xmm) -> bool {
        self.reads(tree, Place::Xmm(register))
    }

    fn through_scratch_xmm(&mut self, to: Xmm, with: impl FnOnce(&mut Self, Xmm)) {
        let reg = self.xmm();
        with(self, reg);
        self.move_float(to, reg);
        self.free_xmm(reg);
    }

    fn float_binary(&mut self, op: BinaryOp, operands: &[Tree; 2], to: Xmm, double: bool) {
        let [left, right] = operands;
        match kind(op) {
            Kind::Arithmetic(opcode) => self.float_arithmetic(opcode, left, right, to, double),
            Kind::Min => self.least(MIN, OR, operands, to, double),
            Kind::Max => self.least(MAX, AND, operands, to, double),
            Kind::Copysign => self.copysign(operands, to, double),
        }
    }

    fn float_arithmetic(&mut self, opcode: u8, left: &Tree, right: &Tree, to: Xmm, double: bool) {
        if self.reads_xmm(right, to) {
            let commutes = matches!(opcode, ADD | MUL);
            if commutes && !self.reads_xmm(left, to) && !(traps(left) && traps(right)) {
                return self.float_arithmetic(opcode, right, left, to, double);
            }
            return self.through_scratch_xmm(to, |emitter, reg| {
                emitter.float_arithmetic(opcode, left, right, reg, double);
            });
        }
        self.float_into(left, to, double);
        let (rm, address, held) = self.float_operand(to, right, double);
        self.asm.vector(Op::scalar(double, opcode), to, rm);
        self.drop_operand(address);
        if held.reg != to {
            self.release_xmm(held);
        }
    }

    /// The lesser or greater of two: of equal ones the bits are joined, so that zeros get their sign; no number if one is none.
    fn least(&mut self, opcode: u8, join: u8, operands: &[Tree; 2], to: Xmm, double: bool) {
        let [left, right] = operands;
        if self.reads_xmm(right, to) {
            return self.through_scratch_xmm(to, |emitter, reg| emitter.least(opcode, join, operands, reg, double));
        }
        self.float_into(left, to, double);
        let held = self.float_beside_float(Held { reg: to, owned: true }, right, double);
        self.compare_registers(double, to, held.reg);
        let differ = self.asm.skip_if(Cond::NotEqual);
        let none = self.asm.skip_if(Cond::Parity);
        self.asm.vector(Op::packed(double, join), to, held.reg);
        let equal = self.asm.skip();
        self.asm.land(none);
        self.asm.vector(Op::scalar(double, ADD), to, held.reg);
        let added = self.asm.skip();
        self.asm.land(differ);
        self.asm.vector(Op::scalar(double, opcode), to, held.reg);
        self.asm.land(equal);
        self.asm.land(added);
        self.release_xmm(held);
    }

    fn copysign(&mut self, operands: &[Tree; 2], to: Xmm, double: bool) {
        let [left, right] = operands;
        if self.reads_xmm(right, to) {
            return self.through_scratch_xmm(to, |emitter, reg| emitter.copysign(operands, reg, double));
        }
        self.float_into(left, to, double);
        self.canonical(left, Held { reg: to, owned: false }, double);
        let held = self.float_beside_float(Held { reg: to, owned: true }, right, double);
        let held = self.canonical(right, held, double);
        let (sign, mask) = (self.xmm(), sign(double));
        self.constant_float(double, sign, mask);
        let size = self.xmm();
        self.move_float(size, sign);
        self.asm.vector(Op::packed(double, AND_NOT), size, to);
        self.asm.vector(Op::packed(double, AND), sign, held.reg);
        self.asm.vector(Op::packed(double, OR), size, sign);
        self.move_float(to, size);
        self.free_xmm(size);
        self.free_xmm(sign);
        self.release_xmm(held);
    }

    fn float_unary(&mut self, op: UnaryOp, operand: &Tree, to: Xmm) {
        use UnaryOp as Op1;
        let double = op.operand() == Type::F64;
        match op {
            Op1::F32Abs | Op1::F64Abs => self.by_sign(operand, to, double, AND, !sign(double)),
            Op1::F32Neg | Op1::F64Neg => self.by_sign(operand, to, double, XOR, sign(double)),
            Op1::F32Sqrt | Op1::F64Sqrt => {
                let held = self.float_near(operand, to, double);
                self.asm.vector(Op::scalar(double, SQRT), to, held.reg);
                self.release_xmm(held);
            }
            Op1::F32Nearest | Op1::F64Nearest => self.round(operand, to, double, 0),
            Op1::F32Floor | Op1::F64Floor => self.round(operand, to, double, 1),
            Op1::F32Ceil | Op1::F64Ceil => self.round(operand, to, double, 2),
            Op1::F32Trunc | Op1::F64Trunc => self.round(operand, to, double, 3),
            _ => self.float_of(op, operand, to),
        }
    }

    fn by_sign(&mut self, operand: &Tree, to: Xmm, double: bool, opcode: u8, mask: u64) {
        self.float_into(operand, to, double);
        self.canonical(operand, Held { reg: to, owned: false }, double);
        let reg = self.xmm();
        let mask = if double { mask } else { u64::from(mask as u32) };
        self.constant_float(double, reg, mask);
        self.asm.vector(Op::packed(double, opcode), to, reg);
        self.free_xmm(reg);
    }

    fn round(&mut self, operand: &Tree, to: Xmm, double: bool, mode: u8) {
        let held = self.float_near(operand, to, double);
        self.asm.round(double, to, held.reg, mode);
        self.release_xmm(held);
    }

    fn select_float(&mut self, operands: &[Tree; 3], to: Xmm, double: bool) {
        let [one, two, test] = operands;
        if self.reads_xmm(two, to) || self.reads_xmm(test, to) {
            return self.through_scratch_xmm(to, |emitter, reg| emitter.select_float(operands, reg, double));
        }
        // If one arm must keep the bits of what is no number, the other may not be any.
        let keeps = self.keeps_bits(one) || self.keeps_bits(two);
        self.float_into(one, to, double);
        if keeps {
            self.canonical(one, Held { reg: to, owned: false }, double);
        }
        let mut held = self.float_beside_float(Held { reg: to, owned: true }, two, double);
        if keeps {
            held = self.canonical(two, held, double);
        }
        let slots = (!is_leaf(test)).then(|| {
            let slots = [self.borrow(), self.borrow()];
            self.store_float(double, slots[0], to);
            self.store_float(double, slots[1], held.reg);
            self.release_xmm(held);
            if Self::is_scratch_xmm(to) {
                self.free_xmm(to);
            }
            slots
        });
        let cond = self.flags(test);
        let chosen = self.asm.label();
        if let Some([first, second]) = slots {
            self.load_float(double, to, first);
            if Self::is_scratch_xmm(to) {
                self.xmms &= !(1 << to.0);
            }
            self.asm.branch(cond, chosen);
            self.load_float(double, to, second);
            self.give_back();
            self.give_back();
        } else {
            self.asm.branch(cond, chosen);
            self.move_float(to, held.reg);
            self.release_xmm(held);
        }
        self.asm.bind(chosen);
    }

    /// Makes a NaN that may be any the canonical one: in the register, even if a value lives there.
    pub(super) fn canonical(&mut self, tree: &Tree, held: Held<Xmm>, double: bool) -> Held<Xmm> {
        if !self.may_be_any(tree) {
            return held;
        }
        self.compare_registers(double, held.reg, held.reg);
        let (label, back) = (self.asm.label(), self.asm.label());
        self.asm.branch(Cond::Parity, label);
        self.asm.bind(back);
        self.later(Cold::Nan { label, back, reg: held.reg, double });
        held
    }

    pub(super) fn may_be_any(&self, tree: &Tree) -> bool {
        super::super::nan::may_be_any(tree, &self.lazy)
    }

    fn keeps_bits(&self, tree: &Tree) -> bool {
        super::super::nan::keeps_bits(tree, &self.lazy)
    }
}

/// The sign bit.
pub(super) const fn sign(double: bool) -> u64 {
    if double { 1 << 63 } else { 1 << 31 }
}

/// The canonical NaN.
pub(super) const fn nan(double: bool) -> u64 {
    if double { 0x7FF8_0000_0000_0000 } else { 0x7FC0_0000 }
}

const fn kind(op: BinaryOp) -> Kind {
    use BinaryOp as Op;
    match op {
        Op::F32Sub | Op::F64Sub => Kind::Arithmetic(SUB),
        Op::F32Mul | Op::F64Mul => Kind::Arithmetic(MUL),
        Op::F32Div | Op::F64Div => Kind::Arithmetic(DIV),
        Op::F32Min | Op::F64Min => Kind::Min,
        Op::F32Max | Op::F64Max => Kind::Max,
        Op::F32Copysign | Op::F64Copysign => Kind::Copysign,
        _ => Kind::Arithmetic(ADD),
    }
}
