//! What can go wrong in the simulator itself; what goes wrong inside the machine is the system's to report.

use crate::options::OptionError;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// A failure of the simulator.
#[derive(Debug)]
pub enum SimError {
    /// The command line cannot be followed.
    Options(OptionError),
    /// A file named on the command line cannot be used.
    File {
        /// What it was to be, for example `disk image`.
        role: &'static str,
        /// Its path as given.
        path: PathBuf,
        /// Why not.
        error: io::Error,
        /// What to do.
        advice: &'static str,
    },
    /// The embedded disk does not decompress: the program file is damaged.
    EmbeddedDisk(io::Error),
    /// The host gives no thread for the machine.
    Thread(io::Error),
}

impl SimError {
    /// The exit code that tells a bad command line (2) from a failure while running (1).
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Options(_) => 2,
            _ => 1,
        }
    }
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(error) => write!(f, "{error}"),
            Self::File { role, path, error, advice } => write!(f, "{role} {}: {error}; {advice}", path.display()),
            Self::EmbeddedDisk(error) => {
                write!(f, "the embedded disk is damaged ({error}); build the simulator again or give --disk FILE")
            }
            Self::Thread(error) => write!(f, "no thread for the machine ({error}); close programs or raise the limit"),
        }
    }
}

impl std::error::Error for SimError {}

impl From<OptionError> for SimError {
    fn from(error: OptionError) -> Self {
        Self::Options(error)
    }
}
