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

use crate::numeric::Slot;
use crate::store::{Fixed, FunctionAddress, Instance, InstanceId, State};
use crate::{Host, Limits, TrapKind};
use alloc::vec::Vec;
use velocity_nda::module::{Expr, ExprId, FuncId, Key, List, LocalId, Module, Value};

/// More slots than the short cuts of `eval` save.
const LEAF_SLOTS: usize = 8;

/// The most nodes that a short cut of `eval` evaluates.
const LEAF_COST: u64 = 3;

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

const _: () = assert!(size_of::<Task>() == 12, "Limits::stack_slots says what a slot takes");

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
}

/// Why the walk stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    /// The budget is used up; this node comes next.
    Budget(ExprId),
    /// This node failed.
    Fault(TrapKind, ExprId),
    /// The first function returned; its results are all that is left on the value stack.
    Returned,
    /// The current function is one of another instance now. Never leaves this module.
    Switch,
}

/// What the current function sees.
struct Scene<'s> {
    fixed: &'s Fixed,
    instance: &'s Instance,
    module: &'s Module,
    id: InstanceId,
    /// The position of its memory in the store; beyond all of them if it has none.
    memory: usize,
}

impl<'s> Scene<'s> {
    fn of(fixed: &'s Fixed, id: InstanceId) -> Self {
        let instance = &fixed.instances[id.index()];
        let memory = instance.memory.map_or(usize::MAX, |address| address.index());
        Self { fixed, instance, module: instance.module(), id, memory }
    }
}

/// Where the walk stands, for a trap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) instance: InstanceId,
    pub(crate) function: FuncId,
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
    /// Called first, with the arguments on the value stack.
    entry: Option<FunctionAddress>,
    /// Fuel that may be used before stopping.
    pub(crate) budget: u64,
    /// Fuel that there is beyond the budget.
    pub(crate) reserve: u64,
    /// Fuel of the reserve that was used, because one node took more than the budget had.
    pub(crate) debt: u64,
    call_depth: usize,
    stack_slots: usize,
    /// Arguments and results of a host call.
    scratch: Vec<Value>,
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
            entry: Some(entry),
            budget: 0,
            reserve: 0,
            debt: 0,
            // The first function is always entered.
            call_depth: limits.call_depth.max(1) as usize,
            stack_slots: limits.stack_slots as usize,
            scratch: Vec::new(),
        }
    }

    /// The function being run.
    pub(crate) fn place(&self) -> Option<Place> {
        self.frames.last().map(|frame| Place { instance: frame.instance, function: frame.function })
    }

    /// The values on the stack: the results, once the first function returned.
    pub(crate) fn values(&self) -> &[Slot] {
        &self.values
    }

    /// Runs until something stops it.
    pub(crate) fn run(&mut self, fixed: &Fixed, state: &mut State, host: &mut dyn Host) -> Stop {
        if let Some(entry) = self.entry.take() {
            match self.enter(fixed, state, host, entry, ExprId::new(0)) {
                Ok(Some(body)) => self.tasks.push(Task::Eval(body)),
                Ok(None) => return Stop::Returned,
                Err(Stop::Switch) => {}
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

    /// Pays for a node and makes sure there is room for what it leaves behind.
    #[inline(always)]
    fn charge(&mut self, id: ExprId) -> Result<(), Stop> {
        if self.budget == 0 {
            self.tasks.push(Task::Eval(id));
            return Err(Stop::Budget(id));
        }
        if self.tasks.len() + self.values.len() >= self.stack_slots {
            return Err(Stop::Fault(TrapKind::StackOverflow, id));
        }
        self.budget -= 1;
        Ok(())
    }

    /// Pays for what a node does beyond being evaluated. What the budget lacks is taken from the reserve and owed, so
    /// that slices change nothing.
    fn pay(&mut self, cost: u64, at: ExprId) -> Result<(), Stop> {
        let short = cost.saturating_sub(self.budget);
        self.budget -= cost - short;
        if short > self.reserve {
            self.debt += self.reserve;
            self.reserve = 0;
            return Err(Stop::Fault(TrapKind::FuelExhausted, at));
        }
        self.reserve -= short;
        self.debt += short;
        Ok(())
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

/// Whether a node is the empty sequence, the value of a break or return that has none.
#[inline(always)]
fn is_nothing(scene: &Scene<'_>, id: ExprId) -> bool {
    matches!(scene.module.exprs[id], Expr::Sequence(list) if list.position() == List::<ExprId>::EMPTY.position())
}
