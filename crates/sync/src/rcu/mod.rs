//! Values that are replaced while others read them (read-copy-update; McKenney, Slingwine 1998).
//!
//! Reading is one load. A core says now and then that it holds nothing that it read before: when it switches between agents, and before it sleeps
//! ([`Core::quiesce`], [`Core::rest`]). What was replaced may be freed once every core that is not at rest has said so since. That no core says it too early is seen by
//! the compiler: what was read borrows a [`Section`], and that borrows the [`Core`]. That it says so to the right ones is, too: values lie in a [`Table`],
//! and whoever reads or replaces them has it from there.
//!
//! Who replaces is not stopped by readers, nor they by it: there is no lock, and what waits to be freed waits as [`Retired`] with whom replaced it.

#[cfg(all(test, loom))]
mod models;
#[cfg(all(test, not(loom)))]
mod tests;

use crate::atomic::{Apart, AtomicPtr, AtomicUsize, Ordering, fence};
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::marker::PhantomData;
use core::ops::Deref;

/// A place that no core has.
const FREE: usize = 0;

/// A core that is at rest: ahead of all epochs.
const AT_REST: usize = usize::MAX;

/// `N` values, and the cores that may read them.
#[derive(Debug)]
pub struct Table<T, const N: usize, const CORES: usize> {
    values: [AtomicPtr<T>; N],
    /// How often something was replaced, and one. Written by who replaces.
    epoch: Apart<AtomicUsize>,
    /// By core: the epoch in which it last held nothing. Written by that core, and by who takes its place.
    seen: [Apart<AtomicUsize>; CORES],
    owns: PhantomData<Box<T>>,
}

// SAFETY: 1. it gives references to what it owns to several threads (`T: Sync`), and what was replaced to one of them (`T: Send`); 2. pointers and counts are atomic.
unsafe impl<T: Send + Sync, const N: usize, const CORES: usize> Sync for Table<T, N, CORES> {}
// SAFETY: 1. it owns what it points to (`T: Send`); nobody else has references while it is moved.
unsafe impl<T: Send + Sync, const N: usize, const CORES: usize> Send for Table<T, N, CORES> {}

/// One core that reads, or whoever reads at its own times. It borrows the table, or shares it.
#[derive(Debug)]
pub struct Core<R: Deref<Target = Table<T, N, CORES>>, T, const N: usize, const CORES: usize> {
    table: R,
    number: usize,
    reads: PhantomData<fn() -> T>,
}

/// As long as it lives, nothing that was read in it is freed.
#[derive(Debug)]
pub struct Section<'c, T, const N: usize> {
    values: &'c [AtomicPtr<T>; N],
    reads: PhantomData<&'c T>,
}

/// What was replaced, and may still be read.
#[derive(Debug)]
#[must_use = "what was replaced is never freed if it is not reclaimed"]
pub struct Retired<R, T> {
    table: R,
    old: *mut T,
    /// Cores that held nothing in this epoch read what is new.
    epoch: usize,
}

// SAFETY: 1. it is the only way to what it points to but for sections, which read it (`T: Sync`); 2. it gives it away as a whole (`T: Send`).
unsafe impl<R: Send, T: Send + Sync> Send for Retired<R, T> {}

/// What could not be replaced: the new value.
#[derive(Debug, PartialEq, Eq)]
pub enum NotReplaced<T> {
    /// There is no value of this number.
    NoSuch(Box<T>),
    /// Somebody else has replaced it.
    Moved(Box<T>),
}

impl<T, const N: usize, const CORES: usize> Table<T, N, CORES> {
    /// With first values by number, and all cores at rest.
    #[must_use]
    pub fn new(mut value: impl FnMut(usize) -> Box<T>) -> Self {
        Self {
            values: core::array::from_fn(|at| AtomicPtr::new(Box::into_raw(value(at)))),
            epoch: Apart(AtomicUsize::new(FREE + 1)),
            seen: core::array::from_fn(|_| Apart(AtomicUsize::new(FREE))),
            owns: PhantomData,
        }
    }

    /// Lets a core read; `None` if there is no such core, or it does so already.
    pub fn join(&self, core: usize) -> Option<Core<&Self, T, N, CORES>> {
        self.enter(core).then(|| Core { table: self, number: core, reads: PhantomData })
    }

    /// The same for one that is to live as long as it likes: the first that is free.
    #[must_use]
    pub fn join_shared(self: &Arc<Self>) -> Option<Core<Arc<Self>, T, N, CORES>> {
        let number = (0..CORES).find(|number| self.enter(*number))?;
        Some(Core { table: Arc::clone(self), number, reads: PhantomData })
    }

    /// Takes the place of a core; false if there is none, or somebody has it.
    fn enter(&self, core: usize) -> bool {
        let Some(seen) = self.seen.get(core) else { return false };
        let now = self.epoch.0.load(Ordering::Acquire);
        let entered = seen.0.compare_exchange(FREE, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        fence(Ordering::SeqCst);
        entered
    }

    /// Puts a new value in the place of the old one; `None` (and nothing else happens) if there is no value of that number.
    pub fn replace(&self, at: usize, value: Box<T>) -> Option<Retired<&Self, T>> {
        let (old, epoch) = self.swap(at, value)?;
        Some(Retired { table: self, old, epoch })
    }

    /// The same, and what was replaced may be kept as long as one likes.
    pub fn replace_shared(self: &Arc<Self>, at: usize, value: Box<T>) -> Option<Retired<Arc<Self>, T>> {
        let (old, epoch) = self.swap(at, value)?;
        Some(Retired { table: Arc::clone(self), old, epoch })
    }

    fn swap(&self, at: usize, value: Box<T>) -> Option<(*mut T, usize)> {
        let old = self.values.get(at)?.swap(Box::into_raw(value), Ordering::AcqRel);
        Some((old, self.next_epoch()))
    }

    /// Does so if the value is still the one that is meant.
    ///
    /// # Errors
    /// Gives the new value back if there is no value of that number, or somebody else has replaced it.
    pub fn replace_if(&self, at: usize, meant: &T, value: Box<T>) -> Result<Retired<&Self, T>, NotReplaced<T>> {
        let (old, epoch) = self.swap_if(at, meant, value)?;
        Ok(Retired { table: self, old, epoch })
    }

    /// The same, and what was replaced may be kept as long as one likes.
    ///
    /// # Errors
    /// As [`Self::replace_if`].
    pub fn replace_if_shared(
        self: &Arc<Self>,
        at: usize,
        meant: &T,
        value: Box<T>,
    ) -> Result<Retired<Arc<Self>, T>, NotReplaced<T>> {
        let (old, epoch) = self.swap_if(at, meant, value)?;
        Ok(Retired { table: Arc::clone(self), old, epoch })
    }

    fn swap_if(&self, at: usize, meant: &T, value: Box<T>) -> Result<(*mut T, usize), NotReplaced<T>> {
        let Some(now) = self.values.get(at) else { return Err(NotReplaced::NoSuch(value)) };
        let (meant, new) = (core::ptr::from_ref(meant).cast_mut(), Box::into_raw(value));
        match now.compare_exchange(meant, new, Ordering::AcqRel, Ordering::Acquire) {
            Ok(old) => Ok((old, self.next_epoch())),
            // SAFETY: 1. the pointer came from the box above, and nobody else has seen it.
            Err(_) => Err(NotReplaced::Moved(unsafe { Box::from_raw(new) })),
        }
    }

    fn next_epoch(&self) -> usize {
        self.epoch.0.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Whether every core that is not at rest has held nothing since an epoch began.
    fn is_past(&self, epoch: usize) -> bool {
        // Pairs with those of `join` and `rest`: either the core is seen here, or it reads what is new.
        fence(Ordering::SeqCst);
        self.seen.iter().all(|seen| {
            let seen = seen.0.load(Ordering::Acquire);
            seen == FREE || seen >= epoch
        })
    }
}

impl<T, const N: usize, const CORES: usize> Drop for Table<T, N, CORES> {
    fn drop(&mut self) {
        for value in &self.values {
            // SAFETY: 1. the pointer came from a box; 2. cores, sections and what is retired borrow the table, so nobody has them any more.
            drop(unsafe { Box::from_raw(value.load(Ordering::Acquire)) });
        }
    }
}

impl<R: Deref<Target = Table<T, N, CORES>>, T, const N: usize, const CORES: usize> Core<R, T, N, CORES> {
    /// Its number among those that read.
    pub const fn number(&self) -> usize {
        self.number
    }

    /// Begins to read.
    #[inline(always)]
    pub fn read(&self) -> Section<'_, T, N> {
        Section { values: &self.table.values, reads: PhantomData }
    }

    /// Says that it holds nothing that it read.
    #[inline]
    pub fn quiesce(&mut self) {
        // What it reads from now on is at least as new as this epoch.
        self.table.seen[self.number].0.store(self.table.epoch.0.load(Ordering::Acquire), Ordering::Release);
    }

    /// Rests while something is done that reads nothing, such as sleeping: nobody waits for it.
    pub fn rest<A>(&mut self, during: impl FnOnce() -> A) -> A {
        let seen = &self.table.seen[self.number].0;
        seen.store(AT_REST, Ordering::Release);
        let result = during();
        seen.store(self.table.epoch.0.load(Ordering::Acquire), Ordering::Relaxed);
        fence(Ordering::SeqCst);
        result
    }
}

impl<R: Deref<Target = Table<T, N, CORES>>, T, const N: usize, const CORES: usize> Drop for Core<R, T, N, CORES> {
    fn drop(&mut self) {
        self.table.seen[self.number].0.store(FREE, Ordering::Release);
    }
}

impl<'c, T, const N: usize> Section<'c, T, N> {
    /// A value as it is now; `None` if there is none of that number.
    #[inline(always)]
    pub fn get(&self, at: usize) -> Option<&'c T> {
        let now = self.values.get(at)?.load(Ordering::Acquire);
        // SAFETY: 1. the pointer came from a box and was acquired with what it points to; 2. it is reclaimed only when this section's core, which is borrowed,
        // has said afterwards that it holds nothing, or with the table, which the core borrows or shares.
        Some(unsafe { &*now })
    }
}

impl<R: Deref<Target = Table<T, N, CORES>>, T, const N: usize, const CORES: usize> Retired<R, T> {
    /// The old value, if nobody can read it any more.
    ///
    /// # Errors
    /// Gives itself back while a core may read it.
    pub fn reclaim(self) -> Result<Box<T>, Self> {
        if !self.table.is_past(self.epoch) {
            return Err(self);
        }
        // SAFETY: 1. the pointer came from a box, and left the table when this was made; 2. every core that is not at rest held nothing after that, so whatever it
        // has now it read later; one that comes back from rest reads what is new (the fences).
        Ok(unsafe { Box::from_raw(self.old) })
    }
}
