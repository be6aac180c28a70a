//! Runs compiled functions.

use super::build::compile;
use super::code::{Call, Context, End, Function};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use spin::Mutex;
use velocity_interp::engine::{Account, Asking, Checked, Execution, Fixed, Place, Slot, State, Stop, ask, callee};
use velocity_interp::{FunctionAddress, Host, Limits, TrapKind, Value};
use velocity_nda::module::{ExprId, Key};

/// Compiled functions of a store, by address.
pub(super) type Cache = Arc<Mutex<Vec<Option<Arc<Function>>>>>;

/// A call that was made and waits.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    function: FunctionAddress,
    base: usize,
    next: u32,
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
    call_depth: usize,
    spare_slots: u32,
    /// The first function returned: so many values at the start of the stack.
    results: usize,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in {:?}, {} calls waiting", self.function, self.waiting.len())
    }
}

/// Why the current function is left.
enum Exit {
    Call(FunctionAddress, Call),
    /// So many results are at the start of the frame.
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
            // The first function is always entered.
            call_depth: limits.call_depth.max(1) as usize,
            spare_slots: limits.stack_slots,
            results: 0,
        }
    }

    /// The compiled form of a function of the store that a module defines.
    fn find(&mut self, fixed: &Fixed, address: FunctionAddress) -> Option<Arc<Function>> {
        let index = address.index();
        if let Some(Some(known)) = self.functions.get(index) {
            return Some(Arc::clone(known));
        }
        let mut cache = self.cache.lock();
        if cache.len() < fixed.functions.len() {
            cache.resize(fixed.functions.len(), None);
        }
        if cache[index].is_none() {
            cache[index] = compile(fixed, &fixed.functions[index]).map(Arc::new);
        }
        if self.functions.len() < cache.len() {
            self.functions.resize(cache.len(), None);
        }
        self.functions[index].clone_from(&cache[index]);
        cache[index].clone()
    }

    /// Begins the function at `address`, whose arguments lie at `base`. `depth` calls are active.
    fn begin(&mut self, function: &Function, base: usize, depth: usize) -> Result<(), TrapKind> {
        if depth >= self.call_depth || function.slots > self.spare_slots {
            return Err(TrapKind::StackOverflow);
        }
        self.spare_slots -= function.slots;
        let end = base + function.frame;
        if self.stack.len() < end {
            self.stack.resize(end, 0);
        }
        let first = base + function.parameters as usize;
        self.stack[first..first + function.variables as usize].fill(0);
        (self.base, self.next) = (base, 0);
        Ok(())
    }

    /// Calls the first function.
    fn enter(&mut self, context: &mut Context<'_>) -> Result<(), Stop> {
        let nowhere = |kind| Stop::Fault(kind, ExprId::new(0));
        if let Some(function) = self.find(context.fixed, self.function) {
            self.begin(&function, 0, 0).map_err(nowhere)?;
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
        let Some(mut current) = self.find(context.fixed, self.function) else { return Stop::Returned };
        loop {
            context.hold(current.memory);
            let frame = &mut self.stack[self.base..self.base + current.frame];
            match blocks(&current, frame, &mut self.next, context) {
                Exit::Call(address, call) => {
                    let Some(callee) = self.find(context.fixed, address) else {
                        if let Err(kind) = self.ask(context, &current, address, call) {
                            return Stop::Fault(kind, call.at);
                        }
                        continue;
                    };
                    let base = self.base;
                    if let Err(kind) = self.begin(&callee, base + call.base as usize, self.waiting.len() + 1) {
                        return Stop::Fault(kind, call.at);
                    }
                    self.waiting.push(Waiting { function: self.function, base, next: call.next });
                    (self.function, current) = (address, callee);
                }
                Exit::Return => {
                    self.spare_slots += current.slots;
                    let Some(caller) = self.waiting.pop() else {
                        self.results = context.fixed.functions[self.function.index()].results as usize;
                        return Stop::Returned;
                    };
                    (self.function, self.base, self.next) = (caller.function, caller.base, caller.next);
                    let Some(function) = self.find(context.fixed, caller.function) else { return Stop::Returned };
                    current = function;
                }
                Exit::Stop(stop) => return stop,
            }
        }
    }

    /// Calls a function of the host that was found in a table.
    fn ask(
        &mut self,
        context: &mut Context<'_>,
        caller: &Function,
        address: FunctionAddress,
        call: Call,
    ) -> Result<(), TrapKind> {
        let called = &context.fixed.functions[address.index()];
        let base = self.base + call.base as usize;
        let end = base + called.parameters.max(called.results) as usize;
        if self.stack.len() < end {
            self.stack.resize(end, 0);
        }
        self.next = call.next;
        let window = &mut self.stack[base..];
        let id = Some(caller.instance);
        context.whole(|c| {
            ask(&mut Asking::default(), (c.fixed, &mut *c.state, &mut *c.host), &mut c.account, called, id, window)
        })
    }

    fn place_of(&self, address: FunctionAddress) -> Option<Place> {
        let function = self.functions.get(address.index())?.as_ref()?;
        Some(Place { instance: function.instance, function: function.key })
    }
}

/// Runs blocks of a function until it is left.
fn blocks(function: &Function, frame: &mut [Slot], next: &mut u32, context: &mut Context<'_>) -> Exit {
    let mut at = *next as usize;
    loop {
        let block = &function.blocks[at];
        if !block.charge.is_none() {
            if block.charge.is_checked() {
                match context.account.checked(block.charge.fuel()) {
                    Checked::Paid => {}
                    Checked::SliceOver => {
                        *next = at as u32;
                        return Exit::Stop(Stop::Slice);
                    }
                    Checked::Exhausted => return Exit::Stop(Stop::Fault(TrapKind::FuelExhausted, block.head)),
                }
            } else {
                context.account.charge(block.charge.fuel());
            }
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
            End::ReturnValue(value) => {
                frame[0] = value(context, frame);
                return if context.failed() { fault(context) } else { Exit::Return };
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
        let stop = self.go(&mut context);
        context.release();
        *account = context.account;
        stop
    }

    fn place(&self) -> Option<Place> {
        if self.entered { self.place_of(self.function) } else { None }
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
}
