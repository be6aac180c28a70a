//! The host module `spectest` that the test scripts import (interpreter/README.md of the specification).

use velocity_interp::engine::Engine;
use velocity_interp::{Extern, FunctionType, Host, HostCall, HostError, Limits, Store, Type, Value};

/// Prints nothing.
pub struct Silent;

impl Host for Silent {
    fn call(&mut self, _: HostCall<'_>) -> Result<(), HostError> {
        Ok(())
    }
}

/// A store with `spectest` in it. The limits leave room for what the scripts do that is not meant to fail: memories up
/// to 4 GiB are declared, none that large is made.
pub fn store(engine: Box<dyn Engine>) -> Store {
    let limits = Limits { fuel: 400_000_000, stack_slots: 1 << 18, memory_pages: 1 << 16, table_entries: 1 << 24 };
    let mut store = Store::with_engine(limits, engine);
    let functions: [(&str, &[Type]); 7] = [
        ("print", &[]),
        ("print_i32", &[Type::I32]),
        ("print_i64", &[Type::I64]),
        ("print_f32", &[Type::F32]),
        ("print_f64", &[Type::F64]),
        ("print_i32_f32", &[Type::I32, Type::F32]),
        ("print_f64_f64", &[Type::F64, Type::F64]),
    ];
    for (number, (name, parameters)) in functions.into_iter().enumerate() {
        let function = store.host_function(number as u32, FunctionType::new(parameters, &[]));
        store.define("spectest", name, Extern::Function(function));
    }
    let globals = [
        ("global_i32", Value::I32(666)),
        ("global_i64", Value::I64(666)),
        ("global_f32", Value::F32(666.6_f32.to_bits())),
        ("global_f64", Value::F64(666.6_f64.to_bits())),
    ];
    for (name, value) in globals {
        let global = store.host_global(value, false);
        store.define("spectest", name, Extern::Global(global));
    }
    let table = store.host_table(10, Some(20)).expect("there is room");
    store.define("spectest", "table", Extern::Table(table));
    let memory = store.host_memory(1, Some(2)).expect("there is room");
    store.define("spectest", "memory", Extern::Memory(memory));
    store
}
