//! How the native engine compiles, and what became of it.

use super::Native;
use super::cache::CodeCache;
use super::division::Division;
use super::function::Shape;
use super::refusal::Refusal;
use super::shared::Maker;
use super::unit::Bounds;
use crate::Closures;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// How much time code is given for how fast it runs. Both levels mean the same, and the checker accepts both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Functions are compiled as they are, in one walk after another, without passes over their blocks: fast to make.
    Baseline,
    /// All passes.
    #[default]
    Optimised,
}

impl Native {
    /// With code in the memory of a cache, and from there if equal code was made before.
    #[must_use]
    pub fn cached(cache: Arc<CodeCache>) -> Self {
        let native = Self::new(Arc::clone(&cache.memory));
        Self { maker: Maker { cache: Some(cache), ..native.maker }, ..native }
    }

    pub(super) fn shaped(self, with: impl FnOnce(Shape) -> Shape) -> Self {
        let shape = with(self.maker.shape);
        Self { maker: Maker { shape, ..self.maker }, ..self }
    }

    /// The closure tier of its store.
    pub(crate) fn closures(&self) -> &Closures {
        &self.closures
    }

    /// How many loops of its store have native code that begins at their heads, and how many were tried.
    #[must_use]
    pub fn loops(&self) -> (usize, usize) {
        let shared = self.shared.lock();
        (shared.loops.values().flatten().count(), shared.loops.len())
    }

    /// Kinds of code that seldom come otherwise: for tests.
    pub const UNUSUAL: [fn(Self) -> Self; 15] = [
        |native| native.with_homes(0, 0),
        |native| native.with_homes(2, 2).with_explicit_bounds(),
        |native| native.without_forms(),
        |native| native.flat(),
        |native| native.flat().with_homes(0, 0).with_explicit_bounds(),
        |native| native.with_homes(2, 2).without_forms(),
        |native| native.without_inlining(),
        |native| native.with_division(&Division { reciprocals: Some(Arc::default()), narrows: true }),
        |native| native.without_profile(),
        |native| native.without_hoisting(),
        |native| native.with_level(Level::Baseline).with_homes(2, 2),
        |native| native.with_level(Level::Baseline).with_explicit_bounds(),
        |native| native.without_sharing(),
        |native| native.with_homes(2, 2).without_hoisting().without_inlining(),
        |native| native.with_dead_code(),
    ];

    /// The same, which compiles at this level. Other options that turn passes off come after it.
    #[must_use]
    pub fn with_level(self, level: Level) -> Self {
        self.shaped(|shape| shape.at(level))
    }

    /// The same, whose memories all lie on the heap, with a compare before each access.
    #[must_use]
    pub fn with_explicit_bounds(self) -> Self {
        Self { bounds: Bounds::Explicit, ..self }
    }

    /// The same, which publishes code as it was made, without asking the checker whether it keeps to its memory. In builds with debug
    /// assertions the checker is asked all the same.
    #[must_use]
    pub fn unchecked(self) -> Self {
        Self { maker: Maker { is_checked: cfg!(debug_assertions), ..self.maker }, ..self }
    }

    /// The same, whose code keeps values in so many general and so many vector registers at most: for tests of what lies in frames.
    #[must_use]
    pub fn with_homes(self, gprs: usize, xmms: usize) -> Self {
        self.shaped(|shape| Shape { homes: (gprs, xmms), ..shape })
    }

    /// The same, where every value that an operator makes goes through a frame or a home: for tests of that shape, which only functions
    /// have otherwise that need more registers than there are.
    #[must_use]
    pub fn flat(self) -> Self {
        self.shaped(|shape| Shape { flat: true, ..shape })
    }

    /// The same, which neither counts nor times calls: for benches that say what that costs.
    #[must_use]
    pub fn without_profile(self) -> Self {
        self.shaped(|shape| Shape { profiles: false, ..shape })
    }

    /// The same without closed forms of loops: for tests of loops.
    #[must_use]
    pub fn without_forms(self) -> Self {
        self.shaped(|shape| Shape { forms: false, ..shape })
    }

    /// The same, whose calls are all calls: for tests and benches of what inlining does.
    #[must_use]
    pub fn without_inlining(self) -> Self {
        self.shaped(|shape| Shape { inlines: false, ..shape })
    }

    /// The same, which divides variables by variables in this way. Before its first call.
    #[must_use]
    pub fn with_division(self, division: &Division) -> Self {
        self.shared.lock().reciprocals.clone_from(&division.reciprocals);
        self.shaped(|shape| Shape { cuts: division.short_cuts(), ..shape })
    }

    /// The same, which computes in every turn of a loop what is the same in all: for tests and benches of what it does otherwise.
    #[must_use]
    pub fn without_hoisting(self) -> Self {
        self.shaped(|shape| Shape { hoists: false, ..shape })
    }

    /// The same, which computes again what is known already: for tests and benches of what it does otherwise.
    #[must_use]
    pub fn without_sharing(self) -> Self {
        self.shaped(|shape| Shape { shares: false, ..shape })
    }

    /// The same, which computes what nobody needs: for tests and benches of what it does otherwise.
    #[must_use]
    pub fn with_dead_code(self) -> Self {
        self.shaped(|shape| Shape { drops: false, ..shape })
    }

    /// Why functions of its store are left to the closure tier: one of them could not be compiled, or the processor cannot run it.
    /// `None` if none is, or none ran yet.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        self.shared.lock().refusal
    }

    /// Why loops of its store have no native code that begins at their heads: of those that were tried.
    #[must_use]
    pub fn refused_loops(&self) -> Vec<Refusal> {
        self.shared.lock().loops.values().filter_map(|code| code.as_ref().err().copied()).collect()
    }

    /// How many functions of its store are native code of a simpler shape than was asked for: with every value of an operator in the
    /// frame, for want of registers or of room for those that are kept.
    #[must_use]
    pub fn simplified(&self) -> usize {
        self.shared.lock().units.iter().map(|unit| unit.simple).sum()
    }

    /// How many calls in its store's native code were inlined.
    #[must_use]
    pub fn inlined(&self) -> usize {
        self.shared.lock().units.iter().map(|unit| unit.inlined()).sum()
    }

    /// How many functions of its store are native code: none before the first call of one.
    #[must_use]
    pub fn compiled(&self) -> usize {
        self.shared.lock().entries.len()
    }
}
