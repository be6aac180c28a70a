//! The smallest closed piece of a program around one definition, as text that checks alone.
//!
//! A slice holds, in this order: the `use` lines and host declarations that are needed, a declaration by hash for each
//! definition that is referred to directly, and the definition itself, word for word with its documentation. What a
//! declaration stands for is fixed by its hash, so the definition has the same hash in its slice as in the program,
//! and nothing beyond the first step is needed to check it.
//!
//! Some things are written out instead of declared (`closed`):
//! - the members of the definition's own cycle, if it is part of one: the hash of a cycle is made from all its members
//!   at once, so a member that is imported would no longer be part of it, and the hash would be another;
//! - constants whose value is a number: shorter than their hash, and worth knowing;
//! - tables with the segments that fill them, and passive data and segments: there is no import of those by hash;
//! - objects of equal content, one of which has to be written out for one of these reasons: since who uses them tells
//!   them apart, all of them with all who lead to them, and the exports of these. A global or static that is asked for
//!   itself is declared instead, with its text in a comment: so it has its own hash again.

mod closed;
mod declare;
#[cfg(test)]
mod tests;

use super::Graph;
use super::fact::Def;
use crate::identity::hash::Analysis;
use crate::identity::{Definition, Identities, encoded::Encoded};
use crate::module::Module;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use declare::Form;

/// How many callers a slice names.
const CALLERS: usize = 4;

/// A piece of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The text.
    pub text: String,
    /// What is written out in it: the definition that was asked for, its cycle, and what cannot be imported.
    pub whole: Vec<Def>,
    /// What is only declared in it.
    pub declared: Vec<Def>,
}

/// Why there is no slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SliceError {
    /// The program has no definition of this name.
    Unknown(String),
    /// The text of this definition is not known: the module was not read from the text that was given.
    NoText(String),
}

impl fmt::Display for SliceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "there is no definition `{name}`: `hash` lists all of them"),
            Self::NoText(name) => {
                write!(f, "the text of `{name}` is not known: print the program and take the slice of that")
            }
        }
    }
}

/// The slice of the definition called `name` of a module that was read from `source`. For several of one program, a
/// [`Slicer`] prepares once.
///
/// # Errors
/// [`SliceError`] if there is no such definition, or the text is another one.
pub fn slice(source: &str, module: &Module, name: &str) -> Result<Slice, SliceError> {
    Slicer::new(source, module).named(name)
}

/// Takes slices of one program.
#[derive(Debug)]
pub struct Slicer<'a> {
    source: &'a str,
    module: &'a Module,
    graph: Graph,
    identity: Analysis<'a>,
    /// For each definition that is an object with an equal, a number that it shares with its equals, from 1; otherwise 0.
    groups: Vec<u32>,
}

impl<'a> Slicer<'a> {
    /// A slicer for a module that was read from `source`.
    #[must_use]
    pub fn new(source: &'a str, module: &'a Module) -> Self {
        let mut identity = Analysis::merged(Encoded::of(module));
        let mut groups = alloc::vec![0; identity.hashes.len()];
        let (mut number, mut before) = (0, None);
        for object in identity.equal_objects() {
            let hash = identity.hashes[object as usize];
            number += u32::from(before.replace(hash) != Some(hash));
            groups[object as usize] = number;
        }
        identity.tell_objects_apart(module);
        Self { source, module, graph: Graph::of(module, &Identities::of(module)), identity, groups }
    }

    /// The graph of the program.
    #[must_use]
    pub const fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The slice of the definition of this name.
    ///
    /// # Errors
    /// [`SliceError`] if there is no such definition, or the text is another one.
    pub fn named(&self, name: &str) -> Result<Slice, SliceError> {
        let def = self.graph.named(name).next().ok_or_else(|| SliceError::Unknown(name.into()))?;
        self.slice(def)
    }

    /// The slice of a definition.
    ///
    /// # Errors
    /// [`SliceError`] if there is no such definition, or the text is another one.
    pub fn slice(&self, def: Def) -> Result<Slice, SliceError> {
        if def.index() >= self.groups.len() {
            return Err(SliceError::Unknown(alloc::format!("number {}", def.0)));
        }
        if let Some(text) = self.one_of_several(def) {
            return Ok(Slice { text, whole: Vec::new(), declared: Vec::from([def]) });
        }
        let (whole, exports) = self.closed(def);
        let declared: BTreeSet<Def> =
            whole.iter().flat_map(|&def| self.refers_to(def)).filter(|def| !whole.contains(def)).collect();
        let mut text = self.block(&mut declared.iter().copied(), Form::Declared)?;
        text += &self.block(&mut whole.iter().copied().filter(|&other| other != def), Form::Whole)?;
        text += &self.callers(def);
        text += &self.write(self.definition(def), Form::Whole)?;
        text += &if exports { self.exports(&whole) } else { String::new() };
        Ok(Slice { text, whole: whole.into_iter().collect(), declared: declared.into_iter().collect() })
    }

    fn definition(&self, def: Def) -> Definition {
        self.identity.encoded.numbering.definition(def.0)
    }

    /// What the text of a definition refers to. The memory is left out unless it was written down: it is implied.
    fn refers_to(&self, def: Def) -> impl Iterator<Item = Def> + '_ {
        let written =
            |&def: &Def| self.definition(def) != Definition::Memory || !self.text(Definition::Memory).is_empty();
        self.graph.calls(def).chain(self.graph.uses(def)).filter(written)
    }

    /// Items in the order of the program, and an empty line.
    fn block(&self, defs: &mut dyn Iterator<Item = Def>, form: Form) -> Result<String, SliceError> {
        let mut items: Vec<Definition> = defs.map(|def| self.definition(def)).collect();
        items.sort_by_key(|item| item.meta(self.module).map_or(0, |meta| meta.span.start));
        let mut lines: Vec<String> = Vec::with_capacity(items.len());
        for item in items {
            let line = self.write(item, form)?;
            if lines.last() != Some(&line) {
                lines.push(line);
            }
        }
        let gap = if lines.is_empty() { "" } else { "\n" };
        Ok(lines.concat() + gap)
    }

    /// One line that says who calls the definition.
    fn callers(&self, def: Def) -> String {
        let mut names: Vec<&str> = self.graph.who_calls(def).filter_map(|caller| self.graph.name(caller)).collect();
        if names.is_empty() {
            return String::new();
        }
        names.sort_unstable();
        let count = names.len();
        let more = if count > CALLERS { alloc::format!(" and {} more", count - CALLERS) } else { String::new() };
        names.truncate(CALLERS);
        alloc::format!("// Called by {}{more}.\n", names.join(", "))
    }
}
