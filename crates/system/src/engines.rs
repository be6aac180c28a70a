//! Which engines run programs: a body says which it has, and the shell makes one for each program.

use alloc::{boxed::Box, sync::Arc};
use velocity_interp::engine::{Engine, Reference};
use velocity_jit::{CodeMemory, EngineKind};

/// The engines of a body. All of them give the same results, traps and fuel; they differ in speed alone.
pub trait Engines: Send + Sync {
    /// The one that runs a program when nobody names another.
    fn usual(&self) -> EngineKind;

    /// One of a kind, with nothing compiled yet; `None` if this body has none of it.
    fn make(&self, kind: EngineKind) -> Option<Box<dyn Engine>>;
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

/// All engines: native code where there is memory for it, closures otherwise.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// Where machine code goes, if there is such a place.
    pub code: Option<Arc<dyn CodeMemory>>,
}

impl Engines for Compiled {
    fn usual(&self) -> EngineKind {
        if self.code.is_some() { EngineKind::Native } else { EngineKind::Closures }
    }

    fn make(&self, kind: EngineKind) -> Option<Box<dyn Engine>> {
        kind.make_in(self.code.as_ref())
    }
}
