//! Values of trees, in slots or registers.

use super::Lower;
use crate::closure::op::binary::{self, Operands};
use crate::closure::op::{moves, unary};
use crate::exec::thread::{Handler, Op};
use crate::ir::{Tree, divides, truncates};
use velocity_nda::module::{BinaryOp, ExprId, Type, UnaryOp};

/// Where a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// To the register of its type.
    Register,
    Slot(u8),
}

impl Goal {
    const fn is_slot(self) -> bool {
        matches!(self, Self::Slot(_))
    }

    const fn slot(self) -> u8 {
        match self {
            Self::Slot(slot) => slot,
            Self::Register => 0,
        }
    }
}

/// What an operation can name without another one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    Slot(u8),
    Constant(u64),
}

/// Operands as an operation names them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) places: Operands,
    pub(super) a: u8,
    pub(super) b: u8,
    pub(super) imm: u64,
}

impl Named {
    const fn new(places: Operands, a: u8, b: u8, imm: u64) -> Self {
        Self { places, a, b, imm }
    }

    pub(super) fn put(self, op: &mut Op) {
        (op.a, op.b, op.imm) = (self.a, self.b, self.imm);
    }
}

impl Lower<'_> {
    pub(super) fn leaf(&mut self, tree: &Tree) -> Option<Leaf> {
        match tree {
            Tree::Slot(slot, _) => Some(Leaf::Slot(self.near(*slot))),
            Tree::Constant(value) => Some(Leaf::Constant(*value)),
            _ => None,
        }
    }

    /// Evaluates a tree. `float` says whether it is a binary64, where the tree does not.
    pub(super) fn value(&mut self, tree: &Tree, float: bool, goal: Goal) {
        match tree {
            Tree::Slot(slot, _) => {
                let slot = self.near(*slot);
                match goal {
                    Goal::Register => self.with_slot(moves::get(float), slot),
                    Goal::Slot(to) if to != slot => {
                        let mut op = Op::new(moves::COPY);
                        (op.a, op.d) = (slot, to);
                        self.emit(op);
                    }
                    Goal::Slot(_) => {}
                }
            }
            Tree::Constant(value) => {
                let mut op = Op::new(if goal.is_slot() { moves::SET } else { moves::constant(float) });
                (op.imm, op.d) = (*value, goal.slot());
                self.emit(op);
            }
            Tree::Global(global, ty) => {
                let mut op = Op::new(moves::get_global(*ty == Type::F64, goal.is_slot()));
                (op.imm, op.d) = ((*global).into(), goal.slot());
                self.emit(op);
            }
            Tree::MemorySize => {
                self.emit(Op::new(moves::memory_size));
                self.settle(false, goal);
            }
            Tree::Unary(op, at, operand) => self.unary(*op, *at, operand, goal),
            Tree::Binary(op, at, operands) | Tree::Divided(op, at, operands, _) => {
                self.binary(*op, *at, operands, goal);
            }
            Tree::Load(access, at, address) => self.load(*access, *at, address, goal),
            Tree::Select(operands) => self.select(operands, float || tree.ty() == Some(Type::F64), goal),
        }
    }

    /// Moves what is in a register to where it goes.
    pub(super) fn settle(&mut self, float: bool, goal: Goal) {
        if let Goal::Slot(slot) = goal {
            self.with_target(moves::put(float), slot);
        }
    }

    fn unary(&mut self, op: UnaryOp, at: ExprId, operand: &Tree, goal: Goal) {
        let float = op.operand() == Type::F64;
        let mut made = match (unary::handler(op, true), operand) {
            (Some(run), Tree::Slot(slot, _)) => {
                let mut made = Op::new(run);
                made.a = self.near(*slot);
                made
            }
            _ => {
                self.value(operand, float, Goal::Register);
                Op::new(unary::handler(op, false).unwrap_or_else(|| unary::rare(op)))
            }
        };
        made.e = op.code();
        if truncates(op) {
            self.blame(at);
        }
        self.emit(made);
        self.settle(op.result() == Type::F64, goal);
    }

    /// Names the operands of an operator; those that have no name are evaluated, in their order. `short` constants are of 32 bits.
    pub(super) fn operands(&mut self, op: BinaryOp, [left, right]: &[Tree; 2], short: bool) -> Named {
        let float = op.operand() == Type::F64;
        let (one, two) = (self.leaf(left), self.leaf(right));
        let two = match two {
            Some(Leaf::Constant(value)) if short && !is_short(op, value) => {
                let slot = self.temp();
                self.value(right, float, Goal::Slot(slot));
                Some(Leaf::Slot(slot))
            }
            two => two,
        };
        match (one, two) {
            (Some(Leaf::Slot(a)), Some(Leaf::Slot(b))) => Named::new(Operands::Slots, a, b, 0),
            (Some(Leaf::Slot(a)), Some(Leaf::Constant(imm))) => Named::new(Operands::SlotConstant, a, 0, imm),
            (Some(Leaf::Slot(a)), None) => {
                self.value(right, float, Goal::Register);
                Named::new(Operands::SlotRegister, a, 0, 0)
            }
            (Some(Leaf::Constant(_)) | None, Some(leaf)) => {
                self.value(left, float, Goal::Register);
                match leaf {
                    Leaf::Slot(b) => Named::new(Operands::RegisterSlot, 0, b, 0),
                    Leaf::Constant(imm) => Named::new(Operands::RegisterConstant, 0, 0, imm),
                }
            }
            (Some(Leaf::Constant(_)) | None, None) => {
                let slot = self.temp();
                self.value(left, float, Goal::Slot(slot));
                self.value(right, float, Goal::Register);
                Named::new(Operands::SlotRegister, slot, 0, 0)
            }
        }
    }

    fn binary(&mut self, mut op: BinaryOp, at: ExprId, operands: &[Tree; 2], goal: Goal) {
        let temps = self.temps;
        let mut named = self.operands(op, operands, false);
        self.temps = temps;
        let constant = matches!(named.places, Operands::SlotConstant | Operands::RegisterConstant);
        let cheaper = if constant { binary::without_division(op, named.imm) } else { None };
        if let Some((cheap, imm)) = cheaper {
            (op, named.imm) = (cheap, imm);
            if divides(op) {
                let register = named.places == Operands::RegisterConstant;
                self.with_operands(binary::halving(op.operand() == Type::I64, register), named, Goal::Register);
                return self.settle(false, goal);
            }
        } else if divides(op) {
            self.blame(at);
        }
        if let Some(run) = binary::handler(op, named.places, goal.is_slot()) {
            return self.with_operands(run, named, goal);
        }
        match binary::handler(op, named.places, false) {
            Some(run) => self.with_operands(run, named, Goal::Register),
            None => self.rare_binary(op, named),
        }
        self.temps = temps;
        self.settle(op.result() == Type::F64, goal);
    }

    fn with_operands(&mut self, run: Handler, named: Named, goal: Goal) {
        let mut made = Op::new(run);
        named.put(&mut made);
        made.d = goal.slot();
        self.emit(made);
    }

    /// An operator that has no handlers of its own: of a slot and a register.
    fn rare_binary(&mut self, op: BinaryOp, named: Named) {
        let float = op.operand() == Type::F64;
        let mut a = named.a;
        if matches!(named.places, Operands::RegisterSlot | Operands::RegisterConstant) {
            a = self.temp();
            self.with_target(moves::put(float), a);
        }
        match named.places {
            Operands::Slots | Operands::RegisterSlot => self.with_slot(moves::get(float), named.b),
            Operands::SlotConstant | Operands::RegisterConstant => {
                let mut made = Op::new(moves::constant(float));
                made.imm = named.imm;
                self.emit(made);
            }
            Operands::SlotRegister => {}
        }
        let mut made = Op::new(binary::rare(op));
        (made.a, made.e) = (a, op.code());
        self.emit(made);
    }

    /// A value in a slot.
    fn in_slot(&mut self, tree: &Tree, float: bool) -> u8 {
        if let Some(Leaf::Slot(slot)) = self.leaf(tree) {
            return slot;
        }
        let slot = self.temp();
        self.value(tree, float, Goal::Slot(slot));
        slot
    }

    fn select(&mut self, [one, two, condition]: &[Tree; 3], float: bool, goal: Goal) {
        let temps = self.temps;
        let (one, two) = (self.in_slot(one, float), self.in_slot(two, float));
        self.value(condition, false, Goal::Register);
        self.temps = temps;
        let mut op = Op::new(moves::select(float, goal.is_slot()));
        (op.a, op.b, op.d) = (one, two, goal.slot());
        self.emit(op);
    }
}

/// Whether a constant of an operator is one of 32 bits with a sign.
fn is_short(op: BinaryOp, value: u64) -> bool {
    matches!(op.operand(), Type::I32) || i64::from(value as i32) as u64 == value
}
