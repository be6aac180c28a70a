//! Following an edit: a part of a program, checked alone against the hashes of the rest, takes the place of what it
//! replaces.

use super::Graph;
use super::build::{Object, beside, gather};
use super::fact::{Def, Fact, Predicate};
use crate::identity::{Definition, Identities};
use crate::module::Module;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// What an edit did to a graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// Definitions that are new.
    pub added: Vec<Def>,
    /// Definitions whose facts and hash were replaced.
    pub changed: Vec<Def>,
    /// Their dependants, ascending: facts about them stand, their hashes in the graph are out of date until they are
    /// given by [`Graph::rehash`].
    pub stale: Vec<Def>,
}

impl Graph {
    /// Takes over the definitions of `part`: each replaces the one of the same kind and name, or is added. What `part`
    /// imports by hash must be in the graph, or is added as unknown.
    ///
    /// Costs what [`Facts::replace`](super::Facts::replace) says for each changed definition, and the walk to the
    /// dependants.
    pub fn update(&mut self, part: &Module, identities: &Identities) -> Update {
        let (mut update, mut new) = (Update::default(), self.len() as u32);
        let numbers: Vec<Def> = identities
            .iter()
            .map(|(item, hash)| self.same(part, item, hash).unwrap_or_else(|| next(&mut new)))
            .collect();
        let beside = beside(part, &mut self.texts);
        for (&def, (item, hash)) in numbers.iter().zip(identities.iter()) {
            let old = self.hash(def);
            let same = old == Some(hash) && self.name(def) == item.name(part);
            if same || old.is_some() && item.imported(part).is_some() {
                continue;
            }
            let mut facts = Vec::new();
            let mut say = |predicate, object: Object| {
                let dense = |item| identities.numbering().number(item).and_then(|at| numbers.get(at as usize));
                let object = object.number(|item| dense(item).map(|def| def.0));
                facts.extend(object.map(|object| Fact::new(def, predicate, object)));
            };
            gather(part, item, &mut self.texts, &mut say);
            let first = beside.partition_point(|&(other, ..)| other < item);
            let own = beside[first..].iter().take_while(|&&(other, ..)| other == item);
            own.for_each(|&(_, predicate, object)| say(predicate, object));
            if let Some(old) = old {
                facts.extend(self.facts.about(def).filter(|fact| fact.predicate == Predicate::DerivedFrom));
                facts.push(Fact::new(def, Predicate::DerivedFrom, self.past.len() as u32));
                self.past.push(old);
            }
            (if old.is_some() { &mut update.changed } else { &mut update.added }).push(def);
            self.facts.replace(def, &facts);
            self.set_hash(def, hash);
        }
        let changed: BTreeSet<Def> = update.changed.iter().copied().collect();
        let stale: BTreeSet<Def> = changed.iter().flat_map(|&def| self.dependants(def)).collect();
        update.stale = stale.difference(&changed).copied().collect();
        update
    }

    /// Gives the new hash of a definition that changed only because something did on which it depends.
    pub fn rehash(&mut self, def: Def, hash: ContentHash) {
        if def.index() < self.len() {
            self.set_hash(def, hash);
        }
    }

    /// Forgets a definition. Its number is not given again.
    pub fn remove(&mut self, def: Def) {
        self.facts.replace(def, &[]);
        if let Some(hash) = self.hash(def) {
            self.by_hash.remove(&(hash, def));
        }
    }

    /// The definition of the graph that an item of a part speaks of.
    fn same(&self, part: &Module, item: Definition, hash: ContentHash) -> Option<Def> {
        let by_hash = |hash| self.with_hash(hash).find(|&def| self.kind(def) == Some(item.kind()));
        if let Some(hash) = item.imported(part) {
            return by_hash(hash);
        }
        let by_name =
            item.name(part).and_then(|name| self.named(name).find(|&def| self.kind(def) == Some(item.kind())));
        by_name.or_else(|| by_hash(hash))
    }
}

fn next(number: &mut u32) -> Def {
    *number += 1;
    Def(*number - 1)
}
