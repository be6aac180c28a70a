//! The other side: making signatures. Only tools use it.

use crate::{PublicKey, Release, Role, Root, Signature, Signed, Snapshot};
use alloc::vec::Vec;
use core::fmt;
use ed25519_dalek::{Signer as _, SigningKey};

/// A secret key.
pub struct Signer(SigningKey);

impl fmt::Debug for Signer {
    /// The public half only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.public())
    }
}

impl Signer {
    /// The key of a seed of 32 random bytes (RFC 8032, 5.1.5).
    #[must_use]
    pub fn of_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The half that everybody may know.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, role: Role, body: &[u8]) -> Signature {
        let message = [role.domain(), body].concat();
        Signature { key: self.public(), bytes: self.0.sign(&message).to_bytes() }
    }
}

fn signed(role: Role, body: Vec<u8>, signers: &[&Signer]) -> Signed {
    let signatures = signers.iter().map(|signer| signer.sign(role, &body)).collect();
    Signed { body, signatures }
}

/// A root, signed by those of the root before it, and by its own.
#[must_use]
pub fn sign_root(root: &Root, signers: &[&Signer]) -> Signed {
    signed(Role::Root, root.encode(), signers)
}

/// A release.
#[must_use]
pub fn sign_release(release: &Release, signers: &[&Signer]) -> Signed {
    signed(Role::Release, release.encode(), signers)
}

/// A snapshot that says that a release is the newest.
#[must_use]
pub fn sign_snapshot(snapshot: &Snapshot, signers: &[&Signer]) -> Signed {
    signed(Role::Snapshot, snapshot.encode(), signers)
}
