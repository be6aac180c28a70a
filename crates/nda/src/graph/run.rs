//! A run: facts sorted in both forms, owned or lying in the bytes of a document ([`Rows`]).
//!
//! Invariant: both lists hold the same facts, sorted, each once. What is owned is made so; what comes as bytes is
//! checked by [`Run::open`] (order) and is trusted no further: wrong facts give wrong answers, never a panic.

use super::fact::{Def, Fact, Predicate, subject_key};
use super::rows::Rows;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// Sorted packed facts, wherever they lie.
#[derive(Clone, Debug)]
pub(super) enum Keys<'a> {
    Owned(Vec<u64>),
    BySubject(Rows<'a>),
    ByObject(Rows<'a>),
}

impl Keys<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Owned(keys) => keys.len(),
            Self::BySubject(rows) | Self::ByObject(rows) => rows.len(),
        }
    }

    /// The key at a position; of one outside, the largest.
    pub(super) fn get(&self, at: usize) -> u64 {
        match self {
            Self::Owned(keys) => keys.get(at).copied().unwrap_or(u64::MAX),
            Self::BySubject(rows) => rows.by_subject(at),
            Self::ByObject(rows) => rows.by_object(at),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.len()).map(|at| self.get(at))
    }

    /// The first position whose key is not less than `key`.
    fn lower(&self, key: u64) -> usize {
        match self {
            Self::Owned(keys) => keys.partition_point(|&other| other < key),
            Self::BySubject(_) | Self::ByObject(_) => self.lower_within(0, self.len(), key),
        }
    }

    /// The same, of the positions from `low` up to `high`.
    fn lower_within(&self, mut low: usize, mut high: usize, key: u64) -> usize {
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle) < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Positions of the keys from `from` on, below `to`; both lie close together as a rule.
    pub(super) fn range(&self, from: u64, to: u64) -> Range<usize> {
        let start = self.lower(from);
        let mut step = 1;
        while start + step < self.len() && self.get(start + step) < to {
            step *= 2;
        }
        start..self.lower_within(start, (start + step).min(self.len()), to)
    }
}

/// Facts that were written together.
#[derive(Clone, Debug)]
pub(super) struct Run<'a> {
    /// Told apart from all other runs of the same store, past ones included.
    pub(super) id: u32,
    pub(super) by_subject: Keys<'a>,
    pub(super) by_object: Keys<'a>,
    /// How many of its facts are about subjects that have newer ones elsewhere.
    pub(super) dead: usize,
}

impl Run<'static> {
    /// A run of these facts.
    pub(super) fn of(id: u32, facts: impl Iterator<Item = Fact>) -> Self {
        let mut by_subject: Vec<u64> = facts.map(Fact::by_subject).collect();
        by_subject.sort_unstable();
        by_subject.dedup();
        let mut by_object: Vec<u64> =
            by_subject.iter().filter_map(|&key| Fact::from_subject_key(key)).map(Fact::by_object).collect();
        by_object.sort_unstable();
        Self { id, by_subject: Keys::Owned(by_subject), by_object: Keys::Owned(by_object), dead: 0 }
    }
}

/// Why bytes are no facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactsError {
    /// There are not as many bytes as their header asks for.
    Length(usize),
    /// The fact at this position is not behind the one before it, or has an unknown predicate.
    Order(usize),
}

impl fmt::Display for FactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(bytes) => {
                write!(f, "{bytes} bytes are not what the facts take by their header: pack the program again")
            }
            Self::Order(at) => write!(f, "fact {at} is out of order or of an unknown kind: pack the program again"),
        }
    }
}

impl core::error::Error for FactsError {}

impl<'a> Run<'a> {
    /// Facts as [`write`](super::Facts::write) gives them, in place: one pass, no allocation.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, FactsError> {
        let rows = Rows::open(bytes)?;
        Ok(Self { id: 0, by_subject: Keys::BySubject(rows), by_object: Keys::ByObject(rows), dead: 0 })
    }

    pub(super) fn len(&self) -> usize {
        self.by_subject.len()
    }

    /// Positions by subject of everything about one definition.
    pub(super) fn about(&self, subject: Def) -> Range<usize> {
        self.by_subject.range(subject_key(subject, 0, 0), subject_key(subject, 16, 0))
    }

    /// Positions by subject of the objects of one definition in one role.
    pub(super) fn objects(&self, subject: Def, predicate: Predicate) -> Range<usize> {
        let code = predicate as u8;
        self.by_subject.range(subject_key(subject, code, 0), subject_key(subject, code + 1, 0))
    }

    /// Positions by object of the subjects that have this object in this role.
    pub(super) fn subjects(&self, predicate: Predicate, object: u32) -> Range<usize> {
        let from = Fact::new(Def(0), predicate, object).by_object();
        self.by_object.range(from, from + (u64::from(Def::MAX) + 1))
    }
}
