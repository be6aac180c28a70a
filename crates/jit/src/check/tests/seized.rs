//! Units that are seized before they are published, with what is known of their store.

use crate::check::{Callee, Checkable, Extent, Rejected, SiteKind, Surroundings, check};
use crate::exec::{CodeMemory, HostCode};
use crate::native::{Around, Shape, ShortCuts, draft};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::ops::Range;
use spin::Mutex;
use velocity_interp::engine::{Account, Engine, Execution, Fixed, Place, Slot, State, Stop, Storage};
use velocity_interp::{FunctionAddress, Host, Limits, Store, TrapKind, Value};
use velocity_nda::module::{ExprId, Key};

/// A unit, and what the checker asks of its store.
#[derive(Clone, Debug, Default)]
pub(super) struct Seized {
    pub(super) code: Vec<u8>,
    pub(super) functions: Vec<Extent>,
    pub(super) tables: Vec<(u32, u32)>,
    pub(super) pool: Range<u32>,
    pub(super) sites: Vec<(u32, SiteKind)>,
    pub(super) callees: Vec<Callee>,
    pub(super) types: BTreeMap<u32, u32>,
    pub(super) guarded: Vec<u32>,
    pub(super) reciprocals: bool,
    pub(super) counts: (u32, u32, (u64, u64)),
}

impl Surroundings for Seized {
    fn callee(&self, function: u32) -> Option<Callee> {
        self.callees.get(function as usize).copied()
    }

    fn above(&self, ty: u32) -> Option<u32> {
        self.types.get(&ty).copied()
    }

    fn tables(&self) -> u32 {
        self.counts.0
    }

    fn instances(&self) -> u32 {
        self.counts.1
    }

    fn is_guarded(&self, instance: u32) -> bool {
        self.guarded.contains(&instance)
    }

    fn has_reciprocals(&self) -> bool {
        self.reciprocals
    }

    fn globals(&self) -> (u64, u64) {
        self.counts.2
    }
}

impl Seized {
    pub(super) fn check(&self) -> Result<(), Rejected> {
        check(&Checkable {
            code: &self.code,
            functions: &self.functions,
            tables: &self.tables,
            pool: self.pool.clone(),
            sites: &self.sites,
            around: self,
        })
    }

    fn of(fixed: &Fixed, state: &State) -> Option<Self> {
        let cuts = ShortCuts { reciprocals: true, narrows: true };
        let draft = draft((fixed, state), 0..fixed.functions.len(), Shape { cuts, ..Shape::BEST }).ok()?;
        let around = Around::new(fixed, state, cuts);
        Some(Self {
            sites: draft.sites.iter().map(|(end, site)| (*end, site.kind(*end))).collect(),
            code: draft.code,
            functions: draft.extents,
            tables: draft.tables,
            pool: draft.pool,
            callees: (0..fixed.functions.len()).filter_map(|number| around.callee(number as u32)).collect(),
            types: (0..1000).filter_map(|ty| Some((ty, around.above(ty)?))).collect(),
            guarded: (0..around.instances()).filter(|&instance| around.is_guarded(instance)).collect(),
            reciprocals: around.has_reciprocals(),
            counts: (around.tables(), around.instances(), around.globals()),
        })
    }
}

/// An engine that runs nothing: a call seizes what all functions of the store are compiled to.
#[derive(Clone, Debug, Default)]
pub(super) struct Seizing {
    seized: Arc<Mutex<Vec<Seized>>>,
    guards: bool,
}

impl Seizing {
    /// What was seized while something was done with a store.
    pub(super) fn during(guards: bool, with: impl FnOnce(Store)) -> Vec<Seized> {
        let engine = Self { guards, ..Self::default() };
        with(Store::with_engine(Limits::default(), Box::new(engine.clone())));
        core::mem::take(&mut *engine.seized.lock())
    }
}

impl Engine for Seizing {
    fn call(&self, _: FunctionAddress, _: &[Value], _: Limits) -> Box<dyn Execution> {
        Box::new(self.clone())
    }

    fn memory(&self, bytes: usize) -> Option<Box<dyn Storage>> {
        if self.guards { HostCode.guarded(bytes) } else { None }
    }
}

impl Execution for Seizing {
    fn run(&mut self, fixed: &Fixed, state: &mut State, _: &mut dyn Host, _: &mut Account) -> Stop {
        self.seized.lock().extend(Seized::of(fixed, state));
        Stop::Fault(TrapKind::Unreachable, ExprId::new(0))
    }

    fn place(&self) -> Option<Place> {
        None
    }

    fn results(&self) -> &[Slot] {
        &[]
    }
}
