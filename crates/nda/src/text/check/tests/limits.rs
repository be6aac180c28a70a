//! Limits at their edges, and texts that are as large as they may be.

use super::{compile, messages, module};
use crate::diagnostics::Diagnostics;
use crate::text::compile_text;
use crate::{MAX_DIAGNOSTICS, MAX_LOCALS, MAX_NESTING, MAX_PARAMETERS, MAX_RESULTS, MAX_SOURCE_BYTES};
use std::format;
use std::string::String;
use std::time::{Duration, Instant};
use std::vec::Vec;

/// The messages without the round trip, which a text of this size does not survive.
fn plain(source: &str) -> Vec<String> {
    let mut diagnostics = Diagnostics::default();
    let module = compile_text(source, &mut diagnostics);
    if diagnostics.is_empty() {
        assert_eq!(crate::validate(&module), Ok(()));
    }
    diagnostics.as_slice().iter().map(|error| error.message.clone()).collect()
}

#[test]
fn the_number_of_variables_is_limited() {
    let source = |count: usize| format!("fn f(a: i32) {{ {} }}", "let a = 1;".repeat(count - 1));
    assert_eq!(plain(&source(MAX_LOCALS)), Vec::<String>::new());
    assert_eq!(plain(&source(MAX_LOCALS + 1)), ["a function may have 4096 parameters and variables at most"]);
    // The end of a `for` is a variable, too.
    let source = |count: usize| format!("fn f() {{ {} for i in 0..1 {{ }} }}", "let a = 1;".repeat(count));
    assert_eq!(plain(&source(MAX_LOCALS - 2)), Vec::<String>::new());
    assert_eq!(plain(&source(MAX_LOCALS - 1)), ["a function may have 4096 parameters and variables at most"]);
}

#[test]
fn the_numbers_of_parameters_and_results_are_limited() {
    let parameters = |count: usize| (0..count).map(|index| format!("a{index}: i32")).collect::<Vec<_>>().join(", ");
    assert_eq!(messages(&format!("fn f({}) {{ }}", parameters(MAX_PARAMETERS))), Vec::<String>::new());
    assert_eq!(plain(&format!("fn f({}) {{ }}", parameters(MAX_PARAMETERS + 1))).len(), 1);
    let ones = |count: usize| (["1"].repeat(count).join(", "), ["i64"].repeat(count).join(", "));
    let (values, types) = ones(MAX_RESULTS);
    assert_eq!(messages(&format!("fn f() -> ({types}) {{ ({values}) }}")), Vec::<String>::new());
    let (values, _) = ones(MAX_RESULTS + 1);
    assert_eq!(plain(&format!("fn f() {{ ({values}); }}")), ["a tuple has 16 values at most"]);
    let names = |count: usize| (0..count).map(|index| format!("v{index}")).collect::<Vec<_>>().join(", ");
    assert_eq!(plain(&format!("fn f() {{ let ({}) = f(); }}", names(20))), ["expected 20 values, found none"]);
}

#[test]
fn nesting_is_limited() {
    let levels = MAX_NESTING as usize;
    for (open, close) in
        [("(", ")"), ("-", ""), ("{", "}"), ("f(", ")"), ("'l: {", "}"), ("redo {", "}"), ("(x = ", ")")]
    {
        let source = |count: usize| format!("fn f(x: i32) -> i32 {{ {}x{} }}", open.repeat(count), close.repeat(count));
        assert!(plain(&source(levels / 3)).is_empty(), "{open} {:?}", plain(&source(levels / 3)));
        assert_eq!(plain(&source(100_000)).len(), 1, "{open}");
    }
}

#[test]
fn the_length_of_the_source_is_limited() {
    let source = |bytes: usize| String::from("fn main() {}") + &" ".repeat(bytes - 12);
    assert!(crate::compile(&source(MAX_SOURCE_BYTES)).is_ok());
    let errors = crate::compile(&source(MAX_SOURCE_BYTES + 1)).unwrap_err();
    assert!(errors.render("big.nda", "").contains("has 1048577 bytes, more than the 1048576 that are read"));
}

#[test]
fn long_chains_are_checked_without_recursion() {
    let sources = [
        format!("fn f() -> i32 {{ {}1 }}", "1 + ".repeat(100_000)),
        format!("fn f(a: i32) -> i32 {{ {}{{ 1 }} }}", "if a { 2 } else ".repeat(50_000)),
        format!("fn f(a: i32) -> i32 {{ a{} }}", " as i64 as i32".repeat(50_000)),
        format!("fn f(a: i32) -> i32 {{ a{} }}", " && a".repeat(60_000)),
        format!("fn f() -> i64 {{ {}1 }}", "unreachable(); ".repeat(40_000)),
        format!("fn f(a: i32) -> i64 {{ 'l: {{ {} 1 }} }}", "if a { break 'l 2; }".repeat(30_000)),
        format!("fn f(a: i32) -> (i64, i64) {{ 'l: {{ {} (1, 2) }} }}", "if a { break 'l (3, 4); }".repeat(20_000)),
        format!("fn f(e: f32) -> f32 {{ {}e }}", "-e + ".repeat(50_000)),
        format!("table t = [{}]; fn f() {{}}", "f, ".repeat(100_000)),
        format!("static s: [u8; 100000] = [{}];", "1, ".repeat(100_000)),
    ];
    for source in sources {
        let start = Instant::now();
        assert_eq!(plain(&source), Vec::<String>::new());
        assert!(start.elapsed() < Duration::from_secs(3), "{}: {:?}", &source[..60], start.elapsed());
    }
}

/// Everything that looks something up does so for a hundred thousand of them, too.
#[test]
fn a_hundred_thousand_of_anything_take_linear_time() {
    let many = |item: &dyn Fn(usize) -> String, count: usize| (0..count).map(item).collect::<String>();
    let sources = [
        many(&|n| format!("fn f{n}() {{}}\n"), 60_000),
        many(&|n| format!("fn f{n}() {{ f{}(); }}\n", n / 2), 35_000),
        many(&|n| format!("global g{n}: i32 = 1;\n"), 40_000),
        many(
            &|n| format!("const c{n}: i32 = {};\n", if n == 0 { String::from("1") } else { format!("c{}", n - 1) }),
            35_000,
        ),
        many(&|n| format!("static s{n}: u8;\n"), 50_000),
        many(&|n| format!("table t{n}: 1;\n"), 50_000),
        format!("fn f() {{}} {}", many(&|n| format!("export \"{n}\" = f;\n"), 40_000)),
        format!("fn f() {{ {} }}", many(&|n| format!("i32::clz(i32::ctz({n}));"), 30_000)),
    ];
    for source in sources {
        assert!(source.len() <= MAX_SOURCE_BYTES, "{}", source.len());
        let start = Instant::now();
        assert_eq!(plain(&source), Vec::<String>::new());
        assert!(start.elapsed() < Duration::from_secs(3), "{}: {:?}", &source[..60], start.elapsed());
    }
}

#[test]
fn a_hundred_thousand_errors_are_cut_off_in_time() {
    let sources = [
        format!("fn f() {{ {} }}", "nope; ".repeat(100_000)),
        format!(
            "fn f() {{ {} {} }}",
            (0..4000).map(|n| format!("let name{n} = 1;")).collect::<String>(),
            "nome; ".repeat(80_000)
        ),
        "use sys::prnt;".repeat(70_000),
        "fn f() {} ".repeat(100_000),
        format!("fn f() {{ {} }}", "nope(); ".repeat(100_000)),
        format!("fn f() {{ {} }}", "i32::nope(1); ".repeat(60_000)),
        format!("fn f() {{ {} }}", "break 'l; ".repeat(80_000)),
        format!("static s: [u8; 200000] = [{}];", "300, ".repeat(200_000)),
        format!("table t = [{}];", "nope, ".repeat(100_000)),
        "export \"a\" = nope; ".repeat(50_000),
        "import \"12\" fn f(); ".repeat(50_000),
    ];
    for source in sources {
        let start = Instant::now();
        let found = plain(&source);
        assert_eq!(found.len(), MAX_DIAGNOSTICS, "{} {:?}", &source[..60], found.first());
        assert!(start.elapsed() < Duration::from_secs(3), "{}: {:?}", &source[..60], start.elapsed());
    }
}

#[test]
fn large_programs_come_back_from_their_text() {
    let source: String = (0..2000)
        .map(|n| {
            format!("fn f{n}(a: i32, b: i64) -> i64 {{ if a {{ f{}(a - 1, b + {n}) }} else {{ b * {n} }} }}\n", n / 3)
        })
        .collect();
    assert_eq!(module(&source).functions.len(), 2000);
    assert!(compile(&source).is_ok());
}
