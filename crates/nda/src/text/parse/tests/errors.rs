//! What the parser says about texts that are wrong, and how it finds its way again.

use super::{errors, parse};
use crate::diagnostics::Diagnostics;
use std::string::{String, ToString};
use std::vec::Vec;

/// The advice under the errors of a text.
fn advice(source: &str) -> Vec<String> {
    let mut diagnostics = Diagnostics::default();
    parse(source, &mut diagnostics);
    diagnostics.as_slice().iter().map(|one| one.help.as_deref().unwrap_or("none").to_string()).collect()
}

#[test]
fn several_errors_come_from_one_pass() {
    let source = "fn a() { let = 1; x y; ) }\nfn b( { }\nfn c() { 1 + ; }\nuse x;\nfn d() {}}\nfn e() {";
    assert_eq!(
        errors(source),
        [
            "1:expected a name, found `=`",
            "1:expected `;`, found `y`",
            "1:expected an expression, found `)`",
            "2:expected a name, found `{`",
            "3:expected an expression, found `;`",
            "4:expected `::`, found `;`",
            "5:this `}` closes nothing",
            "6:expected `}`, found the end of the file",
        ]
    );
}

#[test]
fn a_missing_semicolon_costs_one_error() {
    assert_eq!(
        errors("fn f() {\n let a = 1\n let b = 2;\n a = b\n b = a;\n}\nmemory 1\nstatic a: u8"),
        [
            "2:expected `;`, found `let`",
            "4:expected `;`, found `b`",
            "7:expected `;`, found `static`",
            "8:expected `;`, found the end of the file"
        ]
    );
}

#[test]
fn what_follows_something_unreadable_is_not_reported_too() {
    assert_eq!(
        errors("fn f() { let s = 'x'; a @ b; }"),
        ["1:there is no type of letters", "1:`@` is not part of the language"]
    );
    assert_eq!(errors("/* no */ fn f() {}"), ["1:block comments are not part of the language"]);
    assert_eq!(errors("static s: [u8; 1] = \"a;\nfn f() {}"), ["1:the text is not closed on its line"]);
}

#[test]
fn a_missing_brace_does_not_hide_the_next_item() {
    assert_eq!(
        errors("fn f() { if 1 { \nfn g() { 1 + }"),
        ["2:expected `}`, found `fn`", "2:expected an expression, found `}`"]
    );
    let next_items = ["memory 1;", "data d = \"\";", "static a: u8;", "export \"f\" = f;", "const c: i32 = 1;"];
    for item in next_items {
        let found = errors(&format!("fn f() {{ if 1 {{\n{item}\nfn g() {{ ) }}"));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("2:expected `}`"), "{found:?}");
    }
}

#[test]
fn items_inside_of_functions_are_named() {
    let source = "fn f() {\n  const N: i32 = 1;\n  static a: u8;\n  ) ;\n}\nfn g() {}";
    assert_eq!(
        errors(source),
        [
            "2:`const` stands outside of functions",
            "3:`static` stands outside of functions",
            "4:expected an expression, found `)`"
        ]
    );
}

#[test]
fn doc_comments_stand_before_items_only() {
    assert_eq!(errors("/// a\n/// b\nfn f() {}"), Vec::<String>::new());
    assert_eq!(errors("/// a\nuse sys::print;"), Vec::<String>::new());
    assert_eq!(errors("/// a\n1"), ["2:expected an item, found `1`"]);
    assert_eq!(errors("fn f() {\n/// a\n1; }"), ["2:expected a statement, found a doc comment"]);
    assert_eq!(errors("/// a"), ["1:expected an item, found the end of the file"]);
}

#[test]
fn tuples_and_types_say_what_is_wrong() {
    let cases = [
        ("fn f() -> () {}", "there is no empty type"),
        ("fn f() -> (i32) { 1 }", "a single result stands without parentheses"),
        ("fn f(a: u8) {}", "`u8` is a type of what lies in memory, not of values"),
        ("fn f(a: bool) {}", "there is no type `bool`"),
        ("fn f(a: *x) {}", "there is no type `x` in memory"),
        ("fn f(a: &u8) {}", "expected a type, found `&`"),
        ("fn f() { let (a) = g(); }", "a tuple has two values or more"),
        ("fn f() { (a,); }", "a tuple has two values or more"),
        ("fn f() { (a, 1) = g(); }", "several values can only be assigned to variables"),
        ("fn f() { let (a: i32, b) = g(); }", "expected `,` or `)`, found `:`"),
        ("fn f() { f() = 1; }", "only a variable or a place in memory can be assigned to"),
        ("fn f() { (p[0] = 1); }", "only a variable or a place in memory can be assigned to"),
        ("fn f() { let x; }", "expected `:` or `=`, found `;`"),
        ("fn f() { x += 1; }", "there is no `+=` operator"),
        ("fn f() { f()[0: fn()](); }", "an indirect call goes through the name of a table"),
        ("fn f() { t[0: i32](); }", "expected `fn`, found `i32`"),
        ("fn f() { 1 < 2 < 3; }", "comparisons cannot be chained"),
        ("fn f() { 1.5f32; }", "`f` is not a digit of the number `1.5f32`"),
        ("static s: [u8] = \"\";", "expected `;` and a number, found `]`"),
        ("static s: [u8; 1] = \"\\q\";", "there is no escape `\\q`"),
        ("static s: [i32; 1] = [x];", "expected a number, found `x`"),
        ("global g: i32;", "expected `=` and a value, found `;`"),
        ("import \"x\" memory 1;", "expected `fn`, `static`, `global` or `const`, found `memory`"),
        ("extern \"x\" fn f();", "expected the name of an item in quotes, found `fn`"),
    ];
    for (source, message) in cases {
        assert_eq!(errors(source), [format!("1:{message}")], "{source}");
    }
}

#[test]
fn control_says_what_is_wrong() {
    let cases = [
        ("for i in 0..=9 { }", "there is no `..=`"),
        ("for i in 9 { }", "expected `..`, found `{`"),
        ("for i = 0..9 { }", "expected `in`, found `=`"),
        ("'a loop { }", "expected `:`, found `loop`"),
        ("'a: if 1 { }", "expected a loop or `{`, found `if`"),
        ("branch 1;", "expected `[` and labels, found `;`"),
        ("branch 1 ['a, b];", "expected a label, found `b`"),
        ("if a = 1 { }", "expected `{`, found `=`"),
    ];
    for (text, message) in cases {
        assert_eq!(errors(&format!("fn f() {{ {text} }}")), [format!("1:{message}")], "{text}");
    }
}

#[test]
fn the_advice_is_what_to_write() {
    let cases = [
        ("func main() {}", "did you mean `fn`?"),
        ("statik s: u8;", "did you mean `static`?"),
        ("tabel t: 1;", "did you mean `table`?"),
        ("fn f() { whlie x { } }", "did you mean `while`?"),
        ("fn f() { var x = 1; }", "did you mean `let`?"),
        ("fn f() { let mut x = 1; }", "every variable can be assigned to; leave `mut` out"),
        ("fn f(a: usize) {}", "write `u32`"),
        ("fn f(a: i23) {}", "did you mean `i32`?"),
        ("fn f(a: i16) {}", "a value is an `i32`; `x as i16` cuts it down, and `*i16` points to it in memory"),
        ("fn f() { x = *p; }", "memory is read through a pointer as `p[0]`"),
        ("fn f() { { a } && b }", "a statement that begins with a block ends with it; put the block in parentheses"),
        ("fn f() { i++; }", "there is no `++`; write `x = x + 1`"),
        (
            "fn f() { g(\"a\"); }",
            "a text is placed with `static s: [u8; 5] = \"...\";`, and `s` is then a pointer to it",
        ),
        ("fn f() { x += 1; }", "write `x = x + ...`"),
        ("fn f() { p[0] |= 1; }", "write `p[0] = p[0] | ...`"),
        ("fn f() { ~x; }", "write `x ^ -1`"),
    ];
    for (source, help) in cases {
        assert_eq!(advice(source), [help], "{source}");
    }
}

#[test]
fn recovery_goes_on_behind_a_type_of_an_indirect_call() {
    assert_eq!(
        errors("fn f() { ) t[0: fn(i32)](1); a b; }"),
        ["1:expected an expression, found `)`", "1:expected `;`, found `b`"]
    );
}
