//! Engines: a program means the same in every one of them. Programs are modules that `wasm-smith` makes of the bytes, or
//! random NDA modules; compared are results, traps and their places, memory, globals, and fuel, in slices of any size.
//!
//! Modules of `wasm-smith` are run by `wasmtime` as well, from the bytes: results, traps, memory and globals are the same.
//! How many come so far is said in the end, and why stores and loops have no native code; never because the checker does not accept it.
//!
//! No call that ends uses more fuel than the gate said of it.
//!
//! Every input runs in one of the unusual kinds of native code as well ([`Native::UNUSUAL`]).
#![no_main]

mod host;
mod peer;
mod run;
mod tally;

use libfuzzer_sys::arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use run::run;
use std::sync::Arc;
use tally::{Stage, count, count_native};
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::Engine;
use velocity_jit::{EngineKind, HostCode, Native, Tiered};
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
    let Some(expected) = run(&program, EngineKind::Interpreter.make(), u64::MAX) else { return };
    if let Some(most) = velocity_samples::most_fuel(&program) {
        let too_much = expected.calls.iter().find(|call| call.is_finished() && call.fuel > most);
        assert!(too_much.is_none(), "at most {most}, but {too_much:?}");
    }
    let same = |engine: Box<dyn Engine>, slice: u64, name: &str| {
        let seen = run(&program, engine, slice).expect("what was instantiated before");
        assert!(seen == expected, "{name} in slices of {slice}:\n{:?}\n{:?}", seen.calls, expected.calls);
    };
    // The last bytes say how long slices are, and which unusual kind of native code runs.
    let last = |back: usize| input.iter().nth_back(back).copied().unwrap_or(0);
    let slice = 1 + u64::from(if last(0) % 2 == 0 { last(0) } else { last(0) % 4 });
    let kind = usize::from(last(1)) % Native::UNUSUAL.len();
    for slice in [u64::MAX, slice] {
        EngineKind::ALL.into_iter().for_each(|kind| same(kind.make(), slice, kind.name()));
        let native = Native::UNUSUAL[kind](Native::new(Arc::new(HostCode)));
        same(Box::new(native.clone()), slice, &format!("native code of kind {kind}"));
        count_native(native.refusal());
        let native = Native::UNUSUAL[kind](Native::new(Arc::new(HostCode)));
        let warm = Tiered::over(native.clone()).with_threshold(u32::from(last(2)));
        same(Box::new(warm), slice, &format!("closures that leave for native code of kind {kind}"));
        native.refused_loops().into_iter().for_each(|refusal| count_native(Some(refusal)));
    }
    if let Some(wasm) = wasm {
        count(Stage::Run);
        count(peer::compare(&wasm, &program, &expected));
    }
});
