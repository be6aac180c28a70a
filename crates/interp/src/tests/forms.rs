//! The forms in which compiled code finds what a store holds.

use crate::engine::{Global, Table};
use crate::{FunctionType, Limits, Store, TrapKind};
use core::ptr::from_ref;
use velocity_nda::module::Value;

#[test]
fn entries_of_tables_are_positions_of_functions() {
    let mut store = Store::new(Limits::default());
    let [first, second] = [3, 4].map(|number| store.host_function(number, FunctionType::new(&[], &[])));
    let mut table = Table::new(5, None).unwrap();
    let none = Table::EMPTY;
    table.init(1, [Some(second), None, Some(first)].into_iter()).unwrap();
    assert_eq!(table.entries(), [none, 1, none, 0, none]);
    assert_eq!(table.init(3, [None, None, None].into_iter()), Err(TrapKind::TableBounds));
    table.copy_within(2, 0, 2).unwrap();
    assert_eq!(table.entries(), [none, 1, none, 1, none]);
    assert_eq!((table.callee(1), table.callee(3)), (Ok(second), Ok(second)));
    assert_eq!(table.callee(4), Err(TrapKind::UninitializedElement));
    assert_eq!(table.callee(5), Err(TrapKind::UndefinedElement));
}

#[test]
fn globals_lie_at_equal_distances_and_begin_with_their_values() {
    let mut store = Store::new(Limits::default());
    for value in [Value::I32(1), Value::F64(2), Value::I64(3)] {
        store.host_global(value, true);
    }
    let globals = &store.state.globals;
    let start = from_ref(&globals[0]).addr();
    for (number, global) in globals.iter().enumerate() {
        assert_eq!(from_ref(&global.value).addr(), start + number * Global::BYTES);
    }
}
