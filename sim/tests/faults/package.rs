//! Packages, signed with the keys that everybody has: a developer's mistake comes with a good signature.

use std::path::PathBuf;
use velocity_base::ContentHash;
use velocity_hotpatch::{EntryId, STATELESS};
use velocity_nda::document::pack as document;
use velocity_ota::{Package, Release, SelfTest, Signer, Snapshot, Target, pack, sign_release, sign_snapshot};

fn fixtures() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/ota").into()
}

/// The text of a program of `fixtures/ota`.
pub fn source(name: &str) -> String {
    std::fs::read_to_string(fixtures().join(name)).unwrap()
}

fn signer(number: u32) -> Signer {
    let text = std::fs::read_to_string(fixtures().join(format!("keys/test-{number}.key"))).unwrap();
    let digits = text.trim();
    let seed: [u8; 32] = std::array::from_fn(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap());
    Signer::of_seed(&seed)
}

/// What a package is to replace: an entry, its version, the program that stands there, and the schema of what that keeps.
#[derive(Clone, Copy)]
pub struct Base {
    pub entry: &'static str,
    pub version: u32,
    pub program: &'static str,
    pub reads: &'static str,
}

/// A package with a program; `None` if it is none.
pub fn package(base: Base, counter: u64, program: &str) -> Option<Vec<u8>> {
    let payload = document(&velocity_nda::compile(program).ok()?);
    let stands = document(&velocity_nda::compile(&source(base.program)).unwrap());
    let target = Target {
        entry: base.entry.into(),
        abi: EntryId::named(base.entry).unwrap().entry().abi(),
        schema: ContentHash::of(base.reads.as_bytes()),
        reads: ContentHash::of(base.reads.as_bytes()),
        version: base.version + 1,
        base: base.version,
        base_code: ContentHash::of(&stands),
        hash: ContentHash::of(&payload),
        bytes: payload.len() as u32,
        probation: 24,
        needs: Vec::new(),
        tests: vec![test(base.entry)],
    };
    let release = Release { counter, expires: 1000, why: "a slip".into(), targets: vec![target] };
    let release = sign_release(&release, &[&signer(4), &signer(5)]);
    let (hash, bytes) = (release.hash(), release.body.len() as u32);
    let snapshot = Snapshot { counter, epoch: 1, expires: 1000, release: counter, hash, bytes };
    let update = Some((sign_snapshot(&snapshot, &[&signer(7)]), release));
    Some(pack(&Package { roots: Vec::new(), update, payloads: vec![payload] }))
}

/// One test, which many slips pass.
fn test(entry: &str) -> SelfTest {
    match entry {
        "fat32.walk" => SelfTest { input: [0xFF, 0xFF, 0xFF, 0x0F].into(), arguments: vec![1, 7], expected: 0 },
        _ => SelfTest { input: Vec::new(), arguments: vec![512, 4096, 512, 2, 8], expected: 512 },
    }
}

/// The schema of the policy that keeps a figure.
pub const FIGURE: &str = "busy: u32, commands under way in 256ths, smoothed over 8";

/// See [`STATELESS`].
pub const NOTHING: &str = STATELESS;
