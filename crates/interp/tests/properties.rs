//! Properties over generated programs: nothing panics, and the interpreter agrees with a second, simpler evaluator.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use proptest::sample::Index;
use velocity_gate::{Candidate, Origin, Policy, admit};
use velocity_interp::{Invocation, Limits, NoHost, Progress, Store, TrapKind, Value, run_to_text};
use velocity_nda::compile;

/// Small limits: hostile programs should end soon.
const LIMITS: Limits = Limits { fuel: 20_000, stack_slots: 4096, memory_pages: 4, table_entries: 256 };

/// The good and bad programs of the corpus, to be mutated.
fn corpus() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/nda");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|end| end == "nda"));
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// Words of the language and words near it, so that random texts get past the lexer.
const WORDS: &str = "fn |main|\\(|\\)|\\{|\\}|let |if |else |while |return |use sys::print;|print|a|b|: i32|: i64|\
    -> i32|=|;|,|1|0x7f|99999999999|\\+|-|\\*|/|%|<<|==|<|&&|\\|\\||&|!| as i64| as i32|\n|//|///|\"|\u{e4}|\
    fn main\\(\\) \\{";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_compiler_panic(text in "\\PC{0,200}") {
        let _ = run_to_text("any", &text, LIMITS);
    }

    #[test]
    fn no_sequence_of_words_makes_anything_panic(words in proptest::collection::vec(WORDS, 0..60)) {
        let _ = run_to_text("words", &words.concat(), LIMITS);
    }

    /// Cuts, doubles and swaps pieces of real programs: nearly right is the hardest kind of wrong.
    #[test]
    fn no_mutated_program_makes_anything_panic(
        pick in any::<Index>(),
        edits in proptest::collection::vec((any::<Index>(), any::<Index>(), 0..4, WORDS), 1..6),
    ) {
        let corpus = corpus();
        let mut program: Vec<char> = pick.get(&corpus).chars().collect();
        for (from, to, kind, word) in edits {
            let (from, to) = (from.index(program.len() + 1), to.index(program.len() + 1));
            let range = from.min(to)..from.max(to).min(from.min(to) + 30);
            match kind {
                0 => drop(program.drain(range)),
                1 => { let piece = program[range].to_vec(); program.splice(to..to, piece); }
                2 => { program.splice(from..from, word.chars()); }
                _ => { program.splice(range, word.chars()); }
            }
        }
        let program: String = program.into_iter().collect();
        let _ = run_to_text("mutated", &program, LIMITS);
    }
}

/// Kernel stacks are small. This is a debug build on a thread of its own, which needs more than a kernel's build does
/// (80 KiB there), but it would not survive if a level of nesting took a few kilobytes.
#[test]
fn the_deepest_programs_compile_on_a_small_stack() {
    let forms = [
        ("(", ")"),
        ("{", "}"),
        ("f(", ")"),
        ("if 1 {", "} else { 2 }"),
        ("while ", "{}"),
        ("-", ""),
        ("!", ""),
        ("1 + {", "}"),
    ];
    let compile_all = move || {
        for (open, close) in forms {
            for levels in [60, 126, 100_000] {
                let source = format!("fn f(n: i32) -> i32 {{ {}1{} }}", open.repeat(levels), close.repeat(levels));
                let _ = compile(&source);
            }
        }
    };
    std::thread::Builder::new().stack_size(160 * 1024).spawn(compile_all).unwrap().join().unwrap();
}

/// An expression of a generated program. `Wide` nodes are `i64`, the others `i32`.
#[derive(Clone, Debug)]
enum Tree {
    Narrow(i32),
    Wide(i64),
    /// A parameter: 0 and 1 are `i32`, 2 and 3 are `i64`.
    Parameter(usize),
    Binary(&'static str, Box<Tree>, Box<Tree>),
    Negate(Box<Tree>),
    Not(Box<Tree>),
    Cast(bool, Box<Tree>),
    If(Box<Tree>, Box<Tree>, Box<Tree>),
    /// `f(a, b, c, d)` of the program's second function: `a - b + c as i32 ^ d as i32`.
    Call(Box<[Tree; 4]>),
}

const ARITHMETIC: [&str; 10] = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"];
const COMPARISONS: [&str; 6] = ["==", "!=", "<", ">", "<=", ">="];

/// Trees of one type; `wide` for `i64`.
fn tree(wide: bool, depth: u32) -> BoxedStrategy<Tree> {
    let leaf = if wide {
        prop_oneof![edge(i64::MIN, i64::MAX).prop_map(Tree::Wide), (2usize..4).prop_map(Tree::Parameter)].boxed()
    } else {
        let number = edge(i64::from(i32::MIN), i64::from(i32::MAX)).prop_map(|value| Tree::Narrow(value as i32));
        prop_oneof![number, (0usize..2).prop_map(Tree::Parameter)].boxed()
    };
    if depth == 0 {
        return leaf;
    }
    let same = move || tree(wide, depth - 1);
    let two = move || (same(), same());
    let arithmetic =
        (prop::sample::select(&ARITHMETIC[..]), two()).prop_map(|(op, (a, b))| Tree::Binary(op, a.into(), b.into()));
    let cast = tree(!wide, depth - 1).prop_map(move |inner| Tree::Cast(wide, inner.into()));
    let choice = (tree(false, depth - 1), two()).prop_map(|(c, (a, b))| Tree::If(c.into(), a.into(), b.into()));
    let negate = same().prop_map(|inner| Tree::Negate(inner.into()));
    if wide {
        return prop_oneof![2 => leaf, 4 => arithmetic, 1 => negate, 2 => cast, 1 => choice].boxed();
    }
    let compare = (prop::sample::select(&COMPARISONS[..]), any::<bool>()).prop_flat_map(move |(op, of_wide)| {
        let side = || tree(of_wide, depth - 1);
        (side(), side()).prop_map(move |(a, b)| Tree::Binary(op, a.into(), b.into()))
    });
    let logic =
        (prop::sample::select(&["&&", "||"][..]), two()).prop_map(|(op, (a, b))| Tree::Binary(op, a.into(), b.into()));
    let not = same().prop_map(|inner| Tree::Not(inner.into()));
    let call = [false, false, true, true].map(|wide| tree(wide, depth - 1)).prop_map(|all| Tree::Call(all.into()));
    let integers = prop_oneof![2 => leaf, 4 => arithmetic, 1 => negate, 2 => cast];
    prop_oneof![5 => integers, 1 => choice, 2 => compare, 2 => logic, 1 => not, 1 => call].boxed()
}

/// Numbers, often those where things go wrong.
fn edge(low: i64, high: i64) -> BoxedStrategy<i64> {
    prop_oneof![2 => -3i64..4, 1 => Just(low), 1 => Just(high), 1 => low..=high].boxed()
}

impl Tree {
    fn text(&self) -> String {
        match self {
            Self::Narrow(value) => format!("({value})"),
            Self::Wide(value) => format!("({value} as i64)"),
            Self::Parameter(index) => format!("p{index}"),
            Self::Binary(op, a, b) => format!("({} {op} {})", a.text(), b.text()),
            Self::Negate(inner) => format!("(-{})", inner.text()),
            Self::Not(inner) => format!("(!{})", inner.text()),
            // The `let` fixes the type of bare numbers, which would take the type of the cast.
            Self::Cast(true, inner) => format!("({{ let n: i32 = {}; n }} as i64)", inner.text()),
            Self::Cast(false, inner) => format!("({{ let n: i64 = {}; n }} as i32)", inner.text()),
            Self::If(c, a, b) => format!("(if {} {{ {} }} else {{ {} }})", c.text(), a.text(), b.text()),
            Self::Call(all) => format!("f({})", all.each_ref().map(Self::text).join(", ")),
        }
    }

    /// The value, or the trap: mathematics in 128 bits, cut to the type afterwards.
    fn value(&self, parameters: &[Value; 4]) -> Result<Value, TrapKind> {
        Ok(match self {
            Self::Narrow(value) => Value::I32(*value),
            Self::Wide(value) => Value::I64(*value),
            Self::Parameter(index) => parameters[*index],
            Self::Binary("&&", a, b) => truth(number(a.value(parameters)?) != 0 && number(b.value(parameters)?) != 0),
            Self::Binary("||", a, b) => truth(number(a.value(parameters)?) != 0 || number(b.value(parameters)?) != 0),
            Self::Binary(op, a, b) => binary(op, a.value(parameters)?, b.value(parameters)?)?,
            Self::Negate(inner) => {
                let value = inner.value(parameters)?;
                cut(-number(value), value)
            }
            Self::Not(inner) => truth(number(inner.value(parameters)?) == 0),
            Self::Cast(wide, inner) => {
                let target = if *wide { Value::I64(0) } else { Value::I32(0) };
                cut(number(inner.value(parameters)?), target)
            }
            Self::If(c, a, b) => {
                let taken = if number(c.value(parameters)?) != 0 { a } else { b };
                taken.value(parameters)?
            }
            Self::Call(all) => {
                let [a, b, c, d] = all.each_ref().map(|one| one.value(parameters));
                let (a, b, c, d) = (number(a?), number(b?), number(c?), number(d?));
                Value::I32((a - b + c) as i32 ^ d as i32)
            }
        })
    }
}

const fn number(value: Value) -> i128 {
    match value {
        Value::I32(value) => value as i128,
        Value::I64(value) => value as i128,
        Value::F32(_) | Value::F64(_) => panic!("the trees hold integers"),
    }
}

const fn truth(yes: bool) -> Value {
    Value::I32(yes as i32)
}

/// The low bits of `value`, in the type of `like`.
const fn cut(value: i128, like: Value) -> Value {
    match like {
        Value::I32(_) => Value::I32(value as i32),
        _ => Value::I64(value as i64),
    }
}

fn binary(op: &str, left: Value, right: Value) -> Result<Value, TrapKind> {
    let (a, b) = (number(left), number(right));
    let bits = if matches!(left, Value::I32(_)) { 32 } else { 64 };
    let result = match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" | "%" if b == 0 => return Err(TrapKind::DivideByZero),
        "/" if b == -1 && a == -(1 << (bits - 1)) => return Err(TrapKind::IntegerOverflow),
        "/" => a / b,
        "%" => a % b,
        "&" => a & b,
        "|" => a | b,
        "^" => a ^ b,
        "<<" => a << b.rem_euclid(bits),
        ">>" => a >> b.rem_euclid(bits),
        "==" => return Ok(truth(a == b)),
        "!=" => return Ok(truth(a != b)),
        "<" => return Ok(truth(a < b)),
        ">" => return Ok(truth(a > b)),
        "<=" => return Ok(truth(a <= b)),
        _ => return Ok(truth(a >= b)),
    };
    Ok(cut(result, left))
}

/// Runs `main` to the end in slices; also gives the fuel used.
fn interpret(source: &str, slice: u64) -> (Result<Vec<Value>, TrapKind>, u64) {
    let module = compile(source).unwrap_or_else(|errors| panic!("{}", errors.render("tree", source)));
    let main = module.function_named("main").unwrap();
    let verdict = admit(Candidate::Module(module), Origin::Person, &Policy::default());
    let mut store = Store::new(Limits::default());
    let instance = store.prepare(&verdict.program.unwrap_or_else(|| panic!("{:?}", verdict.findings))).unwrap();
    let mut call = Invocation::new(&store, store.function(instance, main).unwrap(), &[]).unwrap();
    let outcome = loop {
        match call.resume(&mut store, &mut NoHost, slice) {
            Progress::Suspended => {}
            Progress::Finished(values) => break Ok(values),
            Progress::Trapped(trap) => break Err(trap.kind),
        }
    };
    (outcome, call.fuel_used())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_interpreter_agrees_with_an_independent_evaluator(
        wide in any::<bool>(),
        (narrow_tree, wide_tree) in (tree(false, 4), tree(true, 4)),
        (p0, p1, p2, p3) in (any::<i32>(), -2i32..3, any::<i64>(), -2i64..3),
        slice in 1u64..50,
    ) {
        let tree = if wide { wide_tree } else { narrow_tree };
        let source = format!(
            "fn main() -> {ty} {{ g({p0}, {p1}, {p2}, {p3}) }}
            fn f(a: i32, b: i32, c: i64, d: i64) -> i32 {{ a - b + c as i32 ^ d as i32 }}
            fn g(p0: i32, p1: i32, p2: i64, p3: i64) -> {ty} {{ {} }}",
            tree.text(),
            ty = if wide { "i64" } else { "i32" },
        );
        let expected = tree.value(&[Value::I32(p0), Value::I32(p1), Value::I64(p2), Value::I64(p3)]).map(|value| vec![value]);
        let (whole, fuel) = interpret(&source, u64::MAX);
        prop_assert_eq!(&whole, &expected, "{}", source);
        prop_assert_eq!((whole, fuel), interpret(&source, slice));
    }
}
