//! Keys and pools of lists of the syntax tree, whose nodes lie in [`Table`](crate::module::Table)s: trees without pointers.
//!
//! A node names its children by key, so a tree is a few flat vectors: cheap to build, copied and dropped without
//! recursion. Invariant: a key is only made by the table that owns the node; lengths stay far below 2^32 because the
//! source text is bounded ([`MAX_SOURCE_BYTES`](crate::MAX_SOURCE_BYTES)).

use alloc::vec::Vec;
use core::marker::PhantomData;

/// Declares key types.
macro_rules! keys {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) struct $name(core::num::NonZeroU32);

        impl crate::module::Key for $name {
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
