//! What random programs seldom do: the order of sets, calls of the host, errors on the way in, deep and long programs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use velocity_gate::{Candidate, Origin, Policy, admit};
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Limits, Progress, Session, Store, TrapKind, Value};
use velocity_jit::EngineKind;

fn run(source: &str, limits: Limits, engine: Box<dyn Engine>, slice: u64) -> (Progress, String, u64) {
    let verdict = admit(Candidate::Text { name: "f", source }, Origin::Person, &Policy::default());
    let program = verdict.program.clone().unwrap_or_else(|| panic!("{}", verdict.render("f", source)));
    let mut session = Session::new(&program, Store::with_engine(limits, engine)).unwrap();
    let mut shown = String::new();
    loop {
        match session.resume(slice, &mut shown) {
            Progress::Suspended => {}
            end => return (end, shown, session.fuel_used()),
        }
    }
}

/// What all engines say, in one go and in slices.
fn all(source: &str, limits: Limits) -> (Progress, String) {
    let expected = run(source, limits, Box::new(Reference), u64::MAX);
    for slice in [u64::MAX, 1, 1000] {
        for kind in EngineKind::ALL {
            assert_eq!(run(source, limits, kind.make(), slice), expected, "{kind}, slices of {slice}");
        }
    }
    (expected.0, expected.1)
}

fn value(source: &str) -> i32 {
    match all(source, Limits::default()).0 {
        Progress::Finished(values) => match values[..] {
            [Value::I32(value)] => value,
            _ => panic!("{values:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn trap(source: &str, limits: Limits) -> TrapKind {
    match all(source, limits).0 {
        Progress::Trapped(trap) => trap.kind,
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_two_sets_of_one_variable_the_first_counts() {
    let two = "fn two() -> (i32, i32) { (5, 6) }";
    assert_eq!(value(&format!("{two} fn main() -> i32 {{ let a = 0; (a, a) = (5, 6); a }}")), 5);
    assert_eq!(value(&format!("{two} fn main() -> i32 {{ let a = 0; (a, a) = two(); a }}")), 5);
    assert_eq!(value("fn main() -> i32 { let a = 1; let b = 2; (a, b) = (b, a); a * 10 + b }"), 21);
}

#[test]
fn operands_keep_the_value_they_had() {
    assert_eq!(value("fn main() -> i32 { let a = 1; a + { a = 10; a } * 100 }"), 1001);
    let global = "global g: i32 = 1; fn set() -> i32 { g = 7; 2 }";
    assert_eq!(value(&format!("{global} fn main() -> i32 {{ g * 10 + set() }}")), 12);
    let memory = "static m: [i32; 2]; fn set() -> i32 { m[0] = 7; 2 }";
    assert_eq!(value(&format!("{memory} fn main() -> i32 {{ m[0] * 10 + set() + m[0] * 100 }}")), 702);
}

#[test]
fn the_first_trap_counts_and_nothing_after_it_happens() {
    let source = "use sys::print; fn shout() -> i32 { print(1); 2 } fn main() -> i32 { let n = 0; 1 / n + shout() }";
    let (end, shown) = all(source, Limits::default());
    assert!(matches!(end, Progress::Trapped(trap) if trap.kind == TrapKind::DivideByZero));
    assert_eq!(shown, "");
    let source = "static m: [i32; 1]; fn main() -> i32 { let n = 0; let p = 70000; m[p] + 1 / n }";
    assert_eq!(trap(source, Limits::default()), TrapKind::MemoryBounds);
    let source = "fn main() -> i32 { let n = 0; 1 / n; 'a: { 2 / n + { break 'a; } } 5 }";
    assert_eq!(trap(source, Limits::default()), TrapKind::DivideByZero);
    assert_eq!(
        trap("fn main() -> i32 { let n = 0; 2 / n + unreachable() }", Limits::default()),
        TrapKind::DivideByZero
    );
}

#[test]
fn the_host_is_called_and_pays_and_refuses() {
    let source = "use sys::print; use sys::write; static s: [u8; 3] = \"ab\\n\";
        fn main() { print(1); write(s, 3); print(2); write(s, 70000); print(3); }";
    let (end, shown) = all(source, Limits::default());
    assert!(matches!(end, Progress::Trapped(trap) if matches!(trap.kind, TrapKind::Host(_))));
    assert_eq!(shown, "1\nab\n2\n");
}

#[test]
fn recursion_and_loops_without_end_meet_their_limits() {
    let deep = "fn main() -> i32 { f(1) } fn f(n: i32) -> i32 { f(n + 1) }";
    assert_eq!(trap(deep, Limits::default()), TrapKind::StackOverflow);
    let source = "fn main() -> i32 { f(3) } fn f(n: i32) -> i32 { if n == 0 { 0 } else { f(n - 1) } }";
    let ends: Vec<_> = (0..160).map(|stack_slots| all(source, Limits { stack_slots, ..Limits::default() }).0).collect();
    // Four calls of `f` are as many as this needs: some of these limits are too small, and some are not.
    let fits = ends.iter().filter(|end| matches!(end, Progress::Finished(_))).count();
    assert!((1..130).contains(&fits), "{fits}");
    let fuel = Limits { fuel: 10_000, ..Limits::default() };
    assert_eq!(trap("fn main() { loop { } }", fuel), TrapKind::FuelExhausted);
    assert_eq!(trap("fn main() { 'a: loop { continue 'a; } }", fuel), TrapKind::FuelExhausted);
}

#[test]
fn long_chains_and_many_waiting_operands_stay_flat() {
    let chain = format!("fn main() -> i32 {{ let n = 1; {}1 }}", "n + ".repeat(20_000));
    assert_eq!(value(&chain), 20_001);
    let mut text = String::from("fn many(");
    (0..256).for_each(|n| write!(text, "p{n}: i32, ").unwrap());
    text += ") -> i32 { p0 + p255 } fn main() -> i32 { let n = 3; many(";
    (0..256).for_each(|n| write!(text, "{{ n = n + 1; n * {n} }}, ").unwrap());
    assert_eq!(value(&(text + ") }")), 259 * 255);
}

#[test]
fn a_trap_names_the_calls_behind_it_whether_they_were_inlined_or_not() {
    let source = "fn leaf(n: i32) -> i32 { 7 / n } fn twig(n: i32) -> i32 { leaf(n + 1) + leaf(n) }
        fn deep(n: i32) -> i32 { if n == 0 { twig(n) } else { deep(n - 1) + 1 } }
        fn main() -> i32 { deep(3) + twig(2) }";
    let Progress::Trapped(trap) = all(source, Limits::default()).0 else { panic!("no trap") };
    let callers: Vec<&str> = trap.callers.iter().map(|caller| caller.function.as_str()).collect();
    assert_eq!((trap.function.as_str(), callers), ("leaf", vec!["twig", "deep", "deep", "deep", "deep", "main"]));
    let outside = "static m: [i32; 1]; fn leaf(n: i32) -> i32 { m[n] } fn main() -> i32 { leaf(0) + leaf(1 << 28) }";
    let Progress::Trapped(trap) = all(outside, Limits::default()).0 else { panic!("no trap") };
    assert_eq!(trap.callers.len(), 1);
}

#[test]
fn what_a_counted_loop_does_not_select_can_still_trap() {
    // As a value, and as a condition; where the test is a constant, or both are the same.
    for select in ["select(i, 7 / zero, 1)", "select(7 / zero, i, 0)", "select(7 / zero, 7 / zero, i)"] {
        let bodies = [format!("s = s + {select};"), format!("if {select} < 0 {{ s = s + 1; }}")];
        for body in bodies {
            let source = format!(
                "fn turn(n: i32, zero: i32) -> i32 {{ let s = 0; for i in 0..n {{ {body} }} s }}
                fn main() -> i32 {{ turn(1000, 0) }}"
            );
            assert_eq!(trap(&source, Limits::default()), TrapKind::DivideByZero, "{body}");
        }
    }
}
