//! Linear memory: with a compare before each access, or without one, if what lies outside leads to the exit by itself.
//!
//! The second way relies on the address being 32 bits with zeros above: with an offset of 32 bits it stays in what the memory has
//! reserved. The instruction may stand behind the place where the check would be, but nothing between the two can trap or have an effect.

use super::super::asm::{Alu, Cond, Gpr, Mem, R15, RDI, Rm};
use super::super::unit::Bounds;
use super::{Emitter, Held, Operand};
use crate::exec::fiber::at;
use crate::ir::Tree;
use velocity_interp::TrapKind;
use velocity_nda::module::{ExprId, LoadOp, StoreOp, Type};

impl Emitter<'_> {
    /// Where an access goes, which is checked or checks itself, and a register to give back.
    pub(super) fn access(&mut self, address: &Tree, offset: u32, bytes: u32, id: ExprId) -> (Mem, Option<Gpr>) {
        let held = self.address(address);
        let owned = held.owned.then_some(held.reg);
        self.check(held.reg, offset, bytes, id);
        self.at(held.reg, owned, offset, id)
    }

    /// An address: 32 bits, with zeros above.
    fn address(&mut self, tree: &Tree) -> Held<Gpr> {
        match self.constant_of(tree) {
            Some(value) => {
                let reg = self.gpr();
                self.asm.mov_imm(reg, u64::from(value as u32));
                Held { reg, owned: true }
            }
            None => self.int(tree),
        }
    }

    /// Ends the run unless so many bytes lie in memory, if the access itself does not.
    fn check(&mut self, address: Gpr, offset: u32, bytes: u32, id: ExprId) {
        if self.bounds == Bounds::Guarded {
            return;
        }
        let end = self.gpr();
        let past = u64::from(offset) + u64::from(bytes);
        if let Ok(past) = i32::try_from(past) {
            self.asm.lea(true, end, Mem::Base(address, past));
        } else {
            self.asm.mov_imm(end, past);
            self.asm.alu(Alu::Add, true, end, address);
        }
        self.asm.alu(Alu::Cmp, true, end, Mem::Base(R15, at::MEMORY_LEN));
        let out = self.trap(TrapKind::MemoryBounds, id);
        self.asm.branch(Cond::Above, out);
        self.free(end);
    }

    fn at(&mut self, address: Gpr, owned: Option<Gpr>, offset: u32, id: ExprId) -> (Mem, Option<Gpr>) {
        let node = (self.bounds == Bounds::Guarded).then_some(id);
        if let Ok(offset) = i32::try_from(offset) {
            return (Mem::Linear(address, offset, node), owned);
        }
        let reg = self.gpr();
        self.asm.mov_imm(reg, offset.into());
        self.asm.alu(Alu::Add, true, reg, address);
        if let Some(owned) = owned {
            self.free(owned);
        }
        (Mem::Linear(reg, 0, node), Some(reg))
    }

    /// A load of an integer.
    pub(super) fn load(&mut self, (op, offset): (LoadOp, u32), id: ExprId, address: &Tree, to: Gpr) {
        use LoadOp as Op;
        let (mem, owned) = self.access(address, offset, op.bytes(), id);
        match op {
            Op::I32Load | Op::I64Load32U => self.asm.mov(false, to, mem),
            Op::I64Load => self.asm.mov(true, to, mem),
            Op::I32Load8U | Op::I64Load8U => self.asm.zero_extend(1, to, mem),
            Op::I32Load16U | Op::I64Load16U => self.asm.zero_extend(2, to, mem),
            Op::I32Load8S => self.asm.sign_extend(1, false, to, mem),
            Op::I32Load16S => self.asm.sign_extend(2, false, to, mem),
            Op::I64Load8S => self.asm.sign_extend(1, true, to, mem),
            Op::I64Load16S => self.asm.sign_extend(2, true, to, mem),
            Op::I64Load32S => self.asm.sign_extend(4, true, to, mem),
            // Floats are loaded elsewhere.
            Op::F32Load | Op::F64Load => self.failed = true,
        }
        self.drop_operand(Operand::Rm(mem.into(), owned));
    }

    /// A store; the address is evaluated first, and the bounds are checked last.
    pub(super) fn store_to(&mut self, op: StoreOp, offset: u32, id: ExprId, [address, value]: &[Tree; 2]) {
        if matches!(op.ty(), Type::F32 | Type::F64) {
            return self.store_float_to(op, offset, id, [address, value]);
        }
        let to = self.address(address);
        let wide = op.ty() == Type::I64;
        let operand = match value {
            Tree::Constant(_) => self.operand(value, wide),
            Tree::Slot(..) => {
                let held = self.int(value);
                Operand::Rm(held.reg.into(), held.owned.then_some(held.reg))
            }
            _ => {
                // What is computed is in a register, never in memory.
                let operand = self.operand_beside(to.reg, value, wide);
                self.narrow(to);
                self.in_register(operand, wide)
            }
        };
        self.check(to.reg, offset, op.bytes(), id);
        let (mem, owned) = self.at(to.reg, to.owned.then_some(to.reg), offset, id);
        match operand {
            Operand::Imm(value) => self.asm.store_imm(op.bytes(), mem, value),
            Operand::Rm(Rm::Reg(reg), _) => self.asm.store(op.bytes(), mem, Gpr(reg)),
            Operand::Rm(Rm::Mem(_), _) => self.failed = true,
        }
        self.drop_operand(operand);
        self.drop_operand(Operand::Rm(mem.into(), owned));
    }

    /// An address that may have waited in the frame is seen to be one of 32 bits.
    fn narrow(&mut self, address: Held<Gpr>) {
        if address.owned && address.reg != RDI && self.shape.narrows {
            self.asm.mov(false, address.reg, address.reg);
        }
    }

    pub(super) fn in_register(&mut self, operand: Operand, wide: bool) -> Operand {
        let Operand::Rm(Rm::Mem(mem), owned) = operand else { return operand };
        let reg = owned.unwrap_or_else(|| self.gpr());
        self.asm.mov(wide, reg, mem);
        Operand::Rm(reg.into(), Some(reg))
    }

    fn store_float_to(&mut self, op: StoreOp, offset: u32, id: ExprId, [address, value]: [&Tree; 2]) {
        let to = self.address(address);
        let double = op.ty() == Type::F64;
        // Evaluating a float may need general registers: the address waits in the frame if there are few.
        let held = self.float_beside(to.reg, value, double);
        let held = self.canonical(value, held, double);
        if !super::is_leaf(value) {
            self.narrow(to);
        }
        self.check(to.reg, offset, op.bytes(), id);
        let (mem, owned) = self.at(to.reg, to.owned.then_some(to.reg), offset, id);
        self.store_float(double, mem, held.reg);
        self.release_xmm(held);
        self.drop_operand(Operand::Rm(mem.into(), owned));
    }
}
