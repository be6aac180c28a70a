//! Who may sign what.

use crate::wire::{Reader, put_count};
use crate::{Doubt, PublicKey, What};
use alloc::vec::Vec;
use core::fmt;

/// Most keys of a role.
const MAX_KEYS: usize = 16;

/// What keys are for. A key of one role says nothing in another, even if both name it: what is signed begins with the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Says which keys all roles have.
    Root,
    /// Says what is to be installed.
    Release,
    /// Says which release is the newest, and the epoch.
    Snapshot,
}

impl Role {
    /// All of them, in the order of a root.
    pub const ALL: [Self; 3] = [Self::Root, Self::Release, Self::Snapshot];

    /// What every signed message of this role begins with.
    pub(crate) const fn domain(self) -> &'static [u8] {
        match self {
            Self::Root => b"VELOCITY-OTA 1 root\n",
            Self::Release => b"VELOCITY-OTA 1 release\n",
            Self::Snapshot => b"VELOCITY-OTA 1 snapshot\n",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "root",
            Self::Release => "release",
            Self::Snapshot => "snapshot",
        })
    }
}

/// The keys of a role, and how many of them must sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// How many distinct keys must sign: 1 to their number.
    pub threshold: u8,
    /// All of them, each once.
    pub keys: Vec<PublicKey>,
}

/// Who may sign what, until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// One more than that of the root before it.
    pub version: u32,
    /// The last epoch in which it holds.
    pub expires: u64,
    /// By role, in the order of [`Role::ALL`].
    pub roles: [Keys; 3],
}

impl Root {
    /// The keys of a role.
    #[must_use]
    pub const fn keys(&self, role: Role) -> &Keys {
        &self.roles[role as usize]
    }

    /// Whether anybody could sign in some role's name.
    #[must_use]
    pub fn names_test_keys(&self) -> bool {
        self.roles.iter().flat_map(|role| &role.keys).any(PublicKey::is_for_tests)
    }

    /// Its bytes, to be signed.
    ///
    /// # Panics
    /// When a role has more than 255 keys.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(self.version.to_le_bytes());
        out.extend(self.expires.to_le_bytes());
        for Keys { threshold, keys } in &self.roles {
            out.push(*threshold);
            put_count(&mut out, keys.len());
            keys.iter().for_each(|key| out.extend(key.0));
        }
        out
    }

    /// The way back. Nothing says yet that it is anybody's.
    ///
    /// # Errors
    /// [`Doubt`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Doubt> {
        let mut reader = Reader::new(What::Root, bytes);
        let (version, expires) = (reader.u32()?, reader.u64()?);
        let mut role = |role| {
            let threshold = reader.u8()?;
            let keys = reader.list(MAX_KEYS, |reader| Ok(PublicKey(reader.array()?)))?;
            Keys { threshold, keys }.sound(role)
        };
        let roles = [role(Role::Root)?, role(Role::Release)?, role(Role::Snapshot)?];
        reader.end()?;
        Ok(Self { version, expires, roles })
    }
}

impl Keys {
    /// Itself, if so many distinct keys can sign as must.
    fn sound(self, role: Role) -> Result<Self, Doubt> {
        let mut sorted = self.keys.clone();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Doubt::KeyListedTwice(role));
        }
        if self.threshold == 0 || usize::from(self.threshold) > self.keys.len() {
            return Err(Doubt::Threshold { role, threshold: self.threshold, keys: self.keys.len() });
        }
        Ok(self)
    }
}
