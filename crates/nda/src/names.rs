//! Interned names: every distinct name of a source text gets a small number, so that looking one up is indexing.
//!
//! A hash table whose probes are few: a name that finds no place near its own goes to an ordered map. So the usual text
//! is read at the speed of hashing, and the worst case, names chosen to collide, stays logarithmic.

use crate::arena::keys;
use crate::module::{Key, Table};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

keys! {
    /// A distinct name.
    Symbol;
}

/// How many slots are looked at before a name is one for the ordered map.
const PROBES: usize = 8;
/// Slots at the start; a power of two.
const SLOTS: usize = 64;

/// The names of one source text, borrowed from it.
#[derive(Debug)]
pub(crate) struct Names<'s> {
    /// Hash and number of a name; a power of two of them.
    slots: Vec<Option<(u32, Symbol)>>,
    /// The names that found no slot.
    crowded: BTreeMap<&'s str, Symbol>,
    texts: Table<Symbol, &'s str>,
}

impl<'s> Names<'s> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), crowded: BTreeMap::new(), texts: Table::default() }
    }

    /// The number of `text`, a new one if it was not seen before.
    pub(crate) fn intern(&mut self, text: &'s str) -> Symbol {
        if self.texts.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = hash(text.as_bytes());
        let mask = self.slots.len() - 1;
        for probe in 0..PROBES {
            match &mut self.slots[(hash as usize + probe) & mask] {
                Some((found, symbol)) => {
                    if *found == hash && self.texts[*symbol] == text {
                        return *symbol;
                    }
                }
                // A slot is never freed, so that a name behind it would have been put here.
                empty => {
                    let symbol = self.texts.push(text);
                    *empty = Some((hash, symbol));
                    return symbol;
                }
            }
        }
        *self.crowded.entry(text).or_insert_with(|| self.texts.push(text))
    }

    /// Doubles the slots and gives every name its place anew.
    #[cold]
    fn grow(&mut self) {
        let count = (self.slots.len() * 2).max(SLOTS);
        self.slots.clear();
        self.slots.resize(count, None);
        self.crowded.clear();
        for (symbol, &text) in self.texts.iter() {
            let hash = hash(text.as_bytes());
            let mut near = (0..PROBES).map(|probe| (hash as usize + probe) & (count - 1));
            match near.find(|&slot| self.slots[slot].is_none()) {
                Some(slot) => self.slots[slot] = Some((hash, symbol)),
                None => drop(self.crowded.insert(text, symbol)),
            }
        }
    }

    pub(crate) fn text(&self, symbol: Symbol) -> &'s str {
        self.texts[symbol]
    }

    /// How many distinct names there are.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }
}

/// Mixes eight bytes at a time. Good for names; says nothing against those who look for collisions.
fn hash(bytes: &[u8]) -> u32 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = chunk.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        state = (state ^ word).wrapping_mul(MIX).rotate_left(29);
    }
    let rest = chunks.remainder().iter().fold(1, |word, &byte| word << 8 | u64::from(byte));
    state = (state ^ rest).wrapping_mul(MIX);
    (state >> 32) as u32
}

/// A table with an optional entry for every name; reads of names without entry give `None`.
#[derive(Debug)]
pub(crate) struct NameMap<T>(Vec<Option<T>>);

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap as Reference;
    use std::format;
    use std::string::String;

    #[test]
    fn every_text_has_one_number() {
        let texts: Vec<String> = (0..20_000).map(|n| format!("name{}", n % 7000)).collect();
        let (mut names, mut known) = (Names::new(), Reference::new());
        for text in &texts {
            let symbol = names.intern(text);
            assert_eq!(names.text(symbol), text);
            assert_eq!(*known.entry(text).or_insert(symbol), symbol);
        }
        assert_eq!((names.len(), known.len()), (7000, 7000));
    }

    #[test]
    fn names_that_collide_are_kept_apart() {
        // Names with one place in any table of the sizes that so few names make.
        let all: Vec<String> = (0..200_000).map(|n| format!("n{n}")).collect();
        let colliding: Vec<&String> = all.iter().filter(|text| hash(text.as_bytes()) & 0x3ff == 5).collect();
        assert!(colliding.len() > 100);
        let mut names = Names::new();
        let first: Vec<Symbol> = colliding.iter().map(|text| names.intern(text)).collect();
        let again: Vec<Symbol> = colliding.iter().map(|text| names.intern(text)).collect();
        assert_eq!((first, names.len()), (again, colliding.len()));
        assert!(!names.crowded.is_empty());
    }
}
