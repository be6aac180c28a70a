//! The smallest closed piece of a program around one definition, as text that checks alone.
//!
//! A slice holds, in this order: the `use` lines and host declarations that are needed, a declaration by hash for each
//! definition that is referred to directly, and the definition itself, word for word with its documentation. What a
//! declaration stands for is fixed by its hash, so the definition has the same hash in its slice as in the program,
//! and nothing beyond the first step is needed to check it.
//!
//! Three things are written out instead of declared:
//! - the members of the definition's own cycle, if it is part of one: the hash of a cycle is made from all its members
//!   at once, so a member that is imported would no longer be part of it, and the hash would be another;
//! - constants whose value is a number: shorter than their hash, and worth knowing;
//! - tables, passive data and element segments, which have no import by hash. If there are several of equal content,
//!   who uses them tells them apart; then all who use one of them are written out as well.

mod closed;
mod declare;
#[cfg(test)]
mod tests;

use super::fact::{Def, Predicate};
use super::{Graph, Item, Numbering};
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
            Self::Unknown(name) => write!(f, "there is no definition `{name}`: `nda hash` lists all of them"),
            Self::NoText(name) => {
                write!(f, "the text of `{name}` is not known: print the program and take the slice of that")
            }
        }
    }
}

/// The slice of the definition called `name`.
///
/// `source` is the text that `module` was read from, and `graph` the graph of that module.
///
/// # Errors
/// [`SliceError`] if there is no such definition, or the text is another one.
pub fn slice(source: &str, module: &Module, graph: &Graph, name: &str) -> Result<Slice, SliceError> {
    let def = graph.named(name).next().ok_or_else(|| SliceError::Unknown(name.into()))?;
    slice_of(source, module, graph, def)
}

/// The slice of a definition, by its number. See [`slice`](slice()).
///
/// # Errors
/// [`SliceError`] if there is no such definition, or the text is another one.
pub fn slice_of(source: &str, module: &Module, graph: &Graph, def: Def) -> Result<Slice, SliceError> {
    let slicer = Slicer { source, module, graph, numbering: Numbering::of(module) };
    let whole = slicer.closed(def);
    let declared = slicer.declared(&whole);
    let mut text = String::new();
    for (form, defs) in [(Form::Declared, &declared), (Form::Whole, &whole)] {
        let mut lines: Vec<(Item, String)> = Vec::new();
        for &needed in defs {
            if form == Form::Whole && needed == def {
                continue;
            }
            let item = slicer.item(needed)?;
            lines.push((item, slicer.write(item, form)?));
        }
        lines.sort_by_key(|(item, _)| slicer.place(*item));
        lines.dedup_by(|one, other| one.1 == other.1);
        lines.iter().for_each(|(_, line)| text += line);
        text += if form == Form::Declared && !lines.is_empty() { "\n" } else { "" };
    }
    text += &slicer.callers(def);
    text += &slicer.write(slicer.item(def)?, Form::Whole)?;
    Ok(Slice { text, whole: whole.into_iter().collect(), declared })
}

struct Slicer<'a> {
    source: &'a str,
    module: &'a Module,
    graph: &'a Graph,
    numbering: Numbering,
}

impl Slicer<'_> {
    fn item(&self, def: Def) -> Result<Item, SliceError> {
        self.numbering.item(def).ok_or_else(|| SliceError::Unknown(alloc::format!("number {}", def.0)))
    }

    /// Where an item stands in the text.
    fn place(&self, item: Item) -> u32 {
        item.meta(self.module).map_or(0, |meta| meta.span.start)
    }

    /// What the definitions written out refer to, themselves left out.
    fn declared(&self, whole: &BTreeSet<Def>) -> Vec<Def> {
        let direct = whole.iter().flat_map(|&def| self.direct(def));
        let all: BTreeSet<Def> = direct.filter(|def| !whole.contains(def)).collect();
        all.into_iter().collect()
    }

    /// What the text of a definition refers to.
    fn direct(&self, def: Def) -> impl Iterator<Item = Def> + '_ {
        let facts = self.graph.facts();
        Predicate::BETWEEN_DEFINITIONS.into_iter().flat_map(move |role| facts.objects(def, role).map(Def))
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
