//! Random programs run the same in one go and in slices of any size.

use proptest::prelude::*;
use velocity_interp::{Limits, Store};
use velocity_samples::{random, watch};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slices_change_nothing(
        numbers in prop::collection::vec(any::<u8>(), 0..1500),
        fuel in prop_oneof![1_u64..3000, Just(20_000)],
        narrow: bool,
    ) {
        let program = random(&numbers).program();
        let stack_slots = if narrow { 200 } else { 1000 };
        let limits = Limits { fuel, stack_slots, ..Limits::default() };
        let whole = watch(&program, Store::new(limits), u64::MAX);
        for slice in [1, 2, 3, 7, 64] {
            let seen = watch(&program, Store::new(limits), slice);
            prop_assert_eq!((&seen.ends, &seen.fuel), (&whole.ends, &whole.fuel), "slices of {}", slice);
            prop_assert_eq!((&seen.log, &seen.globals), (&whole.log, &whole.globals), "slices of {}", slice);
            prop_assert!(seen.memory == whole.memory, "memory, slices of {}", slice);
        }
        let nodes = program.module().exprs.len() as u64;
        prop_assert!(whole.fuel.iter().all(|&used| used <= fuel + nodes));
    }
}
