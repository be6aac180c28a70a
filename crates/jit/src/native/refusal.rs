//! Why a store is left to the closure tier.

use crate::exec::PublishError;
use core::fmt;

/// Why functions of a store are not native code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The processor lacks what native code needs.
    Processor,
    /// A function, or all of the code, is too large.
    Size,
    /// The frame of a function does not fit into the slots that a call is charged for.
    Frame,
    /// Something cannot be said in the forms that the encoder has, or not with so few scratch registers.
    Form,
    /// The checker does not accept the code.
    Checker,
    /// There is no room for code.
    Room,
    /// There is no memory for it.
    Memory,
    /// The host allows none.
    Denied,
}

impl Refusal {
    /// In words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Processor => "the processor lacks what native code needs",
            Self::Size => "a function is too large",
            Self::Frame => "a frame does not fit into its slots",
            Self::Form => "something cannot be said in machine code",
            Self::Checker => "the checker does not accept the code",
            Self::Room => "there is no room for code",
            Self::Memory => "there is no memory for code",
            Self::Denied => "the host allows no memory for code (memfd_create, membarrier, files of any size)",
        }
    }
}

impl From<PublishError> for Refusal {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::NoRoom => Self::Room,
            PublishError::OutOfMemory => Self::Memory,
            PublishError::Denied => Self::Denied,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}
