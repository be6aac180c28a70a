//! What a machine believes, and what it makes of a package.

use crate::{Package, Refusal, Release, Role, Root, Signed, Snapshot, Target, What};
use alloc::string::String;
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// What is installed under the name of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The hash of its calling convention.
    pub abi: ContentHash,
    /// The hash of the schema of its state.
    pub schema: ContentHash,
    /// Its version.
    pub version: u32,
    /// The hash of its code.
    pub code: ContentHash,
    /// Whether it is still being watched.
    pub watched: bool,
}

/// What a machine believes. Kept by who accepts packages: each is checked again when the machine starts, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    root: Root,
    /// The counter of the newest snapshot that was accepted, and the hash of its body.
    snapshot: Option<(u64, ContentHash)>,
    release: Option<(u64, ContentHash)>,
    epoch: u64,
    /// The last release may come again: whoever accepted it did not get to the end of it.
    again: bool,
    /// Roots that name keys that everybody has are refused.
    strict: bool,
}

/// A package that may be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What is believed from then on.
    pub trust: Trust,
    /// The release and its payloads, by target; none if the package has roots only.
    pub release: Option<(Release, Vec<Vec<u8>>)>,
}

impl Trust {
    /// What a machine believes at first: a root that came with it. A strict one refuses roots with keys for tests.
    ///
    /// # Errors
    /// [`Refusal`]: the root's own keys have not signed it, or it is refused for its keys.
    pub fn new(root: &[u8], strict: bool) -> Result<Self, Refusal> {
        let signed = Signed::decode(What::Root, root)?;
        let root = Root::decode(&signed.body)?;
        signed.verify(Role::Root, root.keys(Role::Root)).map_err(Refusal::NewRoot)?;
        let trust = Self { root, snapshot: None, release: None, epoch: 0, again: false, strict };
        trust.admits_keys_of(&trust.root)?;
        Ok(trust)
    }

    /// The root.
    #[must_use]
    pub const fn root(&self) -> &Root {
        &self.root
    }

    /// The epoch that it is, as far as is known.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The highest counters that were accepted: of snapshots, and of releases. 0 if none was.
    #[must_use]
    pub fn counters(&self) -> (u64, u64) {
        (self.snapshot.map_or(0, |(counter, _)| counter), self.release.map_or(0, |(counter, _)| counter))
    }

    /// The last release was accepted, and power went before anything was decided about it: it may come again.
    pub const fn allow_again(&mut self) {
        self.again = true;
    }

    /// What is to be made of a package: all of it is checked against what is believed, and what is installed, and nothing changes.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn check(&self, package: &[u8], standing: &dyn Fn(&str) -> Option<Standing>) -> Result<Checked, Refusal> {
        let package = Package::read(package)?;
        let mut trust = self.clone();
        for root in &package.roots {
            trust.rotate(root)?;
        }
        let Some((snapshot, release)) = &package.update else { return Ok(Checked { trust, release: None }) };
        let (snapshot_hash, release_hash) = (snapshot.hash(), release.hash());
        snapshot.verify(Role::Snapshot, trust.root.keys(Role::Snapshot))?;
        release.verify(Role::Release, trust.root.keys(Role::Release))?;
        let bytes = release.body.len();
        let (snapshot, release) = (Snapshot::decode(&snapshot.body)?, Release::decode(&release.body)?);
        if (snapshot.release, snapshot.hash, snapshot.bytes as usize) != (release.counter, release_hash, bytes) {
            return Err(Refusal::MixAndMatch);
        }
        let found = snapshot.epoch;
        if found < trust.epoch {
            return Err(Refusal::EpochBack { known: trust.epoch, found });
        }
        trust.epoch = found;
        trust.snapshot = Some(newer(What::Snapshot, trust.snapshot, (snapshot.counter, snapshot_hash))?);
        let seen = trust.release;
        trust.release = Some(newer(What::Release, seen, (release.counter, release_hash))?);
        trust.all_hold(&snapshot, &release)?;
        if seen == trust.release && !core::mem::take(&mut trust.again) {
            return Err(Refusal::Seen { counter: release.counter });
        }
        fits(&release, &package.payloads, standing)?;
        Ok(Checked { trust, release: Some((release, package.payloads)) })
    }

    /// Believes in a new root.
    fn rotate(&mut self, signed: &Signed) -> Result<(), Refusal> {
        // Who signed comes first: nothing in it is looked at for anybody else.
        signed.verify(Role::Root, self.root.keys(Role::Root)).map_err(Refusal::OldRoot)?;
        let root = Root::decode(&signed.body)?;
        signed.verify(Role::Root, root.keys(Role::Root)).map_err(Refusal::NewRoot)?;
        let expected = self.root.version.saturating_add(1);
        if root.version != expected {
            return Err(Refusal::RootVersion { expected, found: root.version });
        }
        self.admits_keys_of(&root)?;
        self.root = root;
        Ok(())
    }

    fn admits_keys_of(&self, root: &Root) -> Result<(), Refusal> {
        if self.strict && root.names_test_keys() { Err(Refusal::TestKeys) } else { Ok(()) }
    }

    /// Nothing of it is past its last epoch.
    fn all_hold(&self, snapshot: &Snapshot, release: &Release) -> Result<(), Refusal> {
        let all =
            [(What::Root, self.root.expires), (What::Snapshot, snapshot.expires), (What::Release, release.expires)];
        match all.into_iter().find(|(_, expires)| *expires < self.epoch) {
            Some((what, expires)) => Err(Refusal::Expired { what, expires, epoch: self.epoch }),
            None => Ok(()),
        }
    }
}

/// A counter that does not go back, and that stands for the same contents as before if it stays.
fn newer(
    what: What,
    known: Option<(u64, ContentHash)>,
    (counter, hash): (u64, ContentHash),
) -> Result<(u64, ContentHash), Refusal> {
    match known {
        Some((known, _)) if counter < known => Err(Refusal::CounterBack { what, known, found: counter }),
        Some((known, other)) if counter == known && hash != other => Err(Refusal::CounterAgain { what, counter }),
        _ => Ok((counter, hash)),
    }
}

/// Payloads are what was signed, and made for what is installed.
fn fits(release: &Release, payloads: &[Vec<u8>], standing: &dyn Fn(&str) -> Option<Standing>) -> Result<(), Refusal> {
    let targets = release.targets.len();
    if targets != payloads.len() {
        return Err(Refusal::Payloads { targets, payloads: payloads.len() });
    }
    for (target, payload) in release.targets.iter().zip(payloads) {
        let entry = || target.entry.clone();
        if payload.len() != target.bytes as usize {
            return Err(Refusal::Length { entry: entry() });
        }
        if ContentHash::of(payload) != target.hash {
            return Err(Refusal::Hash { entry: entry() });
        }
        let stands = standing(&target.entry).ok_or_else(|| Refusal::NoSuchEntry { entry: entry() })?;
        target.fits(&stands)?;
    }
    release.targets.iter().try_for_each(|target| needs(target, release, standing))
}

impl Target {
    fn fits(&self, stands: &Standing) -> Result<(), Refusal> {
        let entry = || self.entry.clone();
        if self.abi != stands.abi {
            return Err(Refusal::Abi { entry: entry() });
        }
        if stands.watched {
            return Err(Refusal::Watched { entry: entry() });
        }
        if self.base != stands.version {
            return Err(Refusal::Base { entry: entry(), expected: self.base, found: stands.version });
        }
        if self.base_code != stands.code {
            return Err(Refusal::BaseCode { entry: entry() });
        }
        if self.reads != stands.schema {
            return Err(Refusal::Schema { entry: entry() });
        }
        Ok(())
    }
}

/// What a target needs is there, or comes with it.
fn needs(target: &Target, release: &Release, standing: &dyn Fn(&str) -> Option<Standing>) -> Result<(), Refusal> {
    for need in &target.needs {
        let comes = release.targets.iter().find(|other| other.entry == need.entry).map(|other| other.version);
        let found = comes.or_else(|| standing(&need.entry).map(|stands| stands.version));
        if found.is_none_or(|version| version < need.version) {
            let (entry, needs): (String, String) = (target.entry.clone(), need.entry.clone());
            return Err(Refusal::Dependency { entry, needs, version: need.version, found });
        }
    }
    Ok(())
}
