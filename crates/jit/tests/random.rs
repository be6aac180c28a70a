//! Random programs mean the same in every engine: results, traps and where they are, memory, fuel, in slices of any size.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use velocity_gate::Program;
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Extern, Invocation, Limits, NoHost, Progress, Store, Value};
use velocity_jit::Closures;
use velocity_samples::random;

/// How many programs are tried.
const CASES: u32 = 3000;

/// Everything that can be seen of a run.
#[derive(Debug, PartialEq)]
struct Seen {
    end: Progress,
    fuel: u64,
    memory: Vec<u8>,
    globals: Vec<Value>,
}

fn run(engine: Box<dyn Engine>, program: &Program, limits: Limits, slice: u64) -> Seen {
    let mut store = Store::with_engine(limits, engine);
    let instance = store.instantiate(program, &mut NoHost).unwrap();
    let Some(Extern::Function(f)) = store.export(instance, "f") else { panic!("no `f`") };
    let arguments = [Value::I32(5), Value::I64(-1), Value::F32(0x4020_0000), Value::F64(1 << 62)];
    let mut call = Invocation::new(&store, f, &arguments).unwrap();
    let end = loop {
        match call.resume(&mut store, &mut NoHost, slice) {
            Progress::Suspended => {}
            end => break end,
        }
    };
    let memory = store.memory(store.memory_of(instance).unwrap()).bytes().to_vec();
    let globals = (0..4).map(|index| store.global_of(instance, index).unwrap()).collect();
    Seen { end, fuel: call.fuel_used(), memory, globals }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn closures_mean_what_the_interpreter_says(
        numbers in prop::collection::vec(any::<u8>(), 0..900),
        fuel in 1_u64..3000,
        narrow: bool,
        slice in 1_u64..100,
    ) {
        let program = random(&numbers).program();
        let stack_slots = if narrow { 150 } else { 1 << 17 };
        let limits = Limits { fuel, stack_slots, call_depth: 20, ..Limits::default() };
        let expected = run(Box::new(Reference), &program, limits, u64::MAX);
        for slice in [u64::MAX, slice] {
            let seen = run(Box::<Closures>::default(), &program, limits, slice);
            prop_assert_eq!((&seen.end, seen.fuel), (&expected.end, expected.fuel), "slices of {}", slice);
            prop_assert_eq!(&seen.globals, &expected.globals);
            prop_assert!(seen.memory == expected.memory, "memory, slices of {}", slice);
        }
    }
}
