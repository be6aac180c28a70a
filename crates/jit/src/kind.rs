//! Engines by name.

use crate::Closures;
#[cfg(feature = "host")]
use crate::{HostCode, Native};
use alloc::boxed::Box;
#[cfg(feature = "host")]
use alloc::sync::Arc;
use core::fmt;
use velocity_interp::engine::{Engine, Reference};

/// Which engine runs a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineKind {
    /// The reference interpreter.
    #[default]
    Interpreter,
    /// The closure tier.
    Closures,
    /// The native tier.
    #[cfg(feature = "host")]
    Native,
}

impl EngineKind {
    /// All of them, the slowest first.
    #[cfg(feature = "host")]
    pub const ALL: [Self; 3] = [Self::Interpreter, Self::Closures, Self::Native];
    /// All of them, the slowest first.
    #[cfg(not(feature = "host"))]
    pub const ALL: [Self; 2] = [Self::Interpreter, Self::Closures];

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
            #[cfg(feature = "host")]
            Self::Native => "native",
        }
    }

    /// One of it, with nothing compiled yet.
    #[must_use]
    pub fn make(self) -> Box<dyn Engine> {
        match self {
            Self::Interpreter => Box::new(Reference),
            Self::Closures => Box::<Closures>::default(),
            #[cfg(feature = "host")]
            Self::Native => Box::new(Native::new(Arc::new(HostCode))),
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
