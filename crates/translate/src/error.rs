//! Why a module is not translated.

use alloc::string::{String, ToString};
use core::fmt;
use wasmparser::WasmFeatures;

/// A refused module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranslateError {
    /// Where in the bytes.
    pub offset: u64,
    /// Why.
    pub refusal: Refusal,
}

/// Why a module is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It breaks the format or the validation rules of the specification, as described.
    Invalid(String),
    /// It needs this part of WebAssembly, which the core does not have.
    Unsupported(&'static str),
    /// It has more of something than is read.
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How many may be.
        limit: usize,
    },
}

impl TranslateError {
    #[cold]
    pub(crate) fn unsupported(proposal: &'static str, offset: u64) -> Self {
        Self { offset, refusal: Refusal::Unsupported(proposal) }
    }

    #[cold]
    pub(crate) fn too_large(what: &'static str, limit: usize, offset: u64) -> Self {
        Self { offset, refusal: Refusal::TooLarge { what, limit } }
    }

    /// For what validation has excluded, so that a mistake in it is an error, not a panic.
    #[cold]
    pub(crate) fn inconsistent(offset: u64) -> Self {
        Self { offset, refusal: Refusal::Invalid("the code does not fit what validation accepted".to_string()) }
    }
}

/// The proposals that are switched off, by their names.
const PROPOSALS: [(WasmFeatures, &str); 22] = [
    (WasmFeatures::REFERENCE_TYPES, "reference types"),
    (WasmFeatures::GC_TYPES, "reference types"),
    (WasmFeatures::SIMD, "vector instructions (simd)"),
    (WasmFeatures::RELAXED_SIMD, "relaxed vector instructions (relaxed-simd)"),
    (WasmFeatures::THREADS, "threads and atomics"),
    (WasmFeatures::SHARED_EVERYTHING_THREADS, "shared-everything-threads"),
    (WasmFeatures::TAIL_CALL, "tail calls"),
    (WasmFeatures::MULTI_MEMORY, "several memories (multi-memory)"),
    (WasmFeatures::EXCEPTIONS, "exceptions"),
    (WasmFeatures::LEGACY_EXCEPTIONS, "exceptions"),
    (WasmFeatures::MEMORY64, "64-bit memories and tables (memory64)"),
    (WasmFeatures::EXTENDED_CONST, "extended constant expressions"),
    (WasmFeatures::COMPONENT_MODEL, "components"),
    (WasmFeatures::FUNCTION_REFERENCES, "typed function references"),
    (WasmFeatures::MEMORY_CONTROL, "memory control"),
    (WasmFeatures::GC, "garbage collection (gc)"),
    (WasmFeatures::CUSTOM_PAGE_SIZES, "custom page sizes"),
    (WasmFeatures::STACK_SWITCHING, "stack switching"),
    (WasmFeatures::WIDE_ARITHMETIC, "wide arithmetic"),
    (WasmFeatures::CUSTOM_DESCRIPTORS, "custom descriptors"),
    (WasmFeatures::COMPACT_IMPORTS, "compact imports"),
    (WasmFeatures::ACQUIRE_RELEASE_ATOMICS, "threads and atomics"),
];

impl From<wasmparser::Error> for TranslateError {
    #[cold]
    fn from(error: wasmparser::Error) -> Self {
        let missing = error.missing_wasm_feature();
        let proposal = missing.and_then(|missing| PROPOSALS.iter().find(|(feature, _)| missing.intersects(*feature)));
        let refusal = match (proposal, missing) {
            (Some((_, name)), _) => Refusal::Unsupported(name),
            (None, Some(_)) => Refusal::Unsupported("a proposal beyond version 2"),
            // The one proposal that the validator does not name.
            (None, None) if error.message() == "multiple memories" => {
                Refusal::Unsupported("several memories (multi-memory)")
            }
            (None, None) => Refusal::Invalid(error.message().to_string()),
        };
        Self { offset: error.offset(), refusal }
    }
}

impl fmt::Display for TranslateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = self.offset;
        match &self.refusal {
            Refusal::Invalid(why) => write!(f, "not a valid WebAssembly module: {why} (byte {offset:#x})"),
            Refusal::Unsupported(name) => write!(
                f,
                "the module needs {name}, which the core does not have (byte {offset:#x}); compile it without that feature"
            ),
            Refusal::TooLarge { what, limit } => write!(
                f,
                "the module has more {what} than the {limit} that are read (byte {offset:#x}); split it into smaller ones"
            ),
        }
    }
}

impl core::error::Error for TranslateError {}
