//! Programs full of loops that tempt an optimiser mean the same in every engine and kind of native code: results, traps and the calls behind
//! them, memory, globals, fuel.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod source;

use std::collections::BTreeMap;
use std::sync::Arc;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Extern, Invocation, Limits, NoHost, Progress, Store, Value};
use velocity_jit::{Closures, HostCode, Native};

/// How many programs are tried; `VELOCITY_LOOPS` says another number.
const CASES: u64 = 1500;

/// What is seen of two calls of `main` in one instance: how each ended and what it cost, the globals and the memory at the end.
#[derive(Debug, PartialEq)]
struct Seen {
    ends: Vec<(Progress, u64)>,
    globals: Vec<Value>,
    memory: Vec<u8>,
}

fn program(source: &str) -> Program {
    let verdict = admit(Candidate::Text { name: "f", source }, Origin::Person, &Policy::default());
    verdict.program.clone().unwrap_or_else(|| panic!("{}\n{source}", verdict.render("f", source)))
}

fn run(program: &Program, engine: Box<dyn Engine>, limits: Limits, slice: u64) -> Seen {
    let mut store = Store::with_engine(limits, engine);
    let instance = store.instantiate(program, &mut NoHost).unwrap();
    let module = program.module();
    let mut functions = module.functions.iter();
    let (id, _) = functions.find(|(_, function)| module.name(&function.meta) == Some("main")).unwrap();
    let main = store.function(instance, id).unwrap();
    let ends = (0..2).map(|_| {
        let mut call = Invocation::new(&store, main, &[]).unwrap();
        let end = loop {
            match call.resume(&mut store, &mut NoHost, slice) {
                Progress::Suspended => {}
                end => break end,
            }
        };
        (end, call.fuel_used())
    });
    let ends = ends.collect();
    let global = |name| match store.export(instance, name) {
        Some(Extern::Global(address)) => store.global(address),
        other => panic!("{name} is {other:?}"),
    };
    let globals = ["g", "h"].map(global).to_vec();
    Seen { ends, globals, memory: store.memory(store.memory_of(instance).unwrap()).bytes().to_vec() }
}

fn same(seed: u64) -> Progress {
    let text = source::source(seed);
    let program = program(&text);
    let fuel = [40_000, 3000, 500, 150_000][seed as usize % 4];
    let limits = Limits { fuel, stack_slots: if seed.is_multiple_of(3) { 200 } else { 4000 }, ..Limits::default() };
    let mut expected = run(&program, Box::new(Reference), limits, u64::MAX);
    let native = || Native::new(Arc::new(HostCode));
    let kind = Native::UNUSUAL[(seed / 4) as usize % Native::UNUSUAL.len()];
    for slice in [u64::MAX, 1 + seed % 97] {
        let natives = [native(), native().with_explicit_bounds(), kind(native())];
        let engines = natives.into_iter().map(|native| Box::new(native) as Box<dyn Engine>);
        for (at, engine) in engines.chain([Box::<Closures>::default() as Box<dyn Engine>]).enumerate() {
            let seen = run(&program, engine, limits, slice);
            assert!(seen.memory == expected.memory, "seed {seed}, engine {at}, slices of {slice}: memory\n{text}");
            let what = format!("seed {seed}, engine {at}, slices of {slice}\n{text}");
            assert_eq!((&seen.ends, &seen.globals), (&expected.ends, &expected.globals), "{what}");
        }
    }
    expected.ends.swap_remove(0).0
}

#[test]
fn loops_mean_what_the_interpreter_says() {
    let env = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (first, cases) = (env("VELOCITY_SEED").unwrap_or(0), env("VELOCITY_LOOPS").unwrap_or(CASES));
    let mut ends = BTreeMap::<String, u64>::new();
    for seed in first..first + cases {
        let kind = match same(seed) {
            Progress::Trapped(trap) => format!("{:?}", trap.kind),
            _ => "finished".to_owned(),
        };
        *ends.entry(kind).or_default() += 1;
    }
    println!("{ends:?}");
    // Enough of each kind that matters, in what is always tried.
    for kind in ["finished", "DivideByZero", "MemoryBounds", "FuelExhausted"] {
        assert!(cases < CASES || ends.get(kind).is_some_and(|&count| count * 50 > cases), "{kind}: {ends:?}");
    }
}
