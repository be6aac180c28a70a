//! A program in one of the project's engines: all that can be seen of it.

use crate::host::Oracle;
use velocity_gate::Program;
use velocity_interp::engine::Engine;
use velocity_interp::{Extern, FunctionAddress, FunctionType, InstanceId, Invocation, Limits, Progress, Store, Value};
use velocity_jit::Refusal;
use velocity_nda::module::{ExportItem, FunctionKind, GlobalKind, Type};

/// What every run may use.
pub const LIMITS: Limits = Limits { fuel: 20_000, stack_slots: 1 << 12, memory_pages: 20, table_entries: 1 << 12 };

/// Functions that are called in one run.
pub const MAX_CALLS: usize = 8;

/// Everything that can be seen of one call.
#[derive(Debug, PartialEq)]
pub struct Seen {
    pub end: Progress,
    pub fuel: u64,
}

impl Seen {
    /// Whether the call came to its end.
    pub const fn is_finished(&self) -> bool {
        matches!(self.end, Progress::Finished(_))
    }
}

/// Everything that can be seen of a run.
#[derive(PartialEq)]
pub struct Outcome {
    pub calls: Vec<Seen>,
    /// What all globals hold in the end, by number.
    pub globals: Vec<Option<Value>>,
    pub memory: Vec<u8>,
}

/// What a call of a function with such a parameter is given.
pub const fn argument(ty: Type) -> Value {
    Value::of_bits(ty, 0x0123_4567_89AB)
}

fn call(store: &mut Store, function: FunctionAddress, slice: u64, host: &mut Oracle) -> Seen {
    let arguments: Vec<Value> = store.type_of(function).parameters.iter().copied().map(argument).collect();
    let mut call = Invocation::new(store, function, &arguments).expect("arguments that fit");
    loop {
        match call.resume(store, host, slice) {
            Progress::Suspended => {}
            end => return Seen { end, fuel: call.fuel_used() },
        }
    }
}

/// All calls of the exported functions of a program, and what they leave behind.
pub fn run(program: &Program, engine: Box<dyn Engine>, slice: u64) -> Option<Outcome> {
    let mut store = Store::with_engine(LIMITS, engine);
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
    let calls: Vec<Seen> = functions.into_iter().map(|function| call(&mut store, function, slice, &mut host)).collect();
    let refusal = store.fallback_reason();
    assert!(refusal != Some(Refusal::Checker.reason()), "code that is not accepted");
    let globals = (0..module.globals.len()).map(|index| store.global_of(instance, index as u32)).collect();
    let memory = store.memory_of(instance).map(|memory| store.memory(memory).bytes().to_vec());
    Some(Outcome { calls, globals, memory: memory.unwrap_or_default() })
}

/// Host functions and globals for everything that a module imports.
fn imports(store: &mut Store, program: &Program) {
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
