//! Another's opinion: the bytes of a module in `wasmtime`, compiled by Cranelift, and what the interpreter saw of it.
//!
//! Fuel and the depth of calls are limits of this project's engines; a call that ran into one ends the comparison. NaNs
//! that operators compute are canonical on both sides, so that bits are compared.

use crate::host::Oracle;
use crate::run::{LIMITS, MAX_CALLS, Outcome, argument};
use crate::tally::{Stage, count};
use std::sync::LazyLock;
use velocity_gate::Program;
use velocity_interp::{Progress, TrapKind, Value};
use velocity_nda::module::{ExportItem, Type};
use wasmtime::{
    Caller, Config, Engine, Extern, ExternType, Func, FuncType, Global, Instance, Linker, Memory, Module, OptLevel,
    Ref, Store, StoreLimits, StoreLimitsBuilder, Table, Trap, Val, ValType,
};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config.cranelift_nan_canonicalization(true).cranelift_opt_level(OptLevel::None);
    Engine::new(&config).expect("this machine has a compiler")
});

/// What is beside an instance.
struct Surroundings {
    oracle: Oracle,
    limits: StoreLimits,
}

/// How a call ended.
#[derive(Debug, PartialEq)]
enum End {
    Values(Vec<Value>),
    Trap(Trap),
    /// The host failed.
    Host,
}

/// Runs what the interpreter ran.
///
/// # Panics
/// When anything differs.
pub fn compare(wasm: &[u8], program: &Program, expected: &Outcome) -> Stage {
    let module = Module::new(&ENGINE, without_start(wasm)).expect("what the gate let through is valid");
    let limits = StoreLimitsBuilder::new()
        .memory_size(LIMITS.memory_pages as usize * 65536)
        .table_elements(LIMITS.table_entries as usize)
        .build();
    let mut store = Store::new(&ENGINE, Surroundings { oracle: Oracle::default(), limits });
    store.limiter(|surroundings| &mut surroundings.limits);
    let linker = linker(&mut store, &module);
    let instance = linker.instantiate(&mut store, &module).expect("what was instantiated by the interpreter");
    for (name, seen) in calls(program).into_iter().zip(&expected.calls) {
        let Some(expected) = end(&seen.end) else { return Stage::AgreedToALimit };
        let function = instance.get_func(&mut store, name).expect("the interpreter has it");
        let seen = call(&mut store, function);
        if seen == End::Trap(Trap::StackOverflow) {
            return Stage::AgreedToALimit;
        }
        assert!(seen == expected, "wasmtime, calling {name:?}:\n{seen:?}\n{expected:?}");
        count(if matches!(seen, End::Values(_)) { Stage::Returned } else { Stage::Trapped });
    }
    compare_state(&mut store, instance, program, expected);
    Stage::Agreed
}

/// Memory and globals, which are all exported.
fn compare_state(store: &mut Store<Surroundings>, instance: Instance, program: &Program, expected: &Outcome) {
    let module = program.module();
    for export in &module.exports {
        let name = module.text(export.name);
        match (export.item, instance.get_export(&mut *store, name)) {
            (ExportItem::Global(id), Some(Extern::Global(global))) => {
                let value = value(&global.get(&mut *store));
                assert!(expected.globals[id.0 as usize] == Some(value), "wasmtime, global {name:?}: {value:?}");
            }
            (ExportItem::Memory, Some(Extern::Memory(memory))) => {
                assert!(memory.data(&*store) == expected.memory, "wasmtime: the memory differs");
            }
            _ => {}
        }
    }
}

/// The names of the functions that were called, in their order: the start function first. All functions are exported.
fn calls(program: &Program) -> Vec<&str> {
    let module = program.module();
    let exported =
        |item| module.exports.iter().find(|export| export.item == item).map(|export| module.text(export.name));
    let start = module.start.map(|id| exported(ExportItem::Function(id)).expect("every function is exported"));
    let functions = module.exports.iter().filter(|export| matches!(export.item, ExportItem::Function(_)));
    start.into_iter().chain(functions.map(|export| module.text(export.name))).take(MAX_CALLS).collect()
}

/// The module with no start function: that is called by name, so that what it leaves behind is seen when it traps.
fn without_start(wasm: &[u8]) -> Vec<u8> {
    const START: u8 = 8;
    let (head, mut rest) = wasm.split_at(8);
    let mut kept = head.to_vec();
    while let [id, after @ ..] = rest {
        let width = after.iter().take_while(|byte| **byte >= 0x80).count() + 1;
        let length = after[..width].iter().rev().fold(0, |length, byte| length << 7 | usize::from(byte & 0x7f));
        let (section, behind) = rest.split_at(1 + width + length);
        if *id != START {
            kept.extend_from_slice(section);
        }
        rest = behind;
    }
    kept
}

/// Everything that the module imports; of what has the same name the last counts.
fn linker(store: &mut Store<Surroundings>, module: &Module) -> Linker<Surroundings> {
    let mut linker = Linker::new(&ENGINE);
    linker.allow_shadowing(true);
    for import in module.imports() {
        let item: Extern = match import.ty() {
            ExternType::Func(ty) => host(store, ty).into(),
            ExternType::Global(ty) => {
                let number = val(Value::of_bits(core(ty.content()), 42));
                Global::new(&mut *store, ty, number).expect("a number of its type").into()
            }
            ExternType::Memory(ty) => Memory::new(&mut *store, ty).expect("the interpreter has room").into(),
            ExternType::Table(ty) => {
                Table::new(&mut *store, ty, Ref::Func(None)).expect("the interpreter has room").into()
            }
            other => unreachable!("{other:?} is not let through"),
        };
        linker.define(&mut *store, import.module(), import.name(), item).expect("shadowing is allowed");
    }
    linker
}

/// A host function of a type.
fn host(store: &mut Store<Surroundings>, ty: FuncType) -> Func {
    let zeros: Vec<Value> = ty.results().map(|ty| Value::of_bits(core(&ty), 0)).collect();
    Func::new(store, ty, move |mut caller: Caller<'_, Surroundings>, arguments, results| {
        let arguments: Vec<Value> = arguments.iter().map(value).collect();
        let mut values = zeros.clone();
        let answer = caller.data_mut().oracle.answer(&arguments, &mut values);
        results.iter_mut().zip(values).for_each(|(result, value)| *result = val(value));
        answer.map_err(|error| wasmtime::Error::msg(error.0))
    })
}

fn call(store: &mut Store<Surroundings>, function: Func) -> End {
    let ty = function.ty(&*store);
    let arguments: Vec<Val> = ty.params().map(|ty| val(argument(core(&ty)))).collect();
    let mut results: Vec<Val> = ty.results().map(|ty| val(Value::of_bits(core(&ty), 0))).collect();
    match function.call(&mut *store, &arguments, &mut results) {
        Ok(()) => End::Values(results.iter().map(value).collect()),
        Err(error) => error.downcast_ref::<Trap>().map_or(End::Host, |trap| End::Trap(*trap)),
    }
}

/// How the interpreter's call ended, in `wasmtime`'s terms; `None` if by a limit that only this project's engines have.
fn end(end: &Progress) -> Option<End> {
    let trap = match end {
        Progress::Finished(values) => return Some(End::Values(values.clone())),
        Progress::Suspended => return None,
        Progress::Trapped(trap) => trap,
    };
    Some(End::Trap(match trap.kind {
        TrapKind::FuelExhausted | TrapKind::StackOverflow => return None,
        TrapKind::Host(_) => return Some(End::Host),
        TrapKind::DivideByZero => Trap::IntegerDivisionByZero,
        TrapKind::IntegerOverflow => Trap::IntegerOverflow,
        TrapKind::InvalidConversion => Trap::BadConversionToInteger,
        TrapKind::MemoryBounds => Trap::MemoryOutOfBounds,
        TrapKind::TableBounds | TrapKind::UndefinedElement => Trap::TableOutOfBounds,
        TrapKind::UninitializedElement => Trap::IndirectCallToNull,
        TrapKind::IndirectCallType => Trap::BadSignature,
        TrapKind::Unreachable => Trap::UnreachableCodeReached,
        other => unreachable!("`wasmtime` has no trap for {other:?}"),
    }))
}

fn core(ty: &ValType) -> Type {
    match ty {
        ValType::I32 => Type::I32,
        ValType::I64 => Type::I64,
        ValType::F32 => Type::F32,
        ValType::F64 => Type::F64,
        other => unreachable!("{other:?} is not let through"),
    }
}

const fn val(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F32(bits) => Val::F32(bits),
        Value::F64(bits) => Val::F64(bits),
    }
}

fn value(val: &Val) -> Value {
    match val {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(bits) => Value::F32(*bits),
        Val::F64(bits) => Value::F64(*bits),
        other => unreachable!("{other:?} is not let through"),
    }
}
