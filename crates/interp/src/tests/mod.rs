//! Tests of the interpreter on modules that are built by hand.

mod control;
mod forms;
mod shared;

use crate::{Extern, InvokeError, Limits, NoHost, Store, TrapKind};
use std::vec::Vec;
use velocity_nda::module::Value;
use velocity_samples::Build;

/// Calls the export `f` of a module in a store of its own.
fn run(build: Build, arguments: &[Value]) -> Result<Vec<Value>, TrapKind> {
    run_with(build, arguments, Limits::default())
}

fn run_with(build: Build, arguments: &[Value], limits: Limits) -> Result<Vec<Value>, TrapKind> {
    let mut store = Store::new(limits);
    let instance = store.instantiate(&build.program(), &mut NoHost).unwrap();
    assert!(matches!(store.export(instance, "f"), Some(Extern::Function(_))));
    match store.invoke(instance, "f", arguments, &mut NoHost) {
        Ok(values) => Ok(values),
        Err(InvokeError::Trap(trap)) => Err(trap.kind),
        Err(other) => panic!("{other}"),
    }
}
