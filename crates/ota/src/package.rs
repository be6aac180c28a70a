//! A package: parts one behind the other, each with its kind and length.

use crate::wire::Reader;
use crate::{Doubt, Signed, What};
use alloc::vec::Vec;

/// The longest package, in bytes: it has to fit into a record of the ledger.
pub const MAX_PACKAGE_BYTES: usize = 224 << 10;

/// What every package begins with: a name, and the number of its format.
const MAGIC: &[u8; 8] = b"VLCOTA\x01\x00";

/// Kinds of parts, in the order in which they come.
const ROOT: u8 = 1;
const SNAPSHOT: u8 = 2;
const RELEASE: u8 = 3;
const PAYLOAD: u8 = 4;

/// Most roots of a package: a machine that has seen none of them for years gets them in several packages.
const MAX_ROOTS: usize = 16;

/// A package in parts. Nothing is verified yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// New roots, oldest first. May be empty.
    pub roots: Vec<Signed>,
    /// The newest snapshot and its release; none if only roots are passed on.
    pub update: Option<(Signed, Signed)>,
    /// By target of the release.
    pub payloads: Vec<Vec<u8>>,
}

/// The bytes of a package.
///
/// # Panics
/// When a part has 4 GiB.
#[must_use]
pub fn pack(package: &Package) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    let mut part = |kind: u8, bytes: &[u8]| {
        out.push(kind);
        out.extend(u32::try_from(bytes.len()).expect("parts are shorter than 4 GiB").to_le_bytes());
        out.extend_from_slice(bytes);
    };
    package.roots.iter().for_each(|root| part(ROOT, &root.encode()));
    if let Some((snapshot, release)) = &package.update {
        part(SNAPSHOT, &snapshot.encode());
        part(RELEASE, &release.encode());
    }
    package.payloads.iter().for_each(|payload| part(PAYLOAD, payload));
    out
}

impl Package {
    /// The parts of a package.
    ///
    /// # Errors
    /// [`Doubt`].
    pub fn read(bytes: &[u8]) -> Result<Self, Doubt> {
        if bytes.len() > MAX_PACKAGE_BYTES {
            return Err(Doubt::TooLarge { bytes: bytes.len(), limit: MAX_PACKAGE_BYTES });
        }
        let (name, version) = MAGIC.split_at(6);
        let Some(rest) = bytes.strip_prefix(name) else { return Err(Doubt::NotAPackage) };
        let Some(mut rest) = rest.strip_prefix(version) else {
            let [low, high, ..] = *rest else { return Err(Doubt::Truncated(What::Package)) };
            return Err(Doubt::Format(u16::from_le_bytes([low, high])));
        };
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let mut reader = Reader::new(What::Package, rest);
            let (kind, len) = (reader.u8()?, reader.u32()? as usize);
            let body = reader.bytes(len)?;
            rest = &rest[1 + 4 + len..];
            parts.push((kind, body));
        }
        Self::of(&parts)
    }

    fn of(parts: &[(u8, &[u8])]) -> Result<Self, Doubt> {
        if let Some((kind, _)) = parts.iter().find(|(kind, _)| !(ROOT..=PAYLOAD).contains(kind)) {
            return Err(Doubt::PartKind(*kind));
        }
        if parts.is_empty() || !parts.is_sorted_by_key(|(kind, _)| *kind) {
            return Err(Doubt::PartOrder);
        }
        let of = |wanted: u8| parts.iter().filter(move |(kind, _)| *kind == wanted).map(|(_, bytes)| *bytes);
        let (snapshots, releases) = (of(SNAPSHOT).count(), of(RELEASE).count());
        if of(ROOT).count() > MAX_ROOTS || snapshots > 1 || snapshots != releases {
            return Err(Doubt::PartOrder);
        }
        let update = match (of(SNAPSHOT).next(), of(RELEASE).next()) {
            (Some(snapshot), Some(release)) => {
                Some((Signed::decode(What::Snapshot, snapshot)?, Signed::decode(What::Release, release)?))
            }
            _ if of(PAYLOAD).next().is_some() => return Err(Doubt::PartOrder),
            _ => None,
        };
        let roots = of(ROOT).map(|bytes| Signed::decode(What::Root, bytes)).collect::<Result<_, _>>()?;
        Ok(Self { roots, update, payloads: of(PAYLOAD).map(<[u8]>::to_vec).collect() })
    }
}
