//! Packages as their signers make them, and every way in which they can be wrong.

mod attacks;
mod format;

use crate::*;
use alloc::vec;
use velocity_base::ContentHash;

/// A test key by number, from 1.
fn signer(number: usize) -> Signer {
    let path = alloc::format!("{}/../../fixtures/ota/keys/test-{number}.key", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the key is there");
    let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hexadecimal digits");
    Signer::of_seed(&core::array::from_fn(byte))
}

fn hash(text: &str) -> ContentHash {
    ContentHash::of(text.as_bytes())
}

/// Keys 1 to 3 for roots (2 of 3), 4 to 6 for releases (2 of 3), 7 for snapshots.
fn first_root() -> Root {
    let keys =
        |threshold, numbers: &[usize]| Keys { threshold, keys: numbers.iter().map(|n| signer(*n).public()).collect() };
    Root { version: 1, expires: 100, roles: [keys(2, &[1, 2, 3]), keys(2, &[4, 5, 6]), keys(1, &[7])] }
}

fn signed_by(root: &Root, numbers: &[usize]) -> Signed {
    let signers: Vec<Signer> = numbers.iter().map(|n| signer(*n)).collect();
    sign_root(root, &signers.iter().collect::<Vec<_>>())
}

fn trust() -> Trust {
    Trust::new(&signed_by(&first_root(), &[1, 2]).encode(), false).expect("the root is signed")
}

/// What is installed: version 3 of `fat32.walk`, version 1 of `hash`.
fn standing(entry: &str) -> Option<Standing> {
    let version = match entry {
        "fat32.walk" => 3,
        "hash" => 1,
        _ => return None,
    };
    let (abi, schema, code) = (hash("abi"), hash("schema"), hash("code"));
    Some(Standing { abi, schema, version, code, watched: false })
}

const PAYLOAD: &[u8] = b"the payload";

fn target() -> Target {
    Target {
        entry: "fat32.walk".into(),
        abi: hash("abi"),
        schema: hash("schema 2"),
        reads: hash("schema"),
        version: 4,
        base: 3,
        base_code: hash("code"),
        hash: ContentHash::of(PAYLOAD),
        bytes: PAYLOAD.len() as u32,
        probation: 64,
        needs: vec![Dependency { entry: "hash".into(), version: 1 }],
        tests: vec![SelfTest { input: vec![1, 2, 3], arguments: vec![1, -1], expected: 7 }],
    }
}

fn release() -> Release {
    Release { counter: 5, expires: 50, why: "reads two links at a time".into(), targets: vec![target()] }
}

/// A package as it should be, but for what is changed in it.
struct Make {
    roots: Vec<Signed>,
    release: Release,
    snapshot: Snapshot,
    release_by: Vec<usize>,
    snapshot_by: Vec<usize>,
    payloads: Vec<Vec<u8>>,
}

impl Make {
    fn new(release: Release) -> Self {
        let body = release.encode();
        let snapshot = Snapshot {
            counter: release.counter + 10,
            epoch: 20,
            expires: 30,
            release: release.counter,
            hash: ContentHash::of(&body),
            bytes: body.len() as u32,
        };
        let payloads = release.targets.iter().map(|_| PAYLOAD.to_vec()).collect();
        Self { roots: vec![], release, snapshot, release_by: vec![4, 5], snapshot_by: vec![7], payloads }
    }

    fn good() -> Self {
        Self::new(release())
    }

    fn package(&self) -> Package {
        let signers = |numbers: &[usize]| numbers.iter().map(|n| signer(*n)).collect::<Vec<_>>();
        let (one, two) = (signers(&self.snapshot_by), signers(&self.release_by));
        let update = (
            sign_snapshot(&self.snapshot, &one.iter().collect::<Vec<_>>()),
            sign_release(&self.release, &two.iter().collect::<Vec<_>>()),
        );
        Package { roots: self.roots.clone(), update: Some(update), payloads: self.payloads.clone() }
    }

    fn bytes(&self) -> Vec<u8> {
        pack(&self.package())
    }

    fn check(&self) -> Result<Checked, Refusal> {
        trust().check(&self.bytes(), &standing)
    }
}
