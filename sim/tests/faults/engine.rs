//! Engines that fail on request, once: a bit of a memory, a global or a result that changes, a trap out of nothing, a program that goes on for ever.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use velocity_interp::engine::{Account, Callers, Checked, Engine, Execution, Fixed, Place, Slot, State, Stop, Storage};
use velocity_interp::{FunctionAddress, Host, Limits, TrapKind};
use velocity_jit::EngineKind;
use velocity_nda::module::{ExprId, Key, Value};
use velocity_system::{Compiled, Engines};

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A bit of the first memory changes, in its first so many bytes.
    Memory(usize),
    /// A bit of a global changes.
    Global,
    /// A bit of a result changes.
    Result,
    /// It stops where it is.
    Trap,
    /// It never comes back, and uses all its fuel.
    Hang,
}

/// Whose engines fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those of drivers.
    Driver,
    /// Those of agents.
    Agent,
}

/// A failure that is to come: whose, after how many runs of theirs, how, and which bit.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub whose: Whose,
    pub runs: usize,
    pub failure: Failure,
    pub number: u64,
}

/// What all engines of a machine share.
#[derive(Debug, Default)]
pub struct Plan {
    order: Mutex<Option<Order>>,
    /// How many failures there were.
    failures: AtomicUsize,
    /// How many engines were made for agents.
    made: AtomicUsize,
}

impl Plan {
    /// Lets a failure come.
    pub fn arm(&self, order: Order) {
        *self.order.lock().unwrap_or_else(PoisonError::into_inner) = Some(order);
    }

    /// How many have come.
    pub fn failures(&self) -> usize {
        self.failures.load(Ordering::Relaxed)
    }

    /// How many engines were made for agents: one each time that one is begun.
    pub fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }

    /// Counts a run; what comes in it, if something does.
    fn strike(&self, whose: Whose) -> Option<Order> {
        let mut order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = order.as_mut().filter(|order| order.whose == whose)?;
        match waiting.runs.checked_sub(1) {
            Some(runs) => {
                waiting.runs = runs;
                None
            }
            None => order.take(),
        }
    }
}

/// All engines, each of which may fail.
pub struct Failing(pub Arc<Plan>, pub Compiled);

impl Engines for Failing {
    fn usual(&self) -> EngineKind {
        self.1.usual()
    }

    fn make(&self, kind: EngineKind) -> Option<Box<dyn Engine>> {
        // Drivers ask for native code, agents for what is usual.
        let whose = if kind == EngineKind::Native { Whose::Driver } else { Whose::Agent };
        self.0.made.fetch_add(usize::from(whose == Whose::Agent), Ordering::Relaxed);
        Some(Box::new(FailingEngine { inner: self.1.make(kind)?, plan: Arc::clone(&self.0), whose }))
    }
}

#[derive(Debug)]
struct FailingEngine {
    inner: Box<dyn Engine>,
    plan: Arc<Plan>,
    whose: Whose,
}

impl Engine for FailingEngine {
    fn call(&self, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Box<dyn Execution> {
        let inner = self.inner.call(entry, arguments, limits);
        Box::new(Run {
            inner,
            plan: Arc::clone(&self.plan),
            whose: self.whose,
            hangs: false,
            flip: None,
            results: None,
        })
    }

    fn memory(&self, bytes: usize) -> Option<Box<dyn Storage>> {
        self.inner.memory(bytes)
    }

    fn fallback_reason(&self) -> Option<&'static str> {
        self.inner.fallback_reason()
    }
}

struct Run {
    inner: Box<dyn Execution>,
    plan: Arc<Plan>,
    whose: Whose,
    hangs: bool,
    /// The bit of a result that changes when there are results.
    flip: Option<u64>,
    results: Option<Vec<Slot>>,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Run {
    /// Does what was ordered; whether the run is over with that.
    fn fail(&mut self, order: Order, state: &mut State) -> Option<Stop> {
        let number = order.number as usize;
        match order.failure {
            Failure::Memory(len) => {
                let bytes = state.memories.first_mut()?.bytes_mut();
                let at = number / 8 % len.min(bytes.len()).max(1);
                *bytes.get_mut(at)? ^= 1 << (number % 8);
            }
            Failure::Global => {
                let at = number / 32 % state.globals.len().max(1);
                state.globals.get_mut(at)?.value ^= 1 << (number % 32);
            }
            Failure::Result => self.flip = Some(order.number),
            Failure::Trap => {
                self.plan.failures.fetch_add(1, Ordering::Relaxed);
                return Some(Stop::Fault(TrapKind::Unreachable, ExprId::new(0)));
            }
            Failure::Hang => self.hangs = true,
        }
        self.plan.failures.fetch_add(1, Ordering::Relaxed);
        None
    }
}

impl Execution for Run {
    fn run(&mut self, fixed: &Fixed, state: &mut State, host: &mut dyn Host, account: &mut Account) -> Stop {
        if let Some(order) = self.plan.strike(self.whose)
            && let Some(stop) = self.fail(order, state)
        {
            return stop;
        }
        if self.hangs {
            return loop {
                match account.checked(1000) {
                    Checked::Paid => {}
                    Checked::SliceOver => break Stop::Slice,
                    Checked::Exhausted => break Stop::Fault(TrapKind::FuelExhausted, ExprId::new(0)),
                }
            };
        }
        let stop = self.inner.run(fixed, state, host, account);
        if let (Stop::Returned, Some(flip)) = (stop, self.flip) {
            let mut results = self.inner.results().to_vec();
            if let Some(result) = results.first_mut() {
                *result ^= 1 << (flip % 32);
            }
            self.results = Some(results);
        }
        stop
    }

    fn place(&self) -> Option<Place> {
        self.inner.place()
    }

    fn callers(&self) -> Callers {
        self.inner.callers()
    }

    fn results(&self) -> &[Slot] {
        self.results.as_deref().unwrap_or_else(|| self.inner.results())
    }
}
