//! What native code is made of is accepted: kernels, programs with a bit of everything, random programs.

use super::seized::{Seized, Seizing};
use proptest::prelude::*;
use std::path::Path;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::{Invocation, NoHost};
use velocity_samples::{random, watch};

pub(super) fn program(name: &str, source: &str) -> Program {
    let verdict = admit(Candidate::Text { name, source }, Origin::Person, &Policy::default());
    verdict.program.clone().unwrap_or_else(|| panic!("{}", verdict.render(name, source)))
}

/// What a program is compiled to.
pub(super) fn unit(program: &Program, guards: bool) -> Seized {
    let seized = Seizing::during(guards, |mut store| {
        let instance = store.instantiate(program, &mut NoHost).unwrap();
        let module = program.module();
        let mut functions = module.functions.iter();
        let (id, _) = functions.find(|(_, function)| module.name(&function.meta) == Some("main")).unwrap();
        let main = store.function(instance, id).unwrap();
        let _ = Invocation::new(&store, main, &[]).unwrap().resume(&mut store, &mut NoHost, u64::MAX);
    });
    seized.into_iter().next().unwrap()
}

#[test]
fn the_kernels_are_accepted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bench");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "nda") {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        for guards in [false, true] {
            let verdict = unit(&program("kernel", &source), guards).check();
            assert!(verdict.is_ok(), "{}: {}", path.display(), verdict.unwrap_err());
        }
        seen += 1;
    }
    assert_eq!(seen, 27);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn random_programs_are_accepted(numbers in prop::collection::vec(any::<u8>(), 0..1500), guards: bool) {
        for unit in Seizing::during(guards, |store| drop(watch(&random(&numbers).program(), store, u64::MAX))) {
            let verdict = unit.check();
            prop_assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
        }
    }
}
