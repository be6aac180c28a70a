//! What is exported is valid WebAssembly and means the same.
//!
//! `suite` sends the modules of the specification's test files around, `corpus` the programs of `fixtures/nda`, `random`
//! programs with everything the core has; `items` looks at what is around the code. The directives of the
//! specification's test files are carried out through an export by the test `spec`.

mod corpus;
mod items;
mod random;
mod suite;

use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_nda::module::Module;
use velocity_translate::{export, translate};
use wasmparser::{Validator, WasmFeatures};

/// What version 2 of the specification has, without vectors.
const VERSION_2: WasmFeatures = WasmFeatures::WASM2.difference(WasmFeatures::SIMD);

/// Exports a module; the bytes are valid.
fn exported(module: &Module) -> Vec<u8> {
    let bytes = export(module).unwrap_or_else(|error| panic!("{error}"));
    let valid = Validator::new_with_features(VERSION_2).validate_all(&bytes);
    valid.unwrap_or_else(|error| panic!("{error}"));
    bytes
}

/// The module after a way through WebAssembly.
fn around(module: &Module) -> Module {
    let again = translate(&exported(module)).unwrap_or_else(|error| panic!("{error}"));
    velocity_nda::validate(&again).unwrap_or_else(|error| panic!("{error}"));
    again
}

/// A module that may run.
fn admitted(module: Module) -> Program {
    let verdict = admit(Candidate::Module(module), Origin::Translated, &Policy::everything());
    verdict.program.unwrap_or_else(|| panic!("{:?}", verdict.findings))
}
