//! Tables of functions (4.2.7).
//!
//! Entries are plain numbers, so that compiled code can read them where they lie.

use crate::TrapKind;
use crate::store::FunctionAddress;
use alloc::vec::Vec;
use core::ops::Range;

/// A table of functions.
#[derive(Debug)]
pub struct Table {
    entries: Vec<u32>,
    /// How many entries it may have, as declared.
    pub(crate) max: Option<u32>,
}

impl Table {
    /// The entry that is no function. No function of a store has this number.
    pub const EMPTY: u32 = u32::MAX;

    /// A table of empty entries, if there is room for it.
    pub(crate) fn new(len: u32, max: Option<u32>) -> Option<Self> {
        let mut entries = Vec::new();
        entries.try_reserve_exact(len as usize).ok()?;
        entries.resize(len as usize, Self::EMPTY);
        Some(Self { entries, max })
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> u32 {
        self.entries.len() as u32
    }

    /// All entries: each is a function's position in the store ([`FunctionAddress::index`]), or [`Self::EMPTY`].
    #[must_use]
    pub fn entries(&self) -> &[u32] {
        &self.entries
    }

    /// The function that an indirect call of this index means.
    ///
    /// # Errors
    /// [`TrapKind::UndefinedElement`], [`TrapKind::UninitializedElement`].
    #[inline(always)]
    pub fn callee(&self, index: u32) -> Result<FunctionAddress, TrapKind> {
        match self.entries.get(index as usize) {
            None => Err(TrapKind::UndefinedElement),
            Some(&Self::EMPTY) => Err(TrapKind::UninitializedElement),
            Some(&entry) => Ok(FunctionAddress::new(entry as usize)),
        }
    }

    /// Copies entries within the table; the ranges may overlap.
    pub(crate) fn copy_within(&mut self, to: u32, from: u32, len: u32) -> Result<(), TrapKind> {
        let (source, target) = (self.checked(from, len)?, self.checked(to, len)?);
        self.entries.copy_within(source, target.start);
        Ok(())
    }

    /// Copies entries from another table.
    pub(crate) fn copy_from(&mut self, other: &Self, to: u32, from: u32, len: u32) -> Result<(), TrapKind> {
        let (source, target) = (other.checked(from, len)?, self.checked(to, len)?);
        self.entries[target].copy_from_slice(&other.entries[source]);
        Ok(())
    }

    /// Sets entries from `to` on to these functions; `None` makes an empty one.
    pub(crate) fn init(
        &mut self,
        to: u32,
        functions: impl ExactSizeIterator<Item = Option<FunctionAddress>>,
    ) -> Result<(), TrapKind> {
        let target = self.checked(to, functions.len() as u32)?;
        for (entry, function) in self.entries[target].iter_mut().zip(functions) {
            *entry = function.map_or(Self::EMPTY, |address| address.index() as u32);
        }
        Ok(())
    }

    /// Whether there are `len` entries from `start` on.
    pub(crate) fn check(&self, start: u32, len: u32) -> Result<(), TrapKind> {
        self.checked(start, len).map(|_| ())
    }

    fn checked(&self, start: u32, len: u32) -> Result<Range<usize>, TrapKind> {
        let (start, end) = (start as usize, (start as usize).checked_add(len as usize).ok_or(TrapKind::TableBounds)?);
        if end <= self.entries.len() { Ok(start..end) } else { Err(TrapKind::TableBounds) }
    }
}
