//! What engines know of the functions that ran: every call is counted, in whatever tier, however it ends, and whatever the slices.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::Engine;
use velocity_interp::{Limits, Profile, Progress, Session, Store, Tier};
use velocity_jit::{Closures, HostCode, Level, Native, Tiered};

fn program(source: &str) -> Program {
    let verdict = admit(Candidate::Text { name: "f", source }, Origin::Person, &Policy::default());
    verdict.program.clone().unwrap_or_else(|| panic!("{}", verdict.render("f", source)))
}

fn run(source: &str, engine: Box<dyn Engine>, slice: u64) -> (Progress, Vec<Profile>) {
    let mut session = Session::new(&program(source), Store::with_engine(Limits::default(), engine)).unwrap();
    loop {
        match session.resume(slice, &mut String::new()) {
            Progress::Suspended => {}
            end => return (end, session.profile()),
        }
    }
}

/// Every kind of native code that counts, and closures.
fn engines() -> Vec<(Tier, Box<dyn Engine>)> {
    let native = || Native::new(Arc::new(HostCode));
    vec![
        (Tier::Closures, Box::<Closures>::default()),
        (Tier::Native, Box::new(native())),
        (Tier::Native, Box::new(native().with_level(Level::Baseline))),
        (Tier::Native, Box::new(native().flat().with_homes(0, 0).with_explicit_bounds())),
        (Tier::Native, Box::new(Tiered::new(Arc::new(HostCode)).with_threshold(1))),
    ]
}

const FIBONACCI: &str = "fn fib(n: i32) -> i32 { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }
    fn both(n: i32) -> i32 { fib(n) + fib(n) }
    fn unused() -> i32 { 1 }
    fn main() -> i32 { both(16) }";

#[test]
fn all_calls_are_counted_and_some_are_timed() {
    for slice in [u64::MAX, 1, 777] {
        for (tier, engine) in engines() {
            let (end, profile) = run(FIBONACCI, engine, slice);
            assert!(matches!(end, Progress::Finished(_)), "{end:?}");
            let of = |name: &str| profile.iter().find(|one| one.name == name).map(|one| one.function);
            // 2 * (2 * fib(17) - 1) calls.
            let fib = of("fib").unwrap();
            assert_eq!((fib.calls, fib.tier, fib.traps), (2 * (2 * 1597 - 1), tier, 0), "slices of {slice}");
            assert!((1..fib.calls).contains(&fib.time.samples), "{:?}", fib.time);
            assert_eq!(fib.time.buckets.iter().map(|&n| u64::from(n)).sum::<u64>(), fib.time.samples);
            let (both, main) = (of("both").unwrap(), of("main").unwrap());
            assert_eq!((both.calls, main.calls, both.time.samples, main.time.samples), (1, 1, 1, 1));
            assert!(main.time.cycles >= both.time.cycles, "{main:?} calls {both:?}");
            assert!(main.compile_cycles > 0 && (main.code_bytes > 0) == (tier == Tier::Native), "{main:?}");
            assert_eq!(of("unused").map_or(0, |unused| unused.calls), 0);
        }
    }
}

#[test]
fn a_function_of_another_type_and_a_trap_are_counted() {
    let source = "fn deep(n: i64, x: f64) -> (f64, i64) { if n == 0 { (x / 2.0, 1 / n) } else { deep(n - 1, x) } }
        fn main() { deep(9, 1.5); }";
    for (_, engine) in engines() {
        let (end, profile) = run(source, engine, 5);
        let Progress::Trapped(trap) = end else { panic!("{end:?}") };
        let callers: Vec<&str> = trap.callers.iter().map(|caller| caller.function.as_str()).collect();
        assert_eq!(callers, [&["deep"; 9][..], &["main"]].concat());
        let deep = profile.iter().find(|one| one.name == "deep").unwrap().function;
        assert_eq!((deep.calls, deep.traps, deep.time.samples), (10, 1, 0));
    }
}

#[test]
fn the_calls_behind_a_trap_are_bounded_and_counted() {
    let source =
        "fn down(n: i32) -> i32 { if n == 0 { 1 / n } else { down(n - 1) + 1 } } fn main() -> i32 { down(1000) }";
    for (_, engine) in engines() {
        let (end, _) = run(source, engine, u64::MAX);
        let Progress::Trapped(trap) = end else { panic!("{end:?}") };
        assert_eq!((trap.callers.len(), trap.more_callers), (12, 1001 - 12));
        let text = trap.render("f", source);
        assert!(text.contains("  called by `down` at f:1:53\n") && text.contains("  and 989 more calls\n"), "{text}");
    }
}
