//! Random programs do the same after a way through WebAssembly.

use super::{admitted, around};
use proptest::prelude::*;
use velocity_interp::{Limits, Store};
use velocity_nda::module::Module;
use velocity_samples::{Seen, random, watch};

/// For a program as it was made. What comes back has more nodes.
const LIMITS: Limits = Limits { fuel: 20_000, stack_slots: 2000, memory_pages: 256, table_entries: 1 << 16 };

/// What a program does with `times` the fuel and the stack of [`LIMITS`].
fn run(module: Module, times: u32) -> Seen {
    let limits = Limits { fuel: LIMITS.fuel * u64::from(times), stack_slots: LIMITS.stack_slots * times, ..LIMITS };
    watch(&admitted(module), Store::new(limits), u64::MAX)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn programs_do_the_same(numbers in prop::collection::vec(any::<u8>(), 0..1500)) {
        let module = random(&numbers).0;
        let again = around(&module);
        let seen = run(module, 1);
        if seen.by_itself() {
            let other = run(again, 8);
            prop_assert_eq!(seen.outside(), other.outside());
        }
    }
}
