//! What can go wrong in a recipe, always with the next step.

use std::{fmt, io, path::PathBuf};

/// Result of a recipe.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a recipe failed.
#[derive(Debug)]
pub enum Error {
    /// The command line is wrong.
    Usage {
        /// What is wrong with it.
        what: String,
        /// The recipe whose `--help` explains; empty for the list of recipes.
        recipe: &'static str,
    },
    /// A file or folder could not be used.
    Io {
        /// What was tried, with the path.
        what: String,
        /// The system's answer.
        source: io::Error,
    },
    /// A program could not be started.
    Missing {
        /// Its name.
        program: String,
        /// How to get it.
        next: String,
    },
    /// A program ran and failed.
    Failed {
        /// The command line.
        command: String,
        /// Its exit status and, when captured, the end of what it wrote.
        status: String,
        /// What to do.
        next: String,
    },
    /// Needed tools are missing and cannot be installed from here.
    Needs {
        /// What is missing.
        missing: Vec<String>,
        /// The line that installs it.
        install: String,
    },
    /// The folder is not inside this project.
    NotInWorkspace(PathBuf),
    /// The virtual machine did not do what was expected.
    Vm {
        /// What was expected and what came.
        what: String,
        /// The last lines of the serial port.
        serial_tail: String,
    },
    /// A file does not hold what it should.
    Format {
        /// The file, or what was read.
        what: String,
        /// What is wrong and what to do.
        why: String,
    },
    /// The kernel image could not be built or breaks a rule.
    Image(crate::image::ImageError),
    /// Checks ran and some of them failed; they have been printed.
    Checks {
        /// Which recipe.
        recipe: &'static str,
        /// How many failed.
        failed: usize,
    },
}

impl Error {
    /// Wraps an I/O error with what was tried.
    pub fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// A usage error of `recipe`.
    pub fn usage(recipe: &'static str, what: impl Into<String>) -> Self {
        Self::Usage { what: what.into(), recipe }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage { what, recipe: "" } => write!(f, "{what}\nnext: `cargo xtask help` lists the recipes"),
            Self::Usage { what, recipe } => write!(f, "{what}\nnext: `cargo xtask {recipe} --help`"),
            Self::Io { what, source } => write!(f, "{what}: {source}"),
            Self::Missing { program, next } => write!(f, "`{program}` could not be started\nnext: {next}"),
            Self::Failed { command, status, next } => write!(f, "`{command}` failed: {status}\nnext: {next}"),
            Self::Needs { missing, install } => {
                write!(f, "missing: {}\nnext: {install}", missing.join(", "))
            }
            Self::NotInWorkspace(path) => {
                write!(f, "{} is not inside this project\nnext: run `cargo xtask` from the checkout", path.display())
            }
            Self::Vm { what, serial_tail } if serial_tail.is_empty() => {
                write!(f, "virtual machine: {what} (nothing on the serial port)")
            }
            Self::Vm { what, serial_tail } => {
                write!(f, "virtual machine: {what}\n--- end of the serial port's output ---\n{serial_tail}\n---")
            }
            Self::Format { what, why } => write!(f, "{what}: {why}"),
            Self::Image(source) => write!(f, "kernel image: {source}"),
            Self::Checks { recipe, failed } => write!(f, "{recipe}: {failed} failed, listed above"),
        }
    }
}

impl std::error::Error for Error {}

impl From<crate::image::ImageError> for Error {
    fn from(source: crate::image::ImageError) -> Self {
        Self::Image(source)
    }
}
