//! What stands in the table.

use crate::sandbox::{Sandbox, stateless};
use crate::watch::Watch;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};
use velocity_base::ContentHash;

/// The version that is built into the system, and what its code is called.
pub const ORIGINAL: &str = "original";

/// A version that is kept may fail so often before the original takes its place.
const MOST_FAULTS: u32 = 3;

/// Which version it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its number; that of the original is 0.
    pub number: u32,
    /// The hash of its code.
    pub code: ContentHash,
    /// The hash of the schema of the state that it keeps.
    pub schema: ContentHash,
}

impl Facts {
    /// Those of the driver's own code.
    #[must_use]
    pub fn original() -> Self {
        Self { number: 0, code: ContentHash::of(ORIGINAL.as_bytes()), schema: stateless() }
    }
}

/// A version of an entry. There is a program, or the driver's own code answers.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) facts: Facts,
    pub(crate) program: Option<Arc<Sandbox>>,
}

impl Kept {
    pub(crate) fn original() -> Self {
        Self { facts: Facts::original(), program: None }
    }
}

/// A version in the table.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) kept: Kept,
    /// It is watched, beside the one before it.
    pub(crate) watched: Option<(Watch, Kept)>,
    /// How often it failed since it is not watched any more.
    faults: AtomicU32,
}

impl Version {
    pub(crate) const fn new(kept: Kept) -> Self {
        Self { kept, watched: None, faults: AtomicU32::new(0) }
    }

    pub(crate) const fn watched(kept: Kept, watch: Watch, before: Kept) -> Self {
        Self { kept, watched: Some((watch, before)), faults: AtomicU32::new(0) }
    }

    #[cold]
    pub(crate) fn note_fault(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn faults(&self) -> u32 {
        self.faults.load(Ordering::Relaxed)
    }

    /// Whether it fails too often.
    pub(crate) fn fails(&self) -> bool {
        self.faults() >= MOST_FAULTS
    }
}
