//! How this processor divides fastest: measured once, before the first program runs natively.
//!
//! The same loop of divisions runs as native code with a short cut and without, several times in turn; of each the fastest counts. A short
//! cut is taken if it saves a tenth. Its operands are such that it always applies; divisors are spread over all 16 bits, so that a
//! table has the misses of the cache that it would have.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_hal::Clock;
use velocity_interp::{Extern, InstanceId, Invocation, Limits, NoHost, Progress, Store, Value};
use velocity_jit::{CodeMemory, Division, Native, Reciprocals};

/// How many divisions a run has.
const DIVISIONS: u64 = 1024;

/// How often each way is measured.
const ROUNDS: usize = 5;

/// Numbers of 32 bits by divisors of 16 bits, and numbers of 64 bits that fit 32.
const SOURCE: &str = "
fn short(n: i32) -> i32 {
    let s: u32 = 1; let x: u32 = 12345;
    for i in 0..n { x = x * 1664525 + 1013904223; s = (x ^ s) / (x >> 16 | 2); }
    s as i32
}
fn long(n: i32) -> i32 {
    let s: u64 = 1; let x: u32 = 12345;
    for i in 0..n { x = x * 1664525 + 1013904223; s = ((x as u64) ^ s) / ((x >> 16 | 2) as u64); }
    s as i32
}
export \"short\" = short;
export \"long\" = long;
";

/// Ticks of the time-stamp counter for [`DIVISIONS`] divisions and what stands around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticks {
    /// By the processor's division.
    pub plain: u64,
    /// By the short cut.
    pub cut: u64,
}

impl Ticks {
    /// Whether the short cut saves a tenth.
    const fn pays(self) -> bool {
        self.cut < self.plain - self.plain / 10
    }
}

/// What was measured, and what was chosen.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// Of 32 bits, by a table of reciprocals of 16 bits.
    pub table: Ticks,
    /// Of 64 bits, by the division of 32 bits.
    pub narrowed: Ticks,
    /// How code is to divide.
    pub division: Division,
}

impl Calibration {
    /// Measures with code in this memory; `None` if nothing can be compiled there.
    pub(crate) fn measure(code: &Arc<dyn CodeMemory>, clock: &dyn Clock) -> Option<Self> {
        let verdict = admit(Candidate::Text { name: "division", source: SOURCE }, Origin::Person, &Policy::default());
        let program = verdict.program.as_ref()?;
        let cuts = Division { reciprocals: Some(Arc::default()), narrows: true };
        let mut plain = Contestant::new(program, code, &Division::default())?;
        let mut cut = Contestant::new(program, code, &cuts)?;
        let mut best = [Ticks { plain: u64::MAX, cut: u64::MAX }; 2];
        for _ in 0..ROUNDS {
            for (ticks, name) in best.iter_mut().zip(["short", "long"]) {
                ticks.plain = ticks.plain.min(plain.ticks(name, clock)?);
                ticks.cut = ticks.cut.min(cut.ticks(name, clock)?);
            }
        }
        let [table, narrowed] = best;
        // Not those that were used here, so that they take no memory until a program divides.
        let reciprocals = table.pays().then(Arc::<Reciprocals>::default);
        Some(Self { table, narrowed, division: Division { reciprocals, narrows: narrowed.pays() } })
    }
}

impl fmt::Display for Calibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chosen = |way, pays: bool| if pays { way } else { "the processor's" };
        let Self { table, narrowed, .. } = self;
        write!(
            f,
            "{DIVISIONS} divisions of 32 bits take {} ticks, {} by a table: {}; of 64 bits {}, {} by 32: {}",
            table.plain,
            table.cut,
            chosen("the table", table.pays()),
            narrowed.plain,
            narrowed.cut,
            chosen("by 32 where they fit", narrowed.pays()),
        )
    }
}

/// The loops, compiled in one way.
struct Contestant {
    store: Store,
    instance: InstanceId,
}

impl Contestant {
    fn new(program: &Program, code: &Arc<dyn CodeMemory>, division: &Division) -> Option<Self> {
        let native = Native::new(Arc::clone(code)).with_division(division);
        // The stack of a run is kept for runs with the same limit.
        let limits = Limits { stack_slots: 256, ..Limits::default() };
        let mut store = Store::with_engine(limits, Box::new(native.clone()));
        let instance = store.instantiate(program, &mut NoHost).ok()?;
        let mut contestant = Self { store, instance };
        // Compiles.
        contestant.run("short", 1)?;
        native.refusal().is_none().then_some(contestant)
    }

    fn run(&mut self, name: &str, divisions: i32) -> Option<()> {
        let Some(Extern::Function(function)) = self.store.export(self.instance, name) else { return None };
        let mut call = Invocation::new(&self.store, function, &[Value::I32(divisions)]).ok()?;
        matches!(call.resume(&mut self.store, &mut NoHost, u64::MAX), Progress::Finished(_)).then_some(())
    }

    fn ticks(&mut self, name: &str, clock: &dyn Clock) -> Option<u64> {
        let start = clock.cycles();
        self.run(name, DIVISIONS as i32)?;
        Some(clock.cycles().0.saturating_sub(start.0))
    }
}
