//! Engines: a program means the same in every one of them. Programs are modules that `wasm-smith` makes of the bytes, or
//! random NDA modules; compared are results, traps and their places, memory, globals, and fuel, in slices of any size.
#![no_main]

use libfuzzer_sys::arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::{
    FunctionAddress, Host, HostCall, HostError, InstanceId, Invocation, Limits, Progress, Store, Value,
};
use velocity_jit::EngineKind;
use velocity_nda::module::{ExportItem, Type};
use velocity_translate::translate;
use wasm_smith::{Config, Module};

/// What every run may use.
const LIMITS: Limits = Limits { fuel: 20_000, stack_slots: 1 << 12, memory_pages: 20, table_entries: 1 << 12 };

/// Functions that are called in one run.
const MAX_CALLS: usize = 8;

/// Gives numbers that depend on what it was asked before, and fails now and then.
#[derive(Default)]
struct Oracle(u64);

impl Host for Oracle {
    fn call(&mut self, call: HostCall<'_>) -> Result<(), HostError> {
        for argument in call.arguments {
            self.0 = (self.0 ^ argument.bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
        }
        for result in call.results {
            self.0 = self.0.wrapping_add(0x1234_5678_9ABC_DEF1);
            *result = Value::of_bits(result.ty(), self.0 >> 32);
        }
        *call.fuel = self.0 % 7;
        if self.0 % 31 == 30 { Err(HostError("no answer")) } else { Ok(()) }
    }
}

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
    config.max_memories = 1;
    config.max_imports = 4;
    config.export_everything = true;
    config.max_memory32_bytes = 1 << 20;
    config.max_table_elements = 1 << 10;
    Some(config)
}

fn program(input: &[u8]) -> Option<Program> {
    let (&first, rest) = input.split_first()?;
    if first % 2 == 0 {
        return Some(velocity_samples::random(rest).program());
    }
    let mut u = Unstructured::new(rest);
    let config = config(&mut u)?;
    let module = Module::new(config, &mut u).ok()?;
    let module = translate(&module.to_bytes()).ok()?;
    admit(Candidate::Module(module), Origin::Translated, &Policy::everything()).program
}

/// Everything that can be seen of one call.
#[derive(Debug, PartialEq)]
struct Seen {
    end: Progress,
    fuel: u64,
}

fn call(store: &mut Store, function: FunctionAddress, slice: u64, host: &mut Oracle) -> Seen {
    let zeros: Vec<Value> =
        store.type_of(function).parameters.iter().map(|ty: &Type| Value::of_bits(*ty, 0x0123_4567_89AB)).collect();
    let mut call = Invocation::new(store, function, &zeros).expect("arguments that fit");
    loop {
        match call.resume(store, host, slice) {
            Progress::Suspended => {}
            end => return Seen { end, fuel: call.fuel_used() },
        }
    }
}

/// All calls of the exported functions of a program, and what they leave behind.
fn run(program: &Program, kind: EngineKind, slice: u64) -> Option<(Vec<Seen>, Vec<Option<Value>>, Vec<u8>)> {
    let mut store = Store::with_engine(LIMITS, kind.make());
    imports(&mut store, program);
    let instance: InstanceId = store.prepare(program).ok()?;
    let module = program.module();
    let mut host = Oracle::default();
    let start = store.start_of(instance);
    let exported = module.exports.iter().filter_map(|export| match export.item {
        ExportItem::Function(id) => store.function(instance, id),
        _ => None,
    });
    let functions: Vec<_> = start.into_iter().chain(exported).take(MAX_CALLS).collect();
    let seen = functions.into_iter().map(|function| call(&mut store, function, slice, &mut host)).collect();
    let globals = (0..module.globals.len()).map(|index| store.global_of(instance, index as u32)).collect();
    let memory = store.memory_of(instance).map(|memory| store.memory(memory).bytes().to_vec());
    Some((seen, globals, memory.unwrap_or_default()))
}

/// Host functions and globals for everything that a module imports.
fn imports(store: &mut Store, program: &Program) {
    use velocity_interp::{Extern, FunctionType};
    use velocity_nda::module::{FunctionKind, GlobalKind};
    let module = program.module();
    for (number, (_, function)) in module.functions.iter().enumerate() {
        let FunctionKind::Host(item) = function.kind else { continue };
        let parameters: Vec<_> = module.parameters(function.signature).collect();
        let results: Vec<_> = module.results(function.signature).collect();
        let address = store.host_function(number as u32, FunctionType::new(&parameters, &results));
        store.define(module.text(item.module), module.text(item.item), Extern::Function(address));
    }
    for (_, global) in module.globals.iter() {
        let GlobalKind::Host(item) = global.kind else { continue };
        let address = store.host_global(Value::of_bits(global.ty, 42), global.mutable);
        store.define(module.text(item.module), module.text(item.item), Extern::Global(address));
    }
    if let Some((item, limits)) =
        module.memory.as_ref().and_then(|memory| memory.host.map(|item| (item, memory.limits)))
        && let Some(address) = store.host_memory(limits.min, limits.max)
    {
        store.define(module.text(item.module), module.text(item.item), Extern::Memory(address));
    }
    for (_, table) in module.tables.iter() {
        if let Some(item) = table.host
            && let Some(address) = store.host_table(table.limits.min, table.limits.max)
        {
            store.define(module.text(item.module), module.text(item.item), Extern::Table(address));
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let Some(program) = program(input) else { return };
    let Some(expected) = run(&program, EngineKind::Interpreter, u64::MAX) else { return };
    let slice = 1 + u64::from(input.last().copied().unwrap_or(0));
    for kind in EngineKind::ALL {
        for slice in [u64::MAX, slice] {
            let seen = run(&program, kind, slice).expect("what was instantiated before");
            assert!(seen == expected, "{kind} in slices of {slice}:\n{:?}\n{:?}", seen.0, expected.0);
        }
    }
});
