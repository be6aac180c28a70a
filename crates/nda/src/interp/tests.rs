//! Tests of the interpreter: meaning, limits, traps and slices.

use super::*;
use crate::compile_seed as compile;
use std::format;
use std::string::String;
use std::vec::Vec;

/// Keeps what a program prints.
#[derive(Default)]
struct Tape(Vec<Value>);

impl Host for Tape {
    fn print(&mut self, value: Value) {
        self.0.push(value);
    }
}

fn start(source: &str, limits: Limits) -> Interpreter {
    let module = compile(source).unwrap_or_else(|errors| panic!("{}", errors.render("f", source)));
    Interpreter::new(Arc::new(module), "main", limits).unwrap()
}

fn run_with(source: &str, limits: Limits) -> (Progress, Vec<Value>, u64) {
    let mut tape = Tape::default();
    let mut interpreter = start(source, limits);
    let progress = interpreter.resume(&mut tape, u64::MAX);
    (progress, tape.0, interpreter.fuel_used())
}

/// The result of `main`.
fn run(source: &str) -> Progress {
    run_with(source, Limits::default()).0
}

/// The value of an `i64` expression.
fn value(text: &str) -> Progress {
    run(&format!("fn main() -> i64 {{ {text} }}"))
}

fn finished(value: i64) -> Progress {
    Progress::Finished(Some(Value::I64(value)))
}

/// Kind, text and function of a trap.
fn trap(source: &str, limits: Limits) -> (TrapKind, String, String) {
    match run_with(source, limits).0 {
        Progress::Trapped(trap) => (trap.kind, trap.span.text(source).into(), trap.function),
        other => panic!("no trap but {other:?}"),
    }
}

#[test]
fn integers_are_web_assemblys() {
    assert_eq!(value("9223372036854775807 + 1"), finished(i64::MIN));
    assert_eq!(value("-9223372036854775808 % -1"), finished(0));
    assert_eq!(value("(-7) / 2"), finished(-3));
    assert_eq!(value("(-7) % 2"), finished(-1));
    assert_eq!(value("1 << 65"), finished(2));
    assert_eq!(value("(-8) >> 1"), finished(-4));
    assert_eq!(value("(1 << 33) as i32 as i64"), finished(2), "a number takes the type of its cast");
    assert_eq!(value("let x: i64 = 4294967301; x as i32 as i64"), finished(5));
    assert_eq!(value("let x: i64 = 2147483648; x as i32 as i64"), finished(-2_147_483_648));
    assert_eq!(value("let x = 2147483647; (x + 1) as i64"), finished(-2_147_483_648));
}

#[test]
fn division_traps_name_expression_and_function() {
    let source = "fn main() -> i32 { half(0) } fn half(n: i32) -> i32 { 1 + 8 / n }";
    let expected = (TrapKind::DivideByZero, "8 / n".into(), "half".into());
    assert_eq!(trap(source, Limits::default()), expected);
    let source = "fn main() -> i32 { let n = -2147483648; n / (0 - 1) }";
    assert_eq!(trap(source, Limits::default()).0, TrapKind::IntegerOverflow);
    let source = "fn main() -> i64 { let n: i64 = 0; 5 % n }";
    assert_eq!(trap(source, Limits::default()).0, TrapKind::DivideByZero);
}

#[test]
fn control_flow() {
    assert_eq!(value("let n: i64 = 0; while n < 10 { n = n + 3; } n"), finished(12));
    assert_eq!(value("let n: i64 = 0; while 1 { n = n + 1; if n > 5 { return n * 2; } } 0"), finished(12));
    assert_eq!(value("if 0 { 1 } else if 2 { 3 } else { 4 }"), finished(3));
    assert_eq!(run("fn main() {}"), Progress::Finished(None));
    assert_eq!(run("fn main() { f(1); } fn f(n: i32) -> i32 { n }"), Progress::Finished(None));
}

#[test]
fn a_return_in_the_middle_leaves_nothing_behind() {
    let source = "fn main() -> i64 { 100 + f(5) * 10 + f(0) }
        fn f(n: i64) -> i64 { 1 + 2 * (3 + if n > 0 { return n; } else { 4 }) }";
    assert_eq!(run(source), finished(100 + 50 + 15));
}

#[test]
fn operands_and_arguments_go_from_left_to_right() {
    let source = "use sys::print; fn s(n: i32) -> i32 { print(n); n }
        fn three(a: i32, b: i32, c: i32) -> i32 { a * 100 + b * 10 + c }
        fn main() -> i32 { three(s(1), s(2) + s(3), s(4)) - s(5) }";
    let (progress, tape, _) = run_with(source, Limits::default());
    assert_eq!(progress, Progress::Finished(Some(Value::I32(149))));
    assert_eq!(tape, [1, 2, 3, 4, 5].map(Value::I32));
}

#[test]
fn every_call_has_its_own_locals() {
    let source = "fn main() -> i64 { f(3) }
        fn f(n: i64) -> i64 { let keep = n; if n > 0 { f(n - 1); } keep * 7 }";
    assert_eq!(run(source), finished(21));
}

#[test]
fn fuel_is_one_unit_a_node_and_ends_exactly() {
    // `1 + 2` is three nodes.
    let source = "fn main() -> i32 { 1 + 2 }";
    let fuel = |fuel| run_with(source, Limits { fuel, ..Limits::default() });
    assert_eq!(fuel(3), (Progress::Finished(Some(Value::I32(3))), Vec::new(), 3));
    let (progress, _, used) = fuel(2);
    assert!(matches!(progress, Progress::Trapped(Trap { kind: TrapKind::FuelExhausted, .. })));
    assert_eq!(used, 2);
}

#[test]
fn an_endless_loop_ends() {
    let limits = Limits { fuel: 100_000, ..Limits::default() };
    assert_eq!(trap("fn main() { while 1 { } }", limits).0, TrapKind::FuelExhausted);
}

#[test]
fn endless_recursion_ends_at_the_call_depth() {
    let source = "fn main() -> i32 { f(1) } fn f(n: i32) -> i32 { f(n + 1) }";
    let expected = (TrapKind::StackOverflow, "f(n + 1)".into(), "f".into());
    assert_eq!(trap(source, Limits::default()), expected);
}

#[test]
fn the_call_depth_is_exact() {
    let source = "fn main() -> i32 { f(3) } fn f(n: i32) -> i32 { if n == 0 { 0 } else { f(n - 1) } }";
    let depth = |call_depth| run_with(source, Limits { call_depth, ..Limits::default() }).0;
    assert_eq!(depth(5), Progress::Finished(Some(Value::I32(0))));
    assert!(matches!(depth(4), Progress::Trapped(Trap { kind: TrapKind::StackOverflow, .. })));
}

#[test]
fn the_stack_is_bounded_for_wide_frames_and_long_chains() {
    let variables: String = (0..1000).map(|n| format!("let v{n} = {n};")).collect();
    let wide = format!("fn main() {{ {variables} main(); }}");
    let limits = Limits { call_depth: u32::MAX, ..Limits::default() };
    assert_eq!(trap(&wide, limits).0, TrapKind::StackOverflow);
    let chain = format!("fn main() -> i32 {{ {}1 }}", "1 + ".repeat(100_000));
    let narrow = Limits { stack_slots: 50_000, ..limits };
    assert_eq!(trap(&chain, narrow).0, TrapKind::StackOverflow);
    let limits = Limits { stack_slots: 150_000, ..limits };
    assert_eq!(run_with(&chain, limits).0, Progress::Finished(Some(Value::I32(100_001))));
}

#[test]
fn limits_of_zero_are_traps() {
    let source = "fn main() { }";
    let zero = Limits { fuel: 0, call_depth: 0, stack_slots: 0 };
    assert_eq!(trap(source, zero).0, TrapKind::FuelExhausted);
    assert_eq!(trap(source, Limits { fuel: 9, ..zero }).0, TrapKind::StackOverflow);
}

#[test]
fn slices_change_nothing() {
    let source =
        "use sys::print; fn main() -> i32 { let n = 0; while n < 50 { print(fib(n % 9)); n = n + 1; } 1 / (n - 50) }
        fn fib(n: i32) -> i32 { if n < 2 { return n; } fib(n - 1) + fib(n - 2) }";
    let whole = run_with(source, Limits::default());
    assert!(matches!(whole.0, Progress::Trapped(Trap { kind: TrapKind::DivideByZero, .. })));
    for slice in [1, 2, 3, 7, 100, 1001] {
        let (mut tape, mut interpreter) = (Tape::default(), start(source, Limits::default()));
        let mut turns = 0;
        let progress = loop {
            turns += 1;
            match interpreter.resume(&mut tape, slice) {
                Progress::Suspended => assert_eq!(interpreter.fuel_used(), turns * slice),
                over => break over,
            }
        };
        assert_eq!((progress, tape.0, interpreter.fuel_used()), whole, "slices of {slice}");
    }
}

#[test]
fn an_empty_slice_does_nothing_and_the_end_stays() {
    let mut interpreter = start("use sys::print; fn main() { print(1); }", Limits::default());
    let mut tape = Tape::default();
    assert_eq!(interpreter.resume(&mut tape, 0), Progress::Suspended);
    assert_eq!(interpreter.resume(&mut tape, 10), Progress::Finished(None));
    assert_eq!(interpreter.resume(&mut tape, 10), Progress::Finished(None));
    assert_eq!(tape.0, [Value::I32(1)]);
}

#[test]
fn a_program_needs_an_entry_without_parameters() {
    let module = Arc::new(compile("fn main(n: i32) {}").unwrap());
    let new = |entry| Interpreter::new(Arc::clone(&module), entry, Limits::default()).map(|_| ()).unwrap_err();
    assert_eq!(new("main"), StartError::HasParameters { name: "main".into() });
    assert_eq!(new("start"), StartError::NoSuchFunction { name: "start".into() });
}
