//! What the runs of a store share: its machine code, made here or found in a cache, and what is known of its functions.

use super::cache::CodeCache;
use super::division::Reciprocals;
use super::function::Shape;
use super::published::Published;
use super::refusal::Refusal;
use super::resume::Loop;
use super::unit::{Bounds, Site, compile};
use crate::exec::CodeMemory;
use crate::exec::fiber::{Code, Entry};
use crate::profile::Book;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use velocity_base::ContentHash;
use velocity_interp::MemoryAddress;
use velocity_interp::engine::{Fixed, Place, State};

/// What the runs of a store share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) units: Vec<Arc<Published>>,
    pub(super) code: Vec<Code>,
    /// By function address.
    pub(super) entries: Vec<Entry>,
    /// The memories that code touches without a check.
    pub(super) guarded: BTreeSet<usize>,
    /// For code that divides by them.
    pub(super) reciprocals: Option<Arc<Reciprocals>>,
    /// Why something could not be compiled.
    pub(super) refusal: Option<Refusal>,
    /// By function address: how often it was called.
    pub(super) counts: Vec<u64>,
    pub(super) book: Book,
    /// What code of the store depends on, and how many functions it had then.
    pub(super) digest: Option<(usize, ContentHash)>,
    /// What goes on with functions from heads of loops on, by function and the head's node; or why it could not be compiled.
    pub(super) loops: BTreeMap<(usize, u32), Result<Arc<Loop>, Refusal>>,
}

/// How code is made, and where it goes.
#[derive(Clone, Debug)]
pub(super) struct Maker {
    pub(super) memory: Arc<dyn CodeMemory>,
    /// Where code may be that was made before.
    pub(super) cache: Option<Arc<CodeCache>>,
    pub(super) is_checked: bool,
    pub(super) shape: Shape,
}

impl Shared {
    /// Compiles what is new in the store; whether all of it is compiled.
    pub(super) fn prepare(&mut self, (fixed, state): (&Fixed, &State), maker: &Maker) -> bool {
        let new = self.entries.len()..fixed.functions.len();
        if self.refusal.is_some() || new.is_empty() {
            return self.refusal.is_none();
        }
        let key = self.key((fixed, state), maker, None);
        match self.made(key, maker, |shared| shared.compile((fixed, state), new.clone(), maker)) {
            Ok(unit) => {
                let guarded = fixed.instances.iter().filter(|instance| Bounds::of(instance, state) == Bounds::Guarded);
                self.guarded.extend(guarded.filter_map(|instance| instance.memory).map(MemoryAddress::index));
                for (&(bytes, cycles), number) in unit.0.made.iter().zip(self.entries.len()..) {
                    self.book.compiled(number, if unit.1 { 0 } else { cycles }, bytes);
                }
                let entries = unit.0.entries(&fixed.functions[new]);
                self.counts.resize(self.entries.len() + entries.len(), 0);
                self.take(unit.0);
                match self.entries.is_empty() {
                    true => self.entries = entries,
                    false => self.entries.extend(entries),
                }
            }
            Err(refusal) => self.refusal = Some(refusal),
        }
        self.refusal.is_none()
    }

    /// What code depends on that may have been made before: of what is new in the store, or of the rest of a function from the node of a
    /// loop's head on.
    pub(super) fn key(
        &mut self,
        store: (&Fixed, &State),
        maker: &Maker,
        rest: Option<(usize, u32)>,
    ) -> Option<ContentHash> {
        maker.cache.as_ref()?;
        let (known, first) = (store.0.functions.len(), self.entries.len());
        let functions = match self.digest {
            Some((functions, digest)) if functions == known => digest,
            _ => super::digest::of_functions(store.0, first, maker.shape, maker.is_checked),
        };
        self.digest = Some((known, functions));
        Some(super::digest::now(functions, store, rest))
    }

    /// Code of a key, and whether it was there; made by `make`, and kept, if not.
    pub(super) fn made(
        &self,
        key: Option<ContentHash>,
        maker: &Maker,
        make: impl Fn(&Self) -> Result<Published, Refusal>,
    ) -> Result<(Arc<Published>, bool), Refusal> {
        let (Some(cache), Some(key)) = (&maker.cache, key) else { return Ok((Arc::new(make(self)?), false)) };
        let fills = || self.reciprocals.as_deref().is_some_and(Reciprocals::fill);
        if let Some(unit) = cache.get(&key).filter(|unit| !unit.takes_reciprocals || fills()) {
            return Ok((unit, true));
        }
        let made = match make(self) {
            Err(Refusal::Room | Refusal::Memory) if cache.shed() => make(self)?,
            made => made?,
        };
        let unit = Arc::new(made);
        cache.put(key, &unit);
        Ok((unit, false))
    }

    /// Lets runs use code.
    pub(super) fn take(&mut self, unit: Arc<Published>) {
        self.code.push(unit.code.clone());
        self.units.push(unit);
    }

    fn compile(&self, store: (&Fixed, &State), new: Range<usize>, maker: &Maker) -> Result<Published, Refusal> {
        let how = (&*maker.memory, maker.is_checked, maker.shape);
        compile(store, new, how, self.reciprocals.as_deref())
    }

    /// Whether every memory that code touches without a check is still what it was: a host may have put another in its place.
    pub(super) fn is_guarded(&self, state: &State) -> bool {
        self.guarded.iter().all(|&memory| state.memories.get(memory).is_some_and(|memory| !memory.is_on_heap()))
    }

    pub(super) fn site(&self, address: u64) -> Option<Site> {
        self.units.iter().find_map(|unit| unit.site(address))
    }

    pub(super) fn place(&self, address: u64) -> Option<Place> {
        self.units.iter().find_map(|unit| unit.place(address))
    }

    pub(super) fn due(&self, address: u64) -> u32 {
        self.units.iter().find_map(|unit| unit.due(address)).unwrap_or_default()
    }
}
