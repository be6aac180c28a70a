//! Loops whose invariants stand in front of them: as files, and against all engines.

use super::super::files::{check, program};
use super::hoist;
use crate::{HostCode, Native};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Limits, Progress, Session, Store};

#[test]
fn blocks_become_what_the_files_say() {
    let count = check("hoist", |_, function| {
        hoist(function);
    });
    assert!(count > 3);
}

/// What a program does with so much fuel, and what that costs.
fn run(source: &str, engine: Box<dyn Engine>, fuel: u64, slice: u64) -> (Progress, u64) {
    let limits = Limits { fuel, ..Limits::default() };
    let mut session = Session::new(&program(source), Store::with_engine(limits, engine)).unwrap();
    let mut shown = String::new();
    loop {
        match session.resume(slice, &mut shown) {
            Progress::Suspended => {}
            end => return (end, session.fuel_used()),
        }
    }
}

/// Addresses are apart in many ways, some of which go round at 2^32, and some of which lie outside.
#[test]
fn addresses_in_parts_are_the_same_addresses() {
    let parts = [
        "i * 8 + k",
        "k * 5 - i",
        "(i + k) * 3 + 7",
        "k - i * 2",
        "(k << 2) + (i << 3) - 1",
        "i - k * -3",
        "k * 2 + k + i * 4",
    ];
    for (number, part) in parts.iter().enumerate() {
        for other in &parts[number..] {
            let source = alloc::format!(
                "static p: [i32; 400]; fn main() -> i32 {{ let (s, i) = (1, -3);
                    while i < 9 {{ let k = 0; while k < 12 {{ p[{part}] = s + k; s = s * 3 + p[{other}] ^ i * i; k = k + 1; }} i = i + 1; }} s }}"
            );
            for (fuel, slice) in [(1 << 20, u64::MAX), (1 << 20, 50), (700, u64::MAX), (700, 3)] {
                let expected = run(&source, Box::new(Reference), fuel, u64::MAX);
                for native in [Native::new(Arc::new(HostCode)), Native::new(Arc::new(HostCode)).with_explicit_bounds()]
                {
                    assert_eq!(run(&source, Box::new(native), fuel, slice), expected, "{part}, {other}, fuel {fuel}");
                }
            }
        }
    }
}
