//! Which definitions must be written out so that one of them keeps its hash.

use super::Slicer;
use crate::graph::fact::{Def, Predicate};
use crate::graph::Item;
use crate::module::{ElementMode, Placement};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

impl Slicer<'_> {
    /// The definition, its cycle, what they use that has no import, and so on until nothing is missing.
    pub(super) fn closed(&self, def: Def) -> BTreeSet<Def> {
        let (mut whole, mut waiting) = (BTreeSet::new(), Vec::from([def]));
        while let Some(next) = waiting.pop() {
            if !whole.insert(next) {
                continue;
            }
            waiting.extend(self.graph.cycle(next));
            waiting.extend(self.direct(next).filter(|&used| self.has_no_import(used)));
            waiting.extend(self.who_tells_apart(next));
        }
        whole
    }

    /// Whether only the whole item can stand in a slice.
    fn has_no_import(&self, def: Def) -> bool {
        match self.numbering.item(def) {
            Some(Item::Data(id)) => matches!(self.module.data[id].placement, Placement::Passive | Placement::At(_)),
            Some(Item::Element(_)) => true,
            Some(Item::Table(id)) => self.module.tables[id].host.is_none(),
            _ => false,
        }
    }

    /// The users of everything of the same content as a mutable object that is written out, if there is more than one.
    fn who_tells_apart(&self, def: Def) -> Vec<Def> {
        let Some(item) = self.numbering.item(def) else { return Vec::new() };
        let equal: Vec<Def> = self.numbering.items().filter(|&other| self.equal(item, other)).map(|other| self.numbering.def(other)).collect();
        if equal.len() < 2 {
            return Vec::new();
        }
        let facts = self.graph.facts();
        let roles = [Predicate::Uses, Predicate::Fills];
        let users = equal.iter().flat_map(|def| roles.iter().flat_map(move |&role| facts.subjects(role, def.0)));
        users.chain(equal.iter().copied()).collect()
    }

    /// Whether two definitions are objects that nothing but their use tells apart.
    fn equal(&self, one: Item, other: Item) -> bool {
        let module = self.module;
        match (one, other) {
            (Item::Table(one), Item::Table(other)) => {
                let (one, other) = (&module.tables[one], &module.tables[other]);
                one.host.is_none() && other.host.is_none() && one.limits == other.limits
            }
            (Item::Data(one), Item::Data(other)) => {
                let (one, other) = (&module.data[one], &module.data[other]);
                one.placement == other.placement
                    && matches!(one.placement, Placement::Anywhere(_) | Placement::Passive)
                    && module.bytes_of(one) == module.bytes_of(other)
                    && one.zeros == other.zeros
            }
            (Item::Element(one), Item::Element(other)) => {
                let (one, other) = (&module.elements[one], &module.elements[other]);
                one.mode == ElementMode::Passive
                    && other.mode == ElementMode::Passive
                    && module.pool.words(one.items) == module.pool.words(other.items)
            }
            (Item::Global(one), Item::Global(other)) => {
                let (one, other) = (&module.globals[one], &module.globals[other]);
                one.mutable && other.mutable && one.ty == other.ty && one.initial() == other.initial()
            }
            _ => false,
        }
    }
}
