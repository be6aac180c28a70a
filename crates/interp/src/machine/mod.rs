//! The walk over the core tree (4.4 "Instructions", over trees).
//!
//! `eval` goes down a node's first operands to a leaf, leaving a task for everything that comes later, and does what a
//! node does once its operands lie on the value stack; `control` holds lists, branches, calls and returns, `bulk` the
//! operations on ranges of memory and tables.
//!
//! Invariants: when a task is popped, the value stack holds exactly the operands it waits for, above whatever the tasks
//! below it wait for. A label is a task that remembers the height of the value stack; what lies above it belongs to the
//! code inside the label. Nothing here recurses.

mod bulk;
mod control;
mod eval;

use crate::account::{Account, Checked};
use crate::ask::Asking;
use crate::engine::{self, Callers, Execution, Place};
use crate::numeric::Slot;
use crate::store::{Fixed, FunctionAddress, Instance, InstanceId, State};
use crate::{Host, Limits, TrapKind};
use alloc::vec::Vec;
use velocity_gate::{CALL_SLOTS, Charge};
use velocity_nda::module::{Expr, ExprId, FuncId, Key, List, LocalId, Module, Value};

/// Something still to do.
#[derive(Clone, Copy, Debug)]
enum Task {
    /// Evaluate a node.
    Eval(ExprId),
    /// The first of two operands is there: evaluate the second, then finish.
    Right(ExprId),
    /// The operands of a node are there: do what it does.
    Finish(ExprId),
    /// Evaluate the items of a list from this one on.
    Rest(List<ExprId>, u32),
    /// The label of a block, with the height of the value stack.
    Block(u32),
    /// The label of a loop: its body, and the height of the value stack.
    Loop(ExprId, u32),
    /// The body of the current function is done: return its values.
    Leave,
}

/// The most bytes of a slot, as `Limits::stack_slots` says.
const SLOT_BYTES: usize = 12;

const _: () = assert!(size_of::<Task>() <= SLOT_BYTES && size_of::<Slot>() <= SLOT_BYTES, "a slot takes more");
// A call has two tasks beside those of its body's nodes: to leave, and to begin in another instance.
const _: () = assert!(
    size_of::<Frame>() + 2 * size_of::<Task>() <= CALL_SLOTS as usize * SLOT_BYTES,
    "a call takes more than its slots"
);

/// An active call.
#[derive(Clone, Copy, Debug)]
struct Frame {
    instance: InstanceId,
    function: FuncId,
    /// Where its locals begin on the value stack.
    locals: u32,
    /// The height of the task stack below it.
    tasks: u32,
    /// How many values it returns.
    results: u32,
    /// How many slots it takes.
    slots: u32,
    /// The node of the call.
    at: ExprId,
}

/// Why the walk stopped.
#[derive(Clone, Copy, Debug)]
enum Stop {
    /// The slice is used up.
    Slice,
    /// This node failed.
    Fault(TrapKind, ExprId),
    /// The first function returned; its results are all that is left on the value stack.
    Returned,
    /// The current function is one of another instance now.
    Switch,
}

/// What the current function sees.
struct Scene<'s> {
    fixed: &'s Fixed,
    instance: &'s Instance,
    module: &'s Module,
    charges: &'s [Charge],
    id: InstanceId,
    /// The position of its memory in the store; beyond all of them if it has none.
    memory: usize,
}

impl<'s> Scene<'s> {
    fn of(fixed: &'s Fixed, id: InstanceId) -> Self {
        let instance = &fixed.instances[id.index()];
        let memory = instance.memory.map_or(usize::MAX, |address| address.index());
        Self { fixed, instance, module: instance.module(), charges: &instance.charges, id, memory }
    }
}

/// The state of a run.
#[derive(Debug)]
pub(crate) struct Machine {
    tasks: Vec<Task>,
    values: Vec<Slot>,
    frames: Vec<Frame>,
    /// Where the current function's locals begin on the value stack.
    locals: usize,
    /// The instance of the current function.
    instance: InstanceId,
    /// Called next, with the arguments on the value stack, by this node: at first, and when the host is to be asked again.
    next: Option<(FunctionAddress, ExprId)>,
    account: Account,
    /// How many slots are left for calls.
    spare_slots: u32,
    asking: Asking,
}

impl Machine {
    /// About to call `entry` with arguments that fit it.
    pub(crate) fn new(entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Self {
        Self {
            tasks: Vec::new(),
            values: arguments.iter().map(|value| value.bits()).collect(),
            frames: Vec::new(),
            locals: 0,
            instance: InstanceId::new(0),
            next: Some((entry, ExprId::new(0))),
            account: Account::default(),
            spare_slots: limits.stack_slots,
            asking: Asking::default(),
        }
    }

    fn run_all(&mut self, fixed: &Fixed, state: &mut State, host: &mut dyn Host) -> Stop {
        if let Some((next, at)) = self.next.take() {
            match self.enter(fixed, state, host, next, at) {
                Ok(Some(body)) => self.tasks.push(Task::Eval(body)),
                Ok(None) if self.frames.is_empty() => return Stop::Returned,
                Ok(None) | Err(Stop::Switch) => {}
                Err(stop) => return stop,
            }
        }
        loop {
            match self.walk(&Scene::of(fixed, self.instance), state, host) {
                Stop::Switch => {}
                stop => return stop,
            }
        }
    }

    /// Runs until something stops it, or another instance is to see to the rest.
    fn walk(&mut self, scene: &Scene<'_>, state: &mut State, host: &mut dyn Host) -> Stop {
        loop {
            let next = match self.tasks.pop() {
                Some(Task::Eval(id)) => Ok(Some(id)),
                Some(Task::Right(id)) => self.right(scene, state, id),
                Some(Task::Finish(id)) => self.finish(scene, state, host, id),
                Some(Task::Rest(list, from)) => Ok(self.list(scene, state, list, from)),
                Some(Task::Block(_) | Task::Loop(..)) => Ok(None),
                Some(Task::Leave) => self.leave().map(|()| None),
                None => Err(Stop::Returned),
            };
            let done = match next {
                Ok(Some(id)) => self.descend(scene, state, host, id),
                Ok(None) => Ok(()),
                Err(stop) => Err(stop),
            };
            if let Err(stop) = done {
                return stop;
            }
        }
    }

    /// Pays for the segment that begins with a node.
    #[inline(always)]
    fn charge(&mut self, charge: Charge, id: ExprId) -> Result<(), Stop> {
        if charge.is_checked() {
            return self.checked(charge, id);
        }
        self.account.charge(charge.fuel());
        Ok(())
    }

    /// The same at the head of a function or a loop, where a slice may end.
    #[inline(always)]
    fn checked(&mut self, charge: Charge, id: ExprId) -> Result<(), Stop> {
        match self.account.checked(charge.fuel()) {
            Checked::Paid => Ok(()),
            Checked::SliceOver => {
                self.tasks.push(Task::Eval(id));
                Err(Stop::Slice)
            }
            Checked::Exhausted => Err(Stop::Fault(TrapKind::FuelExhausted, id)),
        }
    }

    #[inline(always)]
    fn local(&mut self, local: LocalId) -> &mut Slot {
        &mut self.values[self.locals + local.index()]
    }

    /// The module is valid, so there is an operand.
    #[inline(always)]
    fn pop(&mut self) -> Slot {
        debug_assert!(!self.values.is_empty(), "a node has fewer operands than it needs");
        self.values.pop().unwrap_or_default()
    }

    #[inline(always)]
    fn pop_u32(&mut self) -> u32 {
        self.pop() as u32
    }

    #[inline(always)]
    fn height(&self) -> u32 {
        self.values.len() as u32
    }
}

impl Execution for Machine {
    fn run(&mut self, fixed: &Fixed, state: &mut State, host: &mut dyn Host, account: &mut Account) -> engine::Stop {
        self.account = *account;
        let stop = self.run_all(fixed, state, host);
        *account = self.account;
        match stop {
            Stop::Slice => engine::Stop::Slice,
            Stop::Fault(kind, at) => engine::Stop::Fault(kind, at),
            Stop::Returned | Stop::Switch => engine::Stop::Returned,
        }
    }

    fn place(&self) -> Option<Place> {
        self.frames.last().map(|frame| Place { instance: frame.instance, function: frame.function })
    }

    fn callers(&self) -> Callers {
        let mut callers = Callers::default();
        for calls in self.frames.windows(2).rev() {
            callers.push(Place { instance: calls[0].instance, function: calls[0].function }, calls[1].at);
        }
        callers
    }

    fn results(&self) -> &[Slot] {
        &self.values
    }
}

/// Whether a node is the empty sequence, the value of a break or return that has none.
#[inline(always)]
fn is_nothing(scene: &Scene<'_>, id: ExprId) -> bool {
    matches!(scene.module.exprs[id], Expr::Sequence(list) if list.position() == List::<ExprId>::EMPTY.position())
}
