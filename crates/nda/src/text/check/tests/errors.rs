//! What is reported, and that it is reported once.

use super::{compile, help, messages, value, wrong};
use std::string::String;
use std::vec::Vec;

/// The messages about the body of a function with parameters `a: i32, b: i64` and result `i64`.
fn wrong_result(text: &str) -> Vec<String> {
    messages(&std::format!("fn f(a: i32, b: i64) -> i64 {{ {text} }} fn unit() {{}}"))
}

#[test]
fn types_must_fit() {
    assert_eq!(wrong_result("a"), ["expected `i64`, found `i32`"]);
    assert_eq!(
        wrong_result("a = b; unit()"),
        ["expected `i32`, found `i64`", "this function returns `i64`, but its body ends without a value"]
    );
    assert_eq!(wrong_result("a + b"), ["the operands differ in type: `i32` and `i64`"]);
    assert_eq!(
        wrong_result("if b { 1 } else { a }"),
        ["a condition is of type `i32`, found `i64`", "expected `i64`, found `i32`"]
    );
    assert_eq!(wrong_result("if a { 1 } else { }"), ["expected a number, found no value"]);
    assert_eq!(
        wrong_result("b && 1 || unit(); 1"),
        ["a condition is of type `i32`, found `i64`", "a condition is of type `i32`, found no value"]
    );
    assert_eq!(wrong_result("return; 1"), ["`return` needs a value of type `i64` here"]);
    assert_eq!(wrong_result("return unit(); 1"), ["`return` needs a value of type `i64` here"]);
    assert_eq!(wrong_result("1 + unit()"), ["an operator needs two numbers"]);
    assert_eq!(wrong_result("let x = unit(); unit() as i64"), ["a variable needs a value", "`as` needs a value"]);
    assert_eq!(wrong_result("f(b, 1)"), ["expected `i32`, found `i64`"]);
    assert_eq!(wrong_result("(1, 2)"), ["expected `i64`, found `(number, number)`"]);
}

#[test]
fn values_are_not_lost_by_accident() {
    assert_eq!(wrong_result("if a { 1 } b"), ["an `if` without `else` has no value, found a number"]);
    assert_eq!(wrong_result("if a { 1 } else { 2 } b"), ["expected no value here, found a number"]);
    assert_eq!(wrong_result("while a { b } b"), ["expected no value here, found `i64`"]);
    assert_eq!(wrong_result("for i in 0..1 { 2.5 } b"), ["expected no value here, found a number with a fraction"]);
    assert_eq!(wrong_result("if a { 1 } else { 2 }; b"), Vec::<String>::new());
    assert_eq!(messages("fn f() { 1 }"), ["this function returns nothing, but its body has the value a number"]);
    assert_eq!(messages("fn f() { return 1; }"), ["this function returns nothing"]);
    assert_eq!(value("i64", "a; b"), "[(drop $0) $1]");
}

#[test]
fn names_must_be_known_and_unique() {
    assert_eq!(wrong_result("c"), ["there is no variable `c` here"]);
    assert_eq!(wrong_result("{ let c = 1; } c = 2; 1"), ["there is no variable `c` here"]);
    assert_eq!(wrong_result("let c = c; 1"), ["there is no variable `c` here"]);
    assert_eq!(wrong_result("f(1)"), ["`f` takes 2 arguments, found 1"]);
    assert_eq!(
        messages("fn f(a: i32, a: i32) {} fn f() {} global f: i32 = 1;"),
        ["the name `a` is declared twice", "the name `f` is declared twice", "the name `f` is declared twice"]
    );
    assert_eq!(wrong("k = 3;"), ["`k` cannot be set, it is a `const`"]);
    assert_eq!(help("k = 3;"), "declare it with `global` instead of `const`");
    assert_eq!(wrong("(g = 3);"), ["`g` is a global; only variables can be set here"]);
}

#[test]
fn one_mistake_is_reported_once() {
    assert_eq!(wrong_result("let c = nope; c = c + a; f(c, c) + c").len(), 1);
    assert_eq!(wrong("let (x, y) = nope; let z = x + y + 1; cells[x] = y; g = z;").len(), 1);
    assert_eq!(wrong("for i in 0..nope { cells[i] = i; }").len(), 1);
    assert_eq!(wrong("let z = 'l: { if a { break 'l nope; } 1 }; z + b;").len(), 1);
    assert_eq!(
        messages("fn g() -> i64 { f(h(1)) } fn f(a: u7) -> x { 1 + } fn h("),
        [
            "there is no type `u7`",
            "there is no type `x`",
            "expected an expression, found `}`",
            "expected a name, found the end of the file"
        ]
    );
}

#[test]
fn suggestions_name_what_was_meant() {
    let help = |source: &str| String::from(compile(source).unwrap_err().as_slice()[0].help.clone().unwrap());
    assert_eq!(help("fn f(count: i32) -> i32 { conut }"), "did you mean `count`?");
    assert_eq!(help("fn square() {} fn f() { sqare(); }"), "did you mean `square`?");
    assert_eq!(help("use sys::prit;"), "did you mean `sys::print`?");
    assert_eq!(help("fn f(a: i46) {}"), "did you mean `i64`?");
    assert_eq!(help("fn f() { f = 1; }"), "it is a function: call it with `(...)` behind its name");
    assert_eq!(help("fn f(a: i32, b: i64) -> i64 { b + a * 2 }"), "convert the narrower side: `(a * 2) as i64`");
    assert_eq!(help("table jumps: 3; fn f() { jump[0: fn()](); }"), "did you mean `jumps`?");
    assert_eq!(help("fn start_up() {} export \"x\" = start_ap;"), "did you mean `start_up`?");
}
