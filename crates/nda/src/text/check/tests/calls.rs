//! Names, calls, variables, scopes, shims.

use super::{body, compile, core, help, messages, module, value, wrong};
use crate::module::{FuncId, FunctionKind};
use crate::sys::SHIMS;
use std::format;
use std::string::String;
use std::vec::Vec;

#[test]
fn scopes_hide_and_restore() {
    let text = "let x = 1; { let x: i64 = 2; x = x + 1; } x = 4; let x = x as i64; x";
    let blocks = "[(set $6 1) [(set $7 2L) (set $7 (i64.add $7 1L))] (set $6 4) (set $8 (i64.extend_i32_s $6)) $8]";
    assert_eq!(value("i64", text), blocks);
    assert_eq!(value("f32", "let x: f32; x"), "$6");
    assert_eq!(value("i32", "(a = 5) + a"), "(i32.add (tee $0 5) $0)");
    assert_eq!(value("i64", "g = a; g as i64"), "[(set @0 $0) (i64.extend_i32_s @0)]");
    assert_eq!(value("u64", "k + 1"), "(i64.add @1 1L)");
    assert_eq!(value("i64", "{ { b } }"), "$1");
    assert_eq!(body("{};"), "[]");
}

#[test]
fn what_never_ends_fits_everywhere() {
    assert_eq!(value("i64", "if a { return b; } b + 1"), "[(if $0 (return $1)) (i64.add $1 1L)]");
    assert_eq!(value("i64", "if a { return 1 } else { 2 }"), "(if $0 (return 1L) 2L)");
    assert_eq!(value("i64", "return 1; a"), "[(return 1L) $0]");
    assert_eq!(value("i64", "1 + return 2"), "(i32.add 1 (return 2L))");
    assert_eq!(value("i64", "let x = return 1; x"), "[(set $6 (return 1L)) $6]");
    assert_eq!(value("i64", "if (return 1) { 2 } else { 3 }"), "(if (return 1L) 2 3)");
    assert_eq!(value("f32", "(return 1.0) as f32"), "(return 1.0f)");
    assert_eq!(value("f32", "-(return e)"), "(i32.sub 0 (return $4))");
    assert_eq!(value("i64", "if a { return 1; } else { unreachable() }"), "(if $0 (return 1L) (unreachable))");
    assert_eq!(body("cells[return] = 1;"), "(i32.store+0 (i32.add &0 (i32.shl (return []) 2)) 1)");
    assert_eq!(body("select(1, return, 1);"), "(select 1 (return []) 1)");
    assert_eq!(core("fn f() { return; }"), "(return [])");
}

#[test]
fn else_if_chains_nest_to_the_right() {
    let text = "if a == 1 { 1 } else if a == 2 { b } else { 3 }";
    assert_eq!(value("i64", text), "(if (i32.eq $0 1) 1L (if (i32.eq $0 2) $1 3L))");
    let text = "if a { 1 } else if a { return 1 } else { return 2 }";
    assert_eq!(value("i64", text), "(if $0 1L (if $0 (return 1L) (return 2L)))");
}

#[test]
fn calls_settle_their_arguments() {
    let around = "fn t(a: u32, b: f32, p: *u8) -> u64 { 1 } static s: [u8; 2];";
    assert_eq!(core(&format!("fn f() -> u64 {{ t(1, 2.0, s) }} {around}")), "(call 1 1 2.0f &0)");
    assert_eq!(messages(&format!("fn f() {{ t(1, 2, 3); }} {around}")).len(), 2);
    assert_eq!(wrong("unit(1);"), ["`unit` takes 0 arguments, found 1"]);
    assert_eq!(
        wrong("nope(1 + a + b);"),
        ["there is no function `nope`", "the operands differ in type: `i32` and `i64`"]
    );
    assert_eq!(wrong("g(1);"), ["`g` is no function"]);
    assert_eq!(wrong("unit;"), ["there is no variable `unit` here"]);
    assert_eq!(help("unit;"), "it is a function: call it with `(...)` behind its name");
    assert_eq!(help("unti();"), "did you mean `unit`?");
    assert_eq!(help("bytse[0];"), "did you mean `bytes`?");
    assert_eq!(help("selct(a, a, a);"), "did you mean `select`?");
}

#[test]
fn calls_go_through_tables() {
    let around = "table t = [one, null, two]; fn one(a: i32) -> i32 { a } fn two() {}";
    let source = format!("fn f(a: i32, b: u32) -> i32 {{ t[a: fn()](); t[b + 1: fn(i32) -> i32](a) }} {around}");
    assert_eq!(core(&source), "[(call 0:2 $0) (call 0:1 $0 (i32.add $1 1))]");
    assert_eq!(
        messages(&format!("fn f(a: i64) {{ t[a: fn()](); u[0: fn()](); t[0: fn(i64)](1, 2); }} {around}")),
        [
            "the index into a table is of type `i32` or `u32`, found `i64`",
            "there is no table `u`",
            "`t` takes 1 argument, found 2"
        ]
    );
}

#[test]
fn shims_pick_the_host_item_by_type() {
    let source =
        "use sys::print; fn f(a: u32, b: u64, c: f32) { print(1); print(1 as i64); print(a); print(b); print(c);
        print(2.5); print(7); }";
    let made = module(source);
    let items = made.functions.iter().filter_map(|(_, function)| match function.kind {
        FunctionKind::Host(host) => Some(made.text(host.item)),
        _ => None,
    });
    assert_eq!(
        items.collect::<Vec<_>>(),
        ["print_i32", "print_i64", "print_u32", "print_u64", "print_f32", "print_f64"]
    );
    assert_eq!(core(source), "[(call 1 1) (call 2 1L) (call 3 $0) (call 4 $1) (call 5 $2) (call 6 2.5) (call 1 7)]");
    assert_eq!(made.name(&made.functions[FuncId(3)].meta), Some("print"));
    // What is not called is no part of the module.
    assert_eq!(module("use sys::print; fn f() {}").functions.len(), 1);
    for shim in SHIMS.iter().filter(|shim| shim.overloads.len() == 1) {
        let overload = &shim.overloads[0];
        let arguments: Vec<String> = overload
            .parameters
            .iter()
            .map(|ty| match ty {
                crate::sys::ShimType::Bytes => String::from("s"),
                _ => String::from("1"),
            })
            .collect();
        let source =
            format!("use sys::{}; fn f() {{ {}({}); }} static s: u8 = 1;", shim.name, shim.name, arguments.join(", "));
        assert!(compile(&source).is_ok(), "{source}");
    }
}

#[test]
fn capabilities_must_be_declared() {
    assert_eq!(messages("fn f() { print(1); }"), ["the capability `sys::print` is not declared"]);
    assert_eq!(
        messages("use sys::print; fn f() { print(1, 2); print(f()); }"),
        ["`print` takes 1 argument, found 2", "`print` needs a value"]
    );
    assert_eq!(messages("use sys::print; static s: u8; fn f() { print(s); }"), ["`print` takes a number, found `*u8`"]);
    assert_eq!(messages("use sys::show;"), ["there is no capability `sys::show`"]);
    assert_eq!(messages("use sys::print; fn print() {}"), ["the name `print` is declared twice"]);
    assert_eq!(messages("use sys::write; fn f() { write(1, 2); }"), ["expected `*u8`, found a number"]);
    // Without the capability the name is free.
    assert_eq!(core("fn f() { print(1); } fn print(x: i64) {}"), "(call 1 1L)");
}
