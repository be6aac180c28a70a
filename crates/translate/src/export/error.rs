//! Why a module is not exported.

use super::MAX_EXPORT_BYTES;
use alloc::string::String;
use core::fmt;
use velocity_nda::ValidateError;

/// Why a module is not exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportError {
    /// It is not valid.
    Invalid(ValidateError),
    /// An import by hash was not resolved before.
    Unresolved {
        /// What is imported, or its hash if it has no name.
        name: String,
    },
    /// Statics take more than there is in 4 GiB, or than the memory may have.
    Statics,
    /// It would take more than [`MAX_EXPORT_BYTES`].
    TooLarge,
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => write!(f, "the module is not valid: {error}"),
            Self::Unresolved { name } => {
                write!(f, "the import `{name}` was not resolved; bring its definition and resolve it first")
            }
            Self::Statics => f.write_str("the statics do not fit into the memory; make them smaller"),
            Self::TooLarge => {
                write!(f, "the WebAssembly module would have more than {MAX_EXPORT_BYTES} bytes; split the program")
            }
        }
    }
}

impl core::error::Error for ExportError {}
