//! Runs compiled functions: enters their operations, does what they leave to others, and enters them again.

use super::context::{Context, Exit, Function, NO_MEMORY, Waiting};
use super::engine::Cache;
use super::rare::Whole;
use super::tiered::{Turn, Watch};
use crate::exec::thread::WINDOW;
use crate::profile::{Book, Timer};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;
use core::sync::atomic::Ordering;
use velocity_interp::engine::{
    Account, Asked, Asking, Callers, Checked, Execution, Fixed, Place, Slot, State, Stop, ask,
};
use velocity_interp::{FunctionAddress, Host, Limits, Memory, TrapKind, Value};
use velocity_nda::module::{ExprId, Key};

/// The fuel that operations are given at once: they stop where it is used up, so that no more of them can follow one another than it
/// pays for, whether or not the compiler made jumps of their calls.
const PORTION: i64 = if cfg!(debug_assertions) { 256 } else { 4096 };

/// How many calls there is room for at first.
const CALLS: usize = 16;

/// A run of compiled functions.
pub(crate) struct Run {
    pub(super) cache: Cache,
    /// What this run has seen of the cache.
    functions: Vec<Option<Arc<Function>>>,
    pub(super) stack: Vec<Slot>,
    /// Callers of the current function, the latest last, as many as `depth`.
    pub(super) waiting: Vec<Waiting>,
    pub(super) depth: usize,
    pub(super) function: FunctionAddress,
    /// Whether the current function was entered.
    pub(super) entered: bool,
    /// Where the current frame begins.
    pub(super) base: u32,
    /// The operation that comes next.
    pub(super) at: u32,
    pub(super) spare_slots: u32,
    /// The memory at hand, if that is not the current function's.
    switched: Option<u32>,
    /// The first function returned: so many values at the start of the stack.
    pub(super) results: usize,
    pub(super) timer: Timer,
    /// When it stops for somebody who can go on with it elsewhere.
    pub(crate) watch: Watch,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in {:?}, {} calls waiting", self.function, self.depth)
    }
}

/// Why operations were left.
struct Left {
    exit: Exit,
    /// The function that is wanted.
    wanted: u32,
    fault: TrapKind,
}

/// A failure that no node is to blame for.
fn nowhere(kind: TrapKind) -> Stop {
    Stop::Fault(kind, ExprId::new(0))
}

/// Pays what the block at an operation is charged. What fails fails again.
fn pay(function: &Function, at: u32, account: &mut Account) -> Result<(), Stop> {
    let Some((charge, head)) = function.charge(at) else { return Err(nowhere(TrapKind::Unreachable)) };
    if !charge.is_checked() {
        account.charge(charge.fuel());
        return Ok(());
    }
    match account.checked(charge.fuel()) {
        Checked::Paid => Ok(()),
        Checked::SliceOver => Err(Stop::Slice),
        Checked::Exhausted => Err(Stop::Fault(TrapKind::FuelExhausted, head)),
    }
}

impl Run {
    pub(super) fn new(cache: Cache, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Self {
        Self {
            cache,
            functions: Vec::new(),
            stack: arguments.iter().map(|value| value.bits()).collect(),
            waiting: Vec::new(),
            depth: 0,
            function: entry,
            entered: false,
            base: 0,
            at: 0,
            spare_slots: limits.stack_slots,
            switched: None,
            results: 0,
            timer: Timer::default(),
            watch: Watch::NEVER,
        }
    }

    /// Makes sure that this run knows the compiled form of a function; whether it has one, not being the host's.
    #[cold]
    #[inline(never)]
    fn find(&mut self, fixed: &Fixed, address: FunctionAddress) -> bool {
        let index = address.index();
        let function = self.cache.lock().function(fixed, index);
        if self.functions.len() <= index {
            self.functions.resize(fixed.functions.len(), None);
        }
        self.functions[index] = function;
        self.functions[index].is_some()
    }

    pub(super) fn current(&self) -> Option<&Arc<Function>> {
        self.functions.get(self.function.index())?.as_ref()
    }

    /// Times the call of the current function, which begins.
    #[cold]
    fn time(&mut self) {
        let (index, now) = (self.function.index(), self.timer.now());
        let left = self.cache.lock().book.sample(index, now);
        if let Some(function) = self.current() {
            function.cell.store(left, Ordering::Relaxed);
        }
        self.timer.begin(index, self.depth as u64, now);
    }

    /// A call that was timed returns.
    #[cold]
    pub(super) fn took(&mut self) {
        if let Some((function, _, cycles)) = self.timer.end() {
            self.cache.lock().book.took(function, cycles);
        }
    }

    /// Calls the first function.
    fn enter(&mut self, whole: (&Fixed, &mut State, &mut dyn Host), account: &mut Account) -> Result<(), Stop> {
        if self.find(whole.0, self.function) {
            let Some((slots, room)) = self.current().map(|function| (function.slots, function.room as usize)) else {
                return Err(nowhere(TrapKind::Unreachable));
            };
            if slots > self.spare_slots {
                return Err(nowhere(TrapKind::StackOverflow));
            }
            self.spare_slots -= slots;
            self.stack.resize(room, 0);
            self.waiting.resize(CALLS, Waiting::default());
            self.entered = true;
            if self.current().is_some_and(|function| function.count()) {
                self.time();
            }
            return Ok(());
        }
        let called = &whole.0.functions[self.function.index()];
        self.stack.resize(called.parameters.max(called.results) as usize, 0);
        self.results = called.results as usize;
        match ask(&mut Asking::default(), whole, account, called, None, &mut self.stack) {
            Ok(Asked::Done) => Err(Stop::Returned),
            Ok(Asked::Later) => Err(Stop::Slice),
            Err(kind) => Err(nowhere(kind)),
        }
    }

    /// Runs until something stops it, or somebody shall be asked.
    pub(super) fn go(
        &mut self,
        (fixed, state, host): (&Fixed, &mut State, &mut dyn Host),
        account: &mut Account,
    ) -> Turn {
        if !self.entered
            && let Err(stop) = self.enter((fixed, state, host), account)
        {
            return Turn::Stop(stop);
        }
        let mut value = 0;
        loop {
            let left = self.operate((fixed, state), account, core::mem::take(&mut value));
            let Some(function) = self.current().map(Arc::clone) else {
                return Turn::Stop(nowhere(TrapKind::Unreachable));
            };
            let done = match left.exit {
                Exit::Rare => {
                    let done = self.rare((fixed, state), account, &function).map(|result| value = result);
                    self.at += 1;
                    done
                }
                Exit::Find | Exit::Ask => {
                    let address = FunctionAddress::new(left.wanted as usize);
                    if self.find(fixed, address) {
                        continue;
                    }
                    match self.ask((fixed, state, host), account, &function, address) {
                        // The operation is still there.
                        Ok(Asked::Later) => Err(Stop::Slice),
                        Ok(Asked::Done) => {
                            self.at += 1;
                            Ok(())
                        }
                        Err(kind) => Err(Stop::Fault(kind, function.place(self.at))),
                    }
                }
                Exit::Grow => {
                    self.grow(&function, left.wanted);
                    Ok(())
                }
                Exit::Switch => {
                    self.switched = Some(left.wanted);
                    Ok(())
                }
                Exit::Again => Ok(()),
                Exit::Hot => return Turn::Hot,
                Exit::Head => return Turn::Loop(function.charge(self.at).map_or(ExprId::new(0), |(_, head)| head)),
                Exit::Time if self.watch.calls => {
                    // What is called elsewhere is counted there.
                    function.cell.store(Book::FIRST, Ordering::Relaxed);
                    return Turn::Call;
                }
                Exit::Time => {
                    self.time();
                    Ok(())
                }
                Exit::Took => {
                    self.took();
                    Ok(())
                }
                Exit::Pay => pay(&function, self.at, account).map(|()| self.at += 1),
                Exit::Returned => {
                    self.results = function.results as usize;
                    Err(Stop::Returned)
                }
                Exit::Trap => Err(Stop::Fault(left.fault, function.place(self.at))),
                Exit::Nowhere => Err(nowhere(TrapKind::Unreachable)),
            };
            if let Err(stop) = done {
                return Turn::Stop(stop);
            }
        }
    }

    /// Enters the operations, with a value in the registers, and goes on until they leave for something that they cannot do.
    fn operate(&mut self, (fixed, state): (&Fixed, &mut State), account: &mut Account, value: Slot) -> Left {
        let known = |function: u32| self.functions.get(function as usize).and_then(Option::as_deref);
        let function = self.function.index() as u32;
        let Some(current) = known(function) else {
            return Left { exit: Exit::Nowhere, wanted: 0, fault: TrapKind::Unreachable };
        };
        let memory = self.switched.take().and_then(known).unwrap_or(current).memory;
        let mut context = Context {
            memory: Memory::default(),
            held: NO_MEMORY,
            fixed,
            state,
            functions: &self.functions,
            stack: Cell::from_mut(&mut self.stack[..]).as_slice_of_cells(),
            waiting: Cell::from_mut(&mut self.waiting[..]).as_slice_of_cells(),
            depth: self.depth,
            function,
            base: self.base,
            timed: self.timer.next().map_or(usize::MAX, |depth| depth as usize),
            spare_slots: self.spare_slots,
            reserve: 0,
            fuel: 0,
            at: self.at,
            wanted: 0,
            fault: TrapKind::Unreachable,
        };
        context.hold(memory);
        let exit = enter(&mut context, account, value, &mut self.watch);
        context.release();
        let Context { depth, function, base, spare_slots, at, wanted, fault, .. } = context;
        (self.depth, self.function, self.base) = (depth, FunctionAddress::new(function as usize), base);
        (self.spare_slots, self.at) = (spare_slots, at);
        Left { exit, wanted, fault }
    }

    /// Sees to it that there are as many slots.
    pub(super) fn reach(&mut self, end: usize) {
        if self.stack.len() < end {
            self.stack.resize(end, 0);
        }
    }

    /// Does what the current operation leaves to others.
    fn rare(
        &mut self,
        (fixed, state): (&Fixed, &mut State),
        account: &mut Account,
        function: &Function,
    ) -> Result<Slot, Stop> {
        let Some(rare) = function.rare(self.at) else { return Err(nowhere(TrapKind::Unreachable)) };
        // Whoever called it only saw to the slots that operations name.
        self.reach(self.base as usize + function.room as usize);
        let frame = &mut self.stack[self.base as usize..];
        let (instance, memory) = (function.instance, function.memory as usize);
        let mut whole = Whole { fixed, state, account, frame, instance, memory };
        whole.run(rare).map_err(|(kind, at)| Stop::Fault(kind, at))
    }

    /// Calls a function of the host, as the current operation says.
    fn ask(
        &mut self,
        whole: (&Fixed, &mut State, &mut dyn Host),
        account: &mut Account,
        function: &Function,
        address: FunctionAddress,
    ) -> Result<Asked, TrapKind> {
        let called = &whole.0.functions[address.index()];
        let first = function.code.op(self.at).map_or(0, |op| op.k);
        let base = self.base as usize + first as usize;
        let end = base + called.parameters.max(called.results) as usize;
        self.reach(end);
        let window = &mut self.stack[base..];
        ask(&mut Asking::default(), whole, account, called, Some(function.instance), window)
    }

    /// Makes room for another call, which the current operation wants to make.
    fn grow(&mut self, function: &Function, wanted: u32) {
        let called = self.functions.get(wanted as usize).and_then(Option::as_deref);
        let first = function.code.op(self.at).map_or(0, |op| op.k);
        let end = self.base as usize + first as usize + called.map_or(WINDOW, |called| called.room as usize);
        if self.stack.len() < end {
            self.reach(end + end / 2);
        }
        if self.depth >= self.waiting.len() {
            self.waiting.resize(2 * self.depth.max(CALLS), Waiting::default());
        }
    }
}

/// Whether the current block could be paid.
fn pays(context: &Context<'_>, account: &mut Account) -> bool {
    context.known(context.function).is_some_and(|function| pay(function, context.at, account).is_ok())
}

/// Whether the current block is the head of a loop.
fn is_head(context: &Context<'_>) -> bool {
    let charge = context.known(context.function).and_then(|function| function.charge(context.at));
    context.at > 0 && charge.is_some_and(|(charge, _)| charge.is_checked())
}

/// Enters the operations again and again, as long as they only want fuel.
fn enter(context: &mut Context<'_>, account: &mut Account, value: Slot, watch: &mut Watch) -> Exit {
    loop {
        let before = account.slice();
        let fuel = watch.portion(before.min(PORTION));
        context.reserve = account.slice() - fuel;
        let (Some(function), Some(frame)) = (context.known(context.function), context.frame(context.base)) else {
            return Exit::Nowhere;
        };
        let exit = function.code.run(context.at as usize, frame, context, value, fuel, f64::from_bits(value));
        account.set_slice(context.reserve + context.fuel);
        match exit {
            Exit::Again => {}
            Exit::Pay if watch.looks() && is_head(context) => {
                watch.spend(before - account.slice());
                return Exit::Head;
            }
            Exit::Pay if pays(context, account) => context.at += 1,
            exit => {
                watch.spend(before - account.slice());
                return exit;
            }
        }
        if watch.spend(before - account.slice()) {
            return Exit::Hot;
        }
    }
}

impl Execution for Run {
    fn run(&mut self, fixed: &Fixed, state: &mut State, host: &mut dyn Host, account: &mut Account) -> Stop {
        self.timer.enter();
        let turn = self.advance((fixed, state, host), account);
        self.timer.leave();
        match turn {
            Turn::Stop(stop) => stop,
            // Nobody watches.
            Turn::Hot | Turn::Call | Turn::Loop(_) => nowhere(TrapKind::Unreachable),
        }
    }

    fn place(&self) -> Option<Place> {
        let function = self.current().filter(|_| self.entered)?;
        Some(Place { instance: function.instance, function: function.key })
    }

    fn callers(&self) -> Callers {
        let mut callers = Callers::default();
        for caller in self.waiting.iter().take(self.depth).rev() {
            if let Some(Some(function)) = self.functions.get(caller.function as usize) {
                // It goes on behind the operation that called.
                let place = Place { instance: function.instance, function: function.key };
                callers.push(place, function.place(caller.at.wrapping_sub(1)));
            }
        }
        callers
    }

    fn results(&self) -> &[Slot] {
        &self.stack[..self.results]
    }
}
