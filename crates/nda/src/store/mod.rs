//! Definitions by hash: where `import "<hash>"` finds what it asks for.
//!
//! A store maps a SHA-256 hash to the bytes that have it. There are three sorts of entries, told apart by the sixteen
//! bytes in front: a definition in its canonical form; a cycle of definitions that refer to each other; and a member of
//! a cycle, which is the cycle's hash and a position. [`resolve`](resolve()) believes nothing a store says: it hashes what it gets.

mod error;
mod load;
mod resolve;
#[cfg(test)]
mod tests;

pub use error::{ResolveError, ResolveFault};
pub use resolve::{ResolveLimits, resolve};

use crate::identity::{Identities, analyse, hash};
use crate::module::Module;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// Where definitions are kept.
pub trait Store {
    /// The bytes of this hash, if they are here.
    fn get(&self, hash: &ContentHash) -> Option<&[u8]>;
}

/// A store in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    entries: BTreeMap<ContentHash, Vec<u8>>,
}

impl MemoryStore {
    /// Keeps some bytes; gives their hash.
    pub fn insert(&mut self, bytes: Vec<u8>) -> ContentHash {
        let hash = ContentHash::of(&bytes);
        self.entries.insert(hash, bytes);
        hash
    }

    /// Keeps bytes under a hash that they need not have: what a broken disk or a liar would do.
    pub fn insert_unchecked(&mut self, hash: ContentHash, bytes: Vec<u8>) {
        self.entries.insert(hash, bytes);
    }

    /// Keeps every definition of a module; gives their hashes.
    pub fn add(&mut self, module: &Module) -> Identities {
        for entry in entries(module) {
            self.insert(entry);
        }
        Identities::of(module)
    }

    /// Forgets an entry.
    pub fn remove(&mut self, hash: &ContentHash) -> Option<Vec<u8>> {
        self.entries.remove(hash)
    }

    /// Every entry, by hash.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&ContentHash, &[u8])> {
        self.entries.iter().map(|(hash, bytes)| (hash, bytes.as_slice()))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Store for MemoryStore {
    fn get(&self, hash: &ContentHash) -> Option<&[u8]> {
        self.entries.get(hash).map(Vec::as_slice)
    }
}

/// The entries by which a store knows all definitions of a module; the hash of each is that of its bytes. Definitions
/// that the module itself imports are not among them.
#[must_use]
pub fn entries(module: &Module) -> Vec<Vec<u8>> {
    let mut analysis = analyse(module);
    let mut all = Vec::new();
    for range in analysis.components.ranges.clone() {
        for &member in &analysis.components.members[range.clone()] {
            if analysis.encoded.import(&analysis.encoded.parts[member as usize]).is_none() {
                all.push(analysis.blob(member));
            }
        }
        if range.len() > 1 {
            let classes = analysis.cycle(range).classes;
            if classes.len() < 2 {
                continue;
            }
            let cycle = hash::cycle_blob(&classes);
            let whole = ContentHash::of(&cycle);
            all.extend((0..classes.len() as u64).map(|position| hash::part_blob(&whole, position)));
            all.push(cycle);
        }
    }
    all
}
