//! Lists, branches, calls and returns.

use super::eval::Next;
use super::{Frame, Machine, Scene, Stop, Task};
use crate::ask::{Asked, ask};
use crate::store::{Code, Fixed, FunctionAddress, State};
use crate::{Host, TrapKind};
use velocity_nda::module::{ExprId, List};

impl Machine {
    /// Evaluates items of a list up to one that is not quick, which comes next.
    #[inline(always)]
    pub(super) fn list(&mut self, scene: &Scene<'_>, state: &State, list: List<ExprId>, from: u32) -> Option<ExprId> {
        let items = scene.module.pool.words(list);
        let mut at = from as usize;
        loop {
            let item = ExprId(*items.get(at)?);
            at += 1;
            match self.quick(scene, state, item) {
                Some(value) => self.values.push(value),
                None => {
                    if at < items.len() {
                        self.tasks.push(Task::Rest(list, at as u32));
                    }
                    return Some(item);
                }
            }
        }
    }

    /// Leaves for a label with the topmost `count` values. What comes next, if the label is a loop's, is its body.
    #[inline(always)]
    pub(super) fn branch(&mut self, depth: u32, count: usize) -> Option<ExprId> {
        let mut left = depth;
        // Whatever was to be done inside of the label is forgotten. The module is valid, so there is a label.
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Block(height) if left == 0 => {
                    self.keep(height as usize, count);
                    return None;
                }
                Task::Loop(body, height) if left == 0 => {
                    self.values.truncate(height as usize);
                    self.tasks.push(task);
                    return Some(body);
                }
                Task::Block(_) | Task::Loop(..) => left -= 1,
                Task::Eval(_) | Task::Right(_) | Task::Finish(_) | Task::Rest(..) | Task::Leave => {}
            }
        }
        None
    }

    /// Forgets all values from `height` on but for the topmost `count`.
    #[inline(always)]
    fn keep(&mut self, height: usize, count: usize) {
        let from = self.values.len() - count;
        if from > height {
            self.values.copy_within(from.., height);
            self.values.truncate(height + count);
        }
    }

    /// Calls a function whose arguments are the topmost values; they become its first locals. Its body comes next, unless
    /// it is one of the host, or of another instance.
    #[inline(never)]
    pub(super) fn enter(
        &mut self,
        fixed: &Fixed,
        state: &mut State,
        host: &mut dyn Host,
        address: FunctionAddress,
        at: ExprId,
    ) -> Next {
        let called = &fixed.functions[address.index()];
        let Code::Defined { instance, function, root, variables, slots } = called.code else {
            return self.ask((fixed, state, host), address, at).map(|()| None);
        };
        if slots > self.spare_slots {
            return Err(Stop::Fault(TrapKind::StackOverflow, at));
        }
        self.spare_slots -= slots;
        let locals = self.values.len() - called.parameters as usize;
        let tasks = self.tasks.len() as u32;
        self.frames.push(Frame {
            instance,
            function,
            locals: locals as u32,
            tasks,
            results: called.results,
            slots,
            at,
        });
        self.locals = locals;
        self.values.resize(self.values.len() + variables as usize, 0);
        self.tasks.push(Task::Leave);
        if self.instance != instance {
            self.tasks.push(Task::Eval(root));
        }
        self.stay(instance)?;
        Ok(Some(root))
    }

    /// Ends the current function: forgets its locals and tasks, and leaves its results to the caller.
    #[inline(always)]
    pub(super) fn leave(&mut self) -> Result<(), Stop> {
        let Some(frame) = self.frames.pop() else { return Err(Stop::Returned) };
        self.spare_slots += frame.slots;
        self.keep(frame.locals as usize, frame.results as usize);
        self.tasks.truncate(frame.tasks as usize);
        let Some(caller) = self.frames.last() else { return Err(Stop::Returned) };
        self.locals = caller.locals as usize;
        self.stay(caller.instance)
    }

    /// Goes on in this instance.
    #[inline(always)]
    fn stay(&mut self, instance: crate::store::InstanceId) -> Result<(), Stop> {
        if self.instance == instance {
            return Ok(());
        }
        self.instance = instance;
        Err(Stop::Switch)
    }

    /// Calls a function of the host, whose arguments are the topmost values.
    #[inline(never)]
    fn ask(
        &mut self,
        (fixed, state, host): (&Fixed, &mut State, &mut dyn Host),
        address: FunctionAddress,
        at: ExprId,
    ) -> Result<(), Stop> {
        let called = &fixed.functions[address.index()];
        let first = self.values.len() - called.parameters as usize;
        self.values.resize(first + called.parameters.max(called.results) as usize, 0);
        let caller = self.frames.last().map(|frame| frame.instance);
        let window = &mut self.values[first..];
        let asked = ask(&mut self.asking, (fixed, state, host), &mut self.account, called, caller, window);
        if asked == Ok(Asked::Later) {
            self.values.truncate(first + called.parameters as usize);
            self.next = Some((address, at));
            return Err(Stop::Slice);
        }
        self.values.truncate(first + called.results as usize);
        asked.map(|_| ()).map_err(|kind| Stop::Fault(kind, at))
    }
}
