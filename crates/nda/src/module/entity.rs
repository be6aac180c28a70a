//! Typed 32-bit indices, tables of entities and pools of lists: trees without pointers.
//!
//! Invariants: a list's key is its position in its pool, where its length comes first; position 0 is the empty list.
//! A key made for one table reads another item or panics in another one: the keys of a module come from that module,
//! and [`validate`](crate::validate) refuses a module whose keys lead outside.

use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::{Index, IndexMut};

/// A typed index into a [`Table`].
pub trait Key: Copy + Eq + Ord {
    /// The key of position `index`.
    fn new(index: usize) -> Self;
    /// The position.
    fn index(self) -> usize;
}

/// Declares key types.
macro_rules! entity_keys {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl crate::module::Key for $name {
            fn new(index: usize) -> Self {
                Self(index as u32)
            }

            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )+};
}
pub(crate) use entity_keys;

/// A growing table of `T`, indexed by `K`.
#[derive(Clone, Debug)]
pub struct Table<K, T> {
    items: Vec<T>,
    key: PhantomData<fn() -> K>,
}

impl<K, T> Default for Table<K, T> {
    fn default() -> Self {
        Self { items: Vec::new(), key: PhantomData }
    }
}

impl<K: Key, T> Table<K, T> {
    /// Appends and returns the new item's key.
    pub fn push(&mut self, item: T) -> K {
        let key = self.next_key();
        self.items.push(item);
        key
    }

    /// The key that the next item gets.
    #[must_use]
    pub fn next_key(&self) -> K {
        K::new(self.items.len())
    }

    /// The item, if the key is one of this table.
    #[must_use]
    pub fn get(&self, key: K) -> Option<&T> {
        self.items.get(key.index())
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Every item with its key, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (K, &T)> + ExactSizeIterator {
        self.items.iter().enumerate().map(|(index, item)| (K::new(index), item))
    }

    /// Every key, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = K> + use<K, T> {
        (0..self.items.len()).map(K::new)
    }

    /// The items alone, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.items
    }

    /// Forgets everything from `len` on.
    pub fn truncate(&mut self, len: usize) {
        self.items.truncate(len);
    }

    /// Makes room for `more` items.
    pub fn reserve(&mut self, more: usize) {
        self.items.reserve(more);
    }
}

impl<K: Key, T> Index<K> for Table<K, T> {
    type Output = T;

    fn index(&self, key: K) -> &T {
        &self.items[key.index()]
    }
}

impl<K: Key, T> IndexMut<K> for Table<K, T> {
    fn index_mut(&mut self, key: K) -> &mut T {
        &mut self.items[key.index()]
    }
}

/// A list of `T` in a [`Pool`].
#[derive(Debug)]
pub struct List<T>(u32, PhantomData<fn() -> T>);

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<T> {}

impl<T> core::hash::Hash for List<T> {
    /// Where it begins; what is in it is its pool's.
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T> List<T> {
    /// The list without items.
    pub const EMPTY: Self = Self(0, PhantomData);

    /// The list at a position that [`Self::position`] gave.
    pub(crate) const fn at(position: u32) -> Self {
        Self(position, PhantomData)
    }

    /// Where the list begins in its pool.
    #[must_use]
    pub const fn position(self) -> u32 {
        self.0
    }
}

/// Storage for the lists of a module: node keys, local keys, branch depths and types share it.
#[derive(Clone, Debug)]
pub struct Pool(Vec<u32>);

impl Default for Pool {
    fn default() -> Self {
        Self(alloc::vec![0])
    }
}

/// What a [`Pool`] can hold.
pub trait Pooled: Copy {
    /// As a word.
    fn to_word(self) -> u32;
    /// Back again; any word must give a value.
    fn from_word(word: u32) -> Self;
}

impl Pooled for u32 {
    fn to_word(self) -> u32 {
        self
    }

    fn from_word(word: u32) -> Self {
        word
    }
}

impl Pool {
    /// Stores a list.
    pub fn push<T: Pooled>(&mut self, items: &[T]) -> List<T> {
        if items.is_empty() {
            return List::EMPTY;
        }
        let list = List(self.0.len() as u32, PhantomData);
        self.0.push(items.len() as u32);
        self.0.extend(items.iter().map(|item| item.to_word()));
        list
    }

    /// Moves everything from `scratch[from..]` into a new list.
    pub fn take<T: Pooled>(&mut self, scratch: &mut Vec<T>, from: usize) -> List<T> {
        let list = self.push(&scratch[from..]);
        scratch.truncate(from);
        list
    }

    /// How many items a list has; 0 for a list of another pool that ends outside of this one.
    #[must_use]
    pub fn len<T>(&self, list: List<T>) -> usize {
        self.words(list).len()
    }

    /// Whether a list has no items.
    #[must_use]
    pub fn is_empty<T>(&self, list: List<T>) -> bool {
        self.len(list) == 0
    }

    /// The items of a list, in order.
    pub fn get<T: Pooled>(&self, list: List<T>) -> impl DoubleEndedIterator<Item = T> + ExactSizeIterator + '_ {
        self.words(list).iter().map(|&word| T::from_word(word))
    }

    /// One item of a list.
    #[must_use]
    pub fn item<T: Pooled>(&self, list: List<T>, index: usize) -> Option<T> {
        self.words(list).get(index).map(|&word| T::from_word(word))
    }

    /// The items of a list as they are stored.
    #[must_use]
    pub fn words<T>(&self, list: List<T>) -> &[u32] {
        let at = list.0 as usize;
        let len = self.0.get(at).map_or(0, |&len| len as usize);
        self.0.get(at + 1..at + 1 + len).unwrap_or(&[])
    }

    /// All words of all lists.
    #[must_use]
    pub fn all(&self) -> &[u32] {
        &self.0
    }

    /// How many words all lists take.
    #[must_use]
    pub fn word_count(&self) -> usize {
        self.0.len()
    }

    /// The items of a list as they are stored, to be changed.
    pub(crate) fn words_mut<T>(&mut self, list: List<T>) -> &mut [u32] {
        let at = list.0 as usize;
        let len = self.0.get(at).map_or(0, |&len| len as usize);
        self.0.get_mut(at + 1..at + 1 + len).unwrap_or(&mut [])
    }

    /// Damages a word, if there is one.
    #[cfg(test)]
    pub(crate) fn poke(&mut self, at: usize, word: u32) {
        if let Some(slot) = self.0.get_mut(at) {
            *slot = word;
        }
    }

    /// Whether the list lies in this pool as a whole.
    #[must_use]
    pub fn holds<T>(&self, list: List<T>) -> bool {
        let at = list.0 as usize;
        self.0.get(at).is_some_and(|&len| self.0.len() - at > len as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_as_they_went_in() {
        let mut pool = Pool::default();
        let (one, none) = (pool.push(&[7_u32, 8, 9]), pool.push::<u32>(&[]));
        let mut scratch = alloc::vec![1_u32, 2, 3];
        let tail = pool.take(&mut scratch, 1);
        assert_eq!(pool.get(one).collect::<Vec<_>>(), [7, 8, 9]);
        assert_eq!(pool.get(tail).rev().collect::<Vec<_>>(), [3, 2]);
        assert!(pool.is_empty(none) && pool.holds(none) && pool.holds(tail));
        assert_eq!((scratch.as_slice(), pool.item(one, 2), pool.item(one, 3)), ([1].as_slice(), Some(9), None));
    }

    #[test]
    fn a_list_that_leads_outside_is_empty_and_known() {
        let (big, mut small) = ({ Pool(alloc::vec![0, 5, 1]) }, Pool::default());
        let list = small.push(&[4_u32]);
        assert!(!big.holds(List::<u32>(1, PhantomData)) && !big.holds(List::<u32>(9, PhantomData)));
        assert!(big.is_empty(List::<u32>(1, PhantomData)) && big.is_empty(List::<u32>(9, PhantomData)));
        assert_eq!(small.len(list), 1);
    }
}
