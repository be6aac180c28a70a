//! Engines: a program means the same in every one of them. Programs are modules that `wasm-smith` makes of the bytes, or
//! random NDA modules; compared are results, traps and their places, memory, globals, and fuel, in slices of any size.
//!
//! Modules of `wasm-smith` are run by `wasmtime` as well, from the bytes: results, traps, memory and globals are the same.
//! How many come so far is said in the end.
#![no_main]

mod host;
mod peer;
mod run;
mod tally;

use libfuzzer_sys::arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use run::run;
use tally::{Stage, count};
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_jit::EngineKind;
use velocity_translate::translate;
use wasm_smith::{Config, Module};

/// Modules of what the core has.
fn config(u: &mut Unstructured<'_>) -> Option<Config> {
    let mut config = Config::arbitrary(u).ok()?;
    config.bulk_memory_enabled = true;
    config.multi_value_enabled = true;
    config.saturating_float_to_int_enabled = true;
    config.sign_extension_ops_enabled = true;
    config.reference_types_enabled = false;
    config.simd_enabled = false;
    config.relaxed_simd_enabled = false;
    config.threads_enabled = false;
    config.tail_call_enabled = false;
    config.memory64_enabled = false;
    config.exceptions_enabled = false;
    config.gc_enabled = false;
    config.extended_const_enabled = false;
    config.wide_arithmetic_enabled = false;
    config.custom_page_sizes_enabled = false;
    config.shared_everything_threads_enabled = false;
    config.min_types = 2;
    config.min_funcs = 3;
    config.min_memories = 1;
    config.min_globals = 1;
    config.max_memories = 1;
    config.max_types = config.max_types.max(4);
    config.max_funcs = config.max_funcs.max(6);
    config.max_globals = config.max_globals.max(2);
    config.max_imports = 4;
    config.export_everything = true;
    config.max_memory32_bytes = 1 << 20;
    config.max_table_elements = 1 << 10;
    Some(config)
}

/// A program, and the bytes that it was translated from, if it was.
fn program(input: &[u8]) -> Option<(Program, Option<Vec<u8>>)> {
    let (&first, rest) = input.split_first()?;
    if first % 2 == 0 {
        return Some((velocity_samples::random(rest).program(), None));
    }
    let mut u = Unstructured::new(rest);
    let config = config(&mut u)?;
    let wasm = Module::new(config, &mut u).ok()?.to_bytes();
    count(Stage::Made);
    let module = translate(&wasm).ok()?;
    count(Stage::Translated);
    let program = admit(Candidate::Module(module), Origin::Translated, &Policy::everything()).program?;
    count(Stage::Admitted);
    Some((program, Some(wasm)))
}

fuzz_target!(|input: &[u8]| {
    let Some((program, wasm)) = program(input) else { return };
    let Some(expected) = run(&program, EngineKind::Interpreter, u64::MAX) else { return };
    let slice = 1 + u64::from(input.last().copied().unwrap_or(0));
    for kind in EngineKind::ALL {
        for slice in [u64::MAX, slice] {
            let seen = run(&program, kind, slice).expect("what was instantiated before");
            assert!(seen == expected, "{kind} in slices of {slice}:\n{:?}\n{:?}", seen.calls, expected.calls);
        }
    }
    if let Some(wasm) = wasm {
        count(Stage::Run);
        count(peer::compare(&wasm, &program, &expected));
    }
});
