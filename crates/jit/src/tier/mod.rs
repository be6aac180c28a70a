//! The engine that starts in closures and goes on natively with what gets hot.
//!
//! Fuel is the counter. Once a store's runs have spent enough of it in closures, the store's functions are compiled, and from then on
//! every call that closures make leaves for native code, which calls natively. A loop that closures are in by then is left at its head, for code
//! that begins there. So the frames of a run are those of closures, and native ones on top of them; when the lowest native
//! one returns, its results are those of the frame that it took the place of.
//!
//! Nothing of this changes results, traps, calls behind traps or fuel: where closures stop, nothing is half done, and what is not paid
//! is paid by who goes on. Native code gets as many slots of the limit as closures have left.

mod run;

use crate::closure::Closures;
use crate::{CodeMemory, Native};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use velocity_interp::engine::{Engine, Execution, Fixed, State, Storage};
use velocity_interp::{FunctionAddress, FunctionProfile, Limits, Value};

/// When what becomes native, in units of fuel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thresholds {
    /// Spent in closures before functions are compiled, and for each node of the store beside: about what compiling costs.
    first: (i64, i64),
    /// Spent in closures after that before the head of a loop is looked for.
    again: i64,
    /// Counts as spent for each call from closures that runs natively.
    call: i64,
}

impl Thresholds {
    const USUAL: Self = Self { first: (16_384, 64), again: 16_384, call: 256 };
}

/// What the runs of a store share.
#[derive(Debug)]
struct Heat {
    /// Fuel until something is done.
    left: AtomicI64,
    /// Functions are native code.
    is_native: AtomicBool,
    /// It is known how much fuel may be spent before that.
    is_weighed: AtomicBool,
}

/// The engine. A clone is the same engine, for the same store.
#[derive(Clone, Debug)]
pub struct Tiered {
    native: Native,
    heat: Arc<Heat>,
    thresholds: Thresholds,
}

impl Tiered {
    /// With code in this memory.
    #[must_use]
    pub fn new(memory: Arc<dyn CodeMemory>) -> Self {
        Self::over(Native::new(memory))
    }

    /// With native code of this kind, of which nothing ran yet.
    #[must_use]
    pub fn over(native: Native) -> Self {
        let thresholds = Thresholds::USUAL;
        let left = AtomicI64::new(thresholds.first.0);
        let heat = Heat { left, is_native: AtomicBool::new(false), is_weighed: AtomicBool::new(false) };
        Self { native, heat: Arc::new(heat), thresholds }
    }

    /// The same, which compiles once so much fuel was spent, and looks for the head of a loop as soon again. Before its first call.
    #[must_use]
    pub fn with_threshold(mut self, fuel: u32) -> Self {
        let fuel = i64::from(fuel);
        self.thresholds = Thresholds { first: (fuel, 0), again: fuel.max(1), call: 0 };
        self.heat.left.store(fuel, Ordering::Relaxed);
        self
    }

    /// The native tier, for what is known of it.
    #[must_use]
    pub fn native(&self) -> &Native {
        &self.native
    }

    fn closures(&self) -> &Closures {
        self.native.closures()
    }

    fn is_native(&self) -> bool {
        self.heat.is_native.load(Ordering::Relaxed)
    }

    /// Whether a run can be native from its start: functions are, or equal code was made before.
    fn begins_native(&self, store: (&Fixed, &State)) -> bool {
        if !self.is_native() && self.native.prepare_made(store) {
            self.become_native();
        }
        self.is_native()
    }

    fn become_native(&self) {
        self.heat.is_native.store(true, Ordering::Relaxed);
        self.closures().stop_calls();
    }

    /// So much fuel was spent as was set: how much more may be, before functions are compiled, or else how much it is until the
    /// head of a loop is looked for. `None` if nothing can be compiled.
    fn warm(&self, (fixed, state): (&Fixed, &State)) -> Option<Warmed> {
        if !self.is_native() {
            let nodes: usize = fixed.instances.iter().map(|instance| instance.charges.len()).sum();
            let more = self.thresholds.first.1.saturating_mul(nodes as i64);
            if more > 0 && !self.heat.is_weighed.swap(true, Ordering::Relaxed) {
                return Some(Warmed::Wait(more));
            }
            if !self.native.prepare((fixed, state)) {
                return None;
            }
            self.become_native();
        }
        Some(Warmed::Look(self.thresholds.again))
    }
}

/// What comes of having spent much fuel.
enum Warmed {
    /// So much more has to be spent.
    Wait(i64),
    /// The head of a loop is looked for, and again after so much.
    Look(i64),
}

impl Engine for Tiered {
    fn call(&self, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Box<dyn Execution> {
        Box::new(run::Run::new(self.clone(), entry, arguments, limits))
    }

    fn memory(&self, bytes: usize) -> Option<Box<dyn Storage>> {
        self.native.memory(bytes)
    }

    fn profile(&self) -> Vec<FunctionProfile> {
        self.native.profile()
    }

    fn fallback_reason(&self) -> Option<&'static str> {
        self.native.fallback_reason()
    }
}
