//! Newtypes and small values that every crate shares.
//!
//! Holds addresses, block numbers, time, core numbers, [`ContentHash`] and little-endian readers ([`le`]). Tier 0: depends on nothing of ours.
//! Invariant: nothing here allocates, and nothing panics on any value; the readers of [`le`] panic outside their view.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod hash;
pub mod le;
mod time;

pub use hash::{ContentHash, Hasher};
pub use time::{Cycles, Duration, Instant};

/// An address as the memory bus (and a DMA-capable device) sees it, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PhysAddr(pub u64);

impl PhysAddr {
    /// This address moved up by `bytes`; `None` when that leaves 64 bits.
    #[must_use]
    pub const fn checked_add(self, bytes: u64) -> Option<Self> {
        match self.0.checked_add(bytes) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }
}

/// A logical block address: counts blocks of the device's own size from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Lba(pub u64);

/// A core by its position in the machine's list; 0 is the one that booted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CoreId(pub u32);
