//! What is known by what was noted while a function was built is what is found by walking over it.

use super::{Flow, Room};
use crate::ir;
use crate::native::signature::Signatures;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};
use proptest::prelude::*;
use velocity_interp::engine::{Account, Code, Engine, Execution, Fixed, Place, Slot, State, Stop};
use velocity_interp::{FunctionAddress, Host, Limits, Store, TrapKind, Value};
use velocity_nda::module::{ExprId, Key};
use velocity_samples::{random, watch};

/// An engine that runs nothing: a call compares what is known of all functions of the store, and counts them.
#[derive(Clone, Debug, Default)]
struct Comparing(Arc<AtomicUsize>);

impl Engine for Comparing {
    fn call(&self, _: FunctionAddress, _: &[Value], _: Limits) -> Box<dyn Execution> {
        Box::new(self.clone())
    }
}

impl Execution for Comparing {
    fn run(&mut self, fixed: &Fixed, _: &mut State, _: &mut dyn Host, _: &mut Account) -> Stop {
        let (mut blocks, mut room) = (ir::Room::take(), Room::new());
        for called in &fixed.functions {
            let Code::Defined { instance, .. } = called.code else { continue };
            let instance = &fixed.instances[instance.index()];
            let signatures = Signatures { fixed, instance, own: fixed.types.get(called.ty) };
            for build in [ir::Room::build, ir::Room::build_flat] {
                let function = build(&mut blocks, fixed, called).expect("it is defined");
                let built = Flow::of_built(&function, &signatures, &blocks.touched, &mut room);
                assert_eq!(built.is_some(), function.frame <= 32);
                let Some(built) = built else { continue };
                let walked = Flow::of(&function, &signatures, &mut Room::new()).expect("it is small");
                same(&built, &walked);
                self.0.fetch_add(1, Ordering::Relaxed);
                room.give_back(built);
                blocks.give_back(function);
            }
        }
        Stop::Fault(TrapKind::Unreachable, ExprId::new(0))
    }

    fn place(&self) -> Option<Place> {
        None
    }

    fn results(&self) -> &[Slot] {
        &[]
    }
}

/// Where values are needed and what comes first is the same; constants are values like others.
fn same(built: &Flow, walked: &Flow) {
    assert_eq!((&built.first, &built.arguments), (&walked.first, &walked.arguments));
    assert_eq!((built.floats, built.outgoing), (walked.floats, walked.outgoing));
    let is_constant = |value: u32| walked.constants.iter().any(|constant| constant.0 == value);
    let lines = |flow: &Flow| {
        let mut all: Vec<_> = flow.intervals.iter().map(|line| (line.value, line.start, line.end)).collect();
        all.retain(|line| !is_constant(line.0));
        all.sort_unstable();
        all
    };
    assert_eq!(lines(built), lines(walked));
    assert!(built.intervals.iter().all(|line| line.weight > 0 || line.start == 0));
    assert!(built.intervals.is_sorted_by_key(|line| line.start));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_noted_is_what_is_found(numbers in prop::collection::vec(any::<u8>(), 0..1500)) {
        let engine = Comparing::default();
        let store = Store::with_engine(Limits::default(), Box::new(engine.clone()));
        let _ = watch(&random(&numbers).program(), store, u64::MAX);
        prop_assert!(engine.0.load(Ordering::Relaxed) > 0);
    }
}
