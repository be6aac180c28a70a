//! Typed 32-bit indices, arenas of nodes and pools of lists: trees without pointers.
//!
//! A node names its children by key, so a tree is a few flat vectors: cheap to build, copied and dropped without
//! recursion. Invariant: a key is only made by the arena that owns the node; lengths stay far below 2^32 because the
//! source text is bounded ([`MAX_SOURCE_BYTES`](crate::MAX_SOURCE_BYTES)).

use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::{Index, IndexMut};

/// A typed index into one kind of [`Arena`].
pub(crate) trait Key: Copy {
    /// The key of position `index`.
    fn new(index: usize) -> Self;
    /// The position.
    fn index(self) -> usize;
}

/// Declares key types.
macro_rules! keys {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) struct $name(core::num::NonZeroU32);

        impl crate::arena::Key for $name {
            // One more than the position, so that an optional key takes no more room than a key.
            fn new(index: usize) -> Self {
                Self(core::num::NonZeroU32::MIN.saturating_add(index as u32))
            }

            fn index(self) -> usize {
                self.0.get() as usize - 1
            }
        }
    )+};
}
pub(crate) use keys;

/// A growing table of `T`, indexed by `K`.
#[derive(Debug)]
pub(crate) struct Arena<K, T> {
    items: Vec<T>,
    key: PhantomData<K>,
}

impl<K: Key, T> Arena<K, T> {
    /// An empty table; allocates nothing.
    pub(crate) const fn new() -> Self {
        Self { items: Vec::new(), key: PhantomData }
    }

    /// Appends and returns the new item's key.
    pub(crate) fn push(&mut self, item: T) -> K {
        let key = self.next_key();
        self.items.push(item);
        key
    }

    /// The key that the next item gets.
    pub(crate) fn next_key(&self) -> K {
        K::new(self.items.len())
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &T)> {
        self.items.iter().enumerate().map(|(index, item)| (K::new(index), item))
    }
}

impl<K: Key, T> Index<K> for Arena<K, T> {
    type Output = T;

    fn index(&self, key: K) -> &T {
        &self.items[key.index()]
    }
}

impl<K: Key, T> IndexMut<K> for Arena<K, T> {
    fn index_mut(&mut self, key: K) -> &mut T {
        &mut self.items[key.index()]
    }
}

/// A list of consecutive items in a [`Pool`].
#[derive(Debug)]
pub(crate) struct List<T> {
    start: u32,
    end: u32,
    item: PhantomData<fn() -> T>,
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<T> {}

/// Storage for lists of children: each list is one range.
#[derive(Debug)]
pub(crate) struct Pool<T>(Vec<T>);

impl<T> Pool<T> {
    /// An empty pool; allocates nothing.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Moves everything from `scratch[from..]` into a new list.
    pub(crate) fn take(&mut self, scratch: &mut Vec<T>, from: usize) -> List<T> {
        let start = self.0.len() as u32;
        self.0.extend(scratch.drain(from..));
        List { start, end: self.0.len() as u32, item: PhantomData }
    }

    /// The items of a list.
    pub(crate) fn get(&self, list: List<T>) -> &[T] {
        &self.0[list.start as usize..list.end as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
