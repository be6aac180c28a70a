//! Public keys.

use core::fmt;
use ed25519_dalek::{Signature, VerifyingKey};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// Keys whose secret halves are in fixtures/ota/keys: everybody has them. An image for release refuses roots that name one.
pub const TEST_KEYS: [PublicKey; 8] = include!("../../../fixtures/ota/keys/public.in");

/// A key that verifies (RFC 8032, 5.1.5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey(pub [u8; KEY_BYTES]);

impl PublicKey {
    /// Whether a signature of a message is this key's. Keys of small order, and other encodings of a signature, are not accepted.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| !key.is_weak() && key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }

    /// Whether anybody can sign with it.
    #[must_use]
    pub fn is_for_tests(&self) -> bool {
        TEST_KEYS.contains(self)
    }
}

impl fmt::Display for PublicKey {
    /// All 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}
