//! Why a package is refused.

use crate::{PublicKey, Role};
use alloc::string::String;
use core::fmt;

/// A piece of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// All of it.
    Package,
    /// A root.
    Root,
    /// A snapshot.
    Snapshot,
    /// A release.
    Release,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Package => "package",
            Self::Root => "root",
            Self::Snapshot => "snapshot",
            Self::Release => "release",
        })
    }
}

/// What speaks against bytes or signatures, whatever the machine has installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It begins with something else.
    NotAPackage,
    /// It is of a format that is not known here.
    Format(u16),
    /// It is too long to be looked at.
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The longest.
        limit: usize,
    },
    /// It ends too early.
    Truncated(What),
    /// There is more behind its end.
    Trailing(What),
    /// A part is of no kind that is known.
    PartKind(u8),
    /// Parts are missing, too many, or not in their order.
    PartOrder,
    /// Its bytes make no sense.
    Malformed(What, &'static str),
    /// Two targets are for one entry.
    EntryTwice(String),
    /// A root lists a key twice in one role.
    KeyListedTwice(Role),
    /// A root wants no signatures, or more than there are keys.
    Threshold {
        /// Whose.
        role: Role,
        /// So many must sign.
        threshold: u8,
        /// So many could.
        keys: usize,
    },
    /// Nobody has signed.
    NoSignature(Role),
    /// Nobody has signed whose key is the role's.
    WrongKey(Role),
    /// A signature of one of the role's keys does not hold.
    BadSignature {
        /// Whose keys.
        role: Role,
        /// Which of them.
        key: PublicKey,
    },
    /// A key has signed twice, to be counted twice.
    SignedTwice {
        /// Whose keys.
        role: Role,
        /// Which of them.
        key: PublicKey,
    },
    /// Too few have signed.
    BelowThreshold {
        /// Whose keys.
        role: Role,
        /// So many distinct ones have signed.
        have: usize,
        /// So many must.
        threshold: u8,
    },
}

/// Why a package changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its bytes or signatures.
    Doubt(Doubt),
    /// A new root is not signed by enough keys of the root before it.
    OldRoot(Doubt),
    /// A new root is not signed by enough keys of its own.
    NewRoot(Doubt),
    /// A new root does not follow on the one that is known.
    RootVersion {
        /// The one that would follow.
        expected: u32,
        /// The one that is there.
        found: u32,
    },
    /// A root names keys that everybody has.
    TestKeys,
    /// It holds no longer.
    Expired {
        /// Which piece.
        what: What,
        /// The last epoch in which it held.
        expires: u64,
        /// The epoch that it is.
        epoch: u64,
    },
    /// The epoch of a snapshot lies before the one that is known.
    EpochBack {
        /// Known here.
        known: u64,
        /// Of the snapshot.
        found: u64,
    },
    /// A counter is lower than one that was accepted.
    CounterBack {
        /// Which piece.
        what: What,
        /// The highest that was accepted.
        known: u64,
        /// That of the package.
        found: u64,
    },
    /// A counter was accepted with other contents.
    CounterAgain {
        /// Which piece.
        what: What,
        /// The counter.
        counter: u64,
    },
    /// This very release was accepted before, and it is in use, or was taken back.
    Seen {
        /// Its counter.
        counter: u64,
    },
    /// Snapshot and release do not belong together.
    MixAndMatch,
    /// There are more or fewer payloads than targets.
    Payloads {
        /// Targets.
        targets: usize,
        /// Payloads.
        payloads: usize,
    },
    /// A payload is of another length than what was signed.
    Length {
        /// For which entry.
        entry: String,
    },
    /// A payload is not what was signed.
    Hash {
        /// For which entry.
        entry: String,
    },
    /// There is no entry of that name.
    NoSuchEntry {
        /// Its name.
        entry: String,
    },
    /// An entry is called in another way.
    Abi {
        /// Its name.
        entry: String,
    },
    /// The state that is there is not what the new version takes over.
    Schema {
        /// The entry's name.
        entry: String,
    },
    /// Another version is there than the one that the new one is made for.
    Base {
        /// The entry's name.
        entry: String,
        /// What it is made for.
        expected: u32,
        /// What is there.
        found: u32,
    },
    /// The version that is there has the number, but not the code, that the new one is made for.
    BaseCode {
        /// The entry's name.
        entry: String,
    },
    /// Another entry is too old.
    Dependency {
        /// Whose update needs it.
        entry: String,
        /// What is needed.
        needs: String,
        /// At least.
        version: u32,
        /// What is there; none if there is no such entry.
        found: Option<u32>,
    },
    /// The last update of an entry is still being watched.
    Watched {
        /// The entry's name.
        entry: String,
    },
}

impl From<Doubt> for Refusal {
    fn from(doubt: Doubt) -> Self {
        Self::Doubt(doubt)
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPackage => f.write_str("this is no update package; make one with `cargo xtask ota sign`"),
            Self::Format(found) => write!(f, "the package has format {found}, and this system reads format 1"),
            Self::TooLarge { bytes, limit } => write!(f, "the package has {bytes} bytes, more than {limit}"),
            Self::Truncated(what) => write!(f, "the {what} ends too early; get the file again"),
            Self::Trailing(what) => write!(f, "there is more behind the end of the {what}"),
            Self::PartKind(kind) => write!(f, "the package has a part of unknown kind {kind}"),
            Self::PartOrder => f.write_str("parts of the package are missing, repeated or not in their order"),
            Self::Malformed(what, why) => write!(f, "the {what} makes no sense: {why}"),
            Self::EntryTwice(entry) => write!(f, "the release has two targets for {entry}"),
            Self::KeyListedTwice(role) => write!(f, "the root lists a key of the {role} role twice"),
            Self::Threshold { role, threshold, keys } => {
                write!(f, "the root wants {threshold} signatures for the {role} role of {keys} keys")
            }
            Self::NoSignature(role) => write!(f, "nobody has signed the {role}"),
            Self::WrongKey(role) => {
                write!(f, "no key of the {role} role has signed; `ota status` shows which root is trusted")
            }
            Self::BadSignature { role, key } => write!(f, "the signature of the {role} by {key} does not hold"),
            Self::SignedTwice { role, key } => write!(f, "{key} has signed the {role} twice"),
            Self::BelowThreshold { role, have, threshold } => {
                write!(f, "{have} of the {threshold} keys that must have signed the {role}")
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doubt(doubt) => doubt.fmt(f),
            Self::OldRoot(doubt) => write!(f, "the new root is not signed by those whom this system trusts: {doubt}"),
            Self::NewRoot(doubt) => write!(f, "the new root is not signed by those whom it names: {doubt}"),
            Self::RootVersion { expected, found } => {
                write!(
                    f,
                    "the new root has version {found}, and version {expected} is the next one; apply those between first"
                )
            }
            Self::TestKeys => f.write_str("the root names keys that everybody has, which a release does not trust"),
            Self::Expired { what, expires, epoch } => {
                write!(f, "the {what} held until epoch {expires}, and it is epoch {epoch}; get a newer one")
            }
            Self::EpochBack { known, found } => write!(f, "the snapshot is of epoch {found}, and it is epoch {known}"),
            Self::CounterBack { what, known, found } => {
                write!(f, "the {what} has counter {found}, and {known} was accepted before; get a newer one")
            }
            Self::CounterAgain { what, counter } => {
                write!(f, "counter {counter} was accepted with another {what}; its signers have used it twice")
            }
            Self::Seen { counter } => {
                write!(f, "release {counter} was accepted before; `ota log` shows what became of it")
            }
            Self::MixAndMatch => f.write_str("snapshot and release do not belong together"),
            Self::Payloads { targets, payloads } => {
                write!(f, "the release has {targets} targets, and the package {payloads} payloads")
            }
            Self::Length { entry } => write!(f, "the payload for {entry} is not as long as what was signed"),
            Self::Hash { entry } => write!(f, "the payload for {entry} is not what was signed"),
            Self::NoSuchEntry { entry } => write!(f, "there is no entry {entry}; `ota status` lists them"),
            Self::Abi { entry } => write!(f, "{entry} is called in another way than the update is made for"),
            Self::Schema { entry } => write!(f, "the update does not take over the state that {entry} keeps"),
            Self::Base { entry, expected, found } => {
                write!(f, "the update is for version {expected} of {entry}, and version {found} is there")
            }
            Self::BaseCode { entry } => write!(f, "the update is for other code of {entry} than what is there"),
            Self::Dependency { entry, needs, version, found: Some(found) } => {
                write!(f, "the update of {entry} needs version {version} of {needs}, and version {found} is there")
            }
            Self::Dependency { entry, needs, found: None, .. } => {
                write!(f, "the update of {entry} needs {needs}, which is not there")
            }
            Self::Watched { entry } => {
                write!(f, "the last update of {entry} is still being watched; `ota status` shows how long")
            }
        }
    }
}

impl core::error::Error for Doubt {}
impl core::error::Error for Refusal {}
