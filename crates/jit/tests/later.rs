//! A host that is not ready is asked again, and nothing else changes: output, results, traps and fuel are those of a host that is.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use velocity_gate::{Candidate, Origin, Policy, admit};
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Console, Host, HostCall, HostError, Invocation, Limits, Progress, Store};
use velocity_jit::{Closures, HostCode, Level, Native, Tiered};

/// Calls of the host in loops, in functions, as operands, with results of other calls waiting, and last of all.
const SOURCE: &str = "
use sys::print;
fn shown(n: i32) -> i32 { print(n); n + 1 }
fn sum(from: i32, n: i32) -> i32 {
    let sum = 0;
    for i in from..n {
        if i % 3 == 0 { print(1000 + i); }
        sum = sum + shown(i) * (shown(sum) - sum);
    }
    sum
}
fn main() -> i32 {
    print(2.5);
    let all = sum(0, 20) + shown(7);
    print(all as i64);
    print(100 / (all - all));
    all
}";

/// A console that is ready only when it was asked so many times.
struct Reluctant<'o> {
    out: &'o mut String,
    times: u32,
    asked: &'o mut u32,
}

impl Host for Reluctant<'_> {
    fn call(&mut self, call: HostCall<'_>) -> Result<(), HostError> {
        *self.asked += 1;
        if !self.asked.is_multiple_of(self.times + 1) {
            // What it leaves behind counts for nothing.
            *call.fuel = 1 << 40;
            *call.later = true;
            return Ok(());
        }
        *call.fuel += 3;
        Console::new(self.out).call(call)
    }
}

/// What the program shows, how it ends, what it costs, and how often it stopped.
fn run(engine: Box<dyn Engine>, times: u32, slice: u64) -> (String, Progress, u64, u32) {
    let candidate = Candidate::Text { name: "later", source: SOURCE };
    let program = admit(candidate, Origin::Person, &Policy::default()).program.unwrap();
    let mut store = Store::with_engine(Limits::default(), engine);
    Console::define(&mut store);
    let (mut out, mut asked, mut stops) = (String::new(), 0, 0);
    let instance = store.instantiate(&program, &mut Console::new(&mut out)).unwrap();
    let main = program.module().function_named("main").unwrap();
    let main = store.function(instance, main).unwrap();
    let mut call = Invocation::new(&store, main, &[]).unwrap();
    loop {
        let mut host = Reluctant { out: &mut out, times, asked: &mut asked };
        match call.resume(&mut store, &mut host, slice) {
            Progress::Suspended => stops += 1,
            end => return (out, end, call.fuel_used(), stops),
        }
    }
}

#[test]
fn engines_ask_again_and_change_nothing() {
    let ready = run(Box::new(Reference), 0, u64::MAX);
    assert!(matches!(ready.1, Progress::Trapped(_)) && ready.3 == 0 && ready.0.lines().count() > 40, "{ready:?}");
    let native = || Native::new(Arc::new(HostCode));
    let tiers = || Tiered::new(Arc::new(HostCode)).with_threshold(50);
    for (times, slice) in [(0, 1), (1, u64::MAX), (3, u64::MAX), (2, 40), (1, 1)] {
        let engines: [Box<dyn Engine>; 5] = [
            Box::new(Reference),
            Box::new(Closures::default()),
            Box::new(native().with_level(Level::Baseline)),
            Box::new(native()),
            Box::new(tiers()),
        ];
        for engine in engines {
            let name = format!("{engine:?}, {times} times, slices of {slice}");
            let (out, end, fuel, stops) = run(engine, times, slice);
            assert_eq!((out, end, fuel), (ready.0.clone(), ready.1.clone(), ready.2), "{name}");
            let calls = ready.0.lines().count() as u32;
            assert!(stops >= times * calls, "{name}: stopped {stops} times");
        }
    }
}
