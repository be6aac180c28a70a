//! Large functions are compiled and checked in time that grows as they do, and mean what the interpreter says.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{FunctionAddress, Invocation, Limits, NoHost, Progress, Store, TrapKind, Value};
use velocity_jit::{HostCode, Level, Native};

/// A condition makes one block for what it guards and one for what comes next.
const BLOCKS_A_CONDITION: u32 = 2;

/// One function of so many blocks. What is said of each is little: a text has 262,144 expressions and statements at most.
fn program(blocks: u32) -> Program {
    let mut source = String::from("fn main(x: i64) -> i64 {\n    let y: i64 = 1;\n    let z: i64 = 2;\n");
    source.push_str("    let a = x > 0;\n    let b = x > 48;\n    let c = x != 96;\n");
    for at in 0..blocks / BLOCKS_A_CONDITION {
        let (to, from) = [("y", "x"), ("z", "y"), ("x", "z"), ("y", "z")][at as usize % 4];
        let condition = ["a", "b", "c"][at as usize % 3];
        writeln!(source, "    if {condition} {{ {to} = {from}; }}").unwrap();
        if at % 64 == 0 {
            writeln!(source, "    z = z * 31 + y;").unwrap();
        }
    }
    source.push_str("    x ^ y ^ z\n}\n");
    let verdict = admit(Candidate::Text { name: "large", source: &source }, Origin::Person, &Policy::default());
    verdict.program.clone().unwrap_or_else(|| panic!("{:?}", verdict.findings.first()))
}

fn instance(program: &Program, engine: Box<dyn Engine>) -> (Store, FunctionAddress) {
    let mut store = Store::with_engine(Limits::default(), engine);
    let instance = store.instantiate(program, &mut NoHost).unwrap();
    let main = store.function(instance, program.module().functions.keys().next().unwrap()).unwrap();
    (store, main)
}

/// How long the first call takes, which has no fuel to run with.
fn seconds(program: &Program, level: Level) -> f64 {
    let native = Native::new(Arc::new(HostCode)).with_level(level);
    let (mut store, main) = instance(program, Box::new(native.clone()));
    let mut call = Invocation::new(&store, main, &[Value::I64(0)]).unwrap().with_fuel(0);
    let start = Instant::now();
    let end = call.resume(&mut store, &mut NoHost, u64::MAX);
    let seconds = start.elapsed().as_secs_f64();
    assert!(matches!(end, Progress::Trapped(trap) if trap.kind == TrapKind::FuelExhausted));
    assert_eq!((native.refusal(), native.compiled()), (None, 1));
    seconds
}

#[test]
fn twice_the_blocks_take_less_than_thrice_the_time() {
    for level in [Level::Baseline, Level::Optimised] {
        grows_as_blocks_do(level);
    }
}

fn grows_as_blocks_do(level: Level) {
    let programs = [program(50_000), program(100_000)];
    // The least of several, in turns: others run on the same processors.
    let mut least = [f64::MAX; 2];
    for _ in 0..5 {
        for (least, program) in least.iter_mut().zip(&programs) {
            *least = least.min(seconds(program, level));
        }
        if least[1] < 2.2 * least[0] {
            break;
        }
    }
    let [half, whole] = least;
    println!("{level:?}: {half:.3} s for 50,000 blocks, {whole:.3} s for 100,000");
    assert!(whole < 3.0 * half, "{half} s, then {whole} s");
    assert!(whole < 30.0, "{whole} s");
}

#[test]
fn a_large_function_means_what_the_interpreter_says() {
    let program = program(20_000);
    let native = Native::new(Arc::new(HostCode));
    let baseline = Native::new(Arc::new(HostCode)).with_level(Level::Baseline);
    let engines: [Box<dyn Engine>; 3] = [Box::new(Reference), Box::new(baseline.clone()), Box::new(native.clone())];
    let mut places = engines.map(|engine| instance(&program, engine));
    for x in [-1, 0, 1, 48, 96, 97, i64::MAX] {
        let seen = places.each_mut().map(|(store, main)| {
            let mut call = Invocation::new(store, *main, &[Value::I64(x)]).unwrap();
            let end = call.resume(store, &mut NoHost, u64::MAX);
            assert!(matches!(end, Progress::Finished(_)), "{end:?}");
            (format!("{end:?}"), call.fuel_used())
        });
        assert_eq!([&seen[0]; 2], [&seen[1], &seen[2]], "{x}");
    }
    assert_eq!((native.refusal(), baseline.refusal()), (None, None));
}
