//! Loads, stores, and how their addresses are made.

use super::Lower;
use super::value::{Goal, Leaf};
use crate::closure::op::access::{ANY_LOAD, Address, Stored, TO_FLOAT, TO_SLOT, loading, storing};
use crate::closure::op::moves;
use crate::exec::thread::Op;
use crate::ir::Tree;
use velocity_nda::module::{BinaryOp, ExprId, LoadOp, StoreOp, Type};

/// An address as an operation names it.
#[derive(Clone, Copy, Debug)]
struct Named {
    kind: Address,
    a: u8,
    b: u8,
    constant: u32,
}

impl Named {
    fn put(self, op: &mut Op, offset: u32) {
        (op.a, op.b, op.imm) = (self.a, self.b, u64::from(offset) << 32 | u64::from(self.constant));
    }
}

/// The parts of a sum.
fn sum(tree: &Tree) -> Option<(&Tree, &Tree)> {
    match tree {
        Tree::Binary(BinaryOp::I32Add, _, operands) => Some((&operands[0], &operands[1])),
        _ => None,
    }
}

/// What is shifted to the left by so much.
fn shifted(tree: &Tree, by: u32) -> Option<&Tree> {
    match tree {
        Tree::Binary(BinaryOp::I32Shl, _, operands) => match &**operands {
            [shifted, Tree::Constant(shift)] if *shift == u64::from(by) && by > 0 => Some(shifted),
            _ => None,
        },
        _ => None,
    }
}

impl Lower<'_> {
    /// Names an address without any operation, if it can.
    fn plain(&mut self, tree: &Tree, shift: u32) -> Option<Named> {
        let (base, constant) = match (sum(tree), tree) {
            (Some((base, Tree::Constant(constant))), _) => (base, *constant as u32),
            (_, Tree::Constant(constant)) => {
                return Some(Named { kind: Address::Fixed, a: 0, b: 0, constant: *constant as u32 });
            }
            _ => (tree, 0),
        };
        if let Tree::Slot(slot, _) = base {
            return Some(Named { kind: Address::Slot, a: self.near(*slot), b: 0, constant });
        }
        if let Some(Tree::Slot(slot, _)) = shifted(base, shift) {
            return Some(Named { kind: Address::Scaled, a: 0, b: self.near(*slot), constant });
        }
        let (one, two) = sum(base)?;
        let (kind, a, b) = match (one, two, shifted(one, shift), shifted(two, shift)) {
            (Tree::Slot(a, _), Tree::Slot(b, _), ..) => (Address::Sum, a, b),
            (Tree::Slot(a, _), _, _, Some(Tree::Slot(b, _))) | (_, Tree::Slot(a, _), Some(Tree::Slot(b, _)), _) => {
                (Address::Indexed, a, b)
            }
            _ => return None,
        };
        Some(Named { kind, a: self.near(*a), b: self.near(*b), constant })
    }

    /// Names an address, with what cannot be named in the register.
    fn address(&mut self, tree: &Tree, shift: u32) -> Named {
        if let Some(named) = self.plain(tree, shift) {
            return named;
        }
        let (base, constant) = match sum(tree) {
            Some((base, Tree::Constant(constant))) => (base, *constant as u32),
            _ => (tree, 0),
        };
        let (kind, inner, b) = match (shifted(base, shift), sum(base)) {
            (Some(inner), _) => (Address::RegisterScaled, inner, 0),
            (_, Some((Tree::Slot(b, _), inner)) | Some((inner, Tree::Slot(b, _)))) => {
                (Address::RegisterSlot, inner, self.near(*b))
            }
            _ => (Address::Register, base, 0),
        };
        self.value(inner, false, Goal::Register);
        Named { kind, a: 0, b, constant }
    }

    pub(super) fn load(&mut self, (op, offset): (LoadOp, u32), at: ExprId, tree: &Tree, goal: Goal) {
        let float = op.ty() == Type::F64;
        if loading(op, Address::Slot, false).is_none() {
            self.value(tree, false, Goal::Register);
            let mut made = Op::new(ANY_LOAD);
            (made.e, made.imm) = (op.code(), u64::from(offset) << 32);
            self.blame(at);
            self.emit(made);
            return self.settle(float, goal);
        }
        let named = self.address(tree, op.bytes().trailing_zeros());
        let (direct, slot) = match goal {
            Goal::Slot(slot) => (loading(op, named.kind, true), slot),
            Goal::Register => (None, 0),
        };
        let to_slot = direct.is_some();
        let Some(run) = direct.or_else(|| loading(op, named.kind, false)) else { return self.failed = true };
        let mut made = Op::new(run);
        named.put(&mut made, offset);
        (made.d, made.e) = (slot, op.code());
        made.k = if to_slot {
            TO_SLOT
        } else if float {
            TO_FLOAT
        } else {
            0
        };
        self.blame(at);
        self.emit(made);
        if !to_slot {
            self.settle(float, goal);
        }
    }

    pub(super) fn store(&mut self, (op, offset): (StoreOp, u32), at: ExprId, [to, value]: &[Tree; 2]) {
        let (float, shift) = (op.ty() == Type::F64, op.bytes().trailing_zeros());
        let leaf = self.leaf(value);
        let plain = self.plain(to, shift);
        let named = match (plain, leaf) {
            (Some(named), _) => named,
            (None, Some(_)) => self.address(to, shift),
            (None, None) => {
                let slot = self.temp();
                self.value(to, false, Goal::Slot(slot));
                Named { kind: Address::Slot, a: slot, b: 0, constant: 0 }
            }
        };
        let (stored, e, k) = match leaf {
            Some(Leaf::Slot(slot)) => (Stored::Slot, slot, 0),
            Some(Leaf::Constant(bits)) if op.bytes() <= 4 || i64::from(bits as i32) as u64 == bits => {
                (Stored::Constant, 0, bits as u32)
            }
            Some(Leaf::Constant(bits)) => {
                let slot = self.temp();
                let mut made = Op::new(moves::SET);
                (made.imm, made.d) = (bits, slot);
                self.emit(made);
                (Stored::Slot, slot, 0)
            }
            None => {
                self.value(value, float, Goal::Register);
                (if float { Stored::Float } else { Stored::Register }, 0, 0)
            }
        };
        let mut made = Op::new(storing(op, named.kind, stored));
        named.put(&mut made, offset);
        (made.d, made.e, made.k) = (op.code(), e, k);
        self.blame(at);
        self.emit(made);
    }
}
