//! Random programs do the same after a way through WebAssembly.

use super::{admitted, around};
use proptest::prelude::*;
use velocity_interp::{Limits, Store};
use velocity_nda::module::Module;
use velocity_samples::{Seen, random, watch};

/// Fuel for a program as it was made. What comes back has more nodes.
const FUEL: u64 = 20_000;

fn run(module: Module, fuel: u64) -> Seen {
    watch(&admitted(module), Store::new(Limits { fuel, call_depth: 50, ..Limits::default() }), u64::MAX)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn programs_do_the_same(numbers in prop::collection::vec(any::<u8>(), 0..1500)) {
        let module = random(&numbers).0;
        let again = around(&module);
        let seen = run(module, FUEL);
        if seen.by_itself() {
            let other = run(again, 8 * FUEL);
            prop_assert_eq!(seen.outside(), other.outside());
        }
    }
}
