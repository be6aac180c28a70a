//! Opening a document allocates nothing. A file of its own: the counting allocator counts the whole process.

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use velocity_nda::document::{View, pack};
use velocity_nda::{compile, graph::synthetic};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[test]
fn opening_and_reading_a_document_allocates_nothing() {
    let module = compile(&synthetic::program(200, 3)).unwrap_or_default();
    assert!(module.functions.len() >= 200);
    let mut bytes = pack(&module);
    let region = Region::new(ALLOCATOR);
    let view = View::open(&bytes).unwrap();
    let mut seen = 0;
    for one in view.definitions() {
        let (parameters, results) = one.signature();
        seen += parameters.iter().chain(results.iter()).count() + one.references().len() + one.form().len();
        seen += one.name().map_or(0, str::len) + one.doc().map_or(0, str::len);
        seen += one.local_names().map(str::len).sum::<usize>() + usize::from(one.hash().0[0]);
    }
    seen += view.exports().map(|(name, _)| name.len()).sum::<usize>();
    let change = region.change();
    assert_eq!((change.allocations, change.reallocations, change.deallocations), (0, 0, 0), "{seen} bytes seen");
    assert!(seen > 10_000);
    bytes[77] ^= 1;
    let region = Region::new(ALLOCATOR);
    assert!(View::open(&bytes).is_err());
    assert_eq!(region.change().allocations, 0, "nor does refusing one");
}
