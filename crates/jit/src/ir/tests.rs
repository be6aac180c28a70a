//! What holds for every function of random modules: types of slots, places of slots and blocks, what can trap.

use super::{Block, Call, End, Function, Room, Step, Tree, build, divides, give_back, truncates};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};
use proptest::prelude::*;
use velocity_interp::engine::{Account, Engine, Execution, Fixed, FunctionInstance, Place, Slot, State, Stop};
use velocity_interp::{FunctionAddress, FunctionType, Host, Limits, Store, TrapKind, Value};
use velocity_nda::module::{ExprId, Key, Type};
use velocity_samples::{random, watch};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slots_are_read_as_they_were_written_and_blocks_exist(numbers in prop::collection::vec(any::<u8>(), 0..1500)) {
        let store = Store::with_engine(Limits::default(), Box::<Checking>::default());
        let _ = watch(&random(&numbers).program(), store, u64::MAX);
    }
}

/// An engine that runs nothing: its first call checks all functions of the store.
#[derive(Debug, Default)]
struct Checking(AtomicBool);

#[derive(Debug)]
struct Checks {
    due: bool,
}

impl Engine for Checking {
    fn call(&self, _: FunctionAddress, _: &[Value], _: Limits) -> Box<dyn Execution> {
        Box::new(Checks { due: !self.0.swap(true, Ordering::Relaxed) })
    }
}

impl Execution for Checks {
    fn run(&mut self, fixed: &Fixed, _: &mut State, _: &mut dyn Host, _: &mut Account) -> Stop {
        let functions = if self.due { &fixed.functions[..] } else { &[] };
        let built = functions.iter().filter_map(|called| Some((called, build(fixed, called)?)));
        let checked = built
            .map(|(called, mut function)| {
                check(fixed, called, &function);
                let fresh = Room::default().build(fixed, called).expect("it was built before");
                assert_eq!(
                    std::format!("{fresh:?}"),
                    std::format!("{function:?}"),
                    "what was left makes no difference"
                );
                crate::passes::run(&mut function);
                check(fixed, called, &function);
                crate::passes::Inliner::new(fixed, true).run(&mut function);
                check(fixed, called, &function);
                crate::passes::hoist(&mut function);
                check(fixed, called, &function);
                give_back(function);
            })
            .count();
        assert_eq!(checked > 0, self.due, "there are functions to check");
        Stop::Fault(TrapKind::Unreachable, ExprId::new(0))
    }

    fn place(&self) -> Option<Place> {
        None
    }

    fn results(&self) -> &[Slot] {
        &[]
    }
}

/// What each slot holds; `None` for what must not be read.
type Held = Vec<Option<Type>>;

/// Finds what the slots hold at the start of each block, then looks at all that can be reached.
fn check(fixed: &Fixed, called: &FunctionInstance, function: &Function) {
    let ty = fixed.types.get(called.ty);
    let variables =
        &super::build::local_types(fixed.instances[function.instance.index()].module(), function.key).unwrap();
    assert_eq!(variables.len() as u32, function.parameters + function.variables);
    assert_eq!((function.parameters, function.results), (ty.parameters.len() as u32, ty.results.len() as u32));
    assert!(function.frame >= variables.len().max(ty.results.len()));
    let mut held: Held = variables.iter().copied().map(Some).collect();
    held.resize(function.frame, None);
    let mut starts: Vec<Option<Held>> = function.blocks.iter().map(|_| None).collect();
    starts[0] = Some(held);
    let mut work = Vec::from([0]);
    while let Some(at) = work.pop() {
        let block = &function.blocks[at as usize];
        let mut frame = Frame { fixed, function, ty, held: starts[at as usize].clone().unwrap(), looks: false };
        frame.run(block);
        for next in targets(&block.end) {
            let start = starts.get_mut(next as usize).expect("the block exists");
            if meet(start, &frame.held) {
                work.push(next);
            }
        }
    }
    for (block, held) in function.blocks.iter().zip(starts).filter_map(|(block, start)| Some((block, start?))) {
        Frame { fixed, function, ty, held, looks: true }.run(block);
    }
}

fn targets(end: &End) -> Vec<u32> {
    match end {
        End::Goto(next) => Vec::from([*next]),
        End::If { then, otherwise, .. } => Vec::from([*then, *otherwise]),
        End::Counted { closed, looped, .. } => Vec::from([*closed, *looped]),
        End::Table(_, targets) => targets.to_vec(),
        End::Call(_, call) | End::CallIndirect(_, _, call) => Vec::from([call.next]),
        End::Return(..) | End::ReturnValue(_) | End::Trap(..) => Vec::new(),
        End::Nowhere => panic!("a block without an end can be reached"),
    }
}

/// Only what is the same on every path stays; whether the start of the block changed.
fn meet(start: &mut Option<Held>, from: &Held) -> bool {
    let Some(start) = start else {
        *start = Some(from.clone());
        return true;
    };
    let mut changed = false;
    for (one, other) in start.iter_mut().zip(from) {
        if one.is_some() && one != other {
            (*one, changed) = (None, true);
        }
    }
    changed
}

/// A frame on its way through a block.
struct Frame<'a> {
    fixed: &'a Fixed,
    function: &'a Function,
    ty: &'a FunctionType,
    held: Held,
    /// Whether reads are looked at.
    looks: bool,
}

impl Frame<'_> {
    fn run(&mut self, block: &Block) {
        block.steps.iter().for_each(|step| self.step(step));
        self.end(&block.end);
    }

    fn read(&self, slot: u32, ty: Type) {
        let held = self.held.get(slot as usize).expect("the slot is one of the frame");
        assert!(
            !self.looks || *held == Some(ty),
            "slot {slot} is read as {ty}, and holds {held:?}: {:?}",
            self.function
        );
    }

    fn write(&mut self, slot: u32, ty: Type) {
        *self.held.get_mut(slot as usize).expect("the slot is one of the frame") = Some(ty);
    }

    fn read_all(&self, base: u32, types: &[Type]) {
        (base..).zip(types).for_each(|(slot, &ty)| self.read(slot, ty));
    }

    /// A call from a slot on, which leaves nothing but its results in so many slots.
    fn call(&mut self, base: u32, spoilt: usize, ty: &FunctionType) {
        self.read_all(base, &ty.parameters);
        self.held[base as usize..].iter_mut().take(spoilt).for_each(|held| *held = None);
        (base..).zip(&ty.results).for_each(|(slot, &ty)| self.write(slot, ty));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Set { slot, ty, tree, traps } => {
                self.tree(tree, *ty);
                assert!(*traps || !can_trap(tree), "{tree:?} can trap");
                self.write(*slot, *ty);
            }
            Step::Evaluate(tree) | Step::SetGlobal(_, tree) => {
                if let Some(ty) = tree.ty() {
                    self.tree(tree, ty);
                }
            }
            Step::Store { op, operands, traps, .. } => {
                self.tree(&operands[0], Type::I32);
                self.tree(&operands[1], op.ty());
                assert!(*traps || !operands.iter().any(can_trap), "{operands:?} can trap");
            }
            Step::Bulk { base, .. } => self.read_all(*base, &[Type::I32; 3]),
            Step::Grow { slot, .. } => {
                self.read(*slot, Type::I32);
                self.write(*slot, Type::I32);
            }
            Step::DropData(_) | Step::DropElement(_) | Step::Room { .. } => {}
            Step::Host { callee, base, .. } => {
                let ty = self.fixed.types.get(self.fixed.functions[callee.index()].ty);
                self.call(*base, ty.parameters.len().max(ty.results.len()), ty);
            }
        }
    }

    fn end(&mut self, end: &End) {
        match end {
            End::If { test, traps, .. } => {
                self.tree(test, Type::I32);
                assert!(*traps || !can_trap(test), "{test:?} can trap");
            }
            End::Counted { fuel, .. } => {
                self.tree(fuel, Type::I64);
                assert!(!can_trap(fuel), "{fuel:?} can trap");
            }
            End::Table(index, targets) => {
                self.tree(index, Type::I32);
                assert!(!can_trap(index) && !targets.is_empty(), "{index:?} to {targets:?}");
            }
            End::Call(callee, Call { base, .. }) => {
                self.call(*base, usize::MAX, self.fixed.types.get(self.fixed.functions[callee.index()].ty));
            }
            End::CallIndirect((signature, _), slot, Call { base, .. }) => {
                self.read(*slot, Type::I32);
                let instance = &self.fixed.instances[self.function.instance.index()];
                self.call(*base, usize::MAX, self.fixed.types.get(instance.types[signature.index()]));
            }
            End::Return(first, count) => {
                assert_eq!(*count as usize, self.ty.results.len());
                self.read_all(*first, &self.ty.results);
            }
            End::ReturnValue(tree) => match self.ty.results[..] {
                [ty] => self.tree(tree, ty),
                _ => panic!("one result of {:?}", self.ty),
            },
            End::Nowhere | End::Goto(_) | End::Trap(..) => {}
        }
    }

    /// A tree in a place where a type is wanted.
    fn tree(&self, tree: &Tree, ty: Type) {
        assert!(tree.ty().is_none_or(|found| found == ty), "{tree:?} is no {ty}");
        match tree {
            Tree::Slot(slot, ty) => self.read(*slot, *ty),
            Tree::Constant(bits) => assert_eq!(Value::of_bits(ty, *bits).bits(), *bits, "{ty}"),
            Tree::Global(..) | Tree::MemorySize => {}
            Tree::Unary(op, _, operand) => self.tree(operand, op.operand()),
            Tree::Binary(op, _, operands) | Tree::Divided(op, _, operands, _) => {
                operands.iter().for_each(|operand| self.tree(operand, op.operand()));
            }
            Tree::Load(_, _, address) => self.tree(address, Type::I32),
            Tree::Select(operands) => {
                let [one, two, condition] = &**operands;
                [(one, ty), (two, ty), (condition, Type::I32)].iter().for_each(|(tree, ty)| self.tree(tree, *ty));
            }
        }
    }
}

fn can_trap(tree: &Tree) -> bool {
    match tree {
        Tree::Slot(..) | Tree::Constant(_) | Tree::Global(..) | Tree::MemorySize => false,
        Tree::Unary(op, _, operand) => truncates(*op) || can_trap(operand),
        Tree::Binary(op, _, operands) => {
            let [left, right] = &**operands;
            // A constant that is neither zero nor minus one divides everything.
            let safe = matches!(right, Tree::Constant(by) if *by as u32 != 0 && *by as u32 != u32::MAX);
            divides(*op) && !safe || can_trap(left) || can_trap(right)
        }
        Tree::Load(..) | Tree::Divided(..) => true,
        Tree::Select(operands) => operands.iter().any(can_trap),
    }
}
