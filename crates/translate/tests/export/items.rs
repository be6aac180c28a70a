//! What is around the code: memory, statics, segments, imports, names, and what cannot be exported.

use super::{around, exported};
use velocity_interp::{Limits, Progress, Session, Store};
use velocity_nda::compile;
use velocity_nda::module::{
    Constant, ElementMode, ExportItem, Expr, ExprId, FunctionKind, GlobalKind, Module, Placement, SigId, Value,
};
use velocity_translate::{ExportError, export};

fn compiled(text: &str) -> Module {
    compile(text).unwrap_or_else(|errors| panic!("{}", errors.render("test.nda", text)))
}

/// Where data goes and what is in it.
fn data(module: &Module) -> Vec<(Option<u32>, Vec<u8>)> {
    let place = |placement| match placement {
        Placement::At(Constant::Value(value)) => Some(value.bits() as u32),
        _ => None,
    };
    module.data.iter().map(|(_, data)| (place(data.placement), module.bytes_of(data).to_vec())).collect()
}

fn export_names(module: &Module) -> Vec<&str> {
    module.exports.iter().map(|export| module.text(export.name)).collect()
}

#[test]
fn statics_have_their_addresses_and_memory_has_room_for_them() {
    let module = compiled(
        "static a: [u8; 3] = \"abc\";\nstatic room: [f64; 20_000];\ndata at 2000 = \"fixed\";
         fn main() -> i32 { (a as i32) * 100_000 + (room as i32) }",
    );
    let places = velocity_nda::place(&module);
    let again = around(&module);
    assert_eq!(again.memory.map(|memory| memory.limits.min), Some(3));
    let wanted = module.data.iter().map(|(id, data)| (Some(places.address(id)), module.bytes_of(data).to_vec()));
    assert_eq!(data(&again), wanted.collect::<Vec<_>>());
    assert!(exported(&module).len() < 1000, "zeros need not be written into a memory of zeros");
    let numbers = again.exprs.as_slice().iter().filter_map(|expr| match expr {
        Expr::I32(value) if *value > 1000 && *value != 100_000 => Some(*value as u32),
        _ => None,
    });
    assert!(numbers.eq(module.data.keys().take(2).map(|id| places.address(id))));
}

#[test]
fn zeros_are_written_where_memory_may_not_be_zero() {
    let zeros = "static room: [u8; 5];\nfn main() -> i32 { room[0] as i32 }\n";
    for (before, count) in [
        ("", 0),
        ("extern \"host\" \"memory\" memory 1;\n", 5),
        ("extern \"host\" \"at\" const at: i32;\ndata at at = \"x\";\n", 5),
        ("data at 1 = \"x\";\n", 0),
    ] {
        let module = compiled(&format!("{before}{zeros}"));
        let last = data(&around(&module)).pop().map(|(_, bytes)| bytes);
        assert_eq!(last, Some(vec![0; count]), "{before}");
    }
}

#[test]
fn too_large_statics_are_refused() {
    let module = compiled("static room: [u8; 200_000];\nfn main() -> i32 { room[0] as i32 }");
    let with = |pages: Option<u32>, host: bool| {
        let mut module = module.clone();
        let text = module.add_text("host");
        let memory = module.memory.as_mut().expect("a memory for the static");
        memory.limits.max = pages;
        if host {
            memory.host = Some(velocity_nda::module::HostItem { module: text, item: text });
        }
        export(&module).map(|_| ())
    };
    assert_eq!([with(Some(4), false), with(None, true), with(Some(5), true)], [const { Ok(()) }; 3]);
    // The rules of a module see the same, and see it first.
    assert!(matches!(with(Some(3), true), Err(ExportError::Invalid(_) | ExportError::Statics)));
    let host = "extern \"host\" \"memory\" memory 1;\nstatic room: [u8; 100_000_000];\nfn main() { room[0] = 1; }";
    assert_eq!(export(&compiled(host)), Err(ExportError::TooLarge));
}

#[test]
fn constants_that_name_globals_become_values() {
    let module = compiled(
        "const one: i64 = 7; const two: i64 = one; extern \"host\" \"three\" const three: i64;
         const four: i64 = three; global five: i64 = two;
         fn main() -> i64 { one + two + three + four + five }",
    );
    let again = around(&module);
    let firsts: Vec<_> = again.globals.iter().map(|(_, global)| (again.name(&global.meta), global.kind)).collect();
    let seven = |kind| matches!(kind, GlobalKind::Defined(Constant::Value(Value::I64(7))));
    assert!(
        matches!(
            firsts[..],
            [
                (Some("three"), GlobalKind::Host(_)),
                (Some("one"), one),
                (Some("two"), two),
                (Some("four"), GlobalKind::Defined(Constant::Global(velocity_nda::module::GlobalId(0)))),
                (Some("five"), five)
            ] if seven(one) && seven(two) && seven(five)
        ),
        "{firsts:?}"
    );
}

#[test]
fn segments_with_and_without_empty_entries() {
    let module = compiled(
        "fn f() -> i32 { 1 }\nfn g() -> i32 { 2 }\ntable t: 4;\ntable u: 5 to 6;
         element kept = [f, null, g];\nelement all = [g, f];
         element at u[1] = [null, g];\nelement at t[2] = [f];
         fn main() -> i32 { table::init(t, kept, 0, 0, 3); t[2: fn() -> i32]() }",
    );
    let again = around(&module);
    let segments = |module: &Module| -> Vec<_> {
        let table = |mode| match mode {
            ElementMode::At(table, _) => Some(table),
            ElementMode::Passive => None,
        };
        let items = |items| module.pool.words(items).to_vec();
        module.elements.iter().map(|(_, element)| (table(element.mode), items(element.items))).collect()
    };
    assert_eq!(segments(&again), segments(&module));
    assert_eq!(segments(&again).len(), 4);
    let limits = |module: &Module| module.tables.iter().map(|(_, table)| table.limits).collect::<Vec<_>>();
    assert_eq!(limits(&again), limits(&module));
}

#[test]
fn tables_are_told_apart() {
    let module = compiled(
        "fn f() -> i32 { 1 }\ntable own: 4;\nextern \"host\" \"table\" table other: 2;\nelement kept = [f];
         fn main() -> i32 {
             table::init(own, kept, 0, 0, 1);
             table::init(other, kept, 1, 0, 1);
             table::copy(own, other, 2, 1, 1);
             own[2: fn() -> i32]() + other[1: fn() -> i32]()
         }",
    );
    let again = around(&module);
    let uses = |module: &Module| -> Vec<_> {
        let name = |id| module.name(&module.tables[id].meta).map(str::to_owned);
        let used = module.exprs.as_slice().iter().filter_map(|expr| match *expr {
            Expr::TableInit(table, ..) | Expr::CallIndirect(_, table, _) => Some((name(table), None)),
            Expr::TableCopy(to, from, _) => Some((name(to), name(from))),
            _ => None,
        });
        used.collect()
    };
    assert_eq!(uses(&again), uses(&module));
    assert_eq!(uses(&module).len(), 5);
    assert!(again.tables.iter().next().is_some_and(|(_, table)| table.host.is_some()));
}

#[test]
fn a_local_that_is_set_twice_keeps_the_same_value() {
    let module = compiled("fn main() -> i32 { let a = 0; (a, a) = (5, 6); a }");
    let run = |module: Module| {
        let store = Store::new(Limits::default());
        let session = Session::new(&super::admitted(module), store);
        session.expect("it starts").resume(u64::MAX, &mut String::new())
    };
    assert_eq!(run(module.clone()), Progress::Finished(vec![Value::I32(5)]));
    assert_eq!(run(around(&module)), run(module));
}

#[test]
fn names_are_kept() {
    let module = compiled(
        "use sys::print;\nglobal count: i32 = 3;\nstatic cell: i32 = 4;\ndata kept = \"k\";\ntable calls: 1;\n
         element some = [main];\nfn twice(number: i32) -> i32 { let double = number * 2; double }
         fn main() { print(twice(count) + cell[0]); }",
    );
    let again = around(&module);
    let names = |module: &Module| {
        let metas = module.functions.iter().map(|(_, function)| function.meta);
        let metas = metas.chain(module.globals.iter().map(|(_, global)| global.meta));
        let metas = metas.chain(module.tables.iter().map(|(_, table)| table.meta));
        let metas = metas.chain(module.data.iter().map(|(_, data)| data.meta));
        let metas = metas.chain(module.elements.iter().map(|(_, element)| element.meta));
        let mut names: Vec<_> = metas.map(|meta| module.name(&meta).map(str::to_owned)).collect();
        for (_, function) in module.functions.iter() {
            if let FunctionKind::Defined(body) = function.kind {
                names.extend(module.pool.get(body.names).map(|id| Some(module.text(id).to_owned())));
            }
        }
        names.sort_unstable();
        names
    };
    assert_eq!(names(&again), names(&module));
    assert!(names(&module).contains(&Some("double".into())));
}

#[test]
fn main_is_exported_unless_something_else_is() {
    let names = |text: &str| export_names(&around(&compiled(text))).join(" ");
    assert_eq!(names("fn main() {}"), "main");
    assert_eq!(names("fn f() {}\nexport \"f\" = f;\nfn main() {}"), "f main");
    assert_eq!(names("fn main() {}\nexport \"main\" = main;"), "main");
    let other = around(&compiled("fn main() {}\nfn f() -> i32 { 1 }\nexport \"main\" = f;"));
    assert_eq!(export_names(&other), ["main"]);
    let ExportItem::Function(id) = other.exports[0].item else { panic!("no function") };
    assert_eq!(other.name(&other.functions[id].meta), Some("f"));
    assert_eq!(names("fn f() {}"), "");
}

#[test]
fn memory_is_exported_for_host_functions_of_the_language() {
    let names = |text: &str| export_names(&around(&compiled(text))).join(" ");
    let write = "use sys::write;\nstatic text: [u8; 2] = \"ab\";\nfn main() { write(text, 2); }";
    assert_eq!(names(write), "main memory");
    assert_eq!(names(&format!("{write}\nexport \"shown\" = memory;")), "shown main memory");
    assert_eq!(names(&format!("{write}\nexport \"memory\" = memory;")), "memory main");
    assert_eq!(names(&format!("{write}\nexport \"memory\" = main;")), "memory main");
    assert_eq!(names("static text: i32 = 1;\nfn main() -> i32 { text[0] }"), "main");
    assert_eq!(names("use sys::print;\nfn main() { print(1); }"), "main");
    assert_eq!(names("extern \"host\" \"f\" fn f();\nmemory 1;\nfn main() { f(); }"), "main");
}

#[test]
fn what_cannot_be_exported_is_named() {
    let hash = "ab".repeat(32);
    let unresolved = |name: &str| Err(ExportError::Unresolved { name: name.into() });
    let module = compiled(&format!("import \"{hash}\" fn far(n: i32) -> i32;\nfn main() -> i32 {{ far(1) }}"));
    assert_eq!(export(&module), unresolved("far"));
    let module = compiled(&format!("import \"{hash}\" static cell: i32;\nfn main() -> i32 {{ cell[0] }}"));
    assert_eq!(export(&module), unresolved("cell"));
    let module = compiled(&format!("import \"{hash}\" const size: i32;\nfn main() -> i32 {{ size }}"));
    let error = export(&module).expect_err("a hash is no import of WebAssembly");
    assert!(error.to_string().contains("`size`"), "{error}");
    let mut module = compiled("fn main() -> i32 { 1 }");
    let main = module.function_named("main").expect("it");
    module.functions[main].signature = SigId(7);
    assert!(matches!(export(&module), Err(ExportError::Invalid(_))));
}

#[test]
fn texts_that_many_items_share_do_not_make_a_large_module() {
    let mut module = compiled("extern \"host\" \"f\" fn f();\nfn main() { f(); }");
    let long = module.add_text(&"x".repeat(1 << 20));
    let (host, _) = module.functions.iter().find(|(_, one)| matches!(one.kind, FunctionKind::Host(_))).expect("it");
    let mut function = module.functions[host];
    function.kind = FunctionKind::Host(velocity_nda::module::HostItem { module: long, item: long });
    for _ in 0..100 {
        module.functions.push(function);
    }
    assert_eq!(export(&module), Err(ExportError::TooLarge));
}

#[test]
fn deep_trees_need_no_stack() {
    use velocity_nda::Span;
    use velocity_nda::module::{Type, UnaryOp, Yield};
    let one = Yield::one(Type::I32);
    for wrap in [
        |inner| Expr::Unary(UnaryOp::I32Eqz, inner),
        |inner| Expr::Block(inner),
        |inner| Expr::Loop(inner),
        |inner| Expr::Return(inner),
    ] {
        let mut module = compiled("fn main() -> i32 { 1 }");
        let main = module.function_named("main").expect("it");
        let mut root = ExprId(module.exprs.len() as u32 - 1);
        for _ in 0..200_000 {
            let expr = wrap(root);
            let yields = if matches!(expr, Expr::Return(_)) { Yield::NEVER } else { one };
            root = module.add(expr, yields, Span::default());
        }
        let FunctionKind::Defined(body) = &mut module.functions[main].kind else { panic!("a body") };
        body.root = root;
        around(&module);
    }
}
