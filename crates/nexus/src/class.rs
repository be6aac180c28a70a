//! How urgent agents are.

use core::fmt;

/// How urgent an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Class {
    /// Somebody waits for it.
    Interactive,
    /// What nobody said anything about.
    #[default]
    Normal,
    /// When there is time.
    Background,
    /// The language model: on the core that is set apart for it, and nowhere else.
    Inference,
}

/// Something for each class.
pub type PerClass<T> = [T; Class::ALL.len()];

impl Class {
    /// All of them, the most urgent one first.
    pub const ALL: [Self; 4] = [Self::Interactive, Self::Normal, Self::Background, Self::Inference];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Normal => "normal",
            Self::Background => "background",
            Self::Inference => "inference",
        }
    }

    /// The class of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// How much a slice adds to a class's time: the class with the least time is next, so that of 13 slices, if all have something to do,
    /// 8 are interactive, 4 normal and 1 is background (stride scheduling, Waldspurger and Weihl 1995).
    pub(crate) const fn stride(self) -> u64 {
        match self {
            Self::Interactive | Self::Inference => 1,
            Self::Normal => 2,
            Self::Background => 8,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
