//! Published code, and what is known of each place in it.

use super::spot::Spots;
use super::unit::Site;
use crate::exec::fiber::Code;
use alloc::vec::Vec;
use velocity_interp::engine::Place;
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
}

impl Published {
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
