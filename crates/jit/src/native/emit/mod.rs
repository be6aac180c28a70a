//! One function to machine code: destination-driven, over the trees of its blocks.
//!
//! Values live where [`Places`] says; what a tree computes on its way is in scratch registers, of which none holds anything between two
//! statements. The frame, from `rsp` on: slots for the arguments and results of calls, values, kept vector registers, spilled
//! scratch; then the kept registers, and the return address at the end of as many slots as a call is charged for.
//!
//! Invariants: a 32-bit integer in a register has zeros in its upper half; trees are evaluated from left to right as far as they can
//! trap; a computed NaN becomes the canonical one before anybody can see its bits.

mod access;
mod block;
mod call;
mod cold;
mod compare;
mod constant_divisor;
mod convert;
mod divide;
mod float;
mod int;
mod reciprocal;
mod scratch;
mod select;
mod short_cut;
mod sum;
mod unary;

use super::asm::{Alu, Assembler, Gpr, Label, Mem, R15, RSI, RSP, Rm, Xmm};
use super::flow::{Flow, has, is_float, value_of};
use super::fuel::Payments;
use super::function::Shape;
use super::place::{self, Place, Places};
use super::refusal::Refusal;
use super::signature::{Passed, Signatures, passed};
use super::unit::{Bounds, Site, Unit};
use crate::exec::fiber::at;
use crate::ir::{Function, Tree, traps};
use crate::spare::Spare;
use alloc::vec::Vec;
use cold::Cold;
use scratch::{ALL_GPRS, ALL_XMMS};
use velocity_nda::module::{ExprId, Type};

/// Slots for scratch that [`fits`] leaves.
const SPILLS: u32 = 3;

/// Whether a function's frame surely fits into the slots that a call is charged for.
pub(super) fn fits(function: &Function, flow: Option<&Flow>, homes: (usize, usize), room: &mut Room) -> bool {
    let Some(flow) = flow else { return false };
    let places = Places::of(Some(flow), function.frame, homes, &mut room.places);
    let frame = flow.outgoing + places.frame + places.xmms.len() as u32 + SPILLS;
    let fits = frame < function.slots.saturating_sub(places.gprs.len() as u32);
    room.places.give_back(places);
    fits
}

/// Room that functions take in turn.
#[derive(Default)]
pub(super) struct Room {
    places: place::Room,
    lazy: Vec<bool>,
    payments: Payments,
    cold: Vec<(u32, u32, Cold)>,
}

/// Room for how many items in a list waits for another unit at most.
const MAX_SPARE: usize = 1024;

static SPARE: Spare<Room> = Spare::new();

impl Room {
    /// What somebody left, or else a new one.
    pub(super) fn take() -> Self {
        SPARE.take(Self::default)
    }

    /// Leaves it for the next one, unless a function made it large.
    pub(super) fn put_back(self) {
        let lists = [self.places.room(), self.lazy.capacity(), self.payments.room(), self.cold.capacity()];
        if lists.into_iter().all(|items| items <= MAX_SPARE) {
            SPARE.leave(self);
        }
    }
}

pub(super) struct Emitter<'a> {
    asm: &'a mut Assembler,
    unit: &'a mut Unit,
    function: &'a Function,
    signatures: &'a Signatures<'a>,
    arguments: &'a [u32],
    room: &'a mut Room,
    bounds: Bounds,
    shape: Shape,
    places: Places,
    /// By value: whether a NaN in it may be any, and is made canonical where it is used.
    lazy: Vec<bool>,
    /// Of block 0; those of the others come next.
    first_label: Label,
    gprs: u16,
    xmms: u16,
    /// Slots for arguments and results of calls.
    outgoing: u32,
    spilled: u32,
    most_spilled: u32,
    /// What seldom runs, with what is due where it leaves, and the inlined call that it belongs to.
    cold: Vec<(u32, u32, Cold)>,
    /// What is due and not paid yet.
    due: u32,
    /// The inlined call that the code belongs to, as [`Block::within`](crate::ir::Block::within).
    within: u32,
    /// Where the function is left, once it is if it is so there only.
    leave: Option<Label>,
    tables: Vec<(Label, Vec<Label>)>,
    /// Something could not be said in machine code.
    failed: bool,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(
        (asm, unit, room): (&'a mut Assembler, &'a mut Unit, &'a mut Room),
        function: &'a Function,
        signatures: &'a Signatures<'a>,
        (flow, shape): (Option<&'a Flow>, Shape),
        arguments: &'a [u32],
        bounds: Bounds,
    ) -> Self {
        let places = Places::of(flow, function.frame, shape.homes, &mut room.places);
        let first_label = asm.labels(function.blocks.len());
        let (mut lazy, cold) = (core::mem::take(&mut room.lazy), core::mem::take(&mut room.cold));
        // Nobody asks where there is no float.
        if flow.is_none_or(|flow| flow.floats) {
            super::nan::lazy(function, signatures, &mut lazy);
        }
        room.payments.take(function, shape.repeats);
        let outgoing = flow.map_or_else(|| super::flow::outgoing(function, signatures), |flow| flow.outgoing);
        Self {
            asm,
            unit,
            function,
            signatures,
            arguments,
            room,
            bounds,
            shape,
            places,
            lazy,
            first_label,
            gprs: ALL_GPRS,
            xmms: ALL_XMMS,
            outgoing,
            spilled: 0,
            most_spilled: 0,
            cold,
            due: 0,
            within: 0,
            leave: None,
            tables: Vec::new(),
            failed: false,
        }
    }

    /// Emits the function.
    pub(super) fn run(mut self, flow: Option<&Flow>) -> Result<(), Refusal> {
        self.unit.owe(self.asm.position(), 0);
        self.unit.inlined(self.function);
        self.prologue(flow);
        for (at, &id) in self.function.order.iter().enumerate() {
            self.block(id, self.function.order.get(at + 1).copied());
        }
        self.cold();
        self.unit.end_of_code(self.asm.position());
        self.lay_tables();
        let frame = self.outgoing + self.places.frame + self.places.xmms.len() as u32 + self.most_spilled;
        let has_room = frame * 8 <= self.frame_bytes();
        (self.room.lazy, self.room.cold) = (self.lazy, self.cold);
        self.room.places.give_back(self.places);
        if self.failed || !self.asm.is_sound() {
            return Err(Refusal::Form);
        }
        if has_room { Ok(()) } else { Err(Refusal::Frame) }
    }

    /// Where a block begins.
    fn label_of(&self, id: crate::ir::BlockId) -> Label {
        self.first_label.plus(id)
    }

    /// How far the frame reaches above `rsp`, without kept general registers and the return address.
    fn frame_bytes(&self) -> u32 {
        8 * self.function.slots.saturating_sub(1 + self.places.gprs.len() as u32)
    }

    fn outgoing(slot: u32) -> Mem {
        Mem::Base(RSP, slot as i32 * 8)
    }

    fn frame(&self, slot: u32) -> Mem {
        Mem::Base(RSP, (self.outgoing + slot) as i32 * 8)
    }

    fn kept(&self, at: usize) -> Mem {
        self.frame(self.places.frame + at as u32)
    }

    fn spill(&self, at: u32) -> Mem {
        self.frame(self.places.frame + self.places.xmms.len() as u32 + at)
    }

    /// A slot of the caller's frame.
    fn above(&self, slot: u32) -> Mem {
        Mem::Base(RSP, (self.function.slots + slot) as i32 * 8)
    }

    fn place(&self, slot: u32, ty: Type) -> Place {
        self.places.get(value_of(slot, is_float(ty)))
    }

    fn prologue(&mut self, flow: Option<&Flow>) {
        let below = 8 * self.function.slots.saturating_sub(1);
        let (Ok(frame), Ok(below)) = (i32::try_from(self.frame_bytes()), i32::try_from(below)) else {
            self.failed = true;
            return;
        };
        self.asm.lea(true, RSI, Mem::Base(RSP, -below));
        self.asm.alu(Alu::Cmp, true, RSI, Mem::Base(R15, at::STACK_LIMIT));
        let overflow = self.asm.label();
        self.asm.branch(super::asm::Cond::Below, overflow);
        self.later(Cold::Exit(overflow, Site::Overflow));
        self.unit.checked(self.asm.position());
        for at in 0..self.places.gprs.len() {
            self.asm.push(self.places.gprs[at]);
        }
        self.asm.alu_imm(Alu::Sub, true, RSP, frame);
        if self.shape.profiles {
            self.count();
        }
        for at in 0..self.places.xmms.len() {
            let (to, from) = (self.kept(at), self.places.xmms[at]);
            self.store_float(true, to, from);
        }
        self.parameters(flow);
        self.variables(flow);
    }

    /// Counts the call.
    fn count(&mut self) {
        let function = self.signatures.instance.function(self.function.key);
        let Ok(offset) = i32::try_from(function.index() * 8) else {
            self.failed = true;
            return;
        };
        self.asm.mov(true, RSI, Mem::Base(R15, at::COUNTS));
        self.asm.alu_imm(Alu::Add, true, Mem::Base(RSI, offset), 1);
    }

    fn parameters(&mut self, flow: Option<&Flow>) {
        let types = &self.signatures.own.parameters;
        for ((slot, &ty), from) in (0..).zip(types).zip(passed(types)) {
            let needed = flow.is_none_or(|flow| has(&flow.first, value_of(slot, is_float(ty))));
            if !needed {
                continue;
            }
            match from {
                Passed::Gpr(from) => self.settle_gpr(slot, ty, from),
                Passed::Xmm(from) => self.settle_xmm(slot, ty, from),
                Passed::Slot(at) => self.settle_mem(slot, ty, self.above(at)),
            }
        }
    }

    /// Sets variables that are needed to zero.
    fn variables(&mut self, flow: Option<&Flow>) {
        let first = self.function.parameters;
        for slot in first..first + self.function.variables {
            for float in [false, true] {
                let value = value_of(slot, float);
                if flow.is_some_and(|flow| !has(&flow.first, value)) {
                    continue;
                }
                match self.places.get(value) {
                    Place::Gpr(to) => self.asm.mov_imm(to, 0),
                    Place::Xmm(to) => self.clear(to),
                    Place::Frame(at) => self.asm.store_imm(8, self.frame(at), 0),
                    Place::Nowhere | Place::Constant(_) => {}
                }
            }
        }
    }

    /// Puts what is in a register where a value lives.
    fn settle_gpr(&mut self, slot: u32, ty: Type, from: Gpr) {
        match self.place(slot, ty) {
            Place::Gpr(to) if to != from => self.asm.mov(ty == Type::I64, to, from),
            Place::Frame(at) => self.asm.store(8, self.frame(at), from),
            _ => {}
        }
    }

    fn settle_xmm(&mut self, slot: u32, ty: Type, from: Xmm) {
        match self.place(slot, ty) {
            Place::Xmm(to) if to != from => self.move_float(to, from),
            Place::Frame(at) => self.store_float(ty == Type::F64, self.frame(at), from),
            _ => {}
        }
    }

    /// The same from memory.
    fn settle_mem(&mut self, slot: u32, ty: Type, from: Mem) {
        match self.place(slot, ty) {
            Place::Gpr(to) => self.asm.mov(ty == Type::I64, to, from),
            Place::Xmm(to) => self.load_float(ty == Type::F64, to, from),
            Place::Frame(at) => {
                self.asm.mov(true, RSI, from);
                self.asm.store(8, self.frame(at), RSI);
            }
            Place::Nowhere | Place::Constant(_) => {}
        }
    }

    /// Leaves the function, by what leaves it already if that is to be there only once.
    fn leave(&mut self) {
        if let Some(leave) = self.leave {
            return self.asm.jump(leave);
        }
        if !self.shape.repeats {
            let label = self.asm.label();
            self.asm.bind(label);
            self.leave = Some(label);
        }
        self.epilogue();
    }

    fn epilogue(&mut self) {
        for at in 0..self.places.xmms.len() {
            let (from, to) = (self.kept(at), self.places.xmms[at]);
            self.load_float(true, to, from);
        }
        let frame = self.frame_bytes();
        self.asm.alu_imm(Alu::Add, true, RSP, frame as i32);
        for at in (0..self.places.gprs.len()).rev() {
            self.asm.pop(self.places.gprs[at]);
        }
        self.asm.ret();
    }

    /// Calls the exit.
    fn exit(&mut self, site: Site) {
        self.asm.call(Mem::Base(R15, at::EXIT));
        self.unit.site(self.asm.position(), site);
    }

    /// Whether a tree reads a register.
    fn reads_gpr(&self, tree: &Tree, register: Gpr) -> bool {
        self.reads(tree, Place::Gpr(register))
    }

    fn reads(&self, tree: &Tree, place: Place) -> bool {
        let mut found = false;
        super::flow::reads(tree, &mut |slot, float| found |= self.places.get(value_of(slot, float)) == place);
        found
    }

    /// What a tree is known to be.
    fn constant_of(&self, tree: &Tree) -> Option<u64> {
        match tree {
            Tree::Constant(value) => Some(*value),
            Tree::Slot(slot, ty) => match self.place(*slot, *ty) {
                Place::Constant(value) => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    fn lay_tables(&mut self) {
        for (label, targets) in core::mem::take(&mut self.tables) {
            self.asm.align(4, 0xCC);
            self.asm.bind(label);
            let start = self.asm.position();
            self.unit.table(start, targets.len() as u32);
            targets.into_iter().for_each(|target| self.asm.entry(start, target));
        }
    }

    /// Lays something behind the function.
    fn later(&mut self, cold: Cold) {
        self.cold.push((self.due, self.within, cold));
    }

    /// From here on, so much is due.
    fn owe(&mut self, fuel: u32) {
        self.due = fuel;
        self.unit.owe(self.asm.position(), fuel);
    }

    /// From here on, code belongs to an inlined call.
    fn stand(&mut self, within: u32) {
        self.within = within;
        self.unit.stand(self.asm.position(), within);
    }

    /// A label where the run ends with a trap.
    fn trap(&mut self, kind: velocity_interp::TrapKind, id: ExprId) -> Label {
        let label = self.asm.label();
        self.later(Cold::Exit(label, Site::Trap(kind, id)));
        label
    }
}

const fn is_leaf(tree: &Tree) -> bool {
    matches!(tree, Tree::Slot(..) | Tree::Constant(_))
}

/// What stands for a value in an instruction.
#[derive(Clone, Copy, Debug)]
enum Operand {
    Imm(i32),
    Rm(Rm, Option<Gpr>),
}

/// A register, and whether it is scratch that has to be given back.
#[derive(Clone, Copy, Debug)]
struct Held<R> {
    reg: R,
    owned: bool,
}
