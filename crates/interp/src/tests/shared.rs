//! What instances share: linking, host functions, indirect calls across modules, segments.

use super::run_with;
use crate::{
    Extern, FunctionType, Host, HostCall, HostError, InstantiateError, Invocation, InvokeError, Limits, NoHost,
    Progress, Store, TrapKind,
};
use std::format;
use std::vec::Vec;
use velocity_nda::module::{
    Constant, Data, DataId, DataShape, Element, ElementId, ElementMode, ExportItem, Expr, FuncId, FuncTable, Function,
    FunctionKind, Global, GlobalId, GlobalKind, HostItem, Memory, Meta, Module, Placement, SigId, TableId, Type, Value,
    Yield,
};
use velocity_nda::module::{Limits as Size, LoadOp};
use velocity_samples::Build;

const ONE: Yield = Yield::one(Type::I32);

fn item(module: &mut Module, item: &str) -> HostItem {
    HostItem { module: module.add_text("other"), item: module.add_text(item) }
}

/// A function without parameters that yields the value of what `body` adds last.
fn getter(b: &mut Build, body: impl FnOnce(&mut Build) -> velocity_nda::module::ExprId) -> FuncId {
    let signature = signature(b);
    let first = b.0.exprs.next_key();
    body(b);
    b.function(signature, &[], first)
}

/// `fn() -> i32`, once.
fn signature(b: &mut Build) -> SigId {
    if b.0.signatures.is_empty() { b.signature(&[], &[Type::I32]) } else { SigId(0) }
}

/// Imports `item` as a function `fn() -> i32`.
fn import(b: &mut Build, name: &str) -> FuncId {
    let signature = signature(b);
    let kind = FunctionKind::Host(item(&mut b.0, name));
    b.0.functions.push(Function { meta: Meta::default(), signature, kind })
}

fn call(b: &mut Build, function: FuncId) -> velocity_nda::module::ExprId {
    let none = b.list(&[]);
    b.add(Expr::Call(function, none), ONE)
}

fn memory(b: &mut Build, min: u32, max: Option<u32>, host: Option<HostItem>) {
    b.0.memory = Some(Memory { meta: Meta::default(), limits: Size { min, max }, host });
}

fn table(b: &mut Build, min: u32, host: Option<HostItem>) {
    b.0.tables.push(FuncTable { meta: Meta::default(), limits: Size { min, max: None }, host });
}

fn data(b: &mut Build, placement: Placement, bytes: &[u8], zeros: u32) -> DataId {
    let (start, len) = (b.0.bytes.len() as u32, bytes.len() as u32);
    b.0.bytes.extend_from_slice(bytes);
    b.0.data.push(Data { meta: Meta::default(), placement, start, len, zeros, shape: DataShape::Text })
}

fn element(b: &mut Build, mode: ElementMode, items: &[u32]) {
    let items = b.0.pool.push(items);
    b.0.elements.push(Element { meta: Meta::default(), mode, items });
}

fn at(address: i32) -> Constant {
    Constant::Value(Value::I32(address))
}

/// An instance of `b` in `store`, registered as `other`.
fn other(store: &mut Store, b: Build) {
    let instance = store.instantiate(&b.program(), &mut NoHost).unwrap();
    store.register("other", instance);
}

/// Instantiates `b` and calls its export `f`.
fn value(store: &mut Store, b: Build) -> Result<Vec<Value>, InvokeError> {
    let instance = store.instantiate(&b.program(), &mut NoHost).unwrap();
    store.invoke(instance, "f", &[], &mut NoHost)
}

fn link_error(store: &mut Store, b: Build) -> std::string::String {
    match store.instantiate(&b.program(), &mut NoHost) {
        Err(InstantiateError::Link(error)) => format!("{error}"),
        found => panic!("{found:?}"),
    }
}

/// Exports `f` as the getter of a global that can be set, `set` that sets it to 7 and gives 1, and the global `g`.
fn with_global() -> Build {
    let mut b = Build::default();
    let kind = GlobalKind::Defined(at(5));
    let global = b.0.globals.push(Global { meta: Meta::default(), ty: Type::I32, mutable: true, kind });
    let get = getter(&mut b, |b| b.add(Expr::GlobalGet(global), ONE));
    let set = getter(&mut b, |b| {
        let seven = b.i32(7);
        let set = b.add(Expr::GlobalSet(global, seven), Yield::NONE);
        let one = b.i32(1);
        b.sequence(&[set, one])
    });
    b.export("f", ExportItem::Function(get));
    b.export("set", ExportItem::Function(set));
    b.export("g", ExportItem::Global(global));
    b
}

#[test]
fn a_mutable_global_is_shared() {
    let mut store = Store::new(Limits::default());
    other(&mut store, with_global());
    let mut b = Build::default();
    let kind = GlobalKind::Host(item(&mut b.0, "g"));
    let global = b.0.globals.push(Global { meta: Meta::default(), ty: Type::I32, mutable: true, kind });
    let set = import(&mut b, "set");
    let f = getter(&mut b, |b| {
        let set = call(b, set);
        let get = b.add(Expr::GlobalGet(global), ONE);
        b.binary(velocity_nda::module::BinaryOp::I32Add, set, get)
    });
    b.export("f", ExportItem::Function(f));
    assert_eq!(value(&mut store, b), Ok(vec![Value::I32(8)]));
}

#[test]
fn imports_that_do_not_fit_are_named() {
    let mut store = Store::new(Limits::default());
    other(&mut store, with_global());
    let mut b = Build::default();
    import(&mut b, "nothing");
    assert_eq!(link_error(&mut store, b), "unknown import `other.nothing`: the program needs a function `fn() -> i32`");
    let mut b = Build::default();
    import(&mut b, "g");
    let expected = "incompatible import type: the program needs `other.g` to be a function `fn() -> i32`, but it is a \
        global `mutable i32`";
    assert_eq!(link_error(&mut store, b), expected);
    let mut b = Build::default();
    let kind = GlobalKind::Host(item(&mut b.0, "g"));
    b.0.globals.push(Global { meta: Meta::default(), ty: Type::I32, mutable: false, kind });
    assert!(link_error(&mut store, b).ends_with("to be a global `i32`, but it is a global `mutable i32`"));
}

#[test]
fn an_imported_memory_must_be_large_enough_and_bounded_as_asked() {
    let mut store = Store::new(Limits::default());
    let address = store.host_memory(2, Some(5)).unwrap();
    store.define("other", "m", Extern::Memory(address));
    for (min, max, fits) in [(2, None, true), (2, Some(5), true), (3, None, false), (1, Some(4), false)] {
        let mut b = Build::default();
        let host = item(&mut b.0, "m");
        memory(&mut b, min, max, Some(host));
        let made = store.instantiate(&b.program(), &mut NoHost);
        assert_eq!(made.is_ok(), fits, "{min} {max:?}: {made:?}");
    }
}

/// A table with `get` (42) and an empty entry, shared as `t`.
fn with_table() -> Build {
    let mut b = Build::default();
    let get = getter(&mut b, |b| b.i32(42));
    table(&mut b, 2, None);
    element(&mut b, ElementMode::At(TableId(0), at(0)), &[get.0 + 1]);
    b.export("t", ExportItem::Table(TableId(0)));
    b
}

/// Calls entry `index` of the imported table as `fn() -> RESULT`.
fn indirect(index: i32, result: Type) -> Build {
    let mut b = Build::default();
    let host = item(&mut b.0, "t");
    table(&mut b, 1, Some(host));
    // The signature has another number here than in the module that fills the table.
    b.signature(&[Type::F32], &[]);
    let signature = b.signature(&[], &[result]);
    let index = b.i32(index);
    let list = b.list(&[index]);
    b.add(Expr::CallIndirect(signature, TableId(0), list), Yield::one(result));
    let f = b.function(signature, &[], index);
    b.export("f", ExportItem::Function(f));
    b
}

#[test]
fn indirect_calls_compare_signatures_across_modules() {
    let mut store = Store::new(Limits::default());
    other(&mut store, with_table());
    assert_eq!(value(&mut store, indirect(0, Type::I32)), Ok(vec![Value::I32(42)]));
    let mut kind = |index, result| match value(&mut store, indirect(index, result)) {
        Err(InvokeError::Trap(trap)) => trap.kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind(0, Type::I64), TrapKind::IndirectCallType);
    assert_eq!(kind(1, Type::I32), TrapKind::UninitializedElement);
    assert_eq!(kind(2, Type::I32), TrapKind::UndefinedElement);
    assert_eq!(kind(-1, Type::I32), TrapKind::UndefinedElement);
}

#[test]
fn segments_before_one_that_does_not_fit_stay_applied() {
    let mut store = Store::new(Limits::default());
    let address = store.host_memory(1, None).unwrap();
    store.define("other", "m", Extern::Memory(address));
    let mut b = Build::default();
    let host = item(&mut b.0, "m");
    memory(&mut b, 1, None, Some(host));
    data(&mut b, Placement::At(at(10)), b"here", 0);
    data(&mut b, Placement::At(at(65_535)), b"xx", 0);
    match store.instantiate(&b.program(), &mut NoHost) {
        Err(InstantiateError::Trap(trap)) => assert_eq!(trap.kind, TrapKind::MemoryBounds),
        found => panic!("{found:?}"),
    }
    assert_eq!(store.memory(address).slice(10, 4), Some(&b"here"[..]));
}

#[test]
fn statics_make_the_memory_large_enough_and_are_found() {
    let mut b = Build::default();
    memory(&mut b, 0, None, None);
    data(&mut b, Placement::Anywhere(1), &[1, 2, 3, 4], 0);
    data(&mut b, Placement::Anywhere(1), &[], 70_000);
    let f = getter(&mut b, |b| {
        let address = b.add(Expr::Address(DataId(0)), ONE);
        b.add(Expr::Load(LoadOp::I32Load, 0, address), ONE)
    });
    b.export("f", ExportItem::Function(f));
    assert_eq!(super::run(b, &[]), Ok(vec![Value::I32(0x0403_0201)]));
}

/// Copies 6400 bytes onto themselves, then gives 3.
fn copier() -> Build {
    let mut b = Build::default();
    memory(&mut b, 1, None, None);
    let f = getter(&mut b, |b| {
        let (to, from, len) = (b.i32(0), b.i32(100), b.i32(6400));
        let copy = b.add(Expr::MemoryCopy(to, from, len), Yield::NONE);
        let three = b.i32(3);
        b.sequence(&[copy, three])
    });
    b.export("f", ExportItem::Function(f));
    b
}

#[test]
fn long_copies_cost_fuel_whatever_the_slices() {
    // Six nodes and a hundred times 64 bytes.
    let fuel = |fuel| run_with(copier(), &[], Limits { fuel, ..Limits::default() });
    assert_eq!(fuel(106), Ok(vec![Value::I32(3)]));
    assert_eq!(fuel(105), Err(TrapKind::FuelExhausted));
    assert_eq!(fuel(104), Err(TrapKind::FuelExhausted));
    let mut store = Store::new(Limits { fuel: 106, ..Limits::default() });
    let instance = store.instantiate(&copier().program(), &mut NoHost).unwrap();
    let f = store.function(instance, FuncId(0)).unwrap();
    for slice in [1, 2, 5, 50, 105] {
        let (mut call, mut turns) = (Invocation::new(&store, f, &[]).unwrap(), 0);
        let end = loop {
            turns += 1;
            match call.resume(&mut store, &mut NoHost, slice) {
                Progress::Suspended => assert!(turns * slice <= 106),
                end => break end,
            }
        };
        assert_eq!((end, call.fuel_used()), (Progress::Finished(vec![Value::I32(3)]), 106), "slices of {slice}");
    }
}

#[test]
fn a_range_outside_costs_nothing_and_changes_nothing() {
    let mut b = Build::default();
    memory(&mut b, 1, None, None);
    let f = getter(&mut b, |b| {
        let (to, byte, len) = (b.i32(65_000), b.i32(1), b.i32(-1));
        let fill = b.add(Expr::MemoryFill(to, byte, len), Yield::NONE);
        let three = b.i32(3);
        b.sequence(&[fill, three])
    });
    b.export("f", ExportItem::Function(f));
    assert_eq!(run_with(b, &[], Limits { fuel: 20, ..Limits::default() }), Err(TrapKind::MemoryBounds));
}

#[test]
fn growth_stops_at_the_declared_and_the_stores_limit() {
    for (pages, max, expected) in [(2, Some(3), 1), (3, Some(3), -1), (7, None, 1), (8, None, -1), (-1, None, -1)] {
        let mut b = Build::default();
        memory(&mut b, 1, max, None);
        let f = getter(&mut b, |b| {
            let pages = b.i32(pages);
            b.add(Expr::MemoryGrow(pages), ONE)
        });
        b.export("f", ExportItem::Function(f));
        let limits = Limits { memory_pages: 8, ..Limits::default() };
        assert_eq!(run_with(b, &[], limits), Ok(vec![Value::I32(expected)]), "{pages} {max:?}");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let mut store = Store::new(Limits { memory_pages: 4, table_entries: 10, ..Limits::default() });
    let mut b = Build::default();
    memory(&mut b, 5, None, None);
    let made = store.instantiate(&b.program(), &mut NoHost);
    assert_eq!(made, Err(InstantiateError::Memory { pages: 5, spare: 4 }));
    let mut b = Build::default();
    table(&mut b, 6, None);
    table(&mut b, 6, None);
    let made = store.instantiate(&b.program(), &mut NoHost);
    assert_eq!(made, Err(InstantiateError::Table { entries: 6, spare: 4 }));
}

/// Doubles; fails for what is not an `i32`.
struct Doubler;

impl Host for Doubler {
    fn call(&mut self, call: HostCall<'_>) -> Result<(), HostError> {
        match (call.function, call.arguments, call.results) {
            (9, [Value::I32(n)], [result]) if *n < 100 => *result = Value::I32(n * 2),
            (9, ..) => return Err(HostError("too much to double")),
            (_, _, [result]) => *result = Value::F32(0),
            _ => {}
        }
        *call.fuel += 10;
        Ok(())
    }
}

#[test]
fn host_functions_have_numbers_costs_and_errors() {
    let mut store = Store::new(Limits { fuel: 11, ..Limits::default() });
    let double = store.host_function(9, FunctionType::new(&[Type::I32], &[Type::I32]));
    let liar = store.host_function(8, FunctionType::new(&[], &[Type::I32]));
    let kind = |result| match result {
        Err(InvokeError::Trap(trap)) => trap.kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(store.call(double, &[Value::I32(4)], &mut Doubler), Ok(vec![Value::I32(8)]));
    let refused = kind(store.call(double, &[Value::I32(100)], &mut Doubler));
    assert_eq!(refused, TrapKind::Host(HostError("too much to double")));
    assert!(matches!(kind(store.call(liar, &[], &mut Doubler)), TrapKind::Host(_)));
    assert!(matches!(store.call(double, &[], &mut Doubler), Err(InvokeError::Arguments { .. })));
    let poor = Invocation::new(&store, double, &[Value::I32(4)]).unwrap().with_fuel(9);
    let mut poor = poor;
    assert!(matches!(poor.resume(&mut store, &mut Doubler, u64::MAX), Progress::Trapped(_)));
}

#[test]
fn dropped_segments_are_empty() {
    let mut b = Build::default();
    memory(&mut b, 1, None, None);
    let piece = data(&mut b, Placement::Passive, b"abcd\0\0\0\0", 0);
    table(&mut b, 1, None);
    element(&mut b, ElementMode::Passive, &[0]);
    let first = b.0.exprs.next_key();
    let signature = b.signature(&[Type::I32], &[Type::I32]);
    let operands = [b.i32(0), b.i32(1), b.i32(7)];
    let list = b.list(&operands);
    let init = b.add(Expr::MemoryInit(piece, list), Yield::NONE);
    let operands = [b.i32(0), b.i32(0), b.i32(1)];
    let list = b.list(&operands);
    let fill = b.add(Expr::TableInit(TableId(0), ElementId(0), list), Yield::NONE);
    let (drop_data, drop_element) =
        (b.add(Expr::DataDrop(piece), Yield::NONE), b.add(Expr::ElementDrop(ElementId(0)), Yield::NONE));
    let operands = [b.i32(0), b.i32(0), b.local(0)];
    let list = b.list(&operands);
    let again = b.add(Expr::MemoryInit(piece, list), Yield::NONE);
    let address = b.i32(0);
    let load = b.add(Expr::Load(LoadOp::I32Load, 0, address), ONE);
    b.sequence(&[init, fill, drop_data, drop_element, again, load]);
    let f = b.function(signature, &[], first);
    b.export("f", ExportItem::Function(f));
    let mut store = Store::new(Limits::default());
    let instance = store.instantiate(&b.program(), &mut NoHost).unwrap();
    let loaded = store.invoke(instance, "f", &[Value::I32(0)], &mut NoHost);
    assert_eq!(loaded, Ok(vec![Value::I32(i32::from_le_bytes(*b"bcd\0"))]));
    let kind = match store.invoke(instance, "f", &[Value::I32(1)], &mut NoHost) {
        Err(InvokeError::Trap(trap)) => trap.kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind, TrapKind::MemoryBounds);
    let global = store.host_global(Value::F64(1), true);
    assert_eq!((store.global(global), GlobalId(0)), (Value::F64(1), GlobalId(0)));
}
