//! Engines by name.

#[cfg(feature = "host")]
use crate::HostCode;
use crate::{Closures, CodeMemory, Level, Native, Tiered};
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use velocity_interp::engine::{Engine, Reference};

/// Which engine runs a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineKind {
    /// The reference interpreter.
    Interpreter,
    /// The closure tier.
    Closures,
    /// The native tier, compiled fast.
    Baseline,
    /// The native tier, compiled as well as it can be.
    Native,
    /// Closures at first, and native code for what gets hot.
    #[default]
    Auto,
}

impl EngineKind {
    /// All of them, the slowest first, then the one that is made of others.
    pub const ALL: [Self; 5] = [Self::Interpreter, Self::Closures, Self::Baseline, Self::Native, Self::Auto];

    /// The one of a name.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }

    /// What it is called on command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interpreter => "interp",
            Self::Closures => "closure",
            Self::Baseline => "baseline",
            Self::Native => "native",
            Self::Auto => "auto",
        }
    }

    /// How well it compiles to machine code; `None` if it makes none.
    #[must_use]
    pub const fn level(self) -> Option<Level> {
        match self {
            Self::Interpreter | Self::Closures | Self::Auto => None,
            Self::Baseline => Some(Level::Baseline),
            Self::Native => Some(Level::Optimised),
        }
    }

    /// One of it, with nothing compiled yet, whose machine code goes to this memory. `None` if it needs such a memory and has none.
    #[must_use]
    pub fn make_in(self, code: Option<&Arc<dyn CodeMemory>>) -> Option<Box<dyn Engine>> {
        Some(match self {
            Self::Interpreter => Box::new(Reference),
            Self::Closures => Box::<Closures>::default(),
            Self::Baseline => Box::new(Native::new(Arc::clone(code?)).with_level(Level::Baseline)),
            Self::Native => Box::new(Native::new(Arc::clone(code?))),
            Self::Auto => Box::new(Tiered::new(Arc::clone(code?))),
        })
    }

    /// One of it, with nothing compiled yet, in this process.
    #[cfg(feature = "host")]
    #[must_use]
    pub fn make(self) -> Box<dyn Engine> {
        match self {
            Self::Interpreter => Box::new(Reference),
            Self::Closures => Box::<Closures>::default(),
            Self::Baseline => Box::new(Native::new(Arc::new(HostCode)).with_level(Level::Baseline)),
            Self::Native => Box::new(Native::new(Arc::new(HostCode))),
            Self::Auto => Box::new(Tiered::new(Arc::new(HostCode))),
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
