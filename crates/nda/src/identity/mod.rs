//! Identity: what a definition is, apart from what it is called.
//!
//! `encode` writes every definition in its canonical form into `encoded` (`code` has its numbers, `nodes` the bodies),
//! `components` finds cycles, `hash` hashes one component after the other, `refine` and `objects` tell apart what looks alike,
//! `root` covers the program, [`place()`] puts statics into memory. The form is described in `docs/nda.md`; why it is as
//! it is in `docs/adr/0007-identity.md`.
//!
//! Invariants: names, documentation, spans, shapes of data, and the order of items change no hash. A change of meaning
//! changes the hash of the definition and of what depends on it, and of nothing else; equal objects (see `objects`)
//! depend on the shapes of their users. The version of the algorithm is in everything that is hashed. Every definition is hashed
//! once, or thrice where objects of equal content must be told apart; refinement is O(m log n) comparisons and sorting.
//! Nothing recurses. A module that was not validated has hashes too; they mean nothing.

mod body;
mod build;
mod canonical;
pub(crate) mod code;
mod components;
mod definitions;
mod draft;
mod encode;
pub(crate) mod encoded;
pub(crate) mod hash;
mod nodes;
mod objects;
mod order;
mod place;
mod refine;
mod root;
mod shapes;
#[cfg(test)]
pub(crate) mod tests;
mod yields;

pub(crate) use build::{Builder, UNKNOWN};
pub use canonical::{DecodeError, DecodeFault};
pub(crate) use canonical::{Decoded, Form, Reader};
pub use definitions::{Definition, Numbering};
pub(crate) use objects::exported;
pub use place::{Placement, place, place_by};

use crate::module::{DataId, ElementId, FuncId, GlobalId, Module, TableId};
use alloc::vec::Vec;
use encoded::Encoded;
use hash::{Analysis, NONE};
use velocity_base::ContentHash;

/// The hashes of a module's definitions, and of the program as a whole.
#[derive(Clone, Debug)]
pub struct Identities {
    numbering: Numbering,
    hashes: Vec<ContentHash>,
    /// The program: all definitions, exports by name, the start function. No names, no order, no comments.
    pub root: ContentHash,
    /// How many bytes were hashed.
    pub hashed_bytes: u64,
    /// How many steps it took to tell apart what looks alike.
    pub refinement_work: u64,
}

impl Identities {
    /// Identifies everything in a module.
    #[must_use]
    pub fn of(module: &Module) -> Self {
        let mut analysis = analyse(module);
        let root = analysis.root(module);
        let Analysis { encoded, hashes, hashed_bytes, refinement_work, .. } = analysis;
        Self { numbering: encoded.numbering, hashes, root, hashed_bytes, refinement_work }
    }

    /// What an analysis has found.
    pub(crate) fn from_parts(analysis: &Analysis<'_>, root: ContentHash) -> Self {
        let Analysis { encoded, hashes, hashed_bytes, refinement_work, .. } = analysis;
        let (hashed_bytes, refinement_work) = (*hashed_bytes, *refinement_work);
        Self { numbering: encoded.numbering, hashes: hashes.clone(), root, hashed_bytes, refinement_work }
    }

    /// The numbering of the definitions.
    #[must_use]
    pub const fn numbering(&self) -> Numbering {
        self.numbering
    }

    /// The hash of a definition; `None` if the module does not have it.
    #[must_use]
    pub fn get(&self, definition: Definition) -> Option<ContentHash> {
        self.hashes.get(self.numbering.number(definition)? as usize).copied()
    }

    /// The hash of a function; zero if the module does not have it.
    #[must_use]
    pub fn function(&self, id: FuncId) -> ContentHash {
        self.get(Definition::Function(id)).unwrap_or(NONE)
    }

    /// The hash of a global; zero if the module does not have it.
    #[must_use]
    pub fn global(&self, id: GlobalId) -> ContentHash {
        self.get(Definition::Global(id)).unwrap_or(NONE)
    }

    /// The hash of a table; zero if the module does not have it.
    #[must_use]
    pub fn table(&self, id: TableId) -> ContentHash {
        self.get(Definition::Table(id)).unwrap_or(NONE)
    }

    /// The hash of the memory, if there is one.
    #[must_use]
    pub fn memory(&self) -> Option<ContentHash> {
        self.get(Definition::Memory)
    }

    /// The hash of a static or a piece of data; zero if the module does not have it.
    #[must_use]
    pub fn data(&self, id: DataId) -> ContentHash {
        self.get(Definition::Data(id)).unwrap_or(NONE)
    }

    /// The hash of an element segment; zero if the module does not have it.
    #[must_use]
    pub fn element(&self, id: ElementId) -> ContentHash {
        self.get(Definition::Element(id)).unwrap_or(NONE)
    }

    /// Every definition with its hash, in the order of the numbering.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Definition, ContentHash)> + '_ {
        self.numbering.iter().zip(self.hashes.iter().copied())
    }
}

/// Encodes a module and hashes its definitions.
pub(crate) fn analyse(module: &Module) -> Analysis<'_> {
    let mut analysis = Analysis::new(Encoded::of(module));
    analysis.number_plain_objects(module);
    analysis.hash_all();
    analysis.tell_objects_apart(module);
    analysis
}
