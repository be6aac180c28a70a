//! The limits at their edges, and texts far beyond them.

use super::{errors, parse};
use crate::diagnostics::Diagnostics;
use crate::{MAX_NESTING, MAX_NODES};
use std::format;
use std::string::String;
use std::vec::Vec;

#[test]
fn errors_are_bounded_and_stop_the_parse() {
    let source = "fn f() { ) ; }\n".repeat(1000);
    let mut diagnostics = Diagnostics::default();
    let parsed = parse(&source, &mut diagnostics);
    assert!(diagnostics.is_full());
    assert!(parsed.file.items.len() < 30 && parsed.file.incomplete);
}

/// How many errors nesting `open` so often gives.
fn nested(open: &str, levels: usize, close: &str) -> Vec<String> {
    errors(&format!("fn f() {{ {}1{} }}", open.repeat(levels), close.repeat(levels)))
}

/// Everything that nests.
const FORMS: [(&str, &str); 21] = [
    ("(", ")"),
    ("{", "}"),
    ("-", ""),
    ("!", ""),
    ("f(", ")"),
    ("if 1 {", "}"),
    ("while ", "{}"),
    ("p[", "]"),
    ("t[1: fn()](", ")"),
    ("i32::clz(", ")"),
    ("(1, ", ")"),
    ("(x = ", ")"),
    ("loop {", "}"),
    ("redo {", "}"),
    ("'a: {", "}"),
    ("for i in 0..", "{}"),
    ("for i in 0..1 {", "}"),
    ("break ", ""),
    ("break 'a ", ""),
    ("branch ", " ['a]"),
    ("branch 1 ['a] ", ""),
];

#[test]
fn nesting_is_limited_at_its_edge_in_every_form() {
    let too_deep = "1:expressions and blocks nest deeper than 128 levels";
    // The innermost number is one level itself.
    let edge = MAX_NESTING as usize - 1;
    for (open, close) in FORMS {
        assert_eq!(nested(open, edge - 1, close), Vec::<String>::new(), "{open}");
        assert_eq!(nested(open, edge + 1, close), [too_deep], "{open}");
        assert_eq!(nested(open, 40_000, close), [too_deep], "{open}");
    }
    assert_eq!(nested("(", edge, ")"), Vec::<String>::new());
    for open in ["(", "{", "-", "return ", "[", "p[", "break ", "f(", "1 | (2 & ", "'a: {"] {
        let found = nested(open, 100_000, "");
        assert!(found.len() == 1, "{open}: {found:?}");
    }
}

#[test]
fn chains_are_not_nesting() {
    assert_eq!(nested("1 + ", 100_000, ""), Vec::<String>::new());
    assert_eq!(nested("", 50_000, " as i64 as i32"), Vec::<String>::new());
    assert_eq!(nested("", 100_000, "[0]"), Vec::<String>::new());
    assert_eq!(nested("if 1 { } else ", 50_000, "").len(), 1, "only the last `else` has no block");
}

#[test]
fn items_nested_in_garbage_cost_few_errors() {
    for open in ["static a: [", "[", "fn f(", "data at ", "table t = [", "element at t[", "use ", "import \"a\" "] {
        let found = errors(&open.repeat(20_000));
        assert!(!found.is_empty() && found.len() <= crate::MAX_DIAGNOSTICS, "{open}");
    }
}

#[test]
fn the_number_of_nodes_is_limited() {
    let source = format!("fn f() {{ {}1 }}", "1 + ".repeat(MAX_NODES / 2));
    assert_eq!(errors(&source), ["1:the program has more than 262144 expressions and statements"]);
    let source = format!("fn f() {{ {}1 }}", "1 + ".repeat(MAX_NODES / 2 - 1));
    assert_eq!(errors(&source), Vec::<String>::new());
}

#[test]
fn the_numbers_of_parameters_and_results_are_limited() {
    let head = |count: usize| format!("fn f({}) {{}}", "a: i32, ".repeat(count));
    assert_eq!(errors(&head(256)), Vec::<String>::new());
    assert_eq!(errors(&head(257)), ["1:a function may have 256 parameters at most"]);
    let head = |count: usize| format!("fn f() -> ({}) {{}}", "i32, ".repeat(count));
    assert_eq!(errors(&head(16)), Vec::<String>::new());
    assert_eq!(errors(&head(17)), ["1:a function may have 16 results at most"]);
    let call = |count: usize| format!("fn f() {{ t[0: fn({})](); }}", "i32, ".repeat(count));
    assert_eq!(errors(&call(256)), Vec::<String>::new());
    assert_eq!(errors(&call(257)), ["1:a function may have 256 parameters at most"]);
}

/// Kernel stacks are small. This is a build for tests on a thread of its own, which needs more than a kernel's build
/// does, but it would not survive if a level of nesting took a kilobyte.
#[test]
fn the_deepest_texts_are_read_on_a_small_stack() {
    let read_all = || {
        for (open, close) in FORMS {
            for levels in [60, 126, 1000] {
                nested(open, levels, close);
            }
        }
    };
    std::thread::Builder::new().stack_size(96 << 10).spawn(read_all).unwrap().join().unwrap();
}
