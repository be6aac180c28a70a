//! Questions to a graph. Direct ones are iterators over the facts and allocate nothing; transitive ones keep a set of
//! the definitions seen and a list of those still to visit, so they are linear in the facts of what they reach.

use super::Graph;
use super::fact::{Def, Predicate};
use super::facts::Subjects;
use super::numbering::DefKind;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

impl Graph {
    /// What sort of definition it is; `None` for one that was removed.
    #[must_use]
    pub fn kind(&self, def: Def) -> Option<DefKind> {
        DefKind::of_code(self.facts.object(def, Predicate::Defines)?)
    }

    /// What a definition is called.
    #[must_use]
    pub fn name(&self, def: Def) -> Option<&str> {
        self.facts.object(def, Predicate::Named).map(|text| self.text(text))
    }

    /// Its type, written out.
    #[must_use]
    pub fn type_text(&self, def: Def) -> &str {
        self.facts.object(def, Predicate::HasType).map_or("", |text| self.text(text))
    }

    /// How many nodes its body has, or bytes its data.
    #[must_use]
    pub fn cost(&self, def: Def) -> Option<u32> {
        self.facts.object(def, Predicate::Cost)
    }

    /// The definitions of this name: a function and a variable may share one.
    pub fn named(&self, name: &str) -> impl Iterator<Item = Def> + '_ {
        let number = self.text_number(name);
        number.into_iter().flat_map(|number| self.facts.subjects(Predicate::Named, number))
    }

    /// The functions that call a function directly.
    #[must_use]
    pub fn who_calls(&self, function: Def) -> Subjects<'_> {
        self.facts.subjects(Predicate::Calls, function.0)
    }

    /// What reads, sets or names a global, static, table, segment, the memory; or the tables that hold a function.
    #[must_use]
    pub fn who_uses(&self, def: Def) -> Subjects<'_> {
        self.facts.subjects(Predicate::Uses, def.0)
    }

    /// The functions that a function calls directly.
    pub fn calls(&self, def: Def) -> impl Iterator<Item = Def> + '_ {
        self.facts.objects(def, Predicate::Calls).map(Def)
    }

    /// What a definition itself uses beside functions.
    pub fn uses(&self, def: Def) -> impl Iterator<Item = Def> + '_ {
        self.facts.objects(def, Predicate::Uses).map(Def)
    }

    /// The definitions that themselves use a capability.
    pub fn uses_capability(&self, capability: &str) -> impl Iterator<Item = Def> + '_ {
        let number = self.text_number(capability);
        number.into_iter().flat_map(|number| self.facts.subjects(Predicate::UsesCap, number))
    }

    /// Everything a definition needs to run, in ascending order, itself left out: what it calls and uses, what those do,
    /// and what is put into the tables and the memory among them when the program starts.
    #[must_use]
    pub fn needs(&self, def: Def) -> Vec<Def> {
        self.closure(def, |def, reach| {
            Predicate::BETWEEN_DEFINITIONS
                .iter()
                .for_each(|&role| reach.extend(self.facts.objects(def, role).map(Def)));
            reach.extend(self.facts.subjects(Predicate::Fills, def.0));
        })
    }

    /// Every definition whose hash changes when this one's does, in ascending order, itself left out: who calls or uses
    /// it, and who those.
    #[must_use]
    pub fn dependants(&self, def: Def) -> Vec<Def> {
        self.closure(def, |def, reach| {
            [Predicate::Calls, Predicate::Uses].iter().for_each(|&role| reach.extend(self.facts.subjects(role, def.0)));
        })
    }

    /// The capabilities that a definition or anything it needs uses, in order.
    #[must_use]
    pub fn needed_capabilities(&self, def: Def) -> BTreeSet<&str> {
        let all = self.needs(def).into_iter().chain([def]);
        all.flat_map(|def| self.facts.objects(def, Predicate::UsesCap)).map(|text| self.text(text)).collect()
    }

    /// What `next` leads to from a definition, again and again, itself left out.
    fn closure(&self, from: Def, next: impl Fn(Def, &mut Vec<Def>)) -> Vec<Def> {
        let mut seen = BTreeSet::from([from]);
        let (mut waiting, mut reach) = (alloc::vec![from], Vec::new());
        while let Some(def) = waiting.pop() {
            next(def, &mut reach);
            waiting.extend(reach.drain(..).filter(|&def| seen.insert(def)));
        }
        seen.remove(&from);
        seen.into_iter().collect()
    }
}
