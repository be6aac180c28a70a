//! Costs, stacks, recursion and reach of small programs.

use super::*;
use velocity_nda::compile;

fn facts(source: &str) -> (Module, Facts) {
    let module = compile(source).unwrap_or_else(|errors| panic!("{}", errors.render("test.nda", source)));
    let facts = Facts::of(&module);
    (module, facts)
}

fn cost(source: &str) -> Cost {
    facts(source).1.cost()
}

fn reason(source: &str) -> Option<(Reason, String)> {
    match cost(source) {
        Cost::Unbounded(reason, span) => Some((reason, span.text(source).to_owned())),
        Cost::AtMost(_) => None,
    }
}

#[test]
fn straight_code_costs_its_nodes() {
    assert_eq!(cost("fn main() {}"), Cost::AtMost(1));
    // add, two numbers
    assert_eq!(cost("fn main() -> i32 { 1 + 2 }"), Cost::AtMost(3));
    // if-else, condition; of the arms the dearer one, of five nodes
    assert_eq!(cost("fn main() -> i32 { if 1 { 1 } else { 1 + 2 * 3 } }"), Cost::AtMost(7));
}

#[test]
fn a_call_costs_what_its_callee_costs() {
    let source = "fn three() -> i32 { 1 + 2 } fn main() -> i32 { three() + three() }";
    assert_eq!(cost(source), Cost::AtMost(3 + 2 * 3));
}

#[test]
fn counted_loops_are_products() {
    let body = |turns: u64, each: u64| turns * each;
    // The loop, for each turn if, compare (3), the sequence, the increment (4), break and its empty sequence (2); the last
    // look at the condition (3) and the `if` around it.
    let once = 1 + 3 + 1 + 4 + 2;
    let ends = |turns: u64, inner: u64| 1 + body(turns, once + inner) + 1 + 3;
    let set = 2;
    let Cost::AtMost(empty) = cost("fn main() { for i in 0..10 { } }") else { panic!() };
    assert!(empty >= ends(10, 0) && empty <= 1 + 2 * set + ends(10, 4), "{empty}");
    let Cost::AtMost(twice) = cost("fn main() { for i in 0..20 { } }") else { panic!() };
    assert_eq!((twice - empty) % 10, 0);
    let Cost::AtMost(nested) = cost("fn main() { for i in 0..10 { for j in 0..10 { } } }") else { panic!() };
    assert!(nested > 10 * (empty - 10) && nested < 12 * empty, "{nested} {empty}");
    for counted in [
        "fn main() { let i: i32 = 0; while i < 5 { i = i + 1; } }",
        "fn main() { let i: i64 = 3; while i <= 50 { i = i + 4; } }",
        "const n: u32 = 9; fn main() { for i in 0..n { } }",
        "fn main() { for i in 5..2 { } }",
        "fn main() { for i in 0..9 { if i == 4 { break; } } }",
        "fn main() { for i in 0..9 { if i == 4 { continue; } } }",
    ] {
        assert!(matches!(cost(counted), Cost::AtMost(_)), "{counted}: {:?}", cost(counted));
    }
}

#[test]
fn loops_are_counted_however_they_are_written() {
    for counted in [
        "fn main() { let n: i64 = 5; while n != 0 { n = n - 1; } }",
        "fn main() { let n: u32 = 0; loop { n = n + 2; if n > 9 { break; } } }",
        "fn main() { let n: i32 = 50; loop { if n >= 3 { n = n - 7; } else { break; } } }",
        "fn main() { for i in 0..10 { for j in i..10 { for k in j..i + 20 { } } } }",
        "fn f(x: u32) { for i in 0..(x & 15) { } } fn main() { f(3); }",
        "fn f(x: u32) { while x != 0 { x = x >> 3; } } fn main() { f(3); }",
        "fn f(x: i64) { while x > 0 { x = x / 10; } } fn main() { f(3); }",
        "fn f(x: u64) { while x != 0 { x = x & (x - 1); } } fn main() { f(3); }",
    ] {
        assert!(matches!(cost(counted), Cost::AtMost(..2_000_000)), "{counted}: {:?}", cost(counted));
    }
    for endless in [
        "fn main() { let n: i64 = 5; while n != 0 { n = n - 2; } }",
        "fn f(x: i32) { while x != 0 { x = x >> 3; } } fn main() { f(3); }",
        "fn main() { let n: u32 = 9; while n >= 0 { n = n - 1; } }",
        "fn main() { let n: i32 = 0; loop { if n > 9 { break; } if n == 3 { continue; } n = n + 1; } }",
        "fn f(x: u32) { while x != 0 { x = x / 1; } } fn main() { f(3); }",
    ] {
        assert_eq!(reason(endless).map(|(reason, _)| reason), Some(Reason::Loop), "{endless}");
    }
}

#[test]
fn huge_products_saturate() {
    let many = "for a in 0..2000000000 { for b in 0..2000000000 { for c in 0..2000000000 { } } }";
    assert_eq!(cost(&format!("fn main() {{ {many} }}")), Cost::AtMost(u64::MAX));
}

#[test]
fn what_has_no_bound_says_why() {
    for (source, wanted) in [
        ("fn f(n: i32) { for i in 0..n { } } fn main() { f(3); }", "for i in 0..n { }"),
        ("fn main() { loop { } }", "loop { }"),
        ("fn main() { let i: i32 = 0; while i < 5 { } }", "while i < 5 { }"),
        ("fn main() { let i: i32 = 0; while i < 5 { i = i + 1; i = 0; } }", "while i < 5 { i = i + 1; i = 0; }"),
        ("fn main() { let i: i32 = 0; while i < 5 { i = i - 1; } }", "while i < 5 { i = i - 1; }"),
        ("fn main() { let i: u32 = 0; while i <= 0xffffffff { i = i + 1; } }", "while i <= 0xffffffff { i = i + 1; }"),
        ("fn main() { for i in 0..9 { i = 0; } }", "for i in 0..9 { i = 0; }"),
    ] {
        assert_eq!(reason(source), Some((Reason::Loop, wanted.to_owned())), "{source}");
    }
    let recursive = "fn main() { f(); } fn f() { g(); } fn g() { f(); }";
    assert_eq!(reason(recursive).map(|(reason, _)| reason), Some(Reason::Recursion));
    let table = "table t = [f]; fn f() {} export \"t\" = t; fn main() { t[0: fn()](); }";
    assert_eq!(reason(table).map(|(reason, _)| reason), Some(Reason::OpenTable));
    let foreign = "extern \"other\" \"f\" fn f(); fn main() { f(); }";
    assert_eq!(reason(foreign).map(|(reason, _)| reason), Some(Reason::Foreign));
}

#[test]
fn indirect_calls_cost_the_worst_of_the_table() {
    let source = "table t = [cheap, dear]; fn cheap() -> i32 { 1 } fn dear() -> i32 { 1 + 2 + 3 }
        fn main() -> i32 { t[0: fn() -> i32]() }";
    assert_eq!(cost(source), Cost::AtMost(2 + 5));
    let circle = "table t = [main]; fn main() { t[0: fn()](); }";
    assert_eq!(reason(circle).map(|(reason, _)| reason), Some(Reason::Recursion));
}

#[test]
fn circles_are_found_once() {
    let (module, facts) =
        facts("fn a() { b(); } fn b() { c(); } fn c() { a(); } fn d() { d(); } fn main() { a(); d(); }");
    let names: Vec<_> = facts
        .recursive
        .iter()
        .map(|&(id, count)| (module.name(&module.functions[id].meta).unwrap_or("").to_owned(), count))
        .collect();
    assert_eq!(names, [("a".to_owned(), 3), ("d".to_owned(), 1)]);
}

#[test]
fn stacks_add_up_along_the_deepest_chain() {
    let (module, facts) = facts("fn a(x: i32) -> i32 { x } fn b() -> i32 { a(1) } fn main() { b(); }");
    let stack = |name: &str| facts.stacks[module.function_named(name).unwrap().0 as usize];
    assert_eq!(stack("a"), 32 + 8 + 8);
    assert_eq!(stack("b"), stack("a") + 32 + 8);
    assert_eq!(stack("main"), stack("b") + 32 + 8);
}

#[test]
fn deep_chains_need_no_recursion_here() {
    let chain: String = (0..20_000).map(|n| format!("fn f{n}() {{ f{}(); }} ", n + 1)).collect();
    let (_, facts) = facts(&format!("{chain} fn f20000() {{}} fn main() {{ f0(); }}"));
    assert_eq!(facts.cost(), Cost::AtMost(20_002));
    assert_eq!(facts.stacks.iter().max(), Some(&(20_002 * 32)));
}

#[test]
fn reach_goes_through_bodies_and_tables() {
    let (module, facts) = facts(
        "extern \"m\" \"used\" fn used(); extern \"m\" \"unused\" fn unused(); extern \"m\" \"held\" fn held();
         table t = [held]; fn dead() { unused(); } fn main() { used(); }",
    );
    let reached = |name: &str| facts.reached.has_function(module.function_named(name).unwrap());
    assert_eq!(["used", "unused", "held", "dead", "main"].map(reached), [true, false, true, false, true]);
}
