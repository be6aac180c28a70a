//! Interned names: every distinct name of a source text gets a small number, so that looking one up is indexing.
//!
//! An ordered map rather than a hash table: its worst case stays logarithmic for names chosen to collide.

use crate::arena::{Arena, Key, keys};
use alloc::collections::BTreeMap;

keys! {
    /// A distinct name.
    Symbol;
}

/// The names of one source text, borrowed from it.
#[derive(Debug)]
pub(crate) struct Names<'s> {
    symbols: BTreeMap<&'s str, Symbol>,
    texts: Arena<Symbol, &'s str>,
}

impl<'s> Names<'s> {
    pub(crate) const fn new() -> Self {
        Self { symbols: BTreeMap::new(), texts: Arena::new() }
    }

    /// The number of `text`, a new one if it was not seen before.
    pub(crate) fn intern(&mut self, text: &'s str) -> Symbol {
        *self.symbols.entry(text).or_insert_with(|| self.texts.push(text))
    }

    pub(crate) fn text(&self, symbol: Symbol) -> &'s str {
        self.texts[symbol]
    }

    /// How many distinct names there are.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }
}

/// A table with an optional entry for every name; reads of names without entry give `None`.
#[derive(Debug)]
pub(crate) struct NameMap<T>(alloc::vec::Vec<Option<T>>);

impl<T: Copy> NameMap<T> {
    pub(crate) fn new(names: &Names<'_>) -> Self {
        Self(alloc::vec![None; names.len()])
    }

    pub(crate) fn get(&self, symbol: Symbol) -> Option<T> {
        self.0[symbol.index()]
    }

    /// Sets or clears the entry and returns the one before.
    pub(crate) fn replace(&mut self, symbol: Symbol, entry: Option<T>) -> Option<T> {
        core::mem::replace(&mut self.0[symbol.index()], entry)
    }
}
