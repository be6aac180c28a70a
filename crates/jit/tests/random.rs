//! Random programs mean the same in every engine: results, traps and where they are, memory, fuel, in slices of any size.
//!
//! Beside the engines as they are, the native tier at both levels, stand native code that compares before each access, one of several kinds of
//! native code that seldom comes otherwise, and closures that leave for native code after little fuel, at calls and at heads of loops. None of
//! them may leave a program to closures.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::sync::Arc;
use velocity_gate::Program;
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Limits, Store};
use velocity_jit::{Closures, HostCode, Level, Native, Tiered};
use velocity_samples::{Seen, random, watch};

/// How many programs are tried.
const CASES: u32 = 3000;

/// What became of the functions of all programs.
#[derive(Debug, Default)]
struct Tally {
    stores: Cell<usize>,
    functions: Cell<usize>,
    simplified: Cell<usize>,
    inlined: Cell<usize>,
    /// Stores whose runs became native, loops that did, and those that were tried.
    warm: Cell<usize>,
    loops: Cell<usize>,
    tried: Cell<usize>,
}

impl Tally {
    fn count(&self, native: &Native) {
        let add = |cell: &Cell<usize>, count| cell.set(cell.get() + count);
        add(&self.stores, 1);
        add(&self.functions, native.compiled());
        add(&self.simplified, native.simplified());
        add(&self.inlined, native.inlined());
        add(&self.warm, usize::from(native.compiled() > 0));
        let (loops, tried) = native.loops();
        add(&self.loops, loops);
        add(&self.tried, tried);
    }
}

fn run(engine: Box<dyn Engine>, program: &Program, limits: Limits, slice: u64) -> Seen {
    watch(program, Store::with_engine(limits, engine), slice)
}

fn native() -> Native {
    Native::new(Arc::new(HostCode))
}

#[test]
fn every_engine_means_what_the_interpreter_says() {
    let inputs = (
        prop::collection::vec(any::<u8>(), 0..1500),
        prop_oneof![1_u64..3000, Just(20_000)],
        any::<bool>(),
        prop_oneof![1_u64..100, 1_u64..4],
        any::<prop::sample::Index>(),
        prop_oneof![0_u32..20, 0_u32..1000],
    );
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let (usual, baseline, chaos, tiers) = (Tally::default(), Tally::default(), Tally::default(), Tally::default());
    let result = TestRunner::new(config).run(&inputs, |(numbers, fuel, narrow, slice, kind, threshold)| {
        let program = random(&numbers).program();
        let stack_slots = if narrow { 200 } else { 1000 };
        let limits = Limits { fuel, stack_slots, ..Limits::default() };
        let expected = run(Box::new(Reference), &program, limits, u64::MAX);
        let same = |seen: Seen, engine: &str| {
            prop_assert_eq!((&seen.ends, &seen.fuel), (&expected.ends, &expected.fuel), "{}", engine);
            prop_assert_eq!((&seen.log, &seen.globals), (&expected.log, &expected.globals), "{}", engine);
            prop_assert!(seen.memory == expected.memory, "memory, {}", engine);
            Ok(())
        };
        let kind = kind.index(Native::UNUSUAL.len());
        for slice in [u64::MAX, slice] {
            same(run(Box::new(Reference), &program, limits, slice), &format!("interpreter, slices of {slice}"))?;
            same(run(Box::<Closures>::default(), &program, limits, slice), &format!("closures, slices of {slice}"))?;
            let natives = [
                (native(), &usual, "native".to_owned()),
                (native().with_level(Level::Baseline), &baseline, "native, baseline".to_owned()),
                (native().with_explicit_bounds(), &usual, "native, explicit bounds".to_owned()),
                (Native::UNUSUAL[kind](native()), &chaos, format!("native, kind {kind}")),
            ];
            for (native, tally, name) in natives {
                same(run(Box::new(native.clone()), &program, limits, slice), &format!("{name}, slices of {slice}"))?;
                prop_assert_eq!(native.refusal(), None, "{}, slices of {}", name, slice);
                tally.count(&native);
            }
            for (native, name) in
                [(native(), "usual".to_owned()), (Native::UNUSUAL[kind](native()), format!("kind {kind}"))]
            {
                let engine = Tiered::over(native.clone()).with_threshold(threshold);
                let name = format!("tiered at {threshold}, {name}, slices of {slice}");
                same(run(Box::new(engine), &program, limits, slice), &name)?;
                prop_assert_eq!(native.refusal(), None, "{}", name);
                tiers.count(&native);
            }
        }
        Ok(())
    });
    println!("as usual: {usual:?}\nbaseline: {baseline:?}\nchaos: {chaos:?}\ntiers: {tiers:?}");
    result.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(usual.inlined.get() > 0, "calls are inlined");
    assert!(tiers.warm.get() * 2 > tiers.stores.get(), "half of the stores become native: {tiers:?}");
    assert!(tiers.loops.get() > 1000, "loops become native: {tiers:?}");
    assert!(tiers.loops.get() * 10 >= tiers.tried.get() * 9, "few loops cannot: {tiers:?}");
    assert_eq!(baseline.inlined.get(), 0, "the baseline inlines nothing");
    for tally in [usual, baseline] {
        let share = tally.simplified.get() * 1000 / tally.functions.get().max(1);
        assert!(share <= 10, "{share} functions of 1000 are of a simpler shape: {tally:?}");
    }
}
