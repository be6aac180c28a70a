//! Random programs run the same in one go and in slices of any size.

use crate::{Extern, Invocation, Limits, NoHost, Progress, Store};
use proptest::prelude::*;
use std::vec::Vec;
use velocity_nda::module::Value;
use velocity_samples::random;

/// Everything that can be seen of a run.
#[derive(Debug, PartialEq)]
struct Seen {
    end: Progress,
    fuel: u64,
    memory: Vec<u8>,
}

fn run(program: &velocity_gate::Program, limits: Limits, slice: u64) -> Seen {
    let mut store = Store::new(limits);
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
    Seen { end, fuel: call.fuel_used(), memory }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn slices_change_nothing(numbers in prop::collection::vec(any::<u8>(), 0..600), fuel in 1_u64..3000, narrow: bool) {
        let program = random(&numbers).program();
        let stack_slots = if narrow { 60 } else { 1 << 17 };
        let limits = Limits { fuel, stack_slots, call_depth: 20, ..Limits::default() };
        let whole = run(&program, limits, u64::MAX);
        for slice in [1, 2, 3, 7, 64] {
            let seen = run(&program, limits, slice);
            prop_assert_eq!((&seen.end, seen.fuel), (&whole.end, whole.fuel), "slices of {}", slice);
            prop_assert!(seen.memory == whole.memory, "slices of {}", slice);
        }
        prop_assert!(whole.fuel <= fuel + program.module().exprs.len() as u64);
    }
}
