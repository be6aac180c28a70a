//! Inlined calls beside calls: as files, against all engines, to the last slot of the stack and the last unit of fuel.

use super::super::files::{check, program};
use super::Inliner;
use crate::{HostCode, Native};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use velocity_gate::Program;
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Limits, Progress, Session, Store};

#[test]
fn blocks_become_what_the_files_say() {
    let count = check("inline", |fixed, function| {
        assert_eq!(Inliner::new(fixed, false).run(function) > 0, !function.inlined.is_empty());
    });
    assert!(count > 3);
}

/// What a run does, and what it costs.
fn run(program: &Program, engine: Box<dyn Engine>, limits: Limits, slice: u64) -> (Progress, String, u64) {
    let mut session = Session::new(program, Store::with_engine(limits, engine)).unwrap();
    let mut shown = String::new();
    loop {
        match session.resume(slice, &mut shown) {
            Progress::Suspended => {}
            end => return (end, shown, session.fuel_used()),
        }
    }
}

/// The ends of a program for limits of the stack and of fuel, which are those of the interpreter; and how many calls were inlined.
fn all(source: &str) -> (Vec<Progress>, usize) {
    let program = program(source);
    let mut ends = Vec::new();
    let mut inlined = 0;
    let stacks = (0..120).map(|stack_slots| (stack_slots, 100_000));
    let fuels = (0..200).map(|fuel| (1000, fuel));
    for (stack_slots, fuel) in stacks.chain(fuels) {
        let limits = Limits { stack_slots, fuel, ..Limits::default() };
        let expected = run(&program, Box::new(Reference), limits, u64::MAX);
        for slice in [u64::MAX, 1, 7] {
            let native = Native::new(Arc::new(HostCode));
            let found = run(&program, Box::new(native.clone()), limits, slice);
            assert_eq!(found, expected, "{stack_slots} slots, fuel {fuel}, slices of {slice}");
            assert_eq!(native.refusal(), None);
            inlined = inlined.max(native.inlined());
        }
        ends.push(expected.0);
    }
    (ends, inlined)
}

fn count(ends: &[Progress], text: &str) -> usize {
    ends.iter().filter(|end| alloc::format!("{end:?}").contains(text)).count()
}

#[test]
fn the_stack_and_the_fuel_end_where_they_ended() {
    let source = "static m: [i32; 4];
        fn main() -> i32 { let s = 0; for i in 0..9 { s = s + middle(i, s); } s }
        fn middle(a: i32, b: i32) -> i32 { let x = leaf(a) + 1; leaf(x + b) * 2 }
        fn leaf(a: i32) -> i32 { let b = a; while b > 3 { b = b / 2; } m[b & 3] = b; b }";
    let (ends, inlined) = all(source);
    assert!(inlined >= 3, "{inlined}");
    assert!(count(&ends, "StackOverflow") > 20 && count(&ends, "FuelExhausted") > 100 && count(&ends, "Finished") > 20);
}

/// What comes after it reads results that nobody sets, in slots that hold something else elsewhere.
#[test]
fn what_never_returns_is_the_end() {
    let source = "fn main() -> i64 { let (a, b) = both(3); a + b }
        fn both(x: i32) -> (i64, i64) {
            if x > 2 { return (-2097153, -2097153); }
            'one: { 'two: { branch stop(x) ['one, 'two, 'two]; } return (-2097153, -2097153); }
            (-2097153, -2097153)
        }
        fn stop(a: i32) -> i32 { unreachable() }";
    let (ends, inlined) = all(source);
    assert!(inlined >= 1, "{inlined}");
    assert!(count(&ends, "Finished") > 20, "{ends:?}");
}

#[test]
fn a_trap_names_the_function_that_was_inlined() {
    let source = "static m: [i32; 4];
        fn main() -> i32 { let s = 0; for i in 0..9 { s = s + outer(4 - i, i * 3000); } s }
        fn outer(a: i32, b: i32) -> i32 { quotient(100, a) + cell(b) }
        fn quotient(a: i32, b: i32) -> i32 { a / b }
        fn cell(a: i32) -> i32 { m[a] }";
    let (ends, inlined) = all(source);
    assert!(inlined >= 3, "{inlined}");
    assert!(count(&ends, "DivideByZero") > 20 && count(&ends, "\"quotient\"") > 20);
    let source = source.replace("4 - i", "4 + i");
    let (ends, _) = all(&source);
    assert!(count(&ends, "MemoryBounds") > 20 && count(&ends, "\"cell\"") > 20);
}

#[test]
fn floats_and_several_results_come_back_as_they_were() {
    let source = "fn main() -> i32 { let s = 0.0; let n = 0;
            for i in 0..9 { let (q, r) = both(i, 3); s = s + half(s, i as f64) / half(0.0, q as f64); n = n * 10 + r; }
            n ^ i64::reinterpret_f64(s) as i32 }
        fn both(a: i32, b: i32) -> (i32, i32) { (a / b, a % b) }
        fn half(a: f64, b: f64) -> f64 { if a != a { return b; } (a + b) / 2.0 }";
    let (ends, inlined) = all(source);
    assert!(inlined >= 3 && count(&ends, "Finished") > 20, "{inlined}");
}

#[test]
fn recursion_and_large_functions_stay_calls() {
    let source = "fn main() -> i32 { let s = 0; for i in 0..3 { s = s + odd(i) + large(i); } s }
        fn odd(n: i32) -> i32 { if n == 0 { 0 } else { even(n - 1) } }
        fn even(n: i32) -> i32 { if n == 0 { 1 } else { odd(n - 1) } }";
    let large = alloc::format!("fn large(n: i32) -> i32 {{ {} n }}", "n = n * 3 + 1; ".repeat(40));
    let (_, inlined) = all(&alloc::format!("{source} {large}"));
    assert_eq!(inlined, 0);
}

#[test]
fn no_function_grows_without_bound() {
    let leaf = alloc::format!("fn leaf(n: i32) -> i32 {{ {} n }}", "n = n * 3 + 1; ".repeat(10));
    let calls = |count: usize| {
        let body = "s = s + leaf(s); ".repeat(count);
        let text = alloc::format!("fn main() -> i32 {{ let s = 1; for i in 0..2 {{ {body} }} s }} {leaf}");
        let native = Native::new(Arc::new(HostCode));
        run(&program(&text), Box::new(native.clone()), Limits::default(), u64::MAX);
        native.inlined()
    };
    assert_eq!(calls(1), 1);
    assert!((2..150).contains(&calls(200)));
}
