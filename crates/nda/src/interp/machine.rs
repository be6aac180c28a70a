//! The walk over the core tree.
//!
//! `descend` charges a node and follows first operands down to a leaf, leaving a task for everything that comes
//! later; `finish` does what a node does once its operands lie on the value stack. Invariant: when a task is popped,
//! the value stack holds exactly the operands it waits for, above whatever other tasks below it wait for.

use super::ops::{self, Slot};
use super::{Host, Limits, TrapKind};
use crate::arena::{Key, List};
use crate::core::{BinaryOp, Expr, ExprId, FuncId, Function, LocalId, Module, Type, Value};
use alloc::vec::Vec;

/// More slots than the operands of a binary operator and the tasks for them can take.
const LEAF_SLOTS: usize = 4;

/// Something still to do.
#[derive(Clone, Copy, Debug)]
enum Task {
    /// Evaluate a node.
    Eval(ExprId),
    /// The left operand of a binary operator is there: evaluate the right one, then finish.
    Right(ExprId),
    /// The operands of a node are there: do what it does.
    Finish(ExprId),
    /// Evaluate the rest of a block.
    Rest(List<ExprId>),
    /// The body of the current function is done: return its value.
    Leave,
}

/// An active call.
#[derive(Clone, Copy, Debug)]
struct Frame {
    function: FuncId,
    /// Where its locals begin on the value stack.
    locals: u32,
    /// The height of the task stack below it.
    tasks: u32,
}

/// Why the walk stopped.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stop {
    /// The budget is used up; this node comes next.
    Budget(ExprId),
    /// This node failed.
    Fault(TrapKind, ExprId),
    /// The entry function returned.
    Returned(Option<Value>),
}

/// The state of a run.
#[derive(Debug)]
pub(super) struct Machine {
    tasks: Vec<Task>,
    values: Vec<Slot>,
    frames: Vec<Frame>,
    /// Where the current function's locals begin on the value stack.
    locals: usize,
    budget: u64,
    entry: FuncId,
    call_depth: usize,
    stack_slots: usize,
}

impl Machine {
    /// About to call `entry`, which has no parameters.
    pub(super) fn new(module: &Module, entry: FuncId, limits: Limits) -> Self {
        let mut machine = Self {
            tasks: Vec::new(),
            values: Vec::new(),
            frames: Vec::new(),
            locals: 0,
            budget: 0,
            entry,
            // The entry function is always entered.
            call_depth: limits.call_depth.max(1) as usize,
            stack_slots: limits.stack_slots as usize,
        };
        machine.enter(module, entry);
        machine
    }

    /// The function being run.
    pub(super) fn function<'m>(&self, module: &'m Module) -> &'m Function {
        let id = self.frames.last().map_or(self.entry, |frame| frame.function);
        &module.functions[id]
    }

    /// Runs until something stops it. Also gives what is left of the budget.
    pub(super) fn run(&mut self, module: &Module, host: &mut dyn Host, budget: u64) -> (Stop, u64) {
        self.budget = budget;
        let stop = loop {
            let done = match self.tasks.pop() {
                Some(Task::Eval(id)) => self.descend(module, id),
                Some(Task::Right(id)) => self.right(module, id),
                Some(Task::Finish(id)) => self.finish(module, host, id),
                Some(Task::Rest(list)) => {
                    self.block(module, list);
                    Ok(())
                }
                Some(Task::Leave) => self.leave(module),
                None => Err(Stop::Returned(None)),
            };
            if let Err(stop) = done {
                break stop;
            }
        };
        (stop, self.budget)
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

    /// Evaluates a node as far as its first leaf.
    #[inline(always)]
    fn descend(&mut self, module: &Module, mut id: ExprId) -> Result<(), Stop> {
        loop {
            self.charge(id)?;
            match module.exprs[id] {
                Expr::I32(value) => self.values.push(ops::slot_of_i32(value)),
                Expr::I64(value) => self.values.push(value as Slot),
                Expr::Local(local) => {
                    let value = *self.local(local);
                    self.values.push(value);
                }
                Expr::Binary(op, ty, left, right) => {
                    if let Some((left, right)) = self.leaf(module, left, 2).zip(self.leaf(module, right, 2)) {
                        self.budget -= 2;
                        return self.apply(op, ty, left, right, id);
                    }
                    self.tasks.push(Task::Right(id));
                    id = left;
                    continue;
                }
                Expr::SetLocal(_, first)
                | Expr::Unary(_, first)
                | Expr::If(first, _)
                | Expr::IfElse(first, ..)
                | Expr::While(first, _)
                | Expr::Drop(first)
                | Expr::Print(_, first)
                | Expr::Return(Some(first)) => {
                    self.tasks.push(Task::Finish(id));
                    id = first;
                    continue;
                }
                Expr::Return(None) => return self.leave(module),
                Expr::Block(list) => self.block(module, list),
                Expr::Call(_, arguments) => {
                    self.tasks.push(Task::Finish(id));
                    let arguments = module.lists.get(arguments);
                    self.tasks.extend(arguments.iter().rev().map(|&argument| Task::Eval(argument)));
                }
            }
            return Ok(());
        }
    }

    /// The right operand of a binary operator, once the left one is on the value stack.
    #[inline(always)]
    fn right(&mut self, module: &Module, id: ExprId) -> Result<(), Stop> {
        let Expr::Binary(op, ty, _, right) = module.exprs[id] else { return Ok(()) };
        if let Some(right) = self.leaf(module, right, 1) {
            self.budget -= 1;
            let left = self.pop();
            return self.apply(op, ty, left, right, id);
        }
        self.tasks.push(Task::Finish(id));
        self.descend(module, right)
    }

    /// The value of a number or variable, if `cost` more nodes can be paid for and cannot overflow the stack. This is
    /// a short cut only: without it the node would be pushed as a task, evaluated, and give the same at the same cost.
    #[inline(always)]
    fn leaf(&mut self, module: &Module, id: ExprId, cost: u64) -> Option<Slot> {
        if self.budget < cost || self.tasks.len() + self.values.len() + LEAF_SLOTS >= self.stack_slots {
            return None;
        }
        match module.exprs[id] {
            Expr::I32(value) => Some(ops::slot_of_i32(value)),
            Expr::I64(value) => Some(value as Slot),
            Expr::Local(local) => Some(*self.local(local)),
            _ => None,
        }
    }

    #[inline(always)]
    fn apply(&mut self, op: BinaryOp, ty: Type, left: Slot, right: Slot, id: ExprId) -> Result<(), Stop> {
        let result = ops::binary(op, ty, left, right).map_err(|kind| Stop::Fault(kind, id))?;
        self.values.push(result);
        Ok(())
    }

    /// The operands are on the value stack.
    #[inline(always)]
    fn finish(&mut self, module: &Module, host: &mut dyn Host, id: ExprId) -> Result<(), Stop> {
        match module.exprs[id] {
            Expr::Binary(op, ty, ..) => {
                let right = self.pop();
                let left = self.pop();
                return self.apply(op, ty, left, right, id);
            }
            Expr::SetLocal(local, _) => *self.local(local) = self.pop(),
            Expr::Unary(op, _) => {
                let operand = self.pop();
                self.values.push(ops::unary(op, operand));
            }
            Expr::If(_, then) => {
                if self.pop_condition() {
                    self.tasks.push(Task::Eval(then));
                }
            }
            Expr::IfElse(_, then, otherwise) => {
                let next = if self.pop_condition() { then } else { otherwise };
                self.tasks.push(Task::Eval(next));
            }
            Expr::While(condition, body) => {
                if self.pop_condition() {
                    self.tasks.extend([Task::Finish(id), Task::Eval(condition), Task::Eval(body)]);
                }
            }
            Expr::Drop(_) => {
                self.pop();
            }
            Expr::Print(ty, _) => {
                let value = ops::value(ty, self.pop());
                host.print(value);
            }
            Expr::Return(_) => return self.leave(module),
            Expr::Call(callee, _) => return self.call(module, callee, id),
            Expr::I32(_) | Expr::I64(_) | Expr::Local(_) | Expr::Block(_) => {}
        }
        Ok(())
    }

    fn block(&mut self, module: &Module, list: List<ExprId>) {
        if let Some(&next) = module.lists.get(list).first() {
            let rest = list.rest();
            if !rest.is_empty() {
                self.tasks.push(Task::Rest(rest));
            }
            self.tasks.push(Task::Eval(next));
        }
    }

    fn call(&mut self, module: &Module, callee: FuncId, at: ExprId) -> Result<(), Stop> {
        if self.frames.len() == self.call_depth {
            return Err(Stop::Fault(TrapKind::StackOverflow, at));
        }
        self.enter(module, callee);
        Ok(())
    }

    /// Starts a function whose arguments are the topmost values; they become its first locals.
    fn enter(&mut self, module: &Module, id: FuncId) {
        let function = &module.functions[id];
        let locals = self.values.len() - function.parameters as usize;
        self.frames.push(Frame { function: id, locals: locals as u32, tasks: self.tasks.len() as u32 });
        self.locals = locals;
        self.values.resize(locals + function.locals.len(), 0);
        self.tasks.extend([Task::Leave, Task::Eval(function.body)]);
    }

    /// Ends the current function: forgets its locals and tasks, and leaves its result to the caller.
    fn leave(&mut self, module: &Module) -> Result<(), Stop> {
        let result = self.function(module).result;
        let slot = if result.is_some() { self.pop() } else { 0 };
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        self.values.truncate(frame.locals as usize);
        self.tasks.truncate(frame.tasks as usize);
        let Some(caller) = self.frames.last() else {
            return Err(Stop::Returned(result.map(|ty| ops::value(ty, slot))));
        };
        self.locals = caller.locals as usize;
        if result.is_some() {
            self.values.push(slot);
        }
        Ok(())
    }

    #[inline(always)]
    fn local(&mut self, local: LocalId) -> &mut Slot {
        &mut self.values[self.locals + local.index()]
    }

    /// The checker counted the operands, so there is one.
    #[inline(always)]
    fn pop(&mut self) -> Slot {
        debug_assert!(!self.values.is_empty(), "a node has fewer operands than it needs");
        self.values.pop().unwrap_or_default()
    }

    #[inline(always)]
    fn pop_condition(&mut self) -> bool {
        self.pop() as i32 != 0
    }
}
