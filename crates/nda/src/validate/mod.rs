//! Whether a module is what engines may rely on.
//!
//! Anybody may build a [`Module`]: any key may lead anywhere, any list be broken, any yield be a lie. `items` checks
//! everything outside of bodies, `body` the shape of a body and its labels, `node` the types of one node. What passes
//! has the invariants that the module's documentation lists, and these, which keep all later work linear:
//! lists that are read once for each use (names, targets, elements) and pieces of data do not lie over each other, so
//! that a small module cannot stand for a large one.
//!
//! Invariants: time is linear in the module's size but for a logarithm where things must be distinct; memory is at
//! most some words for each node of the largest body; nothing recurses or panics; nothing is allocated for what a
//! hostile length claims. Every yield is a function of the tree: two valid modules with the same nodes have the same
//! yields.

mod body;
mod error;
mod items;
mod node;
#[cfg(test)]
pub(crate) mod tests;

pub use error::{Place, Rule, ValidateError};

use crate::module::{List, Module, Pooled, Type, Yield};
use crate::{MAX_MODULE_ITEMS, MAX_MODULE_NODES};
use alloc::collections::BTreeSet;
use error::Fault;

/// Checks that a module has the invariants that [`module`](crate::module) states.
///
/// # Errors
/// The first rule that is broken, and where.
pub fn validate(module: &Module) -> Result<(), ValidateError> {
    let mut checker = Checker::new(module);
    checker.sizes().map_err(|fault| fault.at(Place::Module, module))?;
    checker.items()?;
    checker.bodies()
}

/// What is shared by all checks of one module.
struct Checker<'m> {
    module: &'m Module,
    /// Words of the pool that may still be read as lists that are read for each use.
    list_words: usize,
    /// Lists of types that are sound, by position.
    types: BTreeSet<u32>,
}

impl<'m> Checker<'m> {
    fn new(module: &'m Module) -> Self {
        Self { module, list_words: module.pool.word_count(), types: BTreeSet::new() }
    }

    /// Counts of everything, before anything is allocated for it.
    fn sizes(&self) -> Result<(), Fault> {
        let module = self.module;
        let nodes = module.exprs.len();
        if module.yields.len() != nodes || module.spans.len() != nodes {
            return Err(Rule::NodeTables.into());
        }
        if too_large([nodes, module.pool.word_count(), module.text.len(), module.bytes.len()]) {
            return Err(Rule::TooManyNodes.into());
        }
        let tables = [module.signatures.len(), module.functions.len(), module.globals.len(), module.tables.len()];
        let others = [module.data.len(), module.elements.len(), module.exports.len()];
        if tables.iter().chain(&others).any(|&count| count > MAX_MODULE_ITEMS) {
            return Err(Rule::TooManyItems.into());
        }
        if !self.words(List::<u32>::EMPTY)?.is_empty() {
            return Err(Rule::Lists.into());
        }
        self.texts()
    }

    /// A list that is read as often as it is named: together those are not longer than the pool.
    fn list<T: Pooled>(&mut self, list: List<T>) -> Result<&'m [u32], Fault> {
        let words = self.words(list)?;
        self.list_words = self.list_words.checked_sub(words.len()).ok_or(Rule::SharedLists)?;
        Ok(words)
    }

    /// The words of a list that is short, or that belongs to one node, or whose length is all that is wanted.
    fn words<T>(&self, list: List<T>) -> Result<&'m [u32], Fault> {
        if self.module.pool.holds(list) { Ok(self.module.pool.words(list)) } else { Err(Rule::Lists.into()) }
    }

    /// The length of a list of types, each of which is one.
    fn type_list(&mut self, list: List<Type>) -> Result<usize, Fault> {
        let words = self.words(list)?;
        if !self.types.contains(&list.position()) {
            // Sound lists that overlap have lengths that are types' numbers, so that this is linear in the pool.
            check_types(words)?;
            self.types.insert(list.position());
        }
        Ok(words.len())
    }

    /// Whether two nodes leave the same types.
    fn same(&self, one: Yield, other: Yield) -> bool {
        self.module.same_yield(one, other)
    }
}

/// Whether there are too many nodes, words in the pool (a node has a handful of them), or bytes of text or of data
/// (whose ends are 32-bit numbers).
fn too_large([nodes, words, text, bytes]: [usize; 4]) -> bool {
    [nodes, words / 4, text >> 8, bytes >> 8].iter().any(|&count| count > MAX_MODULE_NODES)
}

fn check_types(words: &[u32]) -> Result<(), Fault> {
    let is_type = |&word: &u32| u8::try_from(word).ok().and_then(Type::of_code).is_some();
    if words.iter().all(is_type) { Ok(()) } else { Err(Rule::TypeNumber.into()) }
}
