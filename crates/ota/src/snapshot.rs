//! Which release is the newest, and what epoch it is.

use crate::wire::Reader;
use crate::{Doubt, What};
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// Says that one release, and no other, is the newest: so parts of different releases cannot be put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Never goes back.
    pub counter: u64,
    /// What epoch it is. Machines without a clock that they may believe take time from here: epochs count up with whatever its signers choose, days for
    /// instance, and never go back.
    pub epoch: u64,
    /// The last epoch in which it holds.
    pub expires: u64,
    /// The counter of the release.
    pub release: u64,
    /// The hash of the release's body.
    pub hash: ContentHash,
    /// The length of the release's body in bytes.
    pub bytes: u32,
}

impl Snapshot {
    /// Its bytes, to be signed.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for word in [self.counter, self.epoch, self.expires, self.release] {
            out.extend(word.to_le_bytes());
        }
        out.extend(self.hash.0);
        out.extend(self.bytes.to_le_bytes());
        out
    }

    /// The way back.
    ///
    /// # Errors
    /// [`Doubt`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Doubt> {
        let mut reader = Reader::new(What::Snapshot, bytes);
        let (counter, epoch, expires, release) = (reader.u64()?, reader.u64()?, reader.u64()?, reader.u64()?);
        let (hash, bytes) = (reader.hash()?, reader.u32()?);
        reader.end()?;
        Ok(Self { counter, epoch, expires, release, hash, bytes })
    }
}
