//! What the checker of machine code asks of the store.

use super::division::ShortCuts;
use super::signature::slots;
use super::unit::{Bounds, Draft};
use crate::check::{Callee, Checkable, Rejected, SiteKind, Surroundings, check};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cell::OnceCell;
use velocity_interp::FunctionType;
use velocity_interp::engine::{Code, Fixed, Global, State};

/// A store whose functions are compiled.
pub(crate) struct Around<'a> {
    pub(super) fixed: &'a Fixed,
    pub(super) state: &'a State,
    /// Slots of the caller's that a function may touch, by the number of its type: only indirect calls ask for them.
    slots: OnceCell<BTreeMap<u32, u32>>,
    /// The context has the table of reciprocals.
    has_reciprocals: bool,
    /// A function that is not entered where it begins, and the slots of its caller's that it may touch then.
    elsewhere: Option<(u32, u32)>,
}

impl<'a> Around<'a> {
    pub(crate) fn new(fixed: &'a Fixed, state: &'a State, cuts: ShortCuts) -> Self {
        Self { fixed, state, slots: OnceCell::new(), has_reciprocals: cuts.reciprocals, elsewhere: None }
    }

    /// The slots of all types.
    fn all_slots(&self) -> BTreeMap<u32, u32> {
        let called = self.fixed.functions.iter().map(|function| function.ty);
        let named = self.fixed.instances.iter().flat_map(|instance| instance.types.iter().copied());
        let mut all = BTreeMap::new();
        for ty in called.chain(named) {
            all.entry(ty.index()).or_insert_with(|| slots(self.fixed.types.get(ty)));
        }
        all
    }

    /// The same for code that goes on with a function, and is called like one of this type.
    pub(super) fn going_on(self, function: usize, ty: &FunctionType) -> Self {
        Self { elsewhere: Some((function as u32, slots(ty))), ..self }
    }
}

impl Draft {
    /// Whether the checker accepts it.
    pub(super) fn check(&self, around: &Around<'_>) -> Result<(), Rejected> {
        let sites: Vec<(u32, SiteKind)> = self.sites.iter().map(|(end, site)| (*end, site.kind(*end))).collect();
        check(&Checkable {
            code: &self.code,
            functions: &self.extents,
            tables: &self.tables,
            pool: self.pool.clone(),
            sites: &sites,
            around,
        })
    }
}

impl Surroundings for Around<'_> {
    fn callee(&self, function: u32) -> Option<Callee> {
        let function = self.fixed.functions.get(function as usize)?;
        let instance = match function.code {
            Code::Defined { instance, .. } => Some(instance.index() as u32),
            Code::Host(_) => None,
        };
        Some(Callee { above: slots(self.fixed.types.get(function.ty)), instance })
    }

    fn entered(&self, function: u32) -> Option<Callee> {
        let callee = self.callee(function)?;
        match self.elsewhere {
            Some((known, above)) if known == function => Some(Callee { above, ..callee }),
            _ => Some(callee),
        }
    }

    fn above(&self, ty: u32) -> Option<u32> {
        self.slots.get_or_init(|| self.all_slots()).get(&ty).copied()
    }

    fn tables(&self) -> u32 {
        self.state.tables.len() as u32
    }

    fn instances(&self) -> u32 {
        self.fixed.instances.len() as u32
    }

    fn is_guarded(&self, instance: u32) -> bool {
        let instance = self.fixed.instances.get(instance as usize);
        instance.is_some_and(|instance| Bounds::of(instance, self.state) == Bounds::Guarded)
    }

    fn has_reciprocals(&self) -> bool {
        self.has_reciprocals
    }

    fn globals(&self) -> (u64, u64) {
        (self.state.globals.len() as u64, Global::BYTES as u64)
    }
}
