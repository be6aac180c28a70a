//! What is to be signed, as a person writes it.

use crate::{Result, read};
use serde::Deserialize;
use std::path::Path;

/// A release.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReleaseSpec {
    /// Of release and snapshot: one more than that of the last one.
    pub counter: u64,
    /// What epoch it is.
    pub epoch: u64,
    /// The last epoch in which it holds.
    pub expires: u64,
    /// In a line.
    pub why: String,
    /// Files of the secret keys that sign the release.
    pub release_keys: Vec<String>,
    /// The same for the snapshot.
    pub snapshot_keys: Vec<String>,
    /// What is installed.
    pub target: Vec<TargetSpec>,
}

/// A new version of an entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TargetSpec {
    /// The entry's name.
    pub entry: String,
    /// The program's text, or a document.
    pub program: String,
    /// Its version.
    pub version: u32,
    /// The version that must be there; 0 is the original.
    #[serde(default)]
    pub base: u32,
    /// The hash of that version's code: digits, or its program; nothing for the original.
    #[serde(default)]
    pub base_code: Option<String>,
    /// The schema of its state, in words.
    #[serde(default = "stateless")]
    pub schema: String,
    /// The schema of the state that it takes over.
    #[serde(default = "stateless")]
    pub reads: String,
    /// For how many calls it is watched.
    #[serde(default = "probation")]
    pub probation: u32,
    /// Other entries, and their least versions.
    #[serde(default)]
    pub needs: Vec<NeedSpec>,
    /// Calls and their answers.
    pub test: Vec<TestSpec>,
}

/// Another entry's version that is needed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedSpec {
    /// Its name.
    pub entry: String,
    /// At least.
    pub version: u32,
}

/// A call and its answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestSpec {
    /// Words of 32 bits in memory from address 0 on.
    #[serde(default)]
    pub words: Vec<u32>,
    /// The arguments.
    pub arguments: Vec<i64>,
    /// The answer.
    pub expected: i64,
}

/// A root.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootSpec {
    /// One more than that of the root before it; 1 for the first.
    pub version: u32,
    /// The last epoch in which it holds.
    pub expires: u64,
    /// Files of the secret keys that sign it: of those of the root before, and of its own.
    pub sign: Vec<String>,
    /// Who signs roots.
    pub root: KeysSpec,
    /// Who signs releases.
    pub release: KeysSpec,
    /// Who signs snapshots.
    pub snapshot: KeysSpec,
}

/// The keys of a role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysSpec {
    /// So many must sign.
    pub threshold: u8,
    /// Public keys: digits or files.
    pub keys: Vec<String>,
}

fn stateless() -> String {
    velocity_hotpatch::STATELESS.into()
}

const fn probation() -> u32 {
    256
}

/// Reads a file of it.
pub fn load<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T> {
    let text = String::from_utf8(read(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}
