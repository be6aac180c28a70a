//! Runs compiled functions.

use super::code::{Block, Context, End, Function};
use super::lower::lower;
use crate::exec::cycles;
use crate::ir::{self, Call};
use crate::passes;
use crate::profile::{Book, Timer};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::Ordering;
use spin::Mutex;
use velocity_interp::engine::{
    Account, Asking, Callers, Checked, Execution, Fixed, Place, Slot, State, Stop, ask, callee,
};
use velocity_interp::{FunctionAddress, FunctionProfile, Host, Limits, Tier, TrapKind, Value};
use velocity_nda::module::{ExprId, Key};

/// Compiled functions of a store, by address.
pub(super) type Cache = Arc<Mutex<Compiled>>;

/// What the runs of a store share.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    functions: Vec<Option<Arc<Function>>>,
    book: Book,
}

/// A call that was made and waits.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    function: FunctionAddress,
    base: usize,
    next: u32,
    /// The node of the call.
    at: ExprId,
}

/// A run of compiled functions.
pub(super) struct Run {
    cache: Cache,
    /// What this run has seen of the cache.
    functions: Vec<Option<Arc<Function>>>,
    stack: Vec<Slot>,
    /// Callers of the current function, the latest last.
    waiting: Vec<Waiting>,
    function: FunctionAddress,
    /// Whether the current function was entered.
    entered: bool,
    /// Where the current frame begins.
    base: usize,
    /// The block that comes next.
    next: u32,
    spare_slots: u32,
    /// The first function returned: so many values at the start of the stack.
    results: usize,
    timer: Timer,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in {:?}, {} calls waiting", self.function, self.waiting.len())
    }
}

/// What comes after a block that does not go on to another one.
enum Exit {
    Call(FunctionAddress, Call),
    /// The results are at the start of the frame.
    Return,
    Stop(Stop),
}

impl Run {
    pub(super) fn new(cache: Cache, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Self {
        Self {
            cache,
            functions: Vec::new(),
            stack: arguments.iter().map(|value| value.bits()).collect(),
            waiting: Vec::new(),
            function: entry,
            entered: false,
            base: 0,
            next: 0,
            spare_slots: limits.stack_slots,
            results: 0,
            timer: Timer::default(),
        }
    }

    /// Makes sure that this run knows the compiled form of a function; whether it has one, not being the host's.
    #[cold]
    #[inline(never)]
    fn find(&mut self, fixed: &Fixed, address: FunctionAddress) -> bool {
        let index = address.index();
        let mut cache = self.cache.lock();
        let Compiled { functions: cache, book } = &mut *cache;
        if cache.len() < fixed.functions.len() {
            cache.resize(fixed.functions.len(), None);
        }
        if cache[index].is_none() {
            let start = cycles();
            let built = ir::build(fixed, &fixed.functions[index]).map(|mut function| {
                passes::run(&mut function);
                Arc::new(lower(function))
            });
            if built.is_some() {
                book.compiled(index, cycles().wrapping_sub(start), 0);
            }
            cache[index] = built;
        }
        if self.functions.len() < cache.len() {
            self.functions.resize(cache.len(), None);
        }
        self.functions[index].clone_from(&cache[index]);
        self.functions[index].is_some()
    }

    #[inline(always)]
    fn knows(&self, address: FunctionAddress) -> Option<&Function> {
        self.functions.get(address.index())?.as_deref()
    }

    /// Begins a function whose arguments lie at `base`.
    #[inline(always)]
    fn begin(&mut self, address: FunctionAddress, base: usize) -> Result<(), TrapKind> {
        let Some(Some(function)) = self.functions.get(address.index()) else { return Err(TrapKind::Unreachable) };
        if function.slots > self.spare_slots {
            return Err(TrapKind::StackOverflow);
        }
        self.spare_slots -= function.slots;
        let timed = function.count();
        let end = base + function.frame;
        if self.stack.len() < end {
            self.stack.resize(end + end / 2, 0);
        }
        let first = base + function.parameters as usize;
        for slot in &mut self.stack[first..first + function.variables as usize] {
            *slot = 0;
        }
        if timed {
            self.time(address);
        }
        Ok(())
    }

    /// Times a call that begins, whose callers do not wait yet.
    #[cold]
    #[inline(never)]
    fn time(&mut self, address: FunctionAddress) {
        let Some(Some(function)) = self.functions.get(address.index()) else { return };
        let now = self.timer.now();
        function.cell.store(self.cache.lock().book.sample(address.index(), now), Ordering::Relaxed);
        // The first call has no caller.
        let depth = self.waiting.len() + usize::from(self.entered);
        self.timer.begin(address.index(), depth as u64, now);
    }

    /// A call that was timed has returned.
    #[cold]
    #[inline(never)]
    fn timed(&mut self) {
        if let Some((function, _, cycles)) = self.timer.end() {
            self.cache.lock().book.took(function, cycles);
        }
    }

    /// Calls the first function.
    fn enter(&mut self, context: &mut Context<'_>) -> Result<(), Stop> {
        let nowhere = |kind| Stop::Fault(kind, ExprId::new(0));
        if self.find(context.fixed, self.function) {
            self.begin(self.function, 0).map_err(nowhere)?;
            self.entered = true;
            return Ok(());
        }
        let called = &context.fixed.functions[self.function.index()];
        self.stack.resize(called.parameters.max(called.results) as usize, 0);
        self.results = called.results as usize;
        let (c, window) = (context, &mut self.stack);
        ask(&mut Asking::default(), (c.fixed, &mut *c.state, &mut *c.host), &mut c.account, called, None, window)
            .map_err(nowhere)?;
        Err(Stop::Returned)
    }

    fn go(&mut self, context: &mut Context<'_>) -> Stop {
        if !self.entered
            && let Err(stop) = self.enter(context)
        {
            return stop;
        }
        loop {
            let Some(Some(current)) = self.functions.get(self.function.index()) else { return Stop::Returned };
            context.hold(current.memory);
            let frame = &mut self.stack[self.base..self.base + current.frame];
            match blocks(current, frame, &mut self.next, context) {
                Exit::Call(address, call) => {
                    if let Err(kind) = self.call(context, address, call) {
                        return Stop::Fault(kind, call.at);
                    }
                }
                Exit::Return => {
                    let results = current.results as usize;
                    self.spare_slots += current.slots;
                    if self.timer.next() == Some(self.waiting.len() as u64) {
                        self.timed();
                    }
                    let Some(caller) = self.waiting.pop() else {
                        self.results = results;
                        return Stop::Returned;
                    };
                    (self.function, self.base, self.next) = (caller.function, caller.base, caller.next);
                }
                Exit::Stop(stop) => return stop,
            }
        }
    }

    #[inline(always)]
    fn call(&mut self, context: &mut Context<'_>, address: FunctionAddress, call: Call) -> Result<(), TrapKind> {
        if self.knows(address).is_none() && !self.find(context.fixed, address) {
            return self.ask(context, address, call);
        }
        let base = self.base + call.base as usize;
        self.begin(address, base)?;
        self.waiting.push(Waiting { function: self.function, base: self.base, next: call.next, at: call.at });
        (self.function, self.base, self.next) = (address, base, 0);
        Ok(())
    }

    /// Calls a function of the host that was found in a table.
    fn ask(&mut self, context: &mut Context<'_>, address: FunctionAddress, call: Call) -> Result<(), TrapKind> {
        let called = &context.fixed.functions[address.index()];
        let base = self.base + call.base as usize;
        let end = base + called.parameters.max(called.results) as usize;
        if self.stack.len() < end {
            self.stack.resize(end, 0);
        }
        self.next = call.next;
        let id = self.place().map(|place| place.instance);
        let window = &mut self.stack[base..];
        context.whole(|c| {
            ask(&mut Asking::default(), (c.fixed, &mut *c.state, &mut *c.host), &mut c.account, called, id, window)
        })
    }
}

/// Pays what a block is charged.
#[inline(always)]
fn pay(block: &Block, context: &mut Context<'_>) -> Result<(), Stop> {
    let fuel = block.charge.fuel();
    if !block.charge.is_checked() {
        context.account.charge(fuel);
        return Ok(());
    }
    match context.account.checked(fuel) {
        Checked::Paid => Ok(()),
        Checked::SliceOver => Err(Stop::Slice),
        Checked::Exhausted => Err(Stop::Fault(TrapKind::FuelExhausted, block.head)),
    }
}

/// Runs blocks of a function until it is left.
fn blocks(function: &Function, frame: &mut [Slot], next: &mut u32, context: &mut Context<'_>) -> Exit {
    let mut at = *next as usize;
    loop {
        let block = &function.blocks[at];
        if let Err(stop) = pay(block, context) {
            *next = at as u32;
            return Exit::Stop(stop);
        }
        for step in &block.steps {
            if step(context, frame) {
                return fault(context);
            }
        }
        at = match &block.end {
            End::Goto(next) => *next,
            End::If(test, then, otherwise) => {
                if test(context, frame) as u32 == 0 {
                    *otherwise
                } else {
                    *then
                }
            }
            End::IfTraps(test, then, otherwise) => {
                let test = test(context, frame) as u32;
                if context.failed() {
                    return fault(context);
                }
                if test == 0 { *otherwise } else { *then }
            }
            End::Table(index, targets) => {
                let index = index(context, frame) as u32 as usize;
                targets.get(index).or(targets.last()).copied().unwrap_or_default()
            }
            End::Call(callee, call) => return Exit::Call(*callee, *call),
            End::CallIndirect(what, slot, call) => {
                let instance = &context.fixed.instances[function.instance.index()];
                let index = frame[*slot as usize] as u32;
                return match callee(context.fixed, context.state, instance, *what, index) {
                    Ok(callee) => Exit::Call(callee, *call),
                    Err(kind) => Exit::Stop(Stop::Fault(kind, call.at)),
                };
            }
            End::Return(first, count) => {
                frame.copy_within(*first as usize..(*first + *count) as usize, 0);
                return Exit::Return;
            }
            End::ReturnSlot(slot) => {
                frame[0] = frame[*slot as usize];
                return Exit::Return;
            }
            End::ReturnValue(value) => {
                frame[0] = value(context, frame);
                return if context.failed() { fault(context) } else { Exit::Return };
            }
            End::Counted(fuel, closed, looped) => {
                let (fuel, slice) = (fuel(context, frame) as i64, context.account.slice());
                if fuel <= slice {
                    context.account.set_slice(slice - fuel);
                    *closed
                } else {
                    *looped
                }
            }
            End::Trap(kind, at) => return Exit::Stop(Stop::Fault(*kind, *at)),
            End::Nowhere => return Exit::Stop(Stop::Fault(TrapKind::Unreachable, block.head)),
        } as usize;
    }
}

#[cold]
fn fault(context: &Context<'_>) -> Exit {
    let (kind, at) = context.fault.unwrap_or((TrapKind::Unreachable, ExprId::new(0)));
    Exit::Stop(Stop::Fault(kind, at))
}

impl Execution for Run {
    fn run(&mut self, fixed: &Fixed, state: &mut State, host: &mut dyn Host, account: &mut Account) -> Stop {
        let mut context = Context::new(fixed, state, host, *account);
        self.timer.enter();
        let stop = self.go(&mut context);
        self.timer.leave();
        context.release();
        *account = context.account;
        if matches!(stop, Stop::Fault(..)) && self.entered {
            self.cache.lock().book.trapped(self.function.index());
        }
        stop
    }

    fn place(&self) -> Option<Place> {
        let function = self.knows(self.function).filter(|_| self.entered)?;
        Some(Place { instance: function.instance, function: function.key })
    }

    fn callers(&self) -> Callers {
        let mut callers = Callers::default();
        for caller in self.waiting.iter().rev() {
            if let Some(function) = self.knows(caller.function) {
                callers.push(Place { instance: function.instance, function: function.key }, caller.at);
            }
        }
        callers
    }

    fn results(&self) -> &[Slot] {
        &self.stack[..self.results]
    }
}

/// The engine.
#[derive(Debug, Default)]
pub struct Closures {
    cache: Cache,
}

impl velocity_interp::engine::Engine for Closures {
    fn call(&self, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Box<dyn Execution> {
        Box::new(Run::new(Arc::clone(&self.cache), entry, arguments, limits))
    }

    fn profile(&self) -> Vec<FunctionProfile> {
        let compiled = self.cache.lock();
        let of = |(at, function): (usize, &Option<Arc<Function>>)| {
            let left = function.as_ref()?.cell.load(Ordering::Relaxed);
            let calls = compiled.book.granted(at).saturating_sub(left.into());
            Some(compiled.book.of(at, Tier::Closures, calls))
        };
        compiled.functions.iter().enumerate().filter_map(of).collect()
    }
}
