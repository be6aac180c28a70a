//! Random programs mean the same in every engine: results, traps and where they are, memory, fuel, in slices of any size.

use proptest::prelude::*;
use std::sync::Arc;
use velocity_gate::Program;
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Limits, Store};
use velocity_jit::{EngineKind, HostCode, Native};
use velocity_samples::{Seen, random, watch};

/// How many programs are tried.
const CASES: u32 = 3000;

fn run(engine: Box<dyn Engine>, program: &Program, limits: Limits, slice: u64) -> Seen {
    watch(program, Store::with_engine(limits, engine), slice)
}

/// All of them, and `None` for native code that compares before each access.
fn engines() -> impl Iterator<Item = Option<EngineKind>> {
    EngineKind::ALL.into_iter().map(Some).chain([None])
}

fn make(kind: Option<EngineKind>) -> Box<dyn Engine> {
    kind.map_or_else(|| Box::new(Native::new(Arc::new(HostCode)).with_explicit_bounds()) as _, EngineKind::make)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_engine_means_what_the_interpreter_says(
        numbers in prop::collection::vec(any::<u8>(), 0..1500),
        fuel in prop_oneof![1_u64..3000, Just(20_000)],
        narrow: bool,
        slice in 1_u64..100,
    ) {
        let program = random(&numbers).program();
        let stack_slots = if narrow { 200 } else { 1000 };
        let limits = Limits { fuel, stack_slots, ..Limits::default() };
        let expected = run(Box::new(Reference), &program, limits, u64::MAX);
        for (kind, slice) in engines().flat_map(|kind| [(kind, u64::MAX), (kind, slice)]) {
            let seen = run(make(kind), &program, limits, slice);
            let engine = format!("{kind:?}, slices of {slice}");
            prop_assert_eq!((&seen.ends, &seen.fuel), (&expected.ends, &expected.fuel), "{}", engine);
            prop_assert_eq!((&seen.log, &seen.globals), (&expected.log, &expected.globals), "{}", engine);
            prop_assert!(seen.memory == expected.memory, "memory, {}", engine);
        }
    }
}
