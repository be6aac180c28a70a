//! The program as a graph: facts about definitions, what follows from them, and what a reader of one needs.
//!
//! `fact` has the triple and its packed forms, `run` sorted triples, [`Facts`] the store over them; [`Graph`] adds
//! hashes and texts and answers questions (`query`), is built from a module (`build`) and follows edits (`update`).
//! [`diff`] compares two modules by their hashes, [`slice`](slice()) writes down the smallest closed piece of a program
//! around one definition. `synthetic` makes programs and graphs of any size for tests and measurements.
//!
//! Invariant: facts name definitions by dense number, never by hash. A changed definition changes the hashes of all its
//! dependants, but no fact about any of them.

mod build;
mod diff;
mod fact;
mod facts;
#[cfg(test)]
mod facts_tests;
mod numbering;
mod query;
pub(crate) mod rows;
mod run;
mod slice;
pub mod synthetic;
#[cfg(test)]
mod tests;
mod texts;
mod types;
mod update;

pub use diff::{Cause, Diff, diff};
pub use fact::{Def, Fact, Predicate};
pub use facts::{Facts, Subjects};
pub use numbering::DefKind;
pub use run::FactsError;
pub use slice::{Slice, SliceError, Slicer, slice};
pub use update::Update;

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use texts::Texts;
use velocity_base::ContentHash;

/// A program's definitions with their hashes, and everything known about them.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    facts: Facts<'static>,
    /// By [`Def`].
    hashes: Vec<ContentHash>,
    by_hash: BTreeSet<(ContentHash, Def)>,
    texts: Texts,
    past: Vec<ContentHash>,
}

impl Graph {
    /// The facts themselves.
    #[must_use]
    pub const fn facts(&self) -> &Facts<'static> {
        &self.facts
    }

    /// How many definitions have ever been in the graph; their numbers are below this.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is no definition.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The hash of a definition.
    #[must_use]
    pub fn hash(&self, def: Def) -> Option<ContentHash> {
        self.hashes.get(def.index()).copied()
    }

    /// The hash of a definition that was replaced, by the object of a [`Predicate::DerivedFrom`].
    #[must_use]
    pub fn past(&self, object: u32) -> Option<ContentHash> {
        self.past.get(object as usize).copied()
    }

    /// The definitions that have this hash: more than one if they differ in name only.
    pub fn with_hash(&self, hash: ContentHash) -> impl Iterator<Item = Def> + '_ {
        self.by_hash.range((hash, Def(0))..=(hash, Def(u32::MAX))).map(|&(_, def)| def)
    }

    /// The definitions whose hash begins with these bytes.
    pub fn with_prefix<'g>(&'g self, prefix: &'g [u8]) -> impl Iterator<Item = Def> + 'g {
        let mut first = [0; 32];
        let known = prefix.len().min(32);
        first[..known].copy_from_slice(&prefix[..known]);
        let from = self.by_hash.range((ContentHash(first), Def(0))..);
        from.take_while(move |(hash, _)| hash.0.starts_with(prefix)).map(|&(_, def)| def)
    }

    /// The object of a fact as text, for predicates whose object is one.
    #[must_use]
    pub fn text(&self, object: u32) -> &str {
        self.texts.get(object)
    }

    /// The number of a text that some fact names.
    #[must_use]
    pub fn text_number(&self, text: &str) -> Option<u32> {
        self.texts.find(text)
    }

    /// Gives a definition its hash, making room for it if it is new.
    fn set_hash(&mut self, def: Def, hash: ContentHash) {
        if let Some(old) = self.hash(def) {
            self.by_hash.remove(&(old, def));
        }
        if self.hashes.len() <= def.index() {
            self.hashes.resize(def.index() + 1, hash);
        }
        self.hashes[def.index()] = hash;
        self.by_hash.insert((hash, def));
    }
}
