//! Calls.

use super::super::asm::{Alu, Cond, Mem, R14, R15, RAX, RSI, Shift, Xmm};
use super::super::flow::is_float;
use super::super::signature::{Passed, passed};
use super::super::unit::Site;
use super::cold::Cold;
use super::{Emitter, Held, is_leaf};
use crate::exec::fiber::at;
use crate::ir::{Call, Step, Tree};
use velocity_interp::engine::{Code, Table};
use velocity_interp::{FunctionAddress, FunctionType, TrapKind};
use velocity_nda::module::{BinaryOp, ExprId, SigId, TableId, Type};

/// How many arguments registers are for at most, with the number of what is called.
const MOST_IN_REGISTERS: usize = 16;

impl Emitter<'_> {
    pub(super) fn call_direct(&mut self, callee: FunctionAddress, base: u32, id: ExprId, given: &[Step]) {
        let ty = self.signatures.of(callee);
        self.pass(ty, base, given, None);
        let called = &self.signatures.fixed.functions[callee.index()];
        let instance = match called.code {
            Code::Defined { instance, .. } => Some(instance),
            Code::Host(_) => None,
        };
        let is_own = instance == Some(self.function.instance);
        let elsewhere = instance.filter(|_| !is_own);
        if let Some(instance) = elsewhere {
            self.hold(instance);
        }
        match self.unit.label_of(callee).filter(|_| is_own) {
            Some(label) => self.asm.call_label(label),
            None => {
                let Ok(offset) = i32::try_from(callee.index() * 16) else {
                    self.failed = true;
                    return;
                };
                self.asm.mov(true, RSI, Mem::Base(R15, at::FUNCTIONS));
                self.asm.call(Mem::Base(RSI, offset));
            }
        }
        self.unit.site(self.asm.position(), Site::Call(id));
        if elsewhere.is_some() {
            self.hold(self.function.instance);
        }
        self.results(ty, base);
    }

    pub(super) fn call_indirect(
        &mut self,
        (signature, table): (SigId, TableId),
        index: u32,
        call: Call,
        given: &[Step],
    ) {
        let ty = self.signatures.named(signature);
        self.pass(ty, call.base, given, Some(index));
        let instance = self.signatures.instance;
        let (Ok(view), Ok(own)) =
            (i32::try_from(instance.table(table).index() * 16), i32::try_from(self.function.instance.index()))
        else {
            self.failed = true;
            return;
        };
        let undefined = self.trap(TrapKind::UndefinedElement, call.at);
        let empty = self.trap(TrapKind::UninitializedElement, call.at);
        let differs = self.trap(TrapKind::IndirectCallType, call.at);
        self.asm.mov(true, R14, Mem::Base(R15, at::TABLES));
        self.asm.alu(Alu::Cmp, true, RSI, Mem::Base(R14, view + 8));
        self.asm.branch(Cond::AboveEqual, undefined);
        self.asm.mov(true, R14, Mem::Base(R14, view));
        self.asm.mov(false, RSI, Mem::Index(R14, RSI, 2, 0));
        self.asm.mov(true, R14, Mem::Base(R15, at::MEMORY));
        self.asm.alu_imm(Alu::Cmp, false, RSI, Table::EMPTY as i32);
        self.asm.branch(Cond::Equal, empty);
        self.asm.shift_imm(Shift::Shl, true, RSI, 4);
        self.asm.alu(Alu::Add, true, RSI, Mem::Base(R15, at::FUNCTIONS));
        let number = instance.types[signature.0 as usize].index();
        self.asm.alu_imm(Alu::Cmp, false, Mem::Base(RSI, 8), number as i32);
        self.asm.branch(Cond::NotEqual, differs);
        let (label, back) = (self.asm.label(), self.asm.label());
        self.asm.alu_imm(Alu::Cmp, false, Mem::Base(RSI, 12), own);
        self.asm.branch(Cond::NotEqual, label);
        self.asm.call(Mem::Base(RSI, 0));
        self.unit.site(self.asm.position(), Site::Call(call.at));
        self.asm.bind(back);
        self.later(Cold::Elsewhere { label, back, id: call.at });
        self.results(ty, call.base);
    }

    /// Puts arguments where the callee finds them, and an index into `rsi`.
    fn pass(&mut self, ty: &FunctionType, base: u32, given: &[Step], index: Option<u32>) {
        let tree_of = |slot: u32, ty: Type| {
            let set = given.iter().find_map(|step| match step {
                Step::Set { slot: set, tree, .. } if *set == slot => Some(tree),
                _ => None,
            });
            set.map_or(Given::Slot(Tree::Slot(slot, ty)), Given::Tree)
        };
        let arguments = || {
            let all = (base..).zip(&ty.parameters).zip(passed(&ty.parameters));
            let all = all.map(|((slot, &ty), place)| (tree_of(slot, ty), ty, place));
            all.chain(index.map(|slot| (tree_of(slot, Type::I32), Type::I32, Passed::Gpr(RSI))))
        };
        // Of those that registers are for: where they wait.
        let mut waiting: [Option<Mem>; MOST_IN_REGISTERS] = [None; MOST_IN_REGISTERS];
        let mut places = waiting.iter_mut();
        for (tree, ty, place) in arguments() {
            match place {
                Passed::Slot(slot) => self.pass_out(tree.get(), ty, Self::outgoing(slot)),
                _ => match places.next() {
                    Some(place) => *place = self.pass_early(tree.get(), ty),
                    None => self.failed = true,
                },
            }
        }
        let in_registers = arguments().filter(|(_, _, place)| !matches!(place, Passed::Slot(_)));
        for ((tree, ty, place), waits) in in_registers.zip(&waiting) {
            self.pass_late(tree.get(), ty, place, *waits);
        }
        waiting.iter().flatten().for_each(|_| self.give_back());
        self.gprs = super::ALL_GPRS;
        self.xmms = super::ALL_XMMS;
    }

    /// Computes an argument that a register is for, if that is not to be done at the end; where it waits then.
    fn pass_early(&mut self, tree: &Tree, ty: Type) -> Option<Mem> {
        if is_simple(tree) {
            return None;
        }
        let slot = self.borrow();
        self.pass_out(tree, ty, slot);
        Some(slot)
    }

    fn pass_late(&mut self, tree: &Tree, ty: Type, place: Passed, waits: Option<Mem>) {
        match (place, waits) {
            (Passed::Gpr(to), Some(slot)) => {
                self.occupy(to);
                self.asm.mov(ty == Type::I64, to, slot);
            }
            (Passed::Gpr(to), None) => {
                self.occupy(to);
                self.int_into(tree, to);
            }
            (Passed::Xmm(to), Some(slot)) => {
                self.xmms &= !(1 << to.0);
                self.load_float(ty == Type::F64, to, slot);
            }
            (Passed::Xmm(to), None) => {
                let double = ty == Type::F64;
                self.xmms &= !(1 << to.0);
                self.float_into(tree, to, double);
                self.canonical(tree, Held { reg: to, owned: false }, double);
            }
            (Passed::Slot(_), _) => {}
        }
    }

    fn results(&mut self, ty: &FunctionType, base: u32) {
        match *ty.results {
            [] => {}
            [ty] if is_float(ty) => self.settle_xmm(base, ty, Xmm(0)),
            [ty] => self.settle_gpr(base, ty, RAX),
            ref several => {
                for (at, &ty) in (0..).zip(several) {
                    self.settle_mem(base + at, ty, Self::outgoing(at));
                }
            }
        }
    }
}

/// An argument.
enum Given<'a> {
    Tree(&'a Tree),
    Slot(Tree),
}

impl Given<'_> {
    const fn get(&self) -> &Tree {
        match self {
            Self::Tree(tree) => tree,
            Self::Slot(tree) => tree,
        }
    }
}

/// Whether a tree can be computed when arguments are already in scratch registers.
fn is_simple(tree: &Tree) -> bool {
    match tree {
        Tree::Slot(..) | Tree::Constant(_) => true,
        Tree::Binary(op, _, operands) => is_plain(*op) && operands.iter().all(is_small),
        _ => false,
    }
}

fn is_small(tree: &Tree) -> bool {
    is_leaf(tree) && !matches!(tree, Tree::Constant(value) if i32::try_from(*value as i64).is_err())
}

const fn is_plain(op: BinaryOp) -> bool {
    use BinaryOp as Op;
    matches!(
        op,
        Op::I32Add
            | Op::I32Sub
            | Op::I32And
            | Op::I32Or
            | Op::I32Xor
            | Op::I64Add
            | Op::I64Sub
            | Op::I64And
            | Op::I64Or
            | Op::I64Xor
    )
}
