//! Random programs run the same in one go and in slices of any size, and wherever their memories lie.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use velocity_interp::Progress;
use velocity_interp::engine::{Engine, Execution, Reference, Storage};
use velocity_interp::{FunctionAddress, Limits, MemoryAddress, Store, Value};
use velocity_samples::{most_fuel, random, watch};

/// A storage with room for so many bytes.
#[derive(Debug)]
struct Shelf(Vec<u8>, usize);

impl Storage for Shelf {
    fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    fn extend(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.1 - self.0.len();
        if fits {
            self.0.resize(self.0.len() + bytes, 0);
        }
        fits
    }
}

/// The reference interpreter, with memories on shelves of so many bytes.
#[derive(Debug)]
struct Shelves(usize);

impl Engine for Shelves {
    fn call(&self, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Box<dyn Execution> {
        Reference.call(entry, arguments, limits)
    }

    fn memory(&self, _: usize) -> Option<Box<dyn Storage>> {
        Some(Box::new(Shelf(Vec::new(), self.0)))
    }
}

/// A store with a memory of a page, if there is room for it.
fn with_page(engine: Box<dyn Engine>) -> Option<(Store, MemoryAddress)> {
    let mut store = Store::with_engine(Limits::default(), engine);
    let memory = store.host_memory(1, None)?;
    Some((store, memory))
}

#[test]
fn the_engine_says_where_a_memory_lies() {
    let (store, memory) = with_page(Box::new(Shelves(1 << 16))).unwrap();
    assert!(!store.memory(memory).is_on_heap());
    assert_eq!((store.memory(memory).pages(), store.memory(memory).bytes()), (1, &[0; 1 << 16][..]));
    let (store, memory) = with_page(Box::new(Reference)).unwrap();
    assert!(store.memory(memory).is_on_heap());
    assert!(with_page(Box::new(Shelves(1 << 15))).is_none(), "there is no room for a page");
}

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
        let elsewhere = watch(&program, Store::with_engine(limits, Box::new(Shelves(1 << 26))), u64::MAX);
        prop_assert_eq!((&elsewhere.ends, &elsewhere.fuel), (&whole.ends, &whole.fuel), "elsewhere");
        prop_assert_eq!((&elsewhere.log, &elsewhere.globals), (&whole.log, &whole.globals), "elsewhere");
        prop_assert!(elsewhere.memory == whole.memory, "memory, elsewhere");
        if let Some(most) = most_fuel(&program) {
            let mut ended = whole.ends.iter().zip(&whole.fuel).filter(|(end, _)| matches!(end, Progress::Finished(_)));
            prop_assert!(ended.all(|(_, &used)| used <= most), "at most {}, but {:?}", most, whole.fuel);
        }
        let nodes = program.module().exprs.len() as u64;
        prop_assert!(whole.fuel.iter().all(|&used| used <= fuel + nodes));
    }
}
