//! Agents on the cores of this machine: who gives them turns, and what a person sees of those that they made.
//!
//! The core that runs the system gives them turns between two of its own steps. Other cores, where the body lets programs run on them, get a
//! job as long as somebody is ready, and rest without one: nothing ticks.

use crate::platform::Platform;
use crate::terminal::Terminal;
use alloc::{boxed::Box, format, string::String, sync::Arc, vec::Vec};
use core::sync::atomic::{AtomicBool, Ordering};
use spin::Mutex;
use velocity_base::{CoreId, Duration, Instant};
use velocity_hal::{Clock, CoreState, Idle};
use velocity_interp::engine::Reference;
use velocity_jit::EngineKind;
use velocity_nexus::campaign::Player;
use velocity_nexus::{Budget, NoSuchAgent, Order, Output, SpawnError, Swarm, Turn, Worker};

/// How long agents keep the core of the system between two of its steps, and in how many turns at most.
const LONGEST: Duration = Duration::from_micros(500);
const TURNS: u32 = 64;

/// How often another core looks for somebody who is ready before it rests.
const LOOKS: u32 = 2000;

/// How much of a line waits for its end, in bytes.
const LONGEST_REST: usize = 4096;

/// All agents together have at most so many, and a quarter of the memory.
const MOST_AGENTS: u32 = 16_384;
const PAGE: u64 = 1 << 16;

/// Fuel of a turn: some tens to hundreds of microseconds.
const fn slice(kind: EngineKind) -> u64 {
    match kind {
        EngineKind::Interpreter => 5_000,
        EngineKind::Closures => 50_000,
        EngineKind::Baseline | EngineKind::Native | EngineKind::Auto => 100_000,
    }
}

/// What one of the other cores does.
pub(crate) struct Crew {
    pub(crate) core: CoreId,
    seat: Arc<Seat>,
}

/// Where a core's worker is between two jobs.
struct Seat {
    worker: Mutex<Option<Worker>>,
    /// It is for inference only.
    inference: AtomicBool,
    /// It is to come back.
    over: AtomicBool,
}

/// An agent that a person made.
struct Made {
    number: u32,
    name: String,
    output: Arc<Output>,
    /// The beginning of a line that is not over.
    rest: String,
}

/// What the core of the system does for agents.
enum Own {
    /// Its share.
    Worker(Box<Worker>),
    /// It plays all cores, by a seed.
    Player(Box<Player>),
}

impl Own {
    fn turn(&mut self, clock: &dyn Clock, slice: u64) -> Turn {
        match self {
            Self::Worker(worker) => worker.timed_turn(&|| clock.now(), slice),
            Self::Player(player) => player.turn_at(clock.now()),
        }
    }
}

/// The swarm, and its workers.
pub(crate) struct Agents {
    pub(crate) swarm: Arc<Swarm>,
    /// Of the core that runs the system.
    own: Own,
    crew: Vec<Crew>,
    slice: u64,
    made: Vec<Made>,
    /// Agents wanted more of this core than they got at the last step.
    is_short: bool,
    /// When a core that comes back from a job is asked again.
    retry: Option<Instant>,
}

/// How long a core takes from its last look until it can be given a job, and more.
const RETRY: Duration = Duration::from_micros(50);

impl Agents {
    /// Nobody is there yet. With a seed, this core plays all.
    pub(crate) fn new(platform: &Platform, seed: Option<u64>) -> Self {
        let engines = Arc::clone(&platform.engines);
        let kind = engines.usual();
        let maker = move || engines.make(kind).unwrap_or_else(|| Box::new(Reference));
        let others: Vec<CoreId> = others(platform).collect();
        let pages = u32::try_from(platform.memory.usage().total / 4 / PAGE).unwrap_or(u32::MAX);
        let (swarm, mut workers) = Swarm::new(maker, Budget { agents: MOST_AGENTS, pages }, 1 + others.len());
        let slice = slice(kind);
        let (own, crew) = match seed {
            Some(seed) => (Own::Player(Box::new(Player::new(workers, seed, slice))), Vec::new()),
            None => {
                let crew = others.into_iter().zip(workers.drain(1..)).map(|(core, worker)| {
                    let (inference, over) = (AtomicBool::new(false), AtomicBool::new(false));
                    Crew { core, seat: Arc::new(Seat { worker: Mutex::new(Some(worker)), inference, over }) }
                });
                let crew = crew.collect();
                (Own::Worker(Box::new(workers.remove(0))), crew)
            }
        };
        Self { swarm, own, crew, slice, made: Vec::new(), is_short: false, retry: None }
    }

    /// Gives agents turns for a short time; whether anybody was ready.
    pub(crate) fn step(&mut self, platform: &Platform) -> bool {
        let start = platform.clock.now();
        self.swarm.tick(start);
        self.retry = self.send(platform).then(|| start.after(RETRY));
        self.is_short = false;
        for turn in 0..TURNS {
            if turn > 0 && platform.clock.now().since(start) >= LONGEST {
                break;
            }
            if self.own.turn(&*platform.clock, self.slice) == Turn::Idle {
                return turn > 0;
            }
            // A person waits for what it has printed.
            if self.swarm.has_news() {
                return true;
            }
        }
        self.is_short = true;
        true
    }

    /// Gives cores that rest a job, as long as somebody waits; whether one of them was not ready to take it.
    fn send(&self, platform: &Platform) -> bool {
        let mut is_late = false;
        // One that comes once in a while is done here before another core is awake.
        let here = usize::from(!self.is_short);
        let mut waiting = [self.swarm.waiting_for(false).saturating_sub(here), self.swarm.waiting_for(true)];
        for crew in &self.crew {
            let waiting = &mut waiting[usize::from(crew.seat.inference.load(Ordering::Relaxed))];
            if *waiting == 0 || crew.seat.worker.lock().is_none() {
                continue;
            }
            *waiting -= 1;
            let (seat, slice) = (Arc::clone(&crew.seat), self.slice);
            let (clock, idle) = (Arc::clone(&platform.clock), Arc::clone(&platform.idle));
            // A core that has other work is asked again.
            let job = Box::new(move || work(&seat, &*clock, &*idle, slice));
            is_late |= platform.cores.run_on(crew.core, job).is_err();
        }
        is_late
    }

    /// Whether there is something to see: the core of the system is to take a step.
    pub(crate) fn has_news(&self) -> bool {
        self.swarm.has_news()
    }

    /// When somebody goes on who waits for a time.
    pub(crate) fn next_time(&self) -> Option<Instant> {
        [self.swarm.next_time(), self.retry].into_iter().flatten().min()
    }

    /// A new agent of the person's; its number.
    ///
    /// # Errors
    /// [`SpawnError`].
    pub(crate) fn spawn(&mut self, order: Order<'_>) -> Result<u32, SpawnError> {
        let (output, name) = (Arc::new(Output::default()), String::from(order.name));
        let (_, number) = self.swarm.spawn(None, order, &output)?;
        self.made.push(Made { number, name, output, rest: String::new() });
        Ok(number)
    }

    /// Whether there is an agent of the person's with this number, which may have ended but has not been shown to have.
    pub(crate) fn has(&self, number: u32) -> bool {
        self.made.iter().any(|made| made.number == number)
    }

    /// Shows what agents of the person's have printed, of one of them or of all, and that they have ended.
    pub(crate) fn show(&mut self, only: Option<u32>, out: &mut Terminal) {
        let swarm = &self.swarm;
        self.made.retain_mut(|made| {
            if only.is_some_and(|only| only != made.number) {
                return true;
            }
            // First, so that all that was printed before the end is read after it.
            let exit = swarm.exit_of(None, made.number);
            made.rest += &swarm.read(&made.output);
            made.show_lines(exit != Ok(None), out);
            match exit {
                Ok(None) => return true,
                Ok(Some(exit)) => out.line(format_args!("[{}] {}: {exit}", made.number, made.name)),
                // Too many others have ended since.
                Err(NoSuchAgent) => out.line(format_args!("[{}] {}: ended", made.number, made.name)),
            }
            false
        });
    }

    /// What the other cores do: each with whether it works, and whether it is for inference only.
    pub(crate) fn plan(&self) -> impl Iterator<Item = (CoreId, bool, bool)> {
        self.crew
            .iter()
            .map(|Crew { core, seat }| (*core, seat.worker.lock().is_none(), seat.inference.load(Ordering::Relaxed)))
    }

    /// Sets a core apart for inference, or gives it back to all others; whether agents run there.
    pub(crate) fn set_apart(&self, core: CoreId, inference: bool) -> bool {
        let found = self.crew.iter().find(|crew| crew.core == core);
        found.is_some_and(|crew| {
            crew.seat.inference.store(inference, Ordering::Relaxed);
            true
        })
    }
}

impl Drop for Agents {
    fn drop(&mut self) {
        self.crew.iter().for_each(|crew| crew.seat.over.store(true, Ordering::Relaxed));
    }
}

impl Made {
    /// Shows the lines that are whole, and the last one if it is long or there will be no more of it.
    fn show_lines(&mut self, ended: bool, out: &mut Terminal) {
        let is_long = self.rest.rsplit('\n').next().is_some_and(|last| last.len() > LONGEST_REST);
        let whole = if ended || is_long { self.rest.len() } else { self.rest.rfind('\n').map_or(0, |at| at + 1) };
        let rest = self.rest.split_off(whole);
        for line in core::mem::replace(&mut self.rest, rest).lines() {
            out.print(&format!("[{}] {line}\n", self.number));
        }
    }
}

/// The other cores on which programs may run.
fn others(platform: &Platform) -> impl Iterator<Item = CoreId> {
    let runs = |state| matches!(state, CoreState::Idle | CoreState::Busy);
    let all = (0..platform.cores.count()).map(CoreId);
    all.filter(move |&core| {
        platform.engines.run_on_all_cores() && platform.cores.info(core).is_some_and(|info| runs(info.state))
    })
}

/// Gives turns on a core until nobody has been ready for a while.
fn work(seat: &Seat, clock: &dyn Clock, idle: &dyn Idle, slice: u64) {
    let Some(mut worker) = seat.worker.lock().take() else { return };
    let mut looks = 0;
    while looks < LOOKS && !seat.over.load(Ordering::Relaxed) {
        worker.set_apart(seat.inference.load(Ordering::Relaxed));
        if worker.timed_turn(&|| clock.now(), slice) == Turn::Idle {
            looks += 1;
            core::hint::spin_loop();
        } else {
            looks = 0;
            // The core of the system may sleep.
            if worker.swarm().has_news() {
                idle.wake();
            }
        }
    }
    // Somebody may wait for a time, for which this core does not look any more.
    worker.swarm().give_news();
    *seat.worker.lock() = Some(worker);
    idle.wake();
}
