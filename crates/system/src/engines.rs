//! Which engines run programs: a body says which it has, and the shell makes one for each program.

use crate::calibration::Calibration;
use alloc::{boxed::Box, sync::Arc};
use spin::Once;
use velocity_hal::Clock;
use velocity_interp::engine::{Engine, Reference};
use velocity_jit::{CacheFigures, CodeCache, CodeMemory, Division, EngineKind, Level, Lister, Native, Tiered};

/// How many bytes of machine code, with what is known of it, are kept for programs that run again.
const CACHE_BYTES: usize = 4 << 20;

/// The engines of a body. All of them give the same results, traps and fuel; they differ in speed alone.
pub trait Engines: Send + Sync {
    /// The one that runs a program when nobody names another.
    fn usual(&self) -> EngineKind;

    /// One of a kind, with nothing compiled yet; `None` if this body has none of it.
    fn make(&self, kind: EngineKind) -> Option<Box<dyn Engine>>;

    /// Whether programs may run on other cores than that of the system.
    fn run_on_all_cores(&self) -> bool {
        false
    }

    /// Measures what the fastest native code is on this processor, for all engines that are made from now on. What came of it; `None` if
    /// that is known already, or there is nothing to choose.
    fn calibrate(&self, _clock: &dyn Clock) -> Option<Calibration> {
        None
    }

    /// What is kept of machine code that was made; `None` if this body keeps none.
    fn code_cache(&self) -> Option<CacheFigures> {
        None
    }

    /// What shows machine code; `None` if this body runs none.
    fn lister(&self) -> Option<Lister> {
        None
    }
}

/// The reference interpreter and nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interpreted;

impl Engines for Interpreted {
    fn usual(&self) -> EngineKind {
        EngineKind::Interpreter
    }

    fn make(&self, kind: EngineKind) -> Option<Box<dyn Engine>> {
        (kind == EngineKind::Interpreter).then(|| Box::new(Reference) as _)
    }
}

/// All engines: closures, and native code where there is memory for it.
#[derive(Debug, Default)]
pub struct Compiled {
    code: Option<Arc<dyn CodeMemory>>,
    /// What is there of it, for programs that run again.
    cache: Option<Arc<CodeCache>>,
    /// How native code divides, once that was measured.
    division: Once<Division>,
    all_cores: bool,
}

impl Compiled {
    /// With machine code in this memory, if there is such a place.
    #[must_use]
    pub fn new(code: Option<Arc<dyn CodeMemory>>) -> Self {
        let cache = code.as_ref().map(|code| Arc::new(CodeCache::new(Arc::clone(code), CACHE_BYTES)));
        Self { code, cache, division: Once::new(), all_cores: false }
    }

    /// Programs may run on all cores: whoever takes memory or code away tells all of them.
    #[must_use]
    pub const fn on_all_cores(mut self) -> Self {
        self.all_cores = true;
        self
    }
}

impl Engines for Compiled {
    fn usual(&self) -> EngineKind {
        if self.code.is_some() { EngineKind::Auto } else { EngineKind::Closures }
    }

    fn make(&self, kind: EngineKind) -> Option<Box<dyn Engine>> {
        let tiers = kind == EngineKind::Auto;
        let level = if tiers { Some(Level::Optimised) } else { kind.level() };
        let Some(level) = level else { return kind.make_in(None) };
        let mut native = Native::cached(Arc::clone(self.cache.as_ref()?)).with_level(level);
        if let Some(division) = self.division.get() {
            native = native.with_division(division);
        }
        Some(if tiers { Box::new(Tiered::over(native)) } else { Box::new(native) })
    }

    fn run_on_all_cores(&self) -> bool {
        self.all_cores
    }

    fn code_cache(&self) -> Option<CacheFigures> {
        self.cache.as_ref().map(|cache| cache.figures())
    }

    fn calibrate(&self, clock: &dyn Clock) -> Option<Calibration> {
        let code = self.code.as_ref().filter(|_| !self.division.is_completed())?;
        let calibration = Calibration::measure(code, clock)?;
        self.division.call_once(|| calibration.division.clone());
        Some(calibration)
    }

    fn lister(&self) -> Option<Lister> {
        let lister = Lister::new(Arc::clone(self.code.as_ref()?));
        Some(match self.division.get() {
            Some(division) => lister.with_division(division),
            None => lister,
        })
    }
}
