//! Why an update was not installed.

use crate::{JournalError, SandboxError};
use alloc::string::String;
use core::fmt;
use velocity_interp::TrapKind;
use velocity_ota::Refusal;

/// Why an update was not installed. Nothing has changed, unless it says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplyError {
    /// Its package is refused.
    Refused(Refusal),
    /// The release before it is still being watched.
    Open {
        /// That release's counter.
        counter: u64,
    },
    /// The gate does not admit a program.
    Gate {
        /// For which entry.
        entry: String,
        /// The first thing that it found.
        finding: String,
    },
    /// A program cannot stand for its entry.
    Sandbox {
        /// Which entry.
        entry: String,
        /// Why.
        error: SandboxError,
    },
    /// A target comes without a test.
    Untested {
        /// Its entry.
        entry: String,
    },
    /// A program fails one of its own tests.
    Test {
        /// For which entry.
        entry: String,
        /// The test's number, from 1.
        number: usize,
        /// The right answer.
        expected: i64,
        /// The answer, or how it failed.
        found: Result<i64, TrapKind>,
    },
    /// It could not be announced or recorded. The release is not installed; if it was recorded, it may be applied again.
    Journal(JournalError),
    /// Somebody else replaced an entry meanwhile.
    Moved {
        /// Which.
        entry: String,
    },
}

impl From<Refusal> for ApplyError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<JournalError> for ApplyError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Open { counter } => {
                write!(
                    f,
                    "release {counter} is still being watched; `ota status` shows how long, `ota rollback` ends it"
                )
            }
            Self::Gate { entry, finding } => write!(f, "the gate does not admit the program for {entry}: {finding}"),
            Self::Sandbox { entry, error } => write!(f, "the program for {entry} cannot be used: {error}"),
            Self::Untested { entry } => write!(f, "the update of {entry} comes without a test; sign it with some"),
            Self::Test { entry, number, expected, found: Ok(found) } => {
                write!(f, "the program for {entry} fails its test {number}: {found} instead of {expected}")
            }
            Self::Test { entry, number, found: Err(kind), .. } => {
                write!(f, "the program for {entry} fails its test {number}: {kind}")
            }
            Self::Journal(error) => write!(f, "the update could not be recorded: {error}"),
            Self::Moved { entry } => write!(f, "{entry} was replaced meanwhile; look at `ota status` and try again"),
        }
    }
}

impl core::error::Error for ApplyError {}
