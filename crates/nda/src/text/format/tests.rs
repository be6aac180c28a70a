//! Tests of the formatter: examples, and properties over generated programs and the corpus.

use super::comments::comments_in;
use super::*;
use crate::compile;
use crate::identity::Identities;
use crate::text::parse::tests::items;
use proptest::prelude::*;
use std::borrow::ToOwned;
use std::format as text;
use std::string::ToString;

fn formatted(source: &str) -> String {
    format(source).unwrap_or_else(|errors| panic!("{}", errors.render("f", source)))
}

/// The text is already as it should be.
fn stays(source: &str) {
    assert_eq!(formatted(source), source);
}

/// Statements in a function become these.
fn becomes(from: &str, to: &str) {
    let indented: String = to.lines().map(|line| text!("    {line}\n")).collect();
    assert_eq!(formatted(&text!("fn f() {{ {from}\n0; }}")), text!("fn f() {{\n{indented}    0;\n}}\n"));
}

#[test]
fn spaces_stand_where_they_belong() {
    becomes("let  x:i32=-a+b* -1 ;", "let x: i32 = -a + b * -1;");
    becomes("x=! !y&&( a ) [1]>-z;", "x = !!y && (a)[1] > -z;");
    becomes("f ( a,b , ) ;", "f(a, b);");
    becomes("t [ i:fn( i32,*u8 )->( i32,i64 ) ] ( x ) [ 1 ];", "t[i: fn(i32, *u8) -> (i32, i64)](x)[1];");
    becomes("x=a as*u8 as u32*y;", "x = a as *u8 as u32 * y;");
    becomes("i32 :: clz ( x ) ; f64::nan;", "i32::clz(x);\nf64::nan;");
    becomes("let ( a,b ) =f(); ( a , b )=( b , a ); (x=1);", "let (a, b) = f();\n(a, b) = (b, a);\n(x = 1);");
    becomes("branch i [ 'a,'b , ]-1; break 'a -1; continue 'a;", "branch i ['a, 'b] -1;\nbreak 'a -1;\ncontinue 'a;");
    becomes("return-1; return ( 1,2 ) ;", "return -1;\nreturn (1, 2);");
}

#[test]
fn blocks_of_one_statement_stay_on_the_line_but_loops_do_not() {
    becomes("if a{b();}else if c{1}else{}", "if a { b(); } else if c { 1 } else {}");
    becomes("if a{b(); c();}else{d()}", "if a {\n    b();\n    c();\n} else {\n    d()\n}");
    becomes("while a{b();}", "while a {\n    b();\n}");
    becomes("'a:for i in 0 .. n{}", "'a: for i in 0..n {}");
    becomes("let x={1};{let y=1;y}", "let x = { 1 };\n{\n    let y = 1;\n    y\n}");
    becomes("print({let a=1;a});", "print({\n    let a = 1;\n    a\n});");
    becomes("let x=if a{1}else{2}-3;", "let x = if a { 1 } else { 2 } - 3;");
    stays("fn f() {}\nfn g() -> i32 { 1 }\n");
}

#[test]
fn comments_stay_where_they_are() {
    stays(
        "// a\n\n// b\nuse a::b; // c\n// d\n\n/// e\n/// f\nfn f() { // g\n    // h\n\n    // i\n    a; // j\n    // k\n}\n// l\n",
    );
    stays("fn f() {\n    // only\n}\n");
    stays("fn f() { // only\n}\n");
    stays("fn f() {\n    g(\n        a, // a\n        // b\n        c,\n        // d\n    );\n}\n");
    stays("fn f() {\n    a // a\n        + b // b\n        - c;\n}\n");
    stays("fn f() {\n    if a {\n        1\n    } // one\n    else {\n        2\n    }\n}\n");
    stays("static a: [i32; 3] = [ // a\n    1, 2, // b\n    // c\n    3, // d\n];\n");
    becomes("a // x\n; // y", "a; // x\n// y");
    becomes("f(a // x\n, b);", "f(\n    a, // x\n    b,\n);");
    becomes("if a // x\n { b } else { c }", "if a { // x\n    b\n} else {\n    c\n}");
    assert_eq!(formatted("// only"), "// only\n");
    assert_eq!(formatted("\n\n"), "");
    assert_eq!(formatted("fn f() {} //   a \t\r\n\r\n\r\n\r\n//b\r\n"), "fn f() {} //   a\n\n//b\n");
}

#[test]
fn blank_lines_are_one_at_most() {
    stays("fn f() {\n    a;\n\n    b;\n}\n");
    assert_eq!(formatted("\n\nfn f() {\n\n\n}\n\n\n\nfn g() {}\n\n"), "fn f() {}\n\nfn g() {}\n");
    assert_eq!(formatted("/// a\n\n/// b\n\nfn f() {}"), "/// a\n/// b\nfn f() {}\n");
}

#[test]
fn what_is_too_long_breaks() {
    let name = "a".repeat(30);
    becomes(&text!("f({name},{name},{name});"), &text!("f(\n    {name},\n    {name},\n    {name},\n);"));
    becomes(&text!("let x={name}+{name}*{name}-{name};"), &text!("let x = {name} + {name}\n    * {name} - {name};"));
    becomes(
        &text!("if f({name},{name},{name}){{1}}else{{2}}"),
        &text!("if f(\n    {name},\n    {name},\n    {name},\n) {{\n    1\n}} else {{\n    2\n}}"),
    );
    becomes(
        &text!("if {name}{name}{{{name}}}else{{2}}"),
        &text!("if {name}{name} {{\n    {name}\n}} else {{\n    2\n}}"),
    );
    becomes(
        &text!("let(a,b)=({name},{name},{name});"),
        &text!("let (a, b) = (\n    {name},\n    {name},\n    {name},\n);"),
    );
    let head = text!("fn f(\n    a{name}: i32,\n    b{name}: i64,\n    c{name}: *u8,\n) -> i32 {{ 1 }}\n");
    assert_eq!(formatted(&head.replace('\n', " ")), head);
    let numbers = text!("static a: [i64; 9] = [{}];", "1111111111, ".repeat(9));
    let full = "1111111111, ".repeat(8);
    assert_eq!(formatted(&numbers), text!("static a: [i64; 9] = [\n    {}\n    1111111111,\n];\n", full.trim_end()));
}

#[test]
fn a_line_may_be_full_but_not_longer() {
    let call = |length: usize| text!("fn f() {{\n    f({}, b);\n    1\n}}\n", "a".repeat(length));
    stays(&call(COLUMNS - 11));
    assert_ne!(formatted(&call(COLUMNS - 10)), call(COLUMNS - 10));
}

#[test]
fn errors_are_those_of_the_parser() {
    let errors = format("fn f() { ) }").unwrap_err();
    assert_eq!(errors.as_slice()[0].message, "expected an expression, found `)`");
    assert!(format(&" ".repeat(MAX_SOURCE_BYTES + 1)).is_err());
}

#[test]
fn a_text_that_would_grow_too_long_is_refused() {
    let source = text!("fn f() {{ {}{}{} }}", "{".repeat(100), "a;".repeat(10_000), "}".repeat(100));
    let errors = format(&source).unwrap_err();
    assert!(errors.as_slice()[0].message.starts_with("the formatted text would have more"));
}

/// Deep and long texts neither take long nor much of the stack.
#[test]
fn the_worst_texts_are_formatted_in_little_time() {
    let nested = |open: &str, close: &str| text!("fn f() {{ {}1{} }}", open.repeat(60), close.repeat(60));
    let sources = [
        nested("(", ")"),
        nested("f(a, ", ")"),
        nested("if a { 1 } else { ", "}"),
        nested("loop {", "}"),
        text!("fn f() {{ {}1 }}", "a + ".repeat(100_000)),
        text!("fn f() {{ g({}) }}", "a,".repeat(80_000)),
        text!("static a: [u8; 9] = [{}];", "1,".repeat(200_000)),
        text!("fn f() {{ a{}; }}", "[0]".repeat(100_000)),
        text!("fn f() {{ {} }}", "if a { } else ".repeat(20_000) + "{ }"),
        "// a\n".repeat(100_000),
        text!("fn f() {{ a {} ; }}", "// a\n".repeat(100_000)),
    ];
    for source in sources {
        let once = formatted(&source);
        assert!(formatted(&once) == once, "{}", &source[..40]);
    }
}

/// The texts of all comments.
fn comments(source: &str) -> Vec<String> {
    let mut comments = Vec::new();
    let mut end = 0;
    for token in tokens(source) {
        comments_in(source, Span::new(end, token.span.start), &mut comments);
        end = token.span.end;
    }
    comments.iter().map(|comment| comment.span.text(source).to_owned()).collect()
}

/// What holds for the result of every text without syntax errors.
fn check(source: &str) {
    let once = formatted(source);
    assert_eq!(formatted(&once), once, "not stable for\n{source}");
    assert_eq!(items(&once), items(source), "not the same tree as\n{source}");
    assert_eq!(comments(&once), comments(source), "not the same comments as\n{source}");
    assert!(once.lines().all(|line| line.trim_end() == line), "blanks at an end of a line in\n{once}");
    assert!(!once.contains("\n\n\n") && !once.starts_with('\n'), "too many blank lines in\n{once}");
}

#[test]
fn the_corpus_keeps_its_meaning() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/nda");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        if path.extension().is_none_or(|end| end != "nda") || format(&source).is_err() {
            continue;
        }
        check(&source);
        count += 1;
        if let Ok(module) = compile(&source) {
            let root = |module| Identities::of(module).root;
            assert_eq!(root(&compile(&formatted(&source)).unwrap()), root(&module), "{}", path.display());
        }
    }
    assert!(count >= 15, "the corpus is gone: {count} programs");
}

/// Stands between two tokens of a generated program.
const GAP: &str = "\u{1}";

// A statement that begins with a block ends with it, so a few of the generated texts are no programs.

/// Fills the holes `$` of a template, whose tokens are separated by spaces.
fn fill(template: &str, parts: &[String]) -> String {
    let mut parts = parts.iter();
    let words =
        template.split(' ').map(|word| if word == "$" { parts.next().unwrap().clone() } else { word.to_owned() });
    words.collect::<Vec<_>>().join(GAP)
}

/// What fits one of the templates, its holes filled.
fn one_of(templates: &'static [&'static str], part: &BoxedStrategy<String>) -> BoxedStrategy<String> {
    let filled = proptest::collection::vec(part.clone(), 4);
    (prop::sample::select(templates), filled).prop_map(|(template, parts)| fill(template, &parts)).boxed()
}

const LEAVES: [&str; 8] =
    ["a", "some_longer_name", "0x1f", "1.5e3", "f64 :: nan", "memory :: size ( )", "f ( )", "another_rather_long_name"];
const EXPRESSIONS: [&str; 22] = [
    "$ + $",
    "$ && $ || $",
    "$ * $ - $",
    "- $",
    "! $",
    "( $ )",
    "f ( $ )",
    "f ( $ , $ , )",
    "long_name_of_a_function ( $ , $ , $ )",
    "( a [ $ ] )",
    "( $ as * u8 )",
    "( $ as u32 )",
    "( a = $ )",
    "t [ $ : fn ( i32 , * u8 , ) -> ( i32 , i64 ) ] ( $ )",
    "i32 :: clz ( $ )",
    "{ $ }",
    "if $ { $ } else { $ }",
    "( if $ { $ } else if $ { $ } )",
    "( $ , $ )",
    "loop { break $ ; }",
    "'a : { break 'a $ ; }",
    "{ let x = $ ; $ }",
];
const STATEMENTS: [&str; 20] = [
    "let x = $ ;",
    "let x : * f32 = $ ;",
    "let x : i64 ;",
    "let ( a , b ) = $ ;",
    "x = $ ;",
    "a [ $ ] = $ ;",
    "( a , b ) = $ ;",
    "$ ;",
    "return $ ;",
    "while $ { }",
    "while $ { x = $ ; }",
    "if $ { $ ; } else { x = $ ; y = $ ; }",
    "if $ { $ ; }",
    "for i in $ .. $ { $ ; $ ; }",
    "'a : loop { continue 'a ; }",
    "redo { $ ; }",
    "branch $ [ 'a , 'b ] $ ;",
    "{ $ ; }",
    "{ }",
    "( - $ ) ;",
];
const ITEMS: [&str; 12] = [
    "use a :: b ;",
    "static a : [ i32 ; 3 ] = [ 1 , - 2 , 3 , ] ;",
    "static b : u8 ;",
    "memory 1 to 2 ;",
    "data at 1024 = \"a\\n\" ;",
    "table t = [ f , null ] ;",
    "element at t [ 1 ] = [ f ] ;",
    "export \"x\" = memory ;",
    "extern \"a\" \"b\" fn f ( a : i32 ) -> i32 ;",
    "global g : i32 = - 5 ;",
    "import \"a\" static s : [ u8 ; 2 ] ;",
    "///documented\nstart f ;",
];

fn expression(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop::sample::select(&LEAVES[..]).prop_map(|leaf| leaf.replace(' ', GAP)).boxed();
    if depth == 0 {
        return leaf;
    }
    let part = expression(depth - 1);
    prop_oneof![1 => leaf, 2 => one_of(&EXPRESSIONS, &part)].boxed()
}

fn program() -> impl Strategy<Value = String> {
    let statement = one_of(&STATEMENTS, &expression(3));
    let function = proptest::collection::vec(statement, 0..5).prop_map(|statements| {
        text!("fn f ( a : i32 , b : * u8 ) -> i32 {{ {} }}", statements.join(GAP)).replace(' ', GAP)
    });
    let item = prop::sample::select(&ITEMS[..]).prop_map(|item| item.replace(' ', GAP));
    let items = prop_oneof![2 => function, 1 => item];
    proptest::collection::vec(items, 1..4).prop_map(|items| items.join(GAP))
}

/// Fills the gaps of a program with what stands between tokens.
fn spread(program: &str, gaps: &[u8], fill: impl Fn(u8, usize) -> String) -> String {
    let mut out = String::new();
    for (index, token) in program.split(GAP).enumerate() {
        if index > 0 {
            out += &fill(gaps[index % gaps.len()], index);
        }
        out += token;
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_program_keeps_its_tree_and_its_comments(
        program in program(),
        gaps in proptest::collection::vec(any::<u8>(), 1..80),
    ) {
        let source = spread(&program, &gaps, |kind, index| match kind {
            0..=4 => text!(" // c{index} \n"),
            5..=9 => text!("\n\t// o{index}\n\n"),
            10..=12 => text!("//\n \n\n\n// p{index}\n"),
            13..=30 => "\n".to_string(),
            31..=40 => "\n\n \n".to_string(),
            _ => " ".to_string(),
        });
        prop_assume!(format(&source).is_ok());
        check(&source);
    }

    /// Line ends of the input decide nothing but blank lines.
    #[test]
    fn layout_depends_on_tokens_only(program in program(), gaps in proptest::collection::vec(any::<bool>(), 1..80)) {
        let gaps: Vec<u8> = gaps.into_iter().map(u8::from).collect();
        prop_assume!(format(&program.replace(GAP, " ")).is_ok());
        let flat = formatted(&spread(&program, &[0], |_, _| " ".to_string()));
        let wild = formatted(&spread(&program, &gaps, |kind, _| if kind == 1 { "\n" } else { "  " }.to_string()));
        prop_assert_eq!(flat, wild);
    }

    #[test]
    fn no_text_makes_the_formatter_panic(words in proptest::collection::vec(
        "fn f\\(\\) \\{|\\}|\\{|if a |else |loop |;|,|\\(|\\)|\\[|\\]|a|1|-|// c\n|\n|/// d\n|'a|:|branch |use a::b;|=|\"s\"",
        0..40,
    )) {
        let source = words.concat();
        if format(&source).is_ok() {
            check(&source);
        }
    }
}
