//! Hashes of definitions, component by component, what is referred to first.
//!
//! A definition alone is hashed as it is encoded. Members of a cycle are first hashed with holes where they refer to
//! each other; [`refine`](super::refine) then finds which of them are the same in every respect, and in which order
//! the others come; the cycle is the list of what is left, each with the positions its holes lead to, and a member is
//! the hash of the cycle and its position. Members that are the same in every respect get the same hash, as two equal
//! definitions outside of a cycle do.

use super::code::{domain, reference};
use super::components::{Components, components};
use super::draft::Draft;
use super::encoded::{DOMAIN, Encoded};
use super::refine::{Edges, Partition};
use alloc::vec::Vec;
use core::ops::Range;
use velocity_base::ContentHash;

/// The hash of what has none yet.
pub(super) const NONE: ContentHash = ContentHash([0; 32]);

/// Everything known about the identity of a module's definitions.
#[derive(Debug)]
pub(crate) struct Analysis<'m> {
    pub(crate) encoded: Encoded<'m>,
    pub(crate) components: Components,
    pub(crate) hashes: Vec<ContentHash>,
    /// Tells objects of equal content apart; 0 for all others.
    pub(crate) ordinals: Vec<u32>,
    pub(crate) hashed_bytes: u64,
    pub(crate) refinement_work: u64,
    draft: Draft,
}

/// A member of a cycle with holes, and where these lead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Class {
    pub(crate) open: ContentHash,
    pub(crate) links: Vec<u64>,
}

/// A cycle taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cycle {
    /// Its members but for those that are the same as another.
    pub(crate) classes: Vec<Class>,
    /// The class of each member, in the order of the component.
    pub(crate) class_of: Vec<u32>,
}

impl<'m> Analysis<'m> {
    /// Finds the components; nothing is hashed yet.
    pub(super) fn new(encoded: Encoded<'m>) -> Self {
        let count = encoded.parts.len();
        Self {
            components: components(&encoded),
            hashes: alloc::vec![NONE; count],
            ordinals: alloc::vec![0; count],
            encoded,
            hashed_bytes: 0,
            refinement_work: 0,
            draft: Draft::default(),
        }
    }

    /// Hashes all definitions, objects of equal content taken for one.
    pub(crate) fn merged(encoded: Encoded<'m>) -> Self {
        let mut analysis = Self::new(encoded);
        analysis.hash_all();
        analysis
    }

    /// Hashes all definitions.
    pub(super) fn hash_all(&mut self) {
        for component in 0..self.components.ranges.len() {
            let range = &self.components.ranges[component];
            let member = self.components.members[range.start];
            if range.len() > 1 {
                self.hash_component(component);
            } else if self.ordinals[member as usize] != 0 || self.hashes[member as usize] == NONE {
                // A plain object without an equal has its hash already.
                self.hashes[member as usize] = self.definition_hash(member);
            }
        }
    }

    /// Hashes again what has got another number among its equals, and whatever refers to such.
    pub(super) fn rehash(&mut self, touched: &[u32]) {
        let mut changed = alloc::vec![false; self.components.ranges.len()];
        touched.iter().for_each(|&one| changed[self.components.of[one as usize] as usize] = true);
        for component in 0..self.components.ranges.len() {
            let members = &self.components.members[self.components.ranges[component].clone()];
            let targets = members.iter().flat_map(|&member| self.encoded.targets(member));
            let dirty = { targets }.any(|to| changed[self.components.of[to as usize] as usize]);
            if dirty || changed[component] {
                changed[component] = true;
                self.hash_component(component);
            }
        }
    }

    fn hash_component(&mut self, component: usize) {
        let range = self.components.ranges[component].clone();
        if let [member] = self.components.members[range.clone()] {
            self.hashes[member as usize] = self.definition_hash(member);
            return;
        }
        let cycle = self.cycle(range.clone());
        if let [class] = &cycle.classes[..] {
            // All are the same: each is what a single one would be that refers to itself.
            let members = self.components.members[range].iter();
            members.for_each(|&member| self.hashes[member as usize] = class.open);
            return;
        }
        let blob = cycle_blob(&cycle.classes);
        let whole = self.count(&blob);
        for (at, &class) in range.zip(&cycle.class_of) {
            let part = part_blob(&whole, u64::from(class));
            let hash = self.count(&part);
            self.hashes[self.components.members[at] as usize] = hash;
        }
    }

    fn count(&mut self, blob: &[u8]) -> ContentHash {
        self.hashed_bytes += blob.len() as u64;
        ContentHash::of(blob)
    }

    /// The hash of a definition, with holes where it refers to its own component.
    pub(super) fn definition_hash(&mut self, definition: u32) -> ContentHash {
        let part = &self.encoded.parts[definition as usize];
        if let Some(hash) = self.encoded.import(part) {
            return hash;
        }
        let mut draft = core::mem::take(&mut self.draft);
        self.write(definition, &mut draft);
        self.hashed_bytes += draft.bytes().len() as u64;
        let hash = draft.hash();
        self.draft = draft;
        hash
    }

    /// Writes a definition as it is hashed: domain, head with the ordinal, references, body.
    fn write(&self, definition: u32, out: &mut Draft) {
        let part = &self.encoded.parts[definition as usize];
        let own = self.components.of[definition as usize];
        out.clear();
        out.extend(self.encoded.front(part));
        out.set_upper(DOMAIN, self.ordinals[definition as usize]);
        for to in &self.encoded.references[part.references.range()] {
            if self.components.of[to.target as usize] == own {
                out.reference(to.word | reference::IN_CYCLE, &NONE);
            } else {
                out.reference(to.word, &self.hashes[to.target as usize]);
            }
        }
        self.encoded.write_body(part, out);
    }

    /// All bytes of a definition as they are hashed.
    pub(crate) fn blob(&self, definition: u32) -> Vec<u8> {
        let mut draft = Draft::default();
        self.write(definition, &mut draft);
        draft.bytes().to_vec()
    }

    /// Takes a cycle of several members apart.
    pub(crate) fn cycle(&mut self, range: Range<usize>) -> Cycle {
        let members: Vec<u32> = self.components.members[range].to_vec();
        let opens: Vec<ContentHash> = members.iter().map(|&member| self.definition_hash(member)).collect();
        let mut order: Vec<(u32, u32)> = members.iter().zip(0..).map(|(&member, local)| (member, local)).collect();
        order.sort_unstable();
        let own = self.components.of[members[0] as usize];
        let local = |target: u32| {
            let inside = self.components.of[target as usize] == own;
            inside.then(|| order.binary_search_by_key(&target, |&(member, _)| member).map_or(0, |at| order[at].1))
        };
        let mut triples = Vec::new();
        for (&member, user) in members.iter().zip(0..) {
            let slots = self.encoded.targets(member).zip(0..);
            triples.extend(slots.filter_map(|(target, slot)| Some((local(target)?, slot, user))));
        }
        let edges = Edges::new(members.len(), &triples);
        let partition = Partition::new(&edges, &opens);
        let work = partition.work;
        let class_of: Vec<u32> = (0..members.len() as u32).map(|node| partition.cell_of(node)).collect();
        let class = |cell: usize| {
            let one = partition.cell(cell)[0] as usize;
            let targets = self.encoded.targets(members[one]).filter_map(local);
            Class { open: opens[one], links: targets.map(|to| u64::from(class_of[to as usize])).collect() }
        };
        let classes = (0..partition.len()).map(class).collect();
        self.refinement_work += work;
        Cycle { classes, class_of }
    }
}

/// The bytes of a cycle: how many members, and for each the hash of its open form and where its holes lead.
pub(crate) fn cycle_blob(classes: &[Class]) -> Vec<u8> {
    let mut out = domain::CYCLE.to_vec();
    out.extend_from_slice(&(classes.len() as u64).to_le_bytes());
    for class in classes {
        out.extend_from_slice(&class.open.0);
        out.extend_from_slice(&(class.links.len() as u64).to_le_bytes());
        class.links.iter().for_each(|link| out.extend_from_slice(&link.to_le_bytes()));
    }
    out
}

/// The bytes of a member of a cycle: the hash of the cycle, and the member's position.
pub(crate) fn part_blob(cycle: &ContentHash, position: u64) -> Vec<u8> {
    let mut out = domain::PART.to_vec();
    out.extend_from_slice(&cycle.0);
    out.extend_from_slice(&position.to_le_bytes());
    out
}
