//! Quotients and remainders by constants, which compiled code has no division for, against Rust's.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::sync::Arc;
use velocity_gate::{Candidate, Origin, Policy, admit};
use velocity_interp::engine::Engine;
use velocity_interp::{InvokeError, Limits, NoHost, Store, TrapKind, Value};
use velocity_jit::{Closures, Division, HostCode, Level, Native, Reciprocals};

const DIVISORS: [u64; 22] = [
    1,
    2,
    3,
    5,
    6,
    7,
    9,
    10,
    11,
    13,
    25,
    60,
    100,
    125,
    625,
    641,
    1000,
    4096,
    65_537,
    1_000_000_007,
    0x7FFF_FFFF,
    0x8000_0001,
];
const LONG_DIVISORS: [u64; 5] =
    [10_000_000_000, 0x7FFF_FFFF_FFFF_FFFF, 1 << 40, 0xFFFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0001];
const TYPES: [&str; 4] = ["u32", "i32", "u64", "i64"];

/// The divisors that a type has.
fn divisors(ty: &str) -> impl Iterator<Item = u64> {
    let (long, signed) = (ty.ends_with("64"), ty.starts_with('i'));
    let most = if long { u64::MAX } else { u32::MAX.into() } >> u32::from(signed);
    DIVISORS.into_iter().chain(LONG_DIVISORS).filter(move |&divisor| divisor <= most)
}

/// Dividends at which something could go wrong, and others.
fn dividends(divisor: u64) -> Vec<u64> {
    let mut all: Vec<u64> = (0..40).collect();
    for edge in [divisor, divisor.wrapping_mul(3), 1 << 31, 1 << 32, 1 << 63, 0, u64::MAX / divisor * divisor] {
        all.extend([edge.wrapping_sub(1), edge, edge.wrapping_add(1), edge.wrapping_neg()]);
    }
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..100 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        all.push(random >> (random >> 59));
    }
    all
}

/// Quotient and remainder as bits.
fn expected(ty: &str, x: u64, divisor: u64) -> [u64; 2] {
    match ty {
        "u32" => [x as u32 / divisor as u32, x as u32 % divisor as u32].map(u64::from),
        "i32" => [x as i32 / divisor as i32, x as i32 % divisor as i32].map(|value| value as u32 as u64),
        "u64" => [x / divisor, x % divisor],
        _ => [x as i64 / divisor as i64, x as i64 % divisor as i64].map(|value| value as u64),
    }
}

#[test]
fn quotients_and_remainders_by_constants_are_exact() {
    let mut source = String::new();
    for ty in TYPES {
        for (at, divisor) in divisors(ty).enumerate() {
            for (name, operator) in [("div", '/'), ("rem", '%')] {
                writeln!(source, "export \"{name}_{ty}_{at}\" = {name}_{ty}_{at}; fn {name}_{ty}_{at}(x: {ty}) -> {ty} {{ x {operator} {divisor} }}").unwrap();
                // With other values at hand.
                writeln!(
                    source,
                    "export \"{name}_{ty}_{at}_b\" = {name}_{ty}_{at}_b; fn {name}_{ty}_{at}_b(x: {ty}) -> {ty} {{ let y = x ^ 5; (y + 1) * ((x {operator} {divisor}) + y) }}"
                )
                .unwrap();
            }
        }
    }
    let verdict = admit(Candidate::Text { name: "f", source: &source }, Origin::Person, &Policy::default());
    let program = verdict.program.clone().unwrap_or_else(|| panic!("{}", verdict.render("f", &source)));
    let levels = [Level::Baseline, Level::Optimised];
    let natives = levels.map(|level| Native::new(Arc::new(HostCode)).with_level(level));
    let [baseline, optimised] = natives.clone().map(Box::new);
    let engines: [Box<dyn Engine>; 3] = [baseline, optimised, Box::<Closures>::default()];
    for engine in engines {
        let mut store = Store::with_engine(Limits::default(), engine);
        let instance = store.instantiate(&program, &mut NoHost).unwrap();
        for ty in TYPES {
            for (at, divisor) in divisors(ty).enumerate() {
                for x in dividends(divisor) {
                    let argument = if ty.ends_with("64") { Value::I64(x as i64) } else { Value::I32(x as i32) };
                    let expected = expected(ty, x, divisor);
                    for (name, expected) in ["div", "rem"].into_iter().zip(expected) {
                        let y = x ^ 5;
                        let both = y.wrapping_add(1).wrapping_mul(expected.wrapping_add(y));
                        let both = if ty.ends_with("64") { both } else { u64::from(both as u32) };
                        for (more, expected) in [("", expected), ("_b", both)] {
                            let function = format!("{name}_{ty}_{at}{more}");
                            let got = store.invoke(instance, &function, &[argument], &mut NoHost).unwrap()[0].bits();
                            assert_eq!(got, expected, "{function}({x}), by {divisor}");
                        }
                    }
                }
            }
        }
    }
    assert!(natives.iter().all(|native| native.refusal().is_none()));
}

/// What a quotient or a remainder of two variables is: its bits, or why there is none.
fn of_variables(ty: &str, remainder: bool, x: u64, y: u64) -> Result<u64, TrapKind> {
    let (short, long) = ((x as u32).cast_signed(), x.cast_signed());
    let overflows = match ty {
        "i32" => short == i32::MIN && y as u32 == u32::MAX,
        "i64" => long == i64::MIN && y == u64::MAX,
        _ => false,
    };
    match (y, overflows, remainder) {
        (0, ..) => Err(TrapKind::DivideByZero),
        (_, true, false) => Err(TrapKind::IntegerOverflow),
        (_, true, true) => Ok(0),
        _ => Ok(expected(ty, x, y)[usize::from(remainder)]),
    }
}

/// Numbers at which a short cut could be taken wrongly, or not, and others.
fn numbers() -> Vec<u64> {
    let mut all: Vec<u64> = (0..6).collect();
    for edge in [8, 15, 16, 31, 32, 33, 63].map(|bits| 1_u64 << bits) {
        all.extend([edge - 2, edge - 1, edge, edge + 1, edge.wrapping_neg(), (edge + 1).wrapping_neg()]);
    }
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..60 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        all.push(random >> (random >> 58));
    }
    all
}

#[test]
fn quotients_and_remainders_by_variables_are_exact_with_every_short_cut() {
    let mut source = String::new();
    for ty in TYPES {
        for (name, operator) in [("div", '/'), ("rem", '%')] {
            writeln!(
                source,
                "export \"{name}_{ty}\" = {name}_{ty}; fn {name}_{ty}(x: {ty}, y: {ty}) -> {ty} {{ x {operator} y }}"
            )
            .unwrap();
            // Where operands are in other places, and are used again.
            writeln!(source, "export \"{name}_{ty}_b\" = {name}_{ty}_b; fn {name}_{ty}_b(y: {ty}, x: {ty}) -> {ty} {{ (x {operator} y) + (x {operator} (y + 0)) - (x {operator} y) }}").unwrap();
            // In a loop that does not change the divisor.
            writeln!(source, "export \"{name}_{ty}_l\" = {name}_{ty}_l; fn {name}_{ty}_l(x: {ty}, y: {ty}) -> {ty} {{ let i = 0; while i < 1 {{ x = x {operator} y; i = i + 1; }} x }}").unwrap();
            writeln!(source, "export \"{name}_{ty}_m\" = {name}_{ty}_m; fn {name}_{ty}_m(y: {ty}, x: {ty}) -> {ty} {{ let (i, s) = (0, x); while i < 1 {{ s = (s ^ x) + (x {operator} y) + (x {operator} (s ^ x ^ y)) - (x {operator} y); i = i + 1; }} s }}").unwrap();
        }
    }
    let verdict = admit(Candidate::Text { name: "f", source: &source }, Origin::Person, &Policy::default());
    let program = verdict.program.clone().unwrap_or_else(|| panic!("{}", verdict.render("f", &source)));
    let table = Some(Arc::<Reciprocals>::default());
    let cuts = [(None, false), (None, true), (table.clone(), false), (table.clone(), true)];
    let optimised = cuts.into_iter().map(|cuts| (cuts, Level::Optimised));
    for ((reciprocals, narrows), level) in optimised.chain([((table, true), Level::Baseline)]) {
        let native =
            Native::new(Arc::new(HostCode)).with_level(level).with_division(&Division { reciprocals, narrows });
        let mut store = Store::with_engine(Limits::default(), Box::new(native.clone()));
        let instance = store.instantiate(&program, &mut NoHost).unwrap();
        for ty in TYPES {
            let long = ty.ends_with("64");
            let bits = |number: u64| if long { number } else { u64::from(number as u32) };
            let value = |number: u64| if long { Value::I64(number as i64) } else { Value::I32(number as i32) };
            for (x, y) in numbers().into_iter().flat_map(|x| numbers().into_iter().map(move |y| (x, y))) {
                let (x, y) = (bits(x), bits(y));
                for (name, remainder) in [("div", false), ("rem", true)] {
                    let expected = of_variables(ty, remainder, x, y);
                    for (more, arguments) in [("", [x, y]), ("_b", [y, x]), ("_l", [x, y]), ("_m", [y, x])] {
                        let function = format!("{name}_{ty}{more}");
                        let got = store.invoke(instance, &function, &arguments.map(value), &mut NoHost);
                        let got = got.map(|values| values[0].bits()).map_err(|error| match error {
                            InvokeError::Trap(trap) => trap.kind,
                            other => panic!("{other}"),
                        });
                        assert_eq!(got, expected, "{function}: {x}, {y}; narrows: {narrows}");
                    }
                }
            }
        }
        assert!(native.refusal().is_none());
    }
}
