//! Tests of the parser: trees as fully parenthesised text, errors as their messages.

mod errors;
mod limits;
mod tree;

use super::*;
use crate::text::ast::ItemKind;
use proptest::prelude::*;
use std::format;
use std::string::String;
use tree::Printer;

/// The body of `fn f() { text }` as the parser understood it.
fn body(text: &str) -> String {
    let source = format!("fn f() {{{text}}}");
    let mut diagnostics = Diagnostics::default();
    let parsed = parse(&source, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render("f", &source));
    let ItemKind::Function { body, .. } = parsed.file.items[0].kind else { panic!("not a function") };
    Printer(&parsed, &source).block(body.unwrap())
}

/// The items of a text.
pub(in crate::text) fn items(source: &str) -> Vec<String> {
    let mut diagnostics = Diagnostics::default();
    let parsed = parse(source, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}", diagnostics.render("f", source));
    Printer(&parsed, source).items()
}

/// `line:message` of every error.
fn errors(source: &str) -> Vec<String> {
    let mut diagnostics = Diagnostics::default();
    parse(source, &mut diagnostics);
    let line = |at: u32| source[..at as usize].matches('\n').count() + 1;
    diagnostics.as_slice().iter().map(|one| format!("{}:{}", line(one.span.start), one.message)).collect()
}

#[test]
fn operators_bind_as_the_reference_says() {
    assert_eq!(body("1 + 2 * 3 - 4"), "{((1 + (2 * 3)) - 4)}");
    assert_eq!(body("a || b && c == d | e ^ f & g << h + i * j"), {
        "{(a || (b && (c == (d | (e ^ (f & (g << (h + (i * j)))))))))}"
    });
    let left = "{(((((((((a * b) + c) << d) & e) ^ f) | g) < h) && i) || j)}";
    assert_eq!(body("a * b + c << d & e ^ f | g < h && i || j"), left);
    assert_eq!(body("-a as i64 * !b as i32"), "{(((-a) as i64) * ((!b) as i32))}");
    assert_eq!(body("- - ! -1"), "{(-(-(!(-1))))}");
    assert_eq!(body("(a + b) * f(c, (d),)"), "{((a + b) * f(c, d))}");
    assert_eq!(body("-p[1][2] as u8 + (a as *u8)[i + 1]"), "{(((-p[1][2]) as u8) + (a as *u8)[(i + 1)])}");
    assert_eq!(body("a as *i16 * b as u16 * c"), "{(((a as *i16) * (b as u16)) * c)}");
}

#[test]
fn statements_and_the_value_of_a_block() {
    assert_eq!(body("let a: i64 = 1; a = 2; f(); a"), "{let a: i64 = 1; a = 2; f(); a}");
    assert_eq!(body("if a { b } else if c { d; } else { } e"), "{if a {b} else if c {d;} else {} e}");
    assert_eq!(body("if a { 1 } else { 2 } -3"), "{if a {1} else {2} (-3)}", "a block ends its statement");
    assert_eq!(body("let a = if b { 1 } else { 2 } - 3;"), "{let a = (if b {1} else {2} - 3);}");
    assert_eq!(body("while a { b = 1; } { c }; return"), "{while a {b = 1;} {c}; return}");
    assert_eq!(body("return a + 1"), "{(return (a + 1))}");
    assert_eq!(body("let p: *f32; p[0] = 1.5; f(p)[2] = 1e-3;"), "{let p: *f32; p[0] = 1.5; f(p)[2] = 1e-3;}");
    assert_eq!(body("let (a, b,) = f(); (b, a) = (a, b); return (a, b);"), {
        "{let (a, b) = f(); (b, a) = (a, b); (return (a, b));}"
    });
    assert_eq!(body("while (i = i - 1) { }"), "{while (i = (i - 1)) {}}");
}

#[test]
fn loops_and_labels() {
    assert_eq!(body("'a: loop { 'b: { break 'a 1 + 2; } continue 'a; }"), {
        "{'a: loop {'b: {(break 'a (1 + 2));} continue 'a;}}"
    });
    assert_eq!(body("for i in a + 1..f(b) { if i { break } } redo { continue; }"), {
        "{for i in (a + 1)..f(b) {if i {(break)}} redo {continue;}}"
    });
    assert_eq!(body("'f: for i in 0..3 { } 'w: while 1 { } 'r: redo { }"), {
        "{'f: for i in 0..3 {} 'w: while 1 {} 'r: redo {}}"
    });
    assert_eq!(
        body("branch i + p[1] ['a, 'b,] x; branch (i) ['a]"),
        "{(branch (i + p[1]) ['a, 'b] x); (branch i ['a])}"
    );
    assert_eq!(body("break 'a: loop { }; break loop { }; break 'a"), {
        "{(break 'a: loop {}); (break loop {}); (break 'a)}"
    });
    assert_eq!(body("let x = loop { break 1; } + { 2 };"), "{let x = (loop {(break 1);} + {2});}");
}

#[test]
fn built_ins_and_indirect_calls() {
    assert_eq!(body("i32::clz(x) + memory::size() + f64::nan"), "{((i32::clz(x) + memory::size()) + f64::nan)}");
    assert_eq!(body("t[i & 3: fn(i32, *u8) -> (i64, f32)](1, p)"), "{t[(i & 3): fn(i32, *u8) -> (i64, f32)](1, p)}");
    assert_eq!(body("t[0: fn()]()[1]"), "{t[0: fn()]()[1]}");
}

#[test]
fn every_item_is_read() {
    let source = r#"use sys::print;
fn f(a: i32, p: *u8) -> (i64, f64) {return}
import "abc" fn g(a: u32) -> u64;
import "abc" static s: [u8; 3];
import "abc" const c: f32;
import "abc" global g: i32;
extern "m" "i" fn h();
extern "m" "i" global g: i32;
extern "m" "i" const c: i32;
extern "m" "i" table t: 1 to 2;
extern "m" "i" memory 1;
global n: i32 = -5;
const k: f64 = f64::inf;
static a: [i32; 3] = [1, -2, 3];
static b: f64 = 0.5;
static z: [u8; 4096];
static t: [u8; 2] = "\n\"";
memory 1 to 16;
data d = "abc";
data at 1024 = "abc";
data at = "abc";
table t: 4;
table t = [f, null, g];
element e = [f, null];
element at t[1] = [f];
export "x" = memory;
start f;"#;
    assert_eq!(items(source), source.replace("-5", "(-5)").replace("-2", "(-2)").lines().collect::<Vec<_>>());
}

#[test]
fn words_of_items_are_names_elsewhere() {
    let source = "fn memory(data: i32, at: i32) {\nstart = 1;\ntable[0] = to;\nexport\n}";
    assert_eq!(items(source), ["fn memory(data: i32, at: i32) {start = 1; table[0] = to; export}"]);
}

#[test]
fn items_know_their_docs_and_extent() {
    let source = "/// one\n/// two\nuse a::b;\n// no doc\nfn f() {}\n/// three\nmemory 1;";
    let parsed = parse(source, &mut Diagnostics::default());
    let found: Vec<_> = parsed.file.items.iter().map(|item| (item.docs.text(source), item.span.text(source))).collect();
    let expected =
        [("/// one\n/// two", "/// one\n/// two\nuse a::b;"), ("", "fn f() {}"), ("/// three", "/// three\nmemory 1;")];
    assert_eq!(found, expected);
}

/// Pieces that often make an expression.
const WORDS: &str = "[a-c]|[0-9]|\\+|-|\\*|<<|&&|\\|\\||!|\\(|\\)|==| as i64| as u8|\\[|\\]|,|=|1\\.5|break |'a: \\{|\\}|\
    i32::clz\\(|loop \\{|return |t\\[1: fn\\(i32\\)\\]\\(";

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What was printed with all parentheses is read back as the same tree.
    #[test]
    fn parentheses_do_not_change_a_tree(words in proptest::collection::vec(WORDS, 1..20)) {
        let source = format!("fn f() {{{}}}", words.join(" "));
        let mut diagnostics = Diagnostics::default();
        let parsed = parse(&source, &mut diagnostics);
        if diagnostics.is_empty() {
            let ItemKind::Function { body: Some(tree), .. } = parsed.file.items[0].kind else { panic!("no body") };
            let once = Printer(&parsed, &source).block(tree);
            prop_assert_eq!(body(&once[1..once.len() - 1]), once);
        }
    }
}
