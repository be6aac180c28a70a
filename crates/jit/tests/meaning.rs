//! What random programs seldom do: the order of sets, calls of the host, errors on the way in, deep and long programs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::sync::Arc;
use velocity_gate::{Candidate, Origin, Policy, admit};
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Limits, Progress, Session, Store, TrapKind, Value};
use velocity_jit::{EngineKind, HostCode, Native};

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

/// A function of so many variables that operations of the closure tier cannot name them all.
fn wide(body: &str) -> String {
    let mut text = String::from(
        "static m: [i32; 400]; static d: [f64; 4]; global g: i64 = 5; global h: f64 = 0.5;
        fn two(a: i64, b: i64) -> i64 { a * 3 - b } fn main() -> i64 { let x: f64 = 1.5; let y: i64 = 7; ",
    );
    (0..300).for_each(|n| write!(text, "let v{n}: i64 = {n}; let n{n} = {n} * 3; let f{n}: f64 = {n}.25; ").unwrap());
    text + body + " }"
}

#[test]
fn functions_of_hundreds_of_variables_mean_the_same() {
    let wide = |body: &str, slots| {
        let source = wide(body);
        let seen = all(&source, Limits { stack_slots: slots, ..Limits::default() }).0;
        assert!(matches!(seen, Progress::Finished(_) | Progress::Trapped(_)), "{seen:?}");
        seen
    };
    let slots = Limits::default().stack_slots;
    for body in [
        "v299 + v0 * v150 - n299 as i64",
        "for i in 0..50 { v299 = v299 + v2 ^ i as i64; v2 = v299 - v298; n200 = n200 + i; } v299 + v2 + n200 as i64",
        "while v280 < 400 { v280 = v280 + 1; y = y + 1; } v280 * 1000 + y",
        "m[n299 - 800] = n298; m[3] = n299; m[n1] = 9; v5 = m[n299 - 800] as i64; v5 + m[3] as i64 + m[n1] as i64",
        "d[1] = f299; x = d[1] * f298 + x; f290 = x; h = f290; g = v299; i64::reinterpret_f64(f290 + h) + g",
        "v1 = two(v299, v298); v298 = two(v1, y); if v298 > v1 { v298 } else { y }",
        "(v299, v298) = (v298, v299); y = v299 * 1000 + v298; y",
        "y = if n299 == n298 { 3 } else { v299 / v298 + v297 % v3 }; y / (v299 - 299)",
        "v7 = select(v299, v298, n299 > n298); v8 = select(v299, y, n3 > n298); v7 * 1000 + v8",
        "n299 = n299 * 100000; m[n299]; 5",
        "v299 = v299 * (v298 + v297) + (v296 - v295) * (v294 ^ v293); f299 = f1 * f2 + f298 / (f3 - f4); v299 + f299 as i64",
    ] {
        wide(body, slots);
    }
    assert!(matches!(wide("y", 300), Progress::Trapped(trap) if trap.kind == TrapKind::StackOverflow));
}

#[test]
fn long_pieces_without_control_mean_the_same() {
    let text = "a = a * 3 + b; b = b ^ a; ".repeat(2000);
    let source = format!("fn main() -> i32 {{ let a = 1; let b = 2; for i in 0..3 {{ {text} }} a + b }}");
    let (mut a, mut b) = (1_i32, 2_i32);
    for _ in 0..6000 {
        a = a.wrapping_mul(3).wrapping_add(b);
        b ^= a;
    }
    assert_eq!(value(&source), a.wrapping_add(b));
}

#[test]
fn an_address_that_is_chosen_from_constants_is_one_of_32_bits() {
    let source = "static m: [u8; 64]; const a: i32 = 70; const b: i32 = 9;
        fn main() -> i32 { let (s, n) = (0, 0); while n < 9 { m[select(n, select(a, b, n > 7), n < 5)] = 3; s = s * 5 + m[n] as i32; n = n + 1; } s }";
    let program = admit(Candidate::Text { name: "f", source }, Origin::Person, &Policy::default()).program.unwrap();
    for native in [Native::new(Arc::new(HostCode)).with_homes(0, 0), Native::new(Arc::new(HostCode))] {
        let limits = Limits::default();
        let mut session = Session::new(&program, Store::with_engine(limits, Box::new(native.clone()))).unwrap();
        let end = session.resume(u64::MAX, &mut String::new());
        assert_eq!((end, native.refusal()), (all(source, limits).0, None));
    }
}
