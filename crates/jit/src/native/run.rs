//! Runs native code.

use super::function::Shape;
use super::passing::{host, results, slot_of};
use super::refusal::Refusal;
use super::scene::Scene;
use super::shared::{Maker, Shared};
use super::signature::passed;
use super::unit::{Bounds, Site};
use crate::Closures;
use crate::exec::CodeMemory;
use crate::exec::fiber::{Entry, Fiber, SAVED};
use crate::profile::{Timer, together};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use spin::Mutex;
use velocity_interp::engine::{
    self, Account, Asked, Asking, Callers, Checked, Engine, Execution, Fixed, Place, Range, Slot, State, Stop, Storage,
    ask,
};
use velocity_interp::{
    FunctionAddress, FunctionProfile, FunctionType, Host, InstanceId, Limits, Tier, TrapKind, Value,
};
use velocity_nda::module::{ExprId, Key};

/// The engine: what it cannot compile runs in the closure tier. A clone is the same engine, for the same store.
#[derive(Clone, Debug)]
pub struct Native {
    pub(super) maker: Maker,
    pub(super) shared: Arc<Mutex<Shared>>,
    pub(super) closures: Arc<Closures>,
    pub(super) bounds: Bounds,
}

impl Native {
    /// With code in this memory. Without a processor that has what native code needs, everything runs in closures.
    #[must_use]
    pub fn new(memory: Arc<dyn CodeMemory>) -> Self {
        let refusal = if crate::exec::is_supported() { None } else { Some(Refusal::Processor) };
        let bounds = if refusal.is_some() { Bounds::Explicit } else { Bounds::Guarded };
        let shared = Arc::new(Mutex::new(Shared { refusal, ..Shared::default() }));
        let maker = Maker { memory, cache: None, is_checked: true, shape: Shape::BEST };
        Self { maker, shared, closures: Arc::default(), bounds }
    }
}

impl Native {
    pub(super) fn run(&self, entry: FunctionAddress, arguments: Vec<Value>, limits: Limits) -> Run {
        Run {
            maker: self.maker.clone(),
            shared: Arc::clone(&self.shared),
            closures: Arc::clone(&self.closures),
            entry,
            arguments,
            limits,
            stage: Stage::New,
            place: None,
            results: Vec::new(),
            timer: Timer::default(),
            callers: Callers::default(),
        }
    }
}

impl Engine for Native {
    fn call(&self, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Box<dyn Execution> {
        Box::new(self.run(entry, arguments.into(), limits))
    }

    fn memory(&self, bytes: usize) -> Option<Box<dyn Storage>> {
        match self.bounds {
            Bounds::Explicit => None,
            Bounds::Guarded => self.maker.memory.guarded(bytes),
        }
    }

    fn profile(&self) -> Vec<FunctionProfile> {
        let shared = self.shared.lock();
        let of = |(at, &calls): (usize, &u64)| {
            Some(shared.book.of(at, Tier::Native, calls)).filter(|_| shared.entries[at].instance != Entry::HOST)
        };
        together(self.closures.profile(), shared.counts.iter().enumerate().filter_map(of).collect())
    }

    fn fallback_reason(&self) -> Option<&'static str> {
        self.shared.lock().refusal.map(Refusal::reason)
    }
}

/// What has to be done before a fiber goes on.
#[derive(Clone, Copy)]
enum Due {
    /// So much fuel is paid, for this node.
    Charge(u32, ExprId),
    /// The host is asked for this function, which this node calls.
    Host(FunctionAddress, ExprId),
}

/// How a run stands.
enum Stage {
    New,
    /// On its fiber, and what is due.
    Running(Fiber, Option<Due>),
    Closures(Box<dyn Execution>),
    Over,
}

pub(crate) struct Run {
    maker: Maker,
    shared: Arc<Mutex<Shared>>,
    closures: Arc<Closures>,
    entry: FunctionAddress,
    arguments: Vec<Value>,
    limits: Limits,
    stage: Stage,
    pub(super) place: Option<Place>,
    results: Vec<Slot>,
    pub(super) timer: Timer,
    /// Once it has failed.
    pub(super) callers: Callers,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a run of {:?}", self.entry)
    }
}

impl Run {
    /// Goes to the first function.
    fn start(&mut self, scene: &mut Scene<'_>, shared: &Shared) -> Result<(), Stop> {
        let nowhere = |kind| Stop::Fault(kind, ExprId::new(0));
        let called = &scene.fixed.functions[self.entry.index()];
        let ty = scene.fixed.types.get(called.ty);
        let engine::Code::Defined { slots, .. } = called.code else {
            let mut window: Vec<Slot> = self.arguments.iter().map(|value| value.bits()).collect();
            window.resize(called.parameters.max(called.results) as usize, 0);
            let asked = ask(
                &mut Asking::default(),
                (scene.fixed, &mut *scene.state, &mut *scene.host),
                scene.account,
                called,
                None,
                &mut window,
            );
            if asked.map_err(nowhere)? == Asked::Later {
                return Err(Stop::Slice);
            }
            window.truncate(called.results as usize);
            self.results = window;
            return Err(Stop::Returned);
        };
        if slots > self.limits.stack_slots {
            return Err(nowhere(TrapKind::StackOverflow));
        }
        let arguments: Vec<Slot> = self.arguments.iter().map(|value| value.bits()).collect();
        let code = shared.entries[self.entry.index()].code;
        self.begin((code, ty), &arguments, self.limits.stack_slots, shared).ok_or(nowhere(TrapKind::StackOverflow))
    }

    /// Lets it begin at code that is called like a function of a type, with so much room of the limit. `None` if there is no memory.
    pub(super) fn begin(
        &mut self,
        (code, ty): (u64, &FunctionType),
        arguments: &[Slot],
        room: u32,
        shared: &Shared,
    ) -> Option<()> {
        let (mut fiber, unit) = (Fiber::take(self.limits.stack_slots)?, shared.units.first()?);
        let (mut registers, mut above) = ([0; SAVED], alloc::vec![0; super::signature::slots(ty) as usize]);
        for (value, place) in arguments.iter().zip(passed(&ty.parameters)) {
            *slot_of(place, &mut registers, &mut above) = *value;
        }
        fiber.start(code, unit.back, &registers, &above);
        fiber.narrow(room);
        self.stage = Stage::Running(fiber, None);
        Some(())
    }

    fn go(&mut self, scene: &mut Scene<'_>, shared: &mut Shared) -> Stop {
        if matches!(self.stage, Stage::New)
            && let Err(stop) = self.start(scene, shared)
        {
            return stop;
        }
        let Stage::Running(mut fiber, waiting) = core::mem::replace(&mut self.stage, Stage::Over) else {
            return Stop::Returned;
        };
        let stop = self.run_on(&mut fiber, waiting, scene, shared);
        match stop {
            Ok(due) => {
                self.stage = Stage::Running(fiber, Some(due));
                Stop::Slice
            }
            Err(stop) => {
                if let Stop::Fault(..) = stop {
                    self.failed(&fiber, scene.fixed, shared);
                }
                fiber.give_back();
                stop
            }
        }
    }

    /// Runs until the slice is over (and what is due then), or for good.
    fn run_on(
        &mut self,
        fiber: &mut Fiber,
        mut waiting: Option<Due>,
        scene: &mut Scene<'_>,
        shared: &mut Shared,
    ) -> Result<Due, Stop> {
        let mut current = self.place.map(|place| place.instance).or_else(|| first(scene.fixed, self.entry));
        loop {
            match waiting.take() {
                Some(Due::Charge(fuel, head)) => match scene.account.checked(fuel) {
                    Checked::Paid => {}
                    Checked::SliceOver => return Ok(Due::Charge(fuel, head)),
                    Checked::Exhausted => return Err(Stop::Fault(TrapKind::FuelExhausted, head)),
                },
                Some(Due::Host(function, call)) => {
                    let asked = host(function, fiber, scene, self.place);
                    if asked.map_err(|kind| Stop::Fault(kind, call))? == Asked::Later {
                        return Ok(Due::Host(function, call));
                    }
                }
                None => {}
            }
            if !shared.is_guarded(scene.state) {
                return Err(Stop::Fault(TrapKind::Unreachable, ExprId::new(0)));
            }
            scene.show(fiber, &shared.entries, &mut shared.counts, current.unwrap_or(InstanceId::new(0)));
            fiber.context.reciprocals = shared.reciprocals.as_ref().map_or(0, |table| table.address());
            fiber.context.fuel = scene.account.slice();
            if self.maker.shape.profiles && self.timer.is_due() {
                fiber.arm();
            }
            let address = fiber.go(&shared.code);
            scene.account.set_slice(fiber.context.fuel);
            let Some(site) = shared.site(address) else {
                return Err(Stop::Fault(TrapKind::Unreachable, ExprId::new(0)));
            };
            let address = if matches!(site, Site::Host(_) | Site::Overflow) { fiber.saved().1[1] } else { address };
            self.place = shared.place(address).or(self.place);
            current = self.place.map(|place| place.instance).or(current);
            waiting = match site {
                Site::Overflow if fiber.disarm() && self.sample(fiber, scene.fixed, shared) => {
                    current = self.place.map(|place| place.instance);
                    None
                }
                Site::Timed => {
                    self.timed(fiber, scene.fixed, shared)?;
                    current = self.place.map(|place| place.instance);
                    None
                }
                site => self.answer(site, address, fiber, scene, shared)?,
            };
        }
    }

    /// Does what a site is for, and says what has to be done then.
    fn answer(
        &mut self,
        site: Site,
        address: u64,
        fiber: &mut Fiber,
        scene: &mut Scene<'_>,
        shared: &Shared,
    ) -> Result<Option<Due>, Stop> {
        let caller = || match shared.site(address) {
            Some(Site::Call(id)) => id,
            _ => ExprId::new(0),
        };
        let id = self.place.map_or(InstanceId::new(0), |place| place.instance);
        let (_, above) = fiber.saved_mut();
        match site {
            Site::Finished => {
                self.finish(fiber, scene);
                return Err(Stop::Returned);
            }
            Site::Trap(kind, at) => {
                scene.account.charge(shared.due(address));
                return Err(Stop::Fault(kind, at));
            }
            Site::Overflow => return Err(Stop::Fault(TrapKind::StackOverflow, caller())),
            Site::Check { fuel, behind, head } => {
                above[0] = above[0].wrapping_sub(behind.into());
                scene.account.set_slice(scene.account.slice() + i64::from(fuel));
                return Ok(Some(Due::Charge(fuel, head)));
            }
            Site::Bulk(at) => {
                let expr = scene.fixed.instances[id.index()].module().exprs[at];
                let range = Range { to: above[1] as u32, from: above[2] as u32, len: above[3] as u32 };
                scene.bulk(id).range(expr, range).map_err(|kind| Stop::Fault(kind, at))?;
            }
            Site::Grow(at) => {
                above[1] = scene.bulk(id).grow(above[1] as u32).map_err(|kind| Stop::Fault(kind, at))?;
            }
            Site::DropData(data) => scene.state.dropped[id.index()].data[data.0 as usize] = true,
            Site::DropElement(element) => scene.state.dropped[id.index()].elements[element.0 as usize] = true,
            Site::Host(function) => return Ok(Some(Due::Host(function, caller()))),
            // No code leaves here.
            Site::Call(_) | Site::Timed => {
                return Err(Stop::Fault(TrapKind::Unreachable, ExprId::new(0)));
            }
        }
        Ok(None)
    }

    fn finish(&mut self, fiber: &mut Fiber, scene: &Scene<'_>) {
        let ty = scene.fixed.types.get(scene.fixed.functions[self.entry.index()].ty);
        let (saved, above) = fiber.saved_mut();
        self.results = results(&ty.results, saved, &mut above[1..]).map(|slot| *slot).collect();
    }
}

/// The instance of a function.
fn first(fixed: &Fixed, function: FunctionAddress) -> Option<InstanceId> {
    match fixed.functions[function.index()].code {
        engine::Code::Defined { instance, .. } => Some(instance),
        engine::Code::Host(_) => None,
    }
}

impl Execution for Run {
    fn run(&mut self, fixed: &Fixed, state: &mut State, host: &mut dyn Host, account: &mut Account) -> Stop {
        if let Stage::Closures(execution) = &mut self.stage {
            return execution.run(fixed, state, host, account);
        }
        let shared = Arc::clone(&self.shared);
        let mut shared = shared.lock();
        if !shared.prepare((fixed, state), &self.maker) {
            let mut execution = self.closures.call(self.entry, &self.arguments, self.limits);
            drop(shared);
            let stop = execution.run(fixed, state, host, account);
            self.stage = Stage::Closures(execution);
            return stop;
        }
        let mut scene = Scene::new(fixed, state, host, account);
        self.timer.enter();
        let stop = self.go(&mut scene, &mut shared);
        self.timer.leave();
        stop
    }

    fn place(&self) -> Option<Place> {
        match &self.stage {
            Stage::Closures(execution) => execution.place(),
            _ => self.place,
        }
    }

    fn callers(&self) -> Callers {
        match &self.stage {
            Stage::Closures(execution) => execution.callers(),
            _ => self.callers.clone(),
        }
    }

    fn results(&self) -> &[Slot] {
        match &self.stage {
            Stage::Closures(execution) => execution.results(),
            _ => &self.results,
        }
    }
}
