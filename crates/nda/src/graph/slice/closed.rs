//! Which definitions must be written out so that one of them keeps its hash.

use super::Slicer;
use crate::graph::fact::Def;
use crate::identity::Definition;
use crate::module::Placement;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

impl Slicer<'_> {
    /// The definition, its cycle, what they use that has no import, and so on until nothing is missing; and whether
    /// exports belong to it, because objects of equal content must be told apart.
    pub(super) fn closed(&self, def: Def) -> (BTreeSet<Def>, bool) {
        let whole = self.close(def, false);
        if whole.iter().all(|&def| self.group(def) == 0) { (whole, false) } else { (self.close(def, true), true) }
    }

    fn close(&self, def: Def, apart: bool) -> BTreeSet<Def> {
        let (mut whole, mut waiting) = (BTreeSet::new(), Vec::from([def]));
        while let Some(next) = waiting.pop() {
            if !whole.insert(next) {
                continue;
            }
            waiting.extend(self.cycle(next));
            waiting.extend(
                self.refers_to(next).filter(|&used| self.has_no_import(used) || apart && self.group(used) != 0),
            );
            if apart && self.group(next) != 0 {
                let equals = (0..self.groups.len() as u32).map(Def).filter(|&def| self.group(def) == self.group(next));
                waiting.extend(equals.flat_map(|def| self.graph.dependants(def).into_iter().chain([def])));
            }
        }
        whole
    }

    /// The members of the cycle that a definition is part of; itself if it is part of none.
    fn cycle(&self, def: Def) -> impl Iterator<Item = Def> + '_ {
        let components = &self.identity.components;
        let range = components.ranges[components.of[def.index()] as usize].clone();
        components.members[range].iter().map(|&member| Def(member))
    }

    fn group(&self, def: Def) -> u32 {
        self.groups.get(def.index()).copied().unwrap_or(0)
    }

    /// Whether only the whole item can stand in a slice.
    fn has_no_import(&self, def: Def) -> bool {
        match self.definition(def) {
            Definition::Data(id) => matches!(self.module.data[id].placement, Placement::Passive | Placement::At(_)),
            Definition::Table(id) => self.module.tables[id].host.is_none(),
            Definition::Element(_) => true,
            _ => false,
        }
    }
}
