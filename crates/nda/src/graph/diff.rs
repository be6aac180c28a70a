//! What changed between two programs, by hashes.
//!
//! Definitions of one kind and name belong together; what is left is matched by hash. A definition whose hash changed
//! although its own text of operators did not, and which refers to the same names as before, changed only because
//! something it depends on did. What the host provides is left out: it has no meaning of its own.

use crate::identity::{Definition, Identities, encoded::Encoded};
use crate::module::{FunctionKind, GlobalKind, Module, Word};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// How one program became another. Each list is in the order of the program it speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Only in the new program.
    pub added: Vec<Definition>,
    /// Only in the old program.
    pub removed: Vec<Definition>,
    /// Same name, other hash: in the old program, in the new one, and why.
    pub changed: Vec<(Definition, Definition, Cause)>,
    /// Same hash, other name: in the old program and in the new one.
    pub renamed: Vec<(Definition, Definition)>,
    /// Same name and hash, in the new program.
    pub unchanged: Vec<Definition>,
}

/// Why a definition has another hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It was edited itself.
    Own,
    /// Something it depends on was edited.
    Dependency,
}

impl Diff {
    /// Whether the two programs have the same definitions under the same names.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty() && self.renamed.is_empty()
    }
}

/// Compares two programs: O(n log n) in their definitions, and linear in their nodes.
#[must_use]
pub fn diff(old: &Module, new: &Module) -> Diff {
    let (old, new) = (Side::of(old), Side::of(new));
    let (mut diff, mut met) = (Diff::default(), BTreeSet::new());
    let mut left: BTreeMap<(u32, ContentHash), Vec<Definition>> = BTreeMap::new();
    let mut unmatched = Vec::new();
    for (item, hash) in new.items() {
        match old.named(item, &new) {
            Some(before) if met.insert(before) => {
                if old.hash(before) == Some(hash) {
                    diff.unchanged.push(item);
                } else {
                    let cause = if old.own(before) == new.own(item) { Cause::Dependency } else { Cause::Own };
                    diff.changed.push((before, item, cause));
                }
            }
            _ => unmatched.push((item, hash)),
        }
    }
    // Backwards, so that the first of several equal ones is taken first.
    for (item, hash) in old.items().collect::<Vec<_>>().into_iter().rev().filter(|(item, _)| !met.contains(item)) {
        left.entry((item.kind() as u32, hash)).or_default().push(item);
    }
    for (item, hash) in unmatched {
        match left.get_mut(&(item.kind() as u32, hash)).and_then(Vec::pop) {
            Some(before) if before.name(old.module) == item.name(new.module) => diff.unchanged.push(item),
            Some(before) => diff.renamed.push((before, item)),
            None => diff.added.push(item),
        }
    }
    diff.removed = left.into_values().flatten().collect();
    diff.removed.sort_unstable();
    diff
}

/// The head and the body of a canonical form, and its references: their words, and names of where they lead.
type Own<'s> = (&'s [Word], Vec<Word>, Vec<(u64, Option<&'s str>)>);

/// One of the two programs.
struct Side<'m> {
    module: &'m Module,
    identities: Identities,
    encoded: Encoded<'m>,
    names: BTreeMap<(u32, &'m str), Definition>,
}

impl<'m> Side<'m> {
    fn of(module: &'m Module) -> Self {
        let (identities, encoded) = (Identities::of(module), Encoded::of(module));
        let mut side = Self { module, identities, encoded, names: BTreeMap::new() };
        for definition in side.identities.numbering().iter() {
            if let Some(name) = definition.name(module)
                && side.counts(definition)
            {
                side.names.entry((definition.kind() as u32, name)).or_insert(definition);
            }
        }
        side
    }

    /// Whether a definition has a meaning of its own.
    fn counts(&self, definition: Definition) -> bool {
        match definition {
            Definition::Function(id) => !matches!(self.module.functions[id].kind, FunctionKind::Host(_)),
            Definition::Global(id) => !matches!(self.module.globals[id].kind, GlobalKind::Host(_)),
            _ => true,
        }
    }

    fn items(&self) -> impl Iterator<Item = (Definition, ContentHash)> + '_ {
        self.identities.iter().filter(|&(definition, _)| self.counts(definition))
    }

    fn hash(&self, definition: Definition) -> Option<ContentHash> {
        self.identities.get(definition)
    }

    /// The definition of the same kind and name as one of the other side.
    fn named(&self, definition: Definition, other: &Side<'_>) -> Option<Definition> {
        self.names.get(&(definition.kind() as u32, definition.name(other.module)?)).copied()
    }

    /// What a definition says itself: its canonical form, with names instead of hashes. Definitions without a name
    /// count as one and the same.
    fn own(&self, definition: Definition) -> Option<Own<'_>> {
        let number = self.encoded.numbering.number(definition)?;
        let part = self.encoded.parts.get(number as usize)?;
        let name = |target: u32| self.encoded.numbering.definition(target).name(self.module);
        let references = self.encoded.references[part.references.range()].iter();
        let references = references.map(|reference| (reference.word, name(reference.target))).collect();
        Some((self.encoded.head(part), self.encoded.body(part), references))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::Maker;
    use crate::module::FuncId;

    fn function(number: u32) -> Definition {
        Definition::Function(FuncId(number))
    }

    /// `leaf` <- `middle` <- `top`, and `alone`; what is listed is called by `leaf`.
    fn program(names: [&str; 4], leaf: &[u32]) -> Module {
        let mut maker = Maker::default();
        maker.calls(names[0], leaf);
        maker.calls(names[1], &[0]);
        maker.calls(names[2], &[1, 0]);
        maker.calls(names[3], &[3]);
        maker.module
    }

    #[test]
    fn nothing_changed() {
        let one = program(["leaf", "middle", "top", "alone"], &[]);
        let found = diff(&one, &one);
        assert!(found.is_empty() && found.unchanged.len() == 4);
    }

    #[test]
    fn an_edit_changes_itself_and_its_dependants() {
        let old = program(["leaf", "middle", "top", "alone"], &[]);
        let found = diff(&old, &program(["leaf", "middle", "top", "alone"], &[3]));
        let changed = |number, cause| (function(number), function(number), cause);
        let expected = [changed(0, Cause::Own), changed(1, Cause::Dependency), changed(2, Cause::Dependency)];
        assert_eq!(
            (found.changed.as_slice(), found.unchanged.as_slice()),
            (expected.as_slice(), [function(3)].as_slice())
        );
        assert!(found.added.is_empty() && found.removed.is_empty() && found.renamed.is_empty());
    }

    #[test]
    fn names_are_no_part_of_a_hash() {
        let old = program(["leaf", "middle", "top", "alone"], &[]);
        let found = diff(&old, &program(["leaf", "centre", "top", "alone"], &[]));
        assert_eq!(found.renamed, [(function(1), function(1))]);
        assert_eq!((found.changed.len(), found.unchanged.len()), (0, 3));
    }

    #[test]
    fn what_comes_and_goes() {
        let (old, mut new) = (program(["leaf", "middle", "top", "alone"], &[]), Maker::default());
        new.calls("leaf", &[]);
        new.calls("fresh", &[0, 0, 0]);
        let found = diff(&old, &new.module);
        assert_eq!((found.added, found.removed), (vec![function(1)], vec![function(1), function(2), function(3)]));
    }
}
