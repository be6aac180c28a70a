//! A run that goes from closures to native code.

use super::{Tiered, Warmed};
use crate::{closure, native};
use alloc::boxed::Box;
use core::fmt;
use core::sync::atomic::Ordering;
use velocity_interp::engine::{Account, Callers, Execution, Fixed, Place, Slot, State, Stop};
use velocity_interp::{FunctionAddress, Host, Limits, Value};
use velocity_nda::module::ExprId;

pub(super) struct Run {
    engine: Tiered,
    limits: Limits,
    /// The whole run, if all of it is native.
    whole: Option<Box<dyn Execution>>,
    /// The frames of closures.
    closures: closure::Run,
    /// What runs in place of the uppermost one.
    top: Option<Box<native::Run>>,
    is_begun: bool,
    entry: FunctionAddress,
    arguments: Box<[Value]>,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, below {:?}", self.closures, self.top)
    }
}

impl Run {
    pub(super) fn new(engine: Tiered, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Self {
        let closures = engine.closures().begin(entry, arguments, limits);
        let arguments = arguments.into();
        Self { engine, limits, whole: None, closures, top: None, is_begun: false, entry, arguments }
    }

    fn slice(&mut self, (fixed, state, host): (&Fixed, &mut State, &mut dyn Host), account: &mut Account) -> Stop {
        loop {
            if let Some(top) = &mut self.top {
                match top.run(fixed, state, host, account) {
                    Stop::Returned if self.closures.give(top.results()) => {
                        self.top = None;
                        return Stop::Returned;
                    }
                    Stop::Returned => self.top = None,
                    stop => return stop,
                }
            }
            self.closures.watch.calls = self.engine.is_native();
            match self.closures.advance((fixed, state, host), account) {
                closure::Turn::Stop(stop) => return stop,
                closure::Turn::Hot => self.hot((fixed, state)),
                closure::Turn::Call => self.call((fixed, state)),
                closure::Turn::Loop(head) => self.go_on((fixed, state), head),
            }
        }
    }

    /// Much fuel was spent.
    fn hot(&mut self, store: (&Fixed, &State)) {
        let watch = &mut self.closures.watch;
        watch.left = match self.engine.warm(store) {
            None => i64::MAX,
            Some(Warmed::Wait(more)) => more,
            Some(Warmed::Look(again)) => {
                watch.look();
                again
            }
        };
    }

    /// Goes on natively with a function that was called.
    fn call(&mut self, (fixed, state): (&Fixed, &State)) {
        let function = self.closures.function();
        let room = (self.limits, self.closures.room());
        if self.engine.native.prepare((fixed, state)) {
            let arguments = self.closures.slots(fixed.functions[function.index()].parameters as usize);
            let run = self.engine.native.go_on_at_call(fixed, function, arguments, room);
            self.top = run.map(Box::new);
        }
        self.closures.watch.left = self.closures.watch.left.saturating_sub(self.engine.thresholds.call);
    }

    /// Goes on natively at the head of a loop.
    fn go_on(&mut self, store: (&Fixed, &State), head: ExprId) {
        self.closures.watch.look_away();
        let (function, room) = (self.closures.function(), (self.limits, self.closures.room()));
        let slots = |count| self.closures.slots(count).to_vec();
        if self.engine.native.prepare(store) {
            self.top = self.engine.native.go_on_at_loop(store, (function, head), slots, room).map(Box::new);
        }
    }
}

impl Execution for Run {
    fn run(&mut self, fixed: &Fixed, state: &mut State, host: &mut dyn Host, account: &mut Account) -> Stop {
        if !self.is_begun {
            self.is_begun = true;
            if self.engine.begins_native((fixed, state)) {
                self.whole = Some(velocity_interp::engine::Engine::call(
                    &self.engine.native,
                    self.entry,
                    &self.arguments,
                    self.limits,
                ));
            }
        }
        if let Some(whole) = &mut self.whole {
            return whole.run(fixed, state, host, account);
        }
        self.closures.watch.left = self.engine.heat.left.load(Ordering::Relaxed);
        self.closures.begin_slice();
        let stop = self.slice((fixed, state, host), account);
        self.closures.end_slice();
        self.engine.heat.left.store(self.closures.watch.left, Ordering::Relaxed);
        stop
    }

    fn place(&self) -> Option<Place> {
        if let Some(whole) = &self.whole {
            return whole.place();
        }
        self.top.as_ref().map_or_else(|| self.closures.place(), |top| top.place())
    }

    fn callers(&self) -> Callers {
        if let Some(whole) = &self.whole {
            return whole.callers();
        }
        let below = self.closures.callers();
        let Some(top) = &self.top else { return below };
        let mut all = top.callers();
        all.append(&below);
        all
    }

    fn results(&self) -> &[Slot] {
        self.whole.as_ref().map_or_else(|| self.closures.results(), |whole| whole.results())
    }
}
