//! What programs mean, where they trap, what they cost and what bounds them, on source text.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::CALL_SLOTS;
use velocity_interp::{Console, Invocation, Limits, Progress, Store, Trap, TrapKind, Value, run_to_text};

fn program(source: &str) -> Program {
    let verdict = admit(Candidate::Text { name: "f", source }, Origin::Person, &Policy::default());
    let refused = || verdict.render("f", source);
    verdict.program.clone().unwrap_or_else(|| panic!("{}", refused()))
}

/// A call of `main` in a store of its own.
fn start(source: &str, limits: Limits) -> (Store, Invocation) {
    let (program, mut store) = (program(source), Store::new(limits));
    Console::define(&mut store);
    let instance = store.prepare(&program).unwrap();
    let main = program.module().function_named("main").unwrap();
    let call = Invocation::new(&store, store.function(instance, main).unwrap(), &[]).unwrap();
    (store, call)
}

fn run_with(source: &str, limits: Limits) -> (Progress, String, u64) {
    let (mut store, mut call) = start(source, limits);
    let mut text = String::new();
    let progress = call.resume(&mut store, &mut Console::new(&mut text), u64::MAX);
    (progress, text, call.fuel_used())
}

fn run(source: &str) -> Progress {
    run_with(source, Limits::default()).0
}

/// The value of an `i64` expression.
fn value(text: &str) -> Progress {
    run(&format!("fn main() -> i64 {{ {text} }}"))
}

fn finished(value: i64) -> Progress {
    Progress::Finished(vec![Value::I64(value)])
}

/// Kind, text and function of a trap.
fn trap(source: &str, limits: Limits) -> (TrapKind, String, String) {
    match run_with(source, limits).0 {
        Progress::Trapped(trap) => (trap.kind, trap.span.text(source).into(), trap.function),
        other => panic!("no trap but {other:?}"),
    }
}

#[test]
fn division_traps_name_expression_and_function() {
    let source = "fn main() -> i32 { half(0) } fn half(n: i32) -> i32 { 1 + 8 / n }";
    let expected = (TrapKind::DivideByZero, "8 / n".into(), "half".into());
    assert_eq!(trap(source, Limits::default()), expected);
    let source = "fn main() -> i32 { let n = -2147483648; n / (0 - 1) }";
    assert_eq!(trap(source, Limits::default()).0, TrapKind::IntegerOverflow);
    let source = "fn main() -> i32 { let x = 1e10; i32::trunc_f64_s(x) }";
    assert_eq!(trap(source, Limits::default()).0, TrapKind::IntegerOverflow);
    let source = "fn main() -> i32 { i32::trunc_f64_s(f64::nan) }";
    assert_eq!(trap(source, Limits::default()).0, TrapKind::InvalidConversion);
}

#[test]
fn control_flow() {
    assert_eq!(value("let n: i64 = 0; while n < 10 { n = n + 3; } n"), finished(12));
    assert_eq!(value("let n: i64 = 0; while 1 { n = n + 1; if n > 5 { return n * 2; } } 0"), finished(12));
    assert_eq!(
        value("let n: i64 = 0; for i in 0..5 { if i == 2 { continue; } n = n * 10 + i as i64; } n"),
        finished(134)
    );
    assert_eq!(value("let n: i64 = 0; loop { n = n + 1; if n == 7 { break n * 3; } }"), finished(21));
    assert_eq!(run("fn main() {}"), Progress::Finished(vec![]));
    assert_eq!(run("fn main() { f(1); } fn f(n: i32) -> i32 { n }"), Progress::Finished(vec![]));
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
    let (progress, text, _) = run_with(source, Limits::default());
    assert_eq!(progress, Progress::Finished(vec![Value::I32(149)]));
    assert_eq!(text, "1\n2\n3\n4\n5\n");
}

#[test]
fn every_call_has_its_own_locals() {
    let source = "fn main() -> i64 { f(3) }
        fn f(n: i64) -> i64 { let keep = n; if n > 0 { f(n - 1); } keep * 7 }";
    assert_eq!(run(source), finished(21));
}

#[test]
fn several_results_go_where_they_are_wanted() {
    let source = "fn two(n: i32) -> (i32, i64) { if n > 9 { return (n, 1); } (n + 1, 2) }
        fn main() -> i64 { let (a, b) = two(4); (a, b) = two(a * 2); b * 100 + a as i64 }";
    assert_eq!(run(source), finished(110));
}

#[test]
fn printed_values_have_their_own_form() {
    let source = "use sys::print; fn main() {
        print(-1); let u: u32 = 4294967295; print(u); print(18446744073709551615 as u64); print(1.0); print(0.1 + 0.2);
        print(f64::nan); print(-f64::inf); print(1e300); let h: f32 = 0.1; print(h); }";
    let expected = "-1\n4294967295\n18446744073709551615\n1.0\n0.30000000000000004\nnan\n-inf\n1e300\n0.1\n";
    assert_eq!(run_to_text("f", source, Limits::default()), expected);
}

#[test]
fn text_is_written_as_it_is_and_pays_for_its_length() {
    let source =
        "use sys::write; static s: [u8; 6] = \"gr\\xc3\\xbc\\xff\\n\"; fn main() { write(s, 6); write(s, 2); }";
    assert_eq!(run_to_text("f", source, Limits::default()), "gr\u{fc}\u{fffd}\ngr\n");
    let outside = "use sys::write; static s: [u8; 1] = \"a\"; fn main() { write(s, 70000); }";
    assert!(run_to_text("f", outside, Limits::default()).starts_with("trap: `write` shows at most 65,536 bytes"));
    let long = "use sys::write; static s: [u8; 60000]; fn main() { write(s, 32000); }";
    let (_, text, fuel) = run_with(long, Limits::default());
    assert_eq!((text.len(), fuel), (32_000, 3 + 2000));
}

#[test]
fn fuel_is_one_unit_a_node_and_ends_exactly() {
    // `1 + 2` is three nodes.
    let source = "fn main() -> i32 { 1 + 2 }";
    let fuel = |fuel| run_with(source, Limits { fuel, ..Limits::default() });
    assert_eq!(fuel(3), (Progress::Finished(vec![Value::I32(3)]), String::new(), 3));
    let (progress, _, used) = fuel(2);
    assert!(matches!(progress, Progress::Trapped(Trap { kind: TrapKind::FuelExhausted, .. })));
    assert_eq!(used, 2);
}

#[test]
fn segments_are_charged_as_a_whole_and_only_where_control_comes() {
    let fuel = |source: &str| run_with(source, Limits::default()).2;
    // The body and what leads to the division, its right side too; not what follows the statement that leaves.
    assert_eq!(fuel("fn main() -> i32 { 1 / 0 + 2 }"), 5);
    assert_eq!(fuel("fn main() -> i32 { return 7; 1 + 2 + 3 }"), 3);
    // `if`, its condition, one arm, and the addition with its right side, which begins a segment.
    let arms = |condition| format!("fn main() -> i32 {{ (if {condition} {{ 5 }} else {{ 6 * 7 }}) + 1 }}");
    assert_eq!((fuel(&arms("1")), fuel(&arms("0"))), (5, 7));
    // Set, loop; four times: `if`, comparison of two; three times: sequence, set, addition of two, break of nothing.
    assert_eq!(fuel("fn main() { let n = 0; while n < 3 { n = n + 1; } }"), 1 + 2 + 1 + 4 * 4 + 3 * 7);
}

#[test]
fn an_account_may_be_overdrawn_between_checks_but_not_for_ever() {
    let source = "fn main() -> i32 { let n = 1; if n == 1 { n = n + n + n + n; } n }";
    let all = run_with(source, Limits::default());
    let first = (1..all.2).find(|&fuel| {
        let (progress, _, used) = run_with(source, Limits { fuel, ..Limits::default() });
        // What is used is never said to be more than there was.
        used == fuel && progress == all.0
    });
    assert!(first.is_some_and(|first| first < all.2), "{first:?} of {}", all.2);
}

#[test]
fn an_endless_loop_ends() {
    let limits = Limits { fuel: 100_000, ..Limits::default() };
    for source in ["fn main() { while 1 { } }", "fn main() { loop { } }", "fn main() { 'a: loop { continue 'a; } }"] {
        assert_eq!(trap(source, limits).0, TrapKind::FuelExhausted, "{source}");
    }
}

#[test]
fn endless_recursion_ends_at_the_limit_of_the_stack() {
    let source = "fn main() -> i32 { f(1) } fn f(n: i32) -> i32 { f(n + 1) }";
    let expected = (TrapKind::StackOverflow, "f(n + 1)".into(), "f".into());
    assert_eq!(trap(source, Limits::default()), expected);
}

#[test]
fn every_call_takes_the_same_slots() {
    let least = |n| {
        let source =
            format!("fn main() -> i32 {{ f({n}) }} fn f(n: i32) -> i32 {{ if n == 0 {{ 0 }} else {{ f(n - 1) }} }}");
        let end = |stack_slots| run_with(&source, Limits { stack_slots, ..Limits::default() }).0;
        let least = (0..1000).find(|&slots| end(slots) == Progress::Finished(vec![Value::I32(0)])).unwrap();
        assert!(matches!(end(least - 1), Progress::Trapped(Trap { kind: TrapKind::StackOverflow, .. })));
        least
    };
    // A parameter; and when the 1 is there, it, `n`, the subtraction and the call (two tasks) are pending.
    let call = CALL_SLOTS + 1 + 5;
    assert_eq!([least(1), least(2), least(10)], [0, 1, 9].map(|more| least(0) + call + more * call));
}

#[test]
fn calls_of_small_functions_nest_thousands_deep() {
    let source = |n| {
        format!("fn main() -> i32 {{ f({n}) }} fn f(n: i32) -> i32 {{ if n == 0 {{ 0 }} else {{ 1 + f(n - 1) }} }}")
    };
    assert_eq!(run(&source(6500)), Progress::Finished(vec![Value::I32(6500)]));
    assert_eq!(trap(&source(10_923), Limits::default()).0, TrapKind::StackOverflow);
}

#[test]
fn the_stack_is_bounded_for_wide_frames_and_long_chains() {
    let variables: String = (0..1000).map(|n| format!("let v{n} = {n};")).collect();
    let wide = format!("fn main() {{ {variables} main(); }}");
    let limits = Limits::default();
    assert_eq!(trap(&wide, limits).0, TrapKind::StackOverflow);
    let chain = format!("fn main() -> i32 {{ {}1 }}", "1 + ".repeat(100_000));
    let narrow = Limits { stack_slots: 50_000, ..limits };
    assert_eq!(trap(&chain, narrow).0, TrapKind::StackOverflow);
    let limits = Limits { stack_slots: 150_000, ..limits };
    assert_eq!(run_with(&chain, limits).0, Progress::Finished(vec![Value::I32(100_001)]));
}

#[test]
fn limits_of_zero_are_traps() {
    let zero = Limits { fuel: 0, stack_slots: 0, memory_pages: 0, table_entries: 0 };
    assert_eq!(trap("fn main() { }", zero).0, TrapKind::StackOverflow);
    assert_eq!(trap("fn main() { }", Limits { stack_slots: 19, ..zero }).0, TrapKind::FuelExhausted);
    let text = run_to_text("f", "static n: i32 = 5; fn main() -> i32 { n[0] }", zero);
    assert_eq!(text, "error: the program needs 1 page of memory, and 0 are left; ask for fewer\n");
}

#[test]
fn an_empty_slice_does_nothing_and_the_end_stays() {
    let (mut store, mut call) = start("use sys::print; fn main() { print(1); }", Limits::default());
    let mut text = String::new();
    let mut resume = |slice| call.resume(&mut store, &mut Console::new(&mut text), slice);
    assert_eq!(resume(0), Progress::Suspended);
    assert_eq!((resume(10), resume(10)), (Progress::Finished(vec![]), Progress::Finished(vec![])));
    assert_eq!(text, "1\n");
}

#[test]
fn a_program_needs_an_entry_without_parameters() {
    let text = |source| run_to_text("f", source, Limits::default());
    assert!(text("fn main(n: i32) {}").contains("`main`, which must have no parameters"));
    assert!(text("fn start() {}").contains("no function `main` to start with"));
}

#[test]
fn the_start_function_runs_first_and_shares_the_fuel() {
    let source = "use sys::print; global n: i32 = 1; start set; fn set() { n = n + 41; } fn main() { print(n); }";
    assert_eq!(run_to_text("f", source, Limits::default()), "42\n");
    let poor = Limits { fuel: 5, ..Limits::default() };
    assert!(run_to_text("f", source, poor).starts_with("trap: fuel exhausted in function `main`"));
}
