//! Signed updates: their format, and who is believed.
//!
//! A package is a file that may come from anywhere. It holds metadata of three roles and what is to be installed:
//!
//! ```text
//! root      who may sign what, with how many keys; a new one is signed by the thresholds of the old one and of its own
//! snapshot  which release is the newest one, and the epoch that it is now
//! release   targets: an entry, its new version, what it must fit to, tests, and the hash and length of its payload
//! payload   a document of the language for each target
//! ```
//!
//! [`Trust`] is what a machine believes: a root, the highest counters, and the epoch. [`Trust::check`] takes bytes and gives a [`Checked`] package together with
//! what is believed once it is accepted, or a [`Refusal`]; it changes nothing. Whoever accepts keeps the package on disk first. What happens to a
//! checked package is not decided here.
//!
//! Invariants: nothing is read out of metadata before its signatures were verified, but for counting keys; every byte of a package is accounted for; memory
//! is bounded by the length of the package, and no count in it is believed before that many bytes are there.
//!
//! Models: The Update Framework 1.0.33 (roles, thresholds, rotation, counters) and Uptane 2.1 (what is installed depends on what is there). Signatures are
//! ed25519 (RFC 8032), verified strictly: no keys of small order, no second form of the same signature. docs/ota.md has the format byte by byte.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod key;
mod package;
mod refusal;
mod release;
mod root;
mod sign;
mod signed;
mod snapshot;
mod trust;
mod wire;

#[cfg(test)]
mod tests;

pub use key::{KEY_BYTES, PublicKey, TEST_KEYS};
pub use package::{MAX_PACKAGE_BYTES, Package, pack};
pub use refusal::{Doubt, Refusal, What};
pub use release::{Dependency, MAX_ARGUMENTS, Release, SelfTest, Target};
pub use root::{Keys, Role, Root};
pub use sign::{Signer, sign_release, sign_root, sign_snapshot};
pub use signed::{Signature, Signed};
pub use snapshot::Snapshot;
pub use trust::{Checked, Standing, Trust};
