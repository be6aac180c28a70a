//! Items other than functions: statics, data, globals, tables, imports, exports.

use super::{compile, core, messages, module};
use crate::module::{
    Cell, Constant, DataId, DataShape, ElementMode, ExportItem, FuncId, FunctionKind, GlobalId, GlobalKind, Limits,
    Module, Placement, TableId, Type, Value,
};
use std::format;
use std::string::String;
use std::vec::Vec;

/// The hash of all bytes 0xab, and how it is written.
fn hash() -> String {
    "aB".repeat(32)
}

#[test]
fn statics_are_bytes_little_endian() {
    let made = module(
        "static a: [u8; 3] = \"a\\n\\xff\"; static b: [i16; 2] = [1, -2]; static c: i64 = -1; static d: [f32; 1] = [1.5];
         static e: [u64; 1000]; static f: f64 = f64::nan; static g: u64 = 18446744073709551615; static h: i32 = 0;",
    );
    let bytes = |index: u32| made.bytes_of(&made.data[DataId(index)]).to_vec();
    assert_eq!(bytes(0), [b'a', b'\n', 0xff]);
    assert_eq!(bytes(1), [1, 0, 0xfe, 0xff]);
    assert_eq!(bytes(2), [0xff; 8]);
    assert_eq!(bytes(3), 1.5_f32.to_le_bytes());
    assert_eq!(bytes(5), 0x7ff8_0000_0000_0000_u64.to_le_bytes());
    assert_eq!(bytes(6), [0xff; 8]);
    assert_eq!(bytes(7), [0; 4]);
    let zeros = made.data[DataId(4)];
    assert_eq!((zeros.len, zeros.zeros, zeros.shape), (0, 8000, DataShape::Array(Cell::U64, 1000)));
    assert_eq!(zeros.placement, Placement::Anywhere(8));
    assert_eq!(made.data[DataId(7)].shape, DataShape::One(Cell::I32));
}

#[test]
fn statics_must_fit_their_type() {
    let cases = [
        ("static a: [u8; 2] = [1, 256];", "the number `256` does not fit into `u8`"),
        ("static a: i8 = -129;", "the number `-129` does not fit into `i8`"),
        ("static a: u16 = -1;", "the number `-1` does not fit into `u32`"),
        ("static a: [u8; 2] = [1];", "the static has 2 elements, but its value has 1"),
        ("static a: [u8; 1] = \"ab\";", "the static has 1 element, but its value has 2"),
        ("static a: [i32; 2] = \"ab\";", "a text is the value of a static of bytes only"),
        ("static a: f32 = 1;", "expected `f32`, found a number"),
        ("static a: i32 = 1.5;", "expected `i32`, found a number with a fraction"),
        ("static a: f64 = f32::inf;", "expected `f64`, found `f32`"),
        ("static a: [u64; 536870912];", "a static may have 4 GiB less a byte at most"),
        (
            "static a: [u8; 4294967295];",
            "the statics end at address 4294968319, but the memory has 4294967296 bytes at most",
        ),
        (
            "memory 1 to 1; static a: [u8; 65536];",
            "the statics end at address 66560, but the memory has 65536 bytes at most",
        ),
    ];
    for (source, message) in cases {
        assert_eq!(messages(source), [message], "{source}");
    }
    assert_eq!(messages("memory 1 to 1; static a: [u8; 64512];"), Vec::<String>::new());
}

#[test]
fn globals_begin_with_what_is_known() {
    let made = module(
        "const a: i32 = -5; const b: i32 = a; global c: f32 = 1.5; const d: *u8 = s; const e: u32 = s as u32;
         const f: *i32 = 16 as *i32; static s: [u8; 4]; const g: u64 = 18446744073709551615; global h: *u8 = d;",
    );
    let constant = |index: u32| match made.globals[GlobalId(index)].kind {
        GlobalKind::Defined(constant) => constant,
        _ => panic!("defined"),
    };
    assert_eq!(constant(0), Constant::Value(Value::I32(-5)));
    assert_eq!(constant(1), Constant::Global(GlobalId(0)));
    assert_eq!(constant(2), Constant::Value(Value::F32(1.5_f32.to_bits())));
    assert_eq!(constant(3), Constant::Address(DataId(0)));
    assert_eq!(constant(4), Constant::Address(DataId(0)));
    assert_eq!(constant(5), Constant::Value(Value::I32(16)));
    assert_eq!(constant(6), Constant::Value(Value::I64(-1)));
    assert_eq!(constant(7), Constant::Global(GlobalId(3)));
    assert!(made.globals[GlobalId(2)].mutable && !made.globals[GlobalId(0)].mutable);
    let cases = [
        ("const a: i32 = b; const b: i32 = 1;", "`b` is declared later than what it is needed for"),
        ("const a: i32 = a;", "`a` is declared later than what it is needed for"),
        ("global b: i32 = 1; const a: i32 = b;", "`b` can be set, so its value is not known here"),
        ("const a: i32 = 1 + 2;", "a value that is known without running code is needed here"),
        ("const a: i32 = 1.5;", "expected `i32`, found a number with a fraction"),
        ("const a: f64 = 1;", "expected `f64`, found a number"),
        ("const a: i64 = 1; const b: i32 = a;", "expected `i32`, found `i64`"),
        ("const a: *u8 = 0;", "expected `*u8`, found a number"),
        ("const a: i32 = nope;", "there is no variable `nope` here"),
    ];
    for (source, message) in cases {
        assert_eq!(messages(source), [message], "{source}");
    }
}

#[test]
fn tables_are_filled() {
    let made = module(
        "fn a() {} fn b() {} table t = [a, null, b]; table u: 4 to 10; element e = [b]; element at u[2] = [a, b];
         const k: i32 = 1; element at u[k] = [null]; fn f() { table::init(u, e, 0, 0, 1); table::copy(t, u, 0, 1, 2);
         table::drop(e); }",
    );
    let items = |index: usize| made.pool.get(made.elements.as_slice()[index].items).collect::<Vec<u32>>();
    let mode = |index: usize| made.elements.as_slice()[index].mode;
    assert_eq!(made.tables[TableId(0)].limits, Limits { min: 3, max: Some(3) });
    assert_eq!(made.tables[TableId(1)].limits, Limits { min: 4, max: Some(10) });
    // Segments that a name reaches come first, in the order of the file, those of tables behind them.
    assert_eq!((items(0), mode(0)), (Vec::from([2]), ElementMode::Passive));
    assert_eq!(mode(1), ElementMode::At(TableId(1), Constant::Value(Value::I32(2))));
    assert_eq!(mode(2), ElementMode::At(TableId(1), Constant::Global(GlobalId(0))));
    assert_eq!(
        (items(3), mode(3)),
        (Vec::from([1, 0, 2]), ElementMode::At(TableId(0), Constant::Value(Value::I32(0))))
    );
    let cases = [
        ("table t = [g];", "there is no function `g`"),
        ("const g: i32 = 1; table t = [g];", "expected the name of a function, found `g`"),
        ("element at t[0] = [];", "there is no table `t`"),
        ("table t: 5 to 4;", "the largest size, 4, is less than the first, 5"),
        ("table t: 4294967296;", "there can be 4294967295 entries at most"),
        ("memory 65537;", "there can be 65536 pages of 64 KiB at most"),
        ("memory 1 to 65537;", "there can be 65536 pages of 64 KiB at most"),
    ];
    for (source, message) in cases {
        assert_eq!(messages(source), [message], "{source}");
    }
}

#[test]
fn data_goes_to_its_place_or_waits() {
    let made = module(
        "memory 1 to 2; data a = \"abc\"; data at 1024 = \"\\u{e4}\"; const k: i32 = 8; data at k = \"\"; data at 4294967295 = \"\";
         fn f() { memory::init(a, 0, 0, 3); memory::drop(a); }",
    );
    let placement = |index: u32| made.data[DataId(index)].placement;
    assert_eq!((placement(0), made.bytes_of(&made.data[DataId(0)])), (Placement::Passive, b"abc".as_slice()));
    assert_eq!(placement(1), Placement::At(Constant::Value(Value::I32(1024))));
    assert_eq!(made.bytes_of(&made.data[DataId(1)]), "\u{e4}".as_bytes());
    assert_eq!(placement(2), Placement::At(Constant::Global(GlobalId(0))));
    assert_eq!(placement(3), Placement::At(Constant::Value(Value::I32(-1))));
    assert_eq!(made.memory.unwrap().limits, Limits { min: 1, max: Some(2) });
    assert_eq!(messages("data at 1.5 = \"\";"), ["expected `u32`, found a number with a fraction"]);
    assert_eq!(messages("const k: i64 = 1; data at k = \"\";"), ["expected `u32`, found `i64`"]);
}

#[test]
fn imports_are_by_full_hash() {
    let hash = hash();
    let made: Module = {
        let source = format!(
            "import \"{hash}\" fn f(a: u32) -> i64; import \"{hash}\" static s: [u8; 4]; import \"{hash}\" const c: f32;
             fn g() -> u32 {{ f(1); s[1] }}"
        );
        let mut diagnostics = crate::diagnostics::Diagnostics::default();
        let made = crate::text::compile_text(&source, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{}", diagnostics.render("f", &source));
        made
    };
    assert!(matches!(made.functions[FuncId(0)].kind, FunctionKind::Import(found) if found.0 == [0xab; 32]));
    assert!(matches!(made.data[DataId(0)].placement, Placement::Import(found) if found.0 == [0xab; 32]));
    assert!(matches!(made.globals[GlobalId(0)].kind, GlobalKind::Import(_)));
    assert!(crate::validate(&made).is_ok());
    assert_eq!(messages("import \"abcd\" fn f();"), ["the hash has 4 digits; all 64 are needed"]);
    assert_eq!(messages(&format!("import \"{}\" fn f();", "ab".repeat(33))), ["a hash is 64 hexadecimal digits"]);
    assert_eq!(messages(&format!("import \"{}\" fn f();", "xy".repeat(32))), ["a hash is 64 hexadecimal digits"]);
    assert_eq!(messages("import \"\" fn f();"), ["the hash has 0 digits; all 64 are needed"]);
}

#[test]
fn the_host_provides_by_two_texts() {
    let made = module(
        "extern \"env\" \"log it\" fn log(a: f64); extern \"env\" \"base\" const base: i32; extern \"env\" \"t\" table t: 1 to 2;
         extern \"env\" \"m\" memory 1; data at base = \"x\"; fn f() { log(1.0); t[0: fn()](); }",
    );
    let FunctionKind::Host(host) = made.functions[FuncId(0)].kind else { panic!("a host item") };
    assert_eq!((made.text(host.module), made.text(host.item)), ("env", "log it"));
    assert!(made.memory.unwrap().host.is_some() && made.tables[TableId(0)].host.is_some());
    assert_eq!(messages("extern \"\\xff\" \"a\" fn f();"), ["a name consists of characters, and these bytes are none"]);
}

#[test]
fn exports_and_start_name_items() {
    let made = module(
        "fn f() {} global g: i32 = 1; table t: 1; memory 1; export \"f\" = f; export \"g\" = g; export \"t\" = t;
         export \"m\" = memory; start f;",
    );
    let items: Vec<_> = made.exports.iter().map(|export| (made.text(export.name), export.item)).collect();
    assert_eq!(items[0], ("f", ExportItem::Function(FuncId(0))));
    assert_eq!((items[1].1, items[2].1), (ExportItem::Global(GlobalId(0)), ExportItem::Table(TableId(0))));
    assert_eq!((items[3].1, made.start), (ExportItem::Memory, Some(FuncId(0))));
    let cases = [
        ("export \"a\" = nope;", "there is nothing called `nope` to export"),
        ("static s: u8; export \"a\" = s;", "`s` cannot be exported"),
        ("fn f() {} export \"a\" = f; export \"\\x61\" = f;", "`\"\\x61\"` is exported twice"),
        ("fn f(a: i32) {} start f;", "the start function `f` has parameters or a result"),
        ("fn f() {} start f; start f;", "a program has one start function"),
        ("start f;", "there is no function `f`"),
    ];
    for (source, message) in cases {
        assert_eq!(messages(source), [message], "{source}");
    }
}

#[test]
fn names_docs_and_spans_are_kept() {
    let source = "/// Adds.\n///\n///  Twice.\nfn add(left: i32, right: i32) -> i32 { let sum = left + right; for i in 0..1 { } sum }";
    let made = module(source);
    let function = made.functions[FuncId(0)];
    assert_eq!(made.name(&function.meta), Some("add"));
    assert_eq!(function.meta.doc.map(|doc| made.text(doc)), Some("Adds.\n\n Twice."));
    assert_eq!(function.meta.span.text(source), source);
    let FunctionKind::Defined(body) = function.kind else { panic!("defined") };
    let names: Vec<_> = made.pool.get(body.names).map(|name| made.text(name)).collect();
    assert_eq!(names, ["left", "right", "sum", "i", ""]);
    assert_eq!(made.pool.get(body.variables).collect::<Vec<_>>(), [Type::I32; 3]);
    assert_eq!(made.signatures.len(), 1);
}

#[test]
fn signatures_are_kept_once() {
    let made = module(
        "fn a(x: i32) -> u32 { 1 } fn b(x: *u8) -> i32 { 1 } fn c(x: i32, y: i32) {} fn d() -> (i32, i32) { (1, 1) }",
    );
    assert_eq!(made.signatures.len(), 3);
    assert_eq!(core("fn a() { } fn b() -> i64 { 1 }"), "[]");
    assert!(compile("").is_ok());
}
