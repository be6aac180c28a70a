//! Releases: from their description to a package.

use crate::keys::{signer, unhex};
use crate::spec::{ReleaseSpec, TargetSpec, load};
use crate::{Result, read, write};
use std::path::Path;
use velocity_base::ContentHash;
use velocity_hotpatch::{EntryId, ORIGINAL};
use velocity_nda::document;
use velocity_ota::{
    Dependency, Package, Release, SelfTest, Signed, Signer, Snapshot, Target, pack, sign_release, sign_snapshot,
};

/// Makes a package of what a file describes.
pub fn sign(spec: &Path, out: &Path) -> Result<String> {
    let folder = spec.parent().unwrap_or(Path::new(""));
    let spec: ReleaseSpec = load(spec)?;
    let (mut targets, mut payloads) = (Vec::new(), Vec::new());
    for target in &spec.target {
        let payload = payload(&folder.join(&target.program))?;
        targets.push(self::target(folder, target, &payload)?);
        payloads.push(payload);
    }
    let release = Release { counter: spec.counter, expires: spec.expires, why: spec.why, targets };
    let release = sign_release(&release, &signers(folder, &spec.release_keys)?.iter().collect::<Vec<_>>());
    let snapshot = Snapshot {
        counter: spec.counter,
        epoch: spec.epoch,
        expires: spec.expires,
        release: spec.counter,
        hash: release.hash(),
        bytes: u32::try_from(release.body.len()).map_err(|_| "the release is too long")?,
    };
    let snapshot = sign_snapshot(&snapshot, &signers(folder, &spec.snapshot_keys)?.iter().collect::<Vec<_>>());
    made(out, &Package { roots: Vec::new(), update: Some((snapshot, release)), payloads })
}

/// Writes a package that can be read.
pub fn made(out: &Path, package: &Package) -> Result<String> {
    let bytes = pack(package);
    Package::read(&bytes).map_err(|doubt| doubt.to_string())?;
    let decoded = |part: &Option<(Signed, Signed)>| part.as_ref().map(|(_, release)| Release::decode(&release.body));
    if let Some(Err(doubt)) = decoded(&package.update) {
        return Err(doubt.to_string());
    }
    write(out, &bytes)?;
    Ok(format!("{}: {} bytes", out.display(), bytes.len()))
}

/// Keys by their files.
pub fn signers(folder: &Path, names: &[String]) -> Result<Vec<Signer>> {
    names.iter().map(|name| signer(&folder.join(name))).collect()
}

fn target(folder: &Path, spec: &TargetSpec, payload: &[u8]) -> Result<Target> {
    let id = EntryId::named(&spec.entry).ok_or_else(|| {
        let known: Vec<&str> = EntryId::all().map(|id| id.entry().name).collect();
        format!("there is no entry {}; there are {}", spec.entry, known.join(", "))
    })?;
    let base_code = match &spec.base_code {
        None => ContentHash::of(ORIGINAL.as_bytes()),
        Some(digits) if unhex(digits).is_some() => ContentHash(unhex(digits).unwrap_or_default()),
        Some(program) => ContentHash::of(&self::payload(&folder.join(program))?),
    };
    let needs = spec.needs.iter().map(|need| Dependency { entry: need.entry.clone(), version: need.version });
    let tests = spec.test.iter().map(|test| SelfTest {
        input: test.words.iter().flat_map(|word| word.to_le_bytes()).collect(),
        arguments: test.arguments.clone(),
        expected: test.expected,
    });
    Ok(Target {
        entry: spec.entry.clone(),
        abi: id.entry().abi(),
        schema: ContentHash::of(spec.schema.as_bytes()),
        reads: ContentHash::of(spec.reads.as_bytes()),
        version: spec.version,
        base: spec.base,
        base_code,
        hash: ContentHash::of(payload),
        bytes: u32::try_from(payload.len()).map_err(|_| "a payload is too long")?,
        probation: spec.probation,
        needs: needs.collect(),
        tests: tests.collect(),
    })
}

/// A program as a document: a file that is one, or the text of one.
fn payload(path: &Path) -> Result<Vec<u8>> {
    let bytes = read(path)?;
    if bytes.starts_with(b"NDA1") {
        return Ok(bytes);
    }
    let text = String::from_utf8(bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    let module = velocity_nda::compile(&text).map_err(|errors| errors.render(&path.display().to_string(), &text))?;
    Ok(document::pack(&module))
}

/// The hash of a program as a payload, or of words.
pub fn hash(what: &str) -> Result<String> {
    let path = Path::new(what);
    let is_program = path.extension().is_some_and(|extension| extension == "nda" || extension == "ndb");
    let bytes = if is_program { payload(path)? } else { what.as_bytes().to_vec() };
    Ok(ContentHash::of(&bytes).to_string())
}
