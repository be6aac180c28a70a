//! Bytes with signatures, and the count of those that hold.

use crate::root::{Keys, Role};
use crate::wire::{Reader, put_count};
use crate::{Doubt, PublicKey, What};
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// Most signatures of one piece of metadata.
const MAX_SIGNATURES: usize = 32;

/// A key's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Whose it is said to be.
    pub key: PublicKey,
    /// RFC 8032, 5.1.6.
    pub bytes: [u8; 64],
}

/// Metadata as it is passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What is signed, behind the role's [domain](Role).
    pub body: Vec<u8>,
    /// In any order.
    pub signatures: Vec<Signature>,
}

impl Signed {
    /// Its bytes.
    ///
    /// # Panics
    /// When it has more than 255 signatures or 4 GiB.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(u32::try_from(self.body.len()).expect("metadata is shorter than 4 GiB").to_le_bytes());
        out.extend_from_slice(&self.body);
        put_count(&mut out, self.signatures.len());
        for Signature { key, bytes } in &self.signatures {
            out.extend(key.0);
            out.extend(bytes);
        }
        out
    }

    /// The way back.
    ///
    /// # Errors
    /// [`Doubt`].
    pub fn decode(what: What, bytes: &[u8]) -> Result<Self, Doubt> {
        let mut reader = Reader::new(what, bytes);
        let len = reader.u32()? as usize;
        let body = reader.bytes(len)?.into();
        let signature =
            |reader: &mut Reader<'_>| Ok(Signature { key: PublicKey(reader.array()?), bytes: reader.array()? });
        let signatures = reader.list(MAX_SIGNATURES, signature)?;
        reader.end()?;
        Ok(Self { body, signatures })
    }

    /// What identifies it: the hash of what is signed.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        ContentHash::of(&self.body)
    }

    /// Whether enough of a role's keys have signed. One signature of a key that does not hold spoils all of it; keys that the role does not have
    /// count for nothing.
    ///
    /// # Errors
    /// [`Doubt`].
    pub(crate) fn verify(&self, role: Role, keys: &Keys) -> Result<(), Doubt> {
        if self.signatures.is_empty() {
            return Err(Doubt::NoSignature(role));
        }
        let message = [role.domain(), &self.body].concat();
        let mut counted: Vec<PublicKey> = Vec::new();
        for Signature { key, bytes } in self.signatures.iter().filter(|signature| keys.keys.contains(&signature.key)) {
            if counted.contains(key) {
                return Err(Doubt::SignedTwice { role, key: *key });
            }
            if !key.verifies(&message, bytes) {
                return Err(Doubt::BadSignature { role, key: *key });
            }
            counted.push(*key);
        }
        match counted.len() {
            0 => Err(Doubt::WrongKey(role)),
            have if have < usize::from(keys.threshold) => {
                Err(Doubt::BelowThreshold { role, have, threshold: keys.threshold })
            }
            _ => Ok(()),
        }
    }
}
