//! What is computed twice and what is not: as files, and against all engines where it matters which trap comes first.

use super::super::files::{check, program};
use super::common;
use crate::{Closures, HostCode, Native};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Limits, Progress, Session, Store, TrapKind};

#[test]
fn blocks_become_what_the_files_say() {
    let count = check("common", |_, function| {
        common(function);
    });
    assert!(count > 5);
}

fn run(source: &str, engine: Box<dyn Engine>) -> (Progress, u64) {
    let mut session = Session::new(&program(source), Store::with_engine(Limits::default(), engine)).unwrap();
    let end = session.resume(u64::MAX, &mut String::new());
    (end, session.fuel_used())
}

/// What all engines say.
fn all(source: &str) -> Progress {
    let expected = run(source, Box::new(Reference));
    let native = || Native::new(Arc::new(HostCode));
    let engines: [Box<dyn Engine>; 4] = [
        Box::<Closures>::default(),
        Box::new(native()),
        Box::new(native().with_explicit_bounds().with_homes(2, 2)),
        Box::new(native().without_sharing()),
    ];
    for engine in engines {
        assert_eq!(run(source, engine), expected, "{source}");
    }
    expected.0
}

#[test]
fn the_first_trap_of_a_step_stays_the_first() {
    let trap = |body: &str| {
        let source = alloc::format!(
            "static p: [i32; 64]; fn turn(i: i32, z: i32) -> i32 {{ {body} }} fn main() -> i32 {{ turn(1 << 20, 0) + turn(2, 3) }}"
        );
        match all(&source) {
            Progress::Trapped(trap) => trap.kind,
            end => panic!("{end:?}"),
        }
    };
    assert_eq!(trap("7 / z + p[i * 4] + p[i * 4] * (7 / z)"), TrapKind::DivideByZero);
    assert_eq!(trap("p[i * 4] + 7 / z + p[i * 4] * (7 / z)"), TrapKind::MemoryBounds);
    assert_eq!(trap("p[i * 4 & 7] = 3 + 7 / z; p[i * 4] + 7 / z"), TrapKind::DivideByZero);
    assert_eq!(trap("p[p[i * 4]] = 7 / z; p[p[i * 4]] + 7 / z"), TrapKind::MemoryBounds);
}

/// Remainders beside quotients, by divisors of every kind and of numbers at the ends.
#[test]
fn a_quotient_and_what_it_leaves_are_those_of_the_interpreter() {
    for (ty, width) in [("i32", 31), ("u32", 31), ("i64", 63), ("u64", 63)] {
        for by in ["1", "2", "3", "7", "10", "16", "641", "1000000007"] {
            let source = alloc::format!(
                "fn turn(n: {ty}) -> {ty} {{ let r = n % {by}; n = n / {by}; r * 31 + n + n % {by} * (n / {by}) }}
                fn main() -> {ty} {{ let (s, n, i) = (0 as {ty}, 0 as {ty}, 0);
                    while i < 40 {{ n = n * 3 + (i as {ty} << {width}) - 1; s = s * 7 + turn(n) + turn(0 as {ty} - n); i = i + 1; }} s }}"
            );
            assert!(matches!(all(&source), Progress::Finished(_)), "{source}");
        }
    }
    let least =
        "fn turn(n: i32, by: i32) -> i32 { n % -1 + n / -1 } fn main() -> i32 { turn(5, 1) + turn(1 << 31, 2) }";
    assert!(matches!(all(least), Progress::Trapped(trap) if trap.kind == TrapKind::IntegerOverflow));
}
