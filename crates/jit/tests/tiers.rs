//! Programs that begin in closures go on natively: at calls, and in the middle of loops; and nothing shows it but their speed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Limits, Progress, Session, Store, Tier};
use velocity_jit::{HostCode, Native, Refusal, Tiered};

fn program(source: &str) -> Program {
    let verdict = admit(Candidate::Text { name: "f", source }, Origin::Person, &Policy::default());
    verdict.program.clone().unwrap_or_else(|| panic!("{}", verdict.render("f", source)))
}

/// How a program ends, what it printed, and the fuel it used.
fn run(source: &str, engine: Box<dyn Engine>, slice: u64) -> (Progress, String, u64) {
    let mut session = Session::new(&program(source), Store::with_engine(Limits::default(), engine)).unwrap();
    let mut text = String::new();
    loop {
        match session.resume(slice, &mut text) {
            Progress::Suspended => {}
            end => return (end, text, session.fuel_used()),
        }
    }
}

/// Runs it by the interpreter and by tiers; the native tier that was used.
fn same(source: &str, threshold: u32, slice: u64) -> Native {
    let native = Native::new(Arc::new(HostCode));
    let tiered = Tiered::over(native.clone()).with_threshold(threshold);
    let expected = run(source, Box::new(Reference), u64::MAX);
    assert_eq!(run(source, Box::new(tiered), slice), expected, "threshold {threshold}, slices of {slice}");
    native
}

/// Loops in loops, with a call, a float, memory, a static and a value that waits while a loop runs.
const LOOPS: &str = "use sys::print;
memory 1;
static total: i64 = 3;
fn step(n: i32) -> i32 { if n % 7 == 3 { n / 2 } else { n + 1 } }
fn mixed(n: i32) -> i64 {
    let sum: i64 = 1; let f = 0.5; let i = 0; let p = 64 as *i32;
    while i < n {
        let j = 0;
        while j < 20 {
            p[j] = p[j] + step(i * j);
            f = f64::sqrt(f + (j as f64));
            sum = sum * 3 + (p[j] as i64);
            j = j + 1;
        }
        total[0] = total[0] ^ sum;
        i = i + 1;
    }
    sum + total[0] + (f * 1000.0) as i64
}
fn main() { print(5 + mixed(300)); print(mixed(20)); print(total[0]); }
";

#[test]
fn loops_go_on_natively_wherever_they_are_left() {
    let mut loops = 0;
    for threshold in (0..400).chain([5_000, 50_000, 200_000]) {
        for slice in [u64::MAX, 97] {
            loops += same(LOOPS, threshold, slice).loops().0;
        }
    }
    // Where closures are left at the call of `mixed`, all the rest is native.
    assert!(loops > 600, "{loops}");
}

#[test]
fn one_long_loop_of_the_first_function_becomes_native() {
    let source = "fn main() -> i64 { let x: i64 = 7; let i = 0; while i < 400000 { x = x * x + 1; if x % 3 == 0 { x = x - i as i64; } i = i + 1; } x }";
    let native = Native::new(Arc::new(HostCode));
    let seen = run(source, Box::new(Tiered::over(native.clone())), u64::MAX);
    assert_eq!(seen, run(source, Box::new(Reference), u64::MAX));
    assert_eq!(native.loops(), (1, 1), "the rest of one function");
}

#[test]
fn a_short_run_compiles_nothing_natively() {
    let native = Native::new(Arc::new(HostCode));
    run("fn main() -> i32 { let i = 0; while i < 100 { i = i + 3; } i }", Box::new(Tiered::over(native.clone())), 1000);
    assert_eq!((native.compiled(), native.loops()), (0, (0, 0)));
}

/// Fails at the bottom of many calls, most of which wait in closures.
const DEEP: &str = "use sys::print;
fn down(n: i32) -> i32 { let s = 0; let i = 0; while i < 3 { s = s + i * n; i = i + 1; } if n == 0 { s / n } else { down(n - 1) + s } }
fn middle(n: i32) -> i32 { down(n) + 1 }
fn main() { print(middle(40)); }
";

/// Needs more slots than there are.
const ENDLESS: &str = "fn down(n: i32) -> i32 { let i = 0; while i < 2 { n = n + i; i = i + 1; } down(n) + 1 }
fn main() -> i32 { down(1) }";

#[test]
fn traps_name_the_calls_of_both_tiers_and_the_limit_is_one() {
    for (source, more) in [(DEEP, true), (ENDLESS, true)] {
        let Progress::Trapped(trap) = run(source, Box::new(Reference), u64::MAX).0 else { panic!("it traps") };
        assert_eq!(trap.more_callers > 0, more);
        for threshold in (0..600).step_by(7).chain([10_000]) {
            for slice in [u64::MAX, 13] {
                same(source, threshold, slice);
            }
        }
    }
}

#[test]
fn calls_are_counted_once_in_whatever_tier_they_are_made() {
    let source = "fn fib(n: i32) -> i32 { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } } fn main() -> i32 { fib(16) + fib(16) }";
    for threshold in [0, 1, 50, 500, 5_000, 20_000, 1_000_000] {
        for slice in [u64::MAX, 333] {
            let native = Native::new(Arc::new(HostCode));
            let engine = Tiered::over(native.clone()).with_threshold(threshold);
            let store = Store::with_engine(Limits::default(), Box::new(engine));
            let mut session = Session::new(&program(source), store).unwrap();
            while session.resume(slice, &mut String::new()) == Progress::Suspended {}
            let profile = session.profile();
            let fib = profile.iter().find(|one| one.name == "fib").unwrap().function;
            assert_eq!(fib.calls, 2 * (2 * 1597 - 1), "threshold {threshold}, slices of {slice}");
            let tier = if threshold == 1_000_000 { Tier::Closures } else { Tier::Native };
            assert_eq!(fib.tier, tier, "threshold {threshold}");
        }
    }
}

#[test]
fn what_cannot_be_compiled_stays_in_closures() {
    // A call with so many arguments, which wait for each other, has no room in a frame of machine code.
    let (parameters, arguments) = (vec!["x: i32"; 250], vec!["one(i)"; 250]);
    let parameters: Vec<String> =
        parameters.iter().enumerate().map(|(at, one)| one.replace('x', &format!("x{at}"))).collect();
    let source = format!(
        "fn one(n: i32) -> i32 {{ n + 1 }} fn many({}) -> i32 {{ x0 + x249 }} fn main() -> i32 {{ let s = 0; let i = 0; while i < 100 {{ s = s + many({}); i = i + 1; }} s }}",
        parameters.join(", "),
        arguments.join(", "),
    );
    let native = same(&source, 50, 500);
    assert_eq!((native.refusal(), native.compiled()), (Some(Refusal::Frame), 0));
}
