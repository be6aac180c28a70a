//! Tests of the checker: core trees as text, errors as their messages.

use crate::MAX_LOCALS;
use crate::arena::Key;
use crate::compile_seed as compile;
use crate::core::{Expr, ExprId, FuncId, Module, UnaryOp, Value};
use std::format;
use std::string::String;
use std::vec::Vec;

fn node(module: &Module, id: ExprId) -> String {
    let show = |id| node(module, id);
    let all = |list| module.lists.get(list).iter().map(|&id| node(module, id)).collect::<Vec<_>>().join(" ");
    match module.exprs[id] {
        Expr::I32(value) => format!("{value}"),
        Expr::I64(value) => format!("{value}L"),
        Expr::Local(local) => format!("${}", local.index()),
        Expr::SetLocal(local, value) => format!("(set ${} {})", local.index(), show(value)),
        Expr::Unary(UnaryOp::Eqz, operand) => format!("(eqz {})", show(operand)),
        Expr::Unary(UnaryOp::Wrap, operand) => format!("(wrap {})", show(operand)),
        Expr::Unary(UnaryOp::Extend, operand) => format!("(extend {})", show(operand)),
        Expr::Binary(op, ty, left, right) => format!("({op:?}.{ty} {} {})", show(left), show(right)),
        Expr::If(condition, then) => format!("(if {} {})", show(condition), show(then)),
        Expr::IfElse(condition, then, other) => format!("(if {} {} {})", show(condition), show(then), show(other)),
        Expr::While(condition, body) => format!("(while {} {})", show(condition), show(body)),
        Expr::Block(list) => format!("[{}]", all(list)),
        Expr::Drop(value) => format!("(drop {})", show(value)),
        Expr::Call(callee, list) => format!("(call {} {})", callee.index(), all(list)),
        Expr::Print(ty, value) => format!("(print.{ty} {})", show(value)),
        Expr::Return(value) => format!("(return {})", value.map_or(String::new(), show)),
    }
}

/// The core of the first function.
fn core(source: &str) -> String {
    let module = compile(source).unwrap_or_else(|errors| panic!("{}", errors.render("f", source)));
    node(&module, module.functions[FuncId::new(0)].body)
}

/// The core of the body of a function with parameters `a: i32, b: i64` and result `i64`.
fn body(text: &str) -> String {
    core(&format!("fn f(a: i32, b: i64) -> i64 {{ {text} }}"))
}

fn messages(source: &str) -> Vec<String> {
    match compile(source) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.as_slice().iter().map(|error| error.message.clone()).collect(),
    }
}

/// The messages about the body of a function with parameters `a: i32, b: i64` and result `i64`.
fn wrong(text: &str) -> Vec<String> {
    messages(&format!("fn f(a: i32, b: i64) -> i64 {{ {text} }} fn unit() {{}}"))
}

#[test]
fn numbers_take_the_type_of_what_they_meet() {
    assert_eq!(body("1 + b"), "(Add.i64 1L $1)");
    assert_eq!(body("b * (2 + 3) - -4"), "(Sub.i64 (Mul.i64 $1 (Add.i64 2L 3L)) -4L)");
    assert_eq!(body("if 1 < 2 { 3 } else { b }"), "(if (LtS.i32 1 2) 3L $1)");
    assert_eq!(body("if a { { let c = 5; 6 } } else { 7 }"), "(if $0 [(set $2 5) 6L] 7L)");
    assert_eq!(body("let c = 5; let d: i64 = 6; c; d"), "[(set $2 5) (set $3 6L) (drop $2) $3]");
    assert_eq!(body("(1 == b); 1 << 2"), "[(drop (Eq.i64 1L $1)) (Shl.i64 1L 2L)]");
    assert_eq!(body("f(1, 2)"), "(call 0 1 2L)");
}

#[test]
fn casts_convert_values_and_settle_numbers() {
    assert_eq!(body("a as i64"), "(extend $0)");
    assert_eq!(body("b as i32 as i64"), "(extend (wrap $1))");
    assert_eq!(body("3000000000 as i64"), "3000000000L");
    assert_eq!(body("(a as i32) as i64 + b as i64"), "(Add.i64 (extend $0) $1)");
    assert_eq!(body("-9223372036854775808"), "-9223372036854775808L");
    assert_eq!(body("-b"), "(Sub.i64 0L $1)");
}

#[test]
fn logic_becomes_if() {
    assert_eq!(body("if a && a > 1 { 1 } else { 2 }"), "(if (if $0 (GtS.i32 $0 1) 0) 1L 2L)");
    assert_eq!(body("if a || a { 1 } else { 2 }"), "(if (if $0 1 (Ne.i32 $0 0)) 1L 2L)");
    assert_eq!(body("if a || !a { 1 } else { 2 }"), "(if (if $0 1 (eqz $0)) 1L 2L)");
}

#[test]
fn scopes_hide_and_restore() {
    let text = "let x = 1; { let x: i64 = 2; x = x + 1; } x = 4; let x = x as i64; x";
    let blocks = "[(set $2 1) [(set $3 2L) (set $3 (Add.i64 $3 1L))] (set $2 4) (set $4 (extend $2)) $4]";
    assert_eq!(body(text), blocks);
}

#[test]
fn what_never_ends_fits_everywhere() {
    assert_eq!(body("if a { return b; } b + 1"), "[(if $0 (return $1)) (Add.i64 $1 1L)]");
    assert_eq!(body("if a { return 1 } else { 2 }"), "(if $0 (return 1L) 2L)");
    assert_eq!(body("return 1; a"), "[(return 1L) (drop $0)]");
    assert_eq!(core("fn f() { return; }"), "(return )");
}

#[test]
fn else_if_chains_nest_to_the_right() {
    let text = "if a == 1 { 1 } else if a == 2 { b } else { 3 }";
    assert_eq!(body(text), "(if (Eq.i32 $0 1) 1L (if (Eq.i32 $0 2) $1 3L))");
}

#[test]
fn types_must_fit() {
    assert_eq!(wrong("a"), ["expected `i64`, found `i32`"]);
    assert_eq!(
        wrong("a = b; unit()"),
        ["expected `i32`, found `i64`", "this function returns `i64`, but its body ends without a value"]
    );
    assert_eq!(wrong("a + b"), ["the operands differ in type: `i32` and `i64`"]);
    assert_eq!(
        wrong("if b { 1 } else { a }"),
        ["a condition is of type `i32`, found `i64`", "expected `i64`, found `i32`"]
    );
    assert_eq!(wrong("if a { 1 } else { }"), ["expected a number, found no value"]);
    assert_eq!(wrong("!b; 1"), ["a condition is of type `i32`, found `i64`"]);
    assert_eq!(
        wrong("b && 1 || unit(); 1"),
        ["a condition is of type `i32`, found `i64`", "a condition is of type `i32`, found no value"]
    );
    assert_eq!(wrong("return; 1"), ["`return` needs a value of type `i64` here"]);
    assert_eq!(wrong("1 + unit()"), ["an operator needs two numbers"]);
    assert_eq!(wrong("let x = unit(); unit() as i64"), ["a variable needs a value", "`as` needs a value"]);
    assert_eq!(wrong("f(b, 1)"), ["expected `i32`, found `i64`"]);
}

#[test]
fn values_are_not_lost_by_accident() {
    assert_eq!(wrong("if a { 1 } b"), ["an `if` without `else` has no value, found a number"]);
    assert_eq!(wrong("if a { 1 } else { 2 } b"), ["expected no value here, found a number"]);
    assert_eq!(wrong("while a { b } b"), ["expected no value here, found `i64`"]);
    assert_eq!(wrong("if a { 1 } else { 2 }; b"), Vec::<String>::new());
    assert_eq!(messages("fn f() { 1 }"), ["this function returns nothing, but its body has the value a number"]);
    assert_eq!(messages("fn f() { return 1; }"), ["this function returns nothing"]);
}

#[test]
fn numbers_must_fit_their_type() {
    assert_eq!(wrong("a = 2147483648; b"), ["the number `2147483648` does not fit into `i32`"]);
    assert_eq!(wrong("a = -2147483648; b"), Vec::<String>::new());
    assert_eq!(wrong("a = -2147483649; b"), ["the number `-2147483649` does not fit into `i32`"]);
    assert_eq!(wrong("9223372036854775808"), ["the number `9223372036854775808` does not fit into `i64`"]);
}

#[test]
fn names_must_be_known_and_unique() {
    assert_eq!(wrong("c"), ["there is no variable `c` here"]);
    assert_eq!(wrong("{ let c = 1; } c = 2; 1"), ["there is no variable `c` here"]);
    assert_eq!(wrong("let c = c; 1"), ["there is no variable `c` here"]);
    assert_eq!(wrong("g(1 + a + b)"), ["there is no function `g`", "the operands differ in type: `i32` and `i64`"]);
    assert_eq!(wrong("f(1)"), ["`f` takes 2 arguments, found 1"]);
    assert_eq!(
        messages("fn f(a: i32, a: i32) {} fn f() {}"),
        ["the name `a` is declared twice", "the name `f` is declared twice"]
    );
}

#[test]
fn capabilities_must_be_declared() {
    assert_eq!(messages("fn f() { print(1); }"), ["the capability `sys::print` is not declared"]);
    assert_eq!(
        messages("use sys::print; fn f() { print(1, 2); print(f()); }"),
        ["`print` takes 1 argument, found 2", "`print` needs a value"]
    );
    assert_eq!(messages("use sys::show;"), ["there is no capability `sys::show`"]);
    assert_eq!(messages("use sys::print; fn print() {}"), ["the name `print` is declared twice"]);
    assert_eq!(core("use sys::print; fn f() { print(1); print(2 as i64) }"), "[(print.i32 1) (print.i64 2L)]");
    // Without the capability the name is free.
    assert_eq!(core("fn f() { print(1); } fn print(x: i64) {}"), "(call 1 1L)");
}

#[test]
fn one_mistake_is_reported_once() {
    assert_eq!(wrong("let c = nope; c = c + a; f(c, c) + c").len(), 1);
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
}

#[test]
fn the_number_of_variables_is_limited() {
    let source = |count: usize| format!("fn f(a: i32) {{ {} }}", "let a = 1;".repeat(count - 1));
    assert_eq!(messages(&source(MAX_LOCALS)), Vec::<String>::new());
    assert_eq!(messages(&source(MAX_LOCALS + 1)), ["a function may have 4096 parameters and variables at most"]);
}

#[test]
fn long_chains_are_checked_without_recursion() {
    let sum = format!("fn f() -> i32 {{ {}1 }}", "1 + ".repeat(100_000));
    let elses = format!("fn f(a: i32) -> i32 {{ {}{{ 1 }} }}", "if a { 2 } else ".repeat(50_000));
    let casts = format!("fn f(a: i32) -> i32 {{ a{} }}", " as i64 as i32".repeat(50_000));
    for source in [sum, elses, casts] {
        assert_eq!(messages(&source), Vec::<String>::new());
    }
}

#[test]
fn the_length_of_the_source_is_limited() {
    let source = |bytes: usize| String::from("fn main() {}") + &" ".repeat(bytes - 12);
    assert!(compile(&source(crate::MAX_SOURCE_BYTES)).is_ok());
    let errors = compile(&source(crate::MAX_SOURCE_BYTES + 1)).unwrap_err();
    assert!(errors.render("big.nda", "").contains("has 1048577 bytes, more than the 1048576 that are read"));
}

#[test]
fn values_print_as_plain_numbers() {
    assert_eq!(format!("{} {}", Value::I32(-5), Value::I64(i64::MIN)), "-5 -9223372036854775808");
}

/// Children before parents, within the arena: invariant 1 of the core.
fn assert_post_order(module: &Module) {
    for (id, expr) in module.exprs.iter() {
        let children: Vec<ExprId> = match *expr {
            Expr::I32(_) | Expr::I64(_) | Expr::Local(_) | Expr::Return(None) => Vec::new(),
            Expr::SetLocal(_, a) | Expr::Unary(_, a) | Expr::Drop(a) | Expr::Print(_, a) | Expr::Return(Some(a)) => {
                [a].into()
            }
            Expr::Binary(_, _, a, b) | Expr::If(a, b) | Expr::While(a, b) => [a, b].into(),
            Expr::IfElse(a, b, c) => [a, b, c].into(),
            Expr::Block(list) | Expr::Call(_, list) => module.lists.get(list).to_vec(),
        };
        assert!(children.iter().all(|child| child.index() < id.index()), "{id:?}: {expr:?}");
    }
}

#[test]
fn the_core_of_every_program_is_in_post_order() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/nda");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let modules = files
        .filter(|path| path.extension().is_some_and(|end| end == "nda"))
        .filter_map(|path| compile(&std::fs::read_to_string(path).unwrap()).ok());
    let checked = modules.inspect(assert_post_order).count();
    assert!(checked >= 12, "only {checked} programs compile");
}
