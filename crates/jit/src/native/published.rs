//! Published code, and what is known of each place in it.

use super::spot::Spots;
use super::unit::Site;
use crate::exec::fiber::{Code, Entry};
use alloc::vec::Vec;
use velocity_interp::engine::{self, FunctionInstance, Place};
use velocity_nda::module::ExprId;

/// Published code of some functions.
#[derive(Debug)]
pub(super) struct Published {
    /// How many functions are not in the shape that was asked for.
    pub(super) simple: usize,
    pub(super) code: Code,
    pub(super) start: u64,
    pub(super) len: u32,
    /// By the end of the call; a fault looks like a call of one byte at the start of the instruction.
    pub(super) sites: Vec<(u32, Site)>,
    pub(super) spots: Spots,
    /// Where functions go on behind their stack check, in order.
    pub(super) behind: Vec<u32>,
    /// Where the first function of a run returns to.
    pub(super) back: u64,
    /// Where a timed function returns to.
    pub(super) timed: u64,
    /// By function from the unit's first one on: bytes of code, and the cycles that it took to make.
    pub(super) made: Vec<(u32, u64)>,
    /// How much fuel is due and not paid, from where on.
    pub(super) due: Vec<(u32, u32)>,
    /// Where functions begin, from the unit's first one on.
    pub(super) offsets: Vec<u32>,
    /// It reads reciprocals.
    pub(super) takes_reciprocals: bool,
}

impl Published {
    /// Its functions as code sees them.
    pub(super) fn entries(&self, functions: &[FunctionInstance]) -> Vec<Entry> {
        let entry = |(called, offset): (&FunctionInstance, &u32)| Entry {
            code: self.start + u64::from(*offset),
            ty: called.ty.index(),
            instance: match called.code {
                engine::Code::Defined { instance, .. } => instance.index() as u32,
                engine::Code::Host(_) => Entry::HOST,
            },
        };
        functions.iter().zip(&self.offsets).map(entry).collect()
    }

    /// About how many bytes it takes, with all that is known of it.
    pub(super) fn bytes(&self) -> usize {
        let known = size_of_val(&*self.sites)
            + size_of_val(&*self.behind)
            + size_of_val(&*self.made)
            + size_of_val(&*self.due)
            + size_of_val(&*self.offsets);
        self.len as usize + known + self.spots.bytes()
    }

    /// How many calls were inlined.
    pub(super) fn inlined(&self) -> usize {
        self.spots.counts().1
    }

    /// How much fuel is due where the call ends at an address.
    pub(super) fn due(&self, address: u64) -> Option<u32> {
        let offset = self.offset(address)?;
        let at = self.due.partition_point(|(from, _)| *from < offset);
        Some(at.checked_sub(1).map_or(0, |at| self.due[at].1))
    }

    /// What the call that ends at an address is for.
    pub(super) fn site(&self, address: u64) -> Option<Site> {
        let offset = self.offset(address)?;
        let at = self.sites.binary_search_by_key(&offset, |(end, _)| *end).ok()?;
        Some(self.sites[at].1)
    }

    /// The function that a call belongs to which ends at an address, and where it goes on behind its stack check.
    pub(super) fn behind_check(&self, address: u64) -> Option<(Place, u64)> {
        let offset = self.offset(address)?;
        let at = self.behind.partition_point(|behind| *behind < offset);
        Some((self.place(address)?, self.start + u64::from(*self.behind.get(at.checked_sub(1)?)?)))
    }

    /// The function that a call belongs to which ends at an address.
    pub(super) fn place(&self, address: u64) -> Option<Place> {
        self.spots.place(self.offset(address)?)
    }

    /// The calls that the code was inlined for where the call ends at an address, the innermost first; the last one's caller has the frame.
    pub(super) fn callers(&self, address: u64) -> impl Iterator<Item = (Place, ExprId)> {
        self.offset(address).into_iter().flat_map(|offset| self.spots.callers(offset))
    }

    fn offset(&self, address: u64) -> Option<u32> {
        u32::try_from(address.checked_sub(self.start)?).ok().filter(|&offset| offset <= self.len)
    }
}
