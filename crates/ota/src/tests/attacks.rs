//! The table of attacks: each is refused with an error of its own.

use super::*;
use alloc::string::String;

/// A root after the first one, in which key 8 takes the place of key 3.
fn next_root() -> Root {
    let mut root = Root { version: 2, ..first_root() };
    root.roles[0].keys[2] = signer(8).public();
    root
}

fn with_roots(roots: Vec<Signed>) -> Result<Checked, Refusal> {
    Make { roots, ..Make::good() }.check()
}

fn with_target(change: impl FnOnce(&mut Target)) -> Result<Checked, Refusal> {
    let mut release = release();
    change(&mut release.targets[0]);
    Make::new(release).check()
}

fn with_bytes(change: impl FnOnce(&mut Vec<u8>)) -> Result<Checked, Refusal> {
    let mut bytes = Make::good().bytes();
    change(&mut bytes);
    trust().check(&bytes, &standing)
}

fn with_snapshot(change: impl FnOnce(&mut Snapshot)) -> Result<Checked, Refusal> {
    let mut make = Make::good();
    change(&mut make.snapshot);
    make.check()
}

/// The same with a machine that has accepted the good package.
fn later(make: &Make) -> Result<Checked, Refusal> {
    trust().check(&Make::good().bytes(), &standing).expect("it is good").trust.check(&make.bytes(), &standing)
}

fn name_of(doubt: &Refusal) -> String {
    alloc::format!("{doubt:?}")
}

/// Name, what came of it, and what the error's name begins with.
type Attack = (&'static str, Result<Checked, Refusal>, &'static str);

fn signatures() -> Vec<Attack> {
    let unsigned = |release_by: &[usize], snapshot_by: &[usize]| {
        Make { release_by: release_by.to_vec(), snapshot_by: snapshot_by.to_vec(), ..Make::good() }.check()
    };
    let mut forged = Make::good().package();
    if let Some((_, release)) = &mut forged.update {
        release.signatures[1].bytes[7] ^= 1;
    }
    // A snapshot's key signs the release in the snapshot's name.
    let mut crossed = Make::good().package();
    if let Some((snapshot, release)) = &mut crossed.update {
        release.signatures.clone_from(&snapshot.signatures);
    }
    vec![
        ("release without signature", unsigned(&[], &[7]), "Doubt(NoSignature(Release"),
        ("snapshot without signature", unsigned(&[4, 5], &[]), "Doubt(NoSignature(Snapshot"),
        ("release by a wrong key", unsigned(&[8], &[7]), "Doubt(WrongKey(Release"),
        ("snapshot by a wrong key", unsigned(&[4, 5], &[8]), "Doubt(WrongKey(Snapshot"),
        ("release below its threshold", unsigned(&[4], &[7]), "Doubt(BelowThreshold"),
        ("one key counted twice", unsigned(&[4, 4], &[7]), "Doubt(SignedTwice"),
        ("wrong keys make up the number", unsigned(&[4, 7, 8], &[7]), "Doubt(BelowThreshold"),
        ("a signature that does not hold", trust().check(&pack(&forged), &standing), "Doubt(BadSignature"),
        ("a signature of another role", trust().check(&pack(&crossed), &standing), "Doubt(WrongKey(Release"),
    ]
}

fn roots() -> Vec<Attack> {
    let signed = |root: &Root, by: &[usize]| with_roots(vec![signed_by(root, by)]);
    let skipped = Root { version: 3, ..next_root() };
    let same = Root { version: 1, ..next_root() };
    let mut twice = next_root();
    twice.roles[1].keys[1] = twice.roles[1].keys[0];
    let mut nobody = next_root();
    nobody.roles[2].threshold = 0;
    let mut too_many = next_root();
    too_many.roles[0].threshold = 4;
    let mut foreign = next_root();
    foreign.roles[0].keys = vec![signer(8).public(), signer(7).public(), signer(6).public()];
    let strict =
        Trust::new(&signed_by(&first_root(), &[1, 2]).encode(), true).map(|trust| Checked { trust, release: None });
    vec![
        ("new root by its own keys alone", signed(&foreign, &[6, 7, 8]), "OldRoot(WrongKey(Root"),
        ("new root by old keys alone", signed(&foreign, &[1, 2, 3]), "NewRoot(WrongKey(Root"),
        ("new root by too few of the old", signed(&next_root(), &[1, 8]), "OldRoot(BelowThreshold"),
        ("new root by too few of its own", signed(&foreign, &[1, 2, 8]), "NewRoot(BelowThreshold"),
        ("a root is left out", signed(&skipped, &[1, 2]), "RootVersion"),
        ("the root's version stays", signed(&same, &[1, 2]), "RootVersion"),
        ("a root lists a key twice", signed(&twice, &[1, 2]), "Doubt(KeyListedTwice(Release"),
        ("a root that needs nobody", signed(&nobody, &[1, 2]), "Doubt(Threshold"),
        ("a root that nobody can satisfy", signed(&too_many, &[1, 2]), "Doubt(Threshold"),
        ("test keys in a release image", strict, "TestKeys"),
    ]
}

fn time() -> Vec<Attack> {
    let older = Make::new(Release { counter: 4, ..release() });
    let mut other = Make::new(Release { why: "something else".into(), ..release() });
    other.snapshot.counter += 1;
    let mut reset = Make::good();
    reset.snapshot.counter = 1;
    let mut back = Make::new(Release { counter: 6, ..release() });
    back.snapshot.epoch = 19;
    let mut hidden = Make::new(Release { counter: 4, ..release() });
    hidden.snapshot.counter = 99;
    vec![
        ("an old version, replayed", later(&older), "CounterBack { what: Snapshot"),
        ("an old release in a new snapshot", later(&hidden), "CounterBack { what: Release"),
        ("the same package again", later(&Make::good()), "Seen"),
        ("a counter used twice", later(&other), "CounterAgain { what: Release"),
        ("a counter reset", later(&reset), "CounterBack { what: Snapshot"),
        ("an epoch that goes back", later(&back), "EpochBack"),
        ("an expired snapshot", with_snapshot(|snapshot| snapshot.epoch = 31), "Expired { what: Snapshot"),
        ("an expired release", with_snapshot(|s| (s.epoch, s.expires) = (51, 90)), "Expired { what: Release"),
        ("an expired root", with_snapshot(|s| (s.epoch, s.expires) = (101, 200)), "Expired { what: Root"),
    ]
}

fn mixed() -> Vec<Attack> {
    let mut mixed = Make::good().package();
    let other = Make::new(Release { why: "another one".into(), ..release() }).package();
    mixed.update = mixed.update.zip(other.update).map(|((snapshot, _), (_, release))| (snapshot, release));
    let mut more = Make::good();
    more.payloads.push(PAYLOAD.to_vec());
    let payload = |bytes: &[u8]| Make { payloads: vec![bytes.to_vec()], ..Make::good() }.check();
    vec![
        ("mix and match", trust().check(&pack(&mixed), &standing), "MixAndMatch"),
        ("a release of another length", with_snapshot(|snapshot| snapshot.bytes += 1), "MixAndMatch"),
        ("a release of another counter", with_snapshot(|snapshot| snapshot.release += 1), "MixAndMatch"),
        ("another payload", payload(b"not payload"), "Hash"),
        ("a payload with more behind it", payload(b"the payload and more"), "Length"),
        ("a payload too many", more.check(), "Payloads"),
    ]
}

fn fitting() -> Vec<Attack> {
    let watched = |entry: &str| standing(entry).map(|stands| Standing { watched: true, ..stands });
    let two = Release { targets: vec![target(), target()], ..release() };
    vec![
        ("a wrong base", with_target(|target| target.base = 2), "Base {"),
        ("a base of other code", with_target(|target| target.base_code = hash("other")), "BaseCode"),
        ("a version that is none", with_target(|target| target.version = 3), "Doubt(Malformed(Release"),
        ("a wrong calling convention", with_target(|target| target.abi = hash("other")), "Abi"),
        ("state that it cannot take over", with_target(|target| target.reads = hash("other")), "Schema"),
        ("an entry that is not there", with_target(|target| target.entry = "none".into()), "NoSuchEntry"),
        ("a dependency that is too old", with_target(|target| target.needs[0].version = 2), "Dependency"),
        ("a dependency that is not there", with_target(|target| target.needs[0].entry = "x".into()), "Dependency"),
        ("an entry twice", Make::new(two).check(), "Doubt(EntryTwice"),
        ("an entry that is being watched", trust().check(&Make::good().bytes(), &watched), "Watched"),
    ]
}

fn bytes() -> Vec<Attack> {
    let good = Make::good().package();
    let without_release = pack(&Package { update: None, ..good.clone() });
    let mut swapped = pack(&Package::default());
    for (kind, part) in
        [(3, &good.update.as_ref().expect("an update").1), (2, &good.update.as_ref().expect("an update").0)]
    {
        swapped.push(kind);
        swapped.extend((part.encode().len() as u32).to_le_bytes());
        swapped.extend(part.encode());
    }
    let check = |bytes: &[u8]| trust().check(bytes, &standing);
    vec![
        ("an empty file", check(&[]), "Doubt(NotAPackage"),
        ("another file", check(b"MZ and so on"), "Doubt(NotAPackage"),
        ("another format", with_bytes(|bytes| bytes[6] = 2), "Doubt(Format(2"),
        ("truncated", with_bytes(|bytes| bytes.truncate(bytes.len() - 1)), "Doubt(Truncated(Package"),
        ("oversized", with_bytes(|bytes| bytes.resize(MAX_PACKAGE_BYTES + 1, 0)), "Doubt(TooLarge"),
        ("a part of unknown kind", with_bytes(|bytes| bytes.extend([9, 0, 0, 0, 0])), "Doubt(PartKind(9"),
        ("a length that reaches past the end", with_bytes(|bytes| bytes[9] = 0xFF), "Doubt(Truncated(Package"),
        ("nothing but a head", check(&pack(&Package::default())), "Doubt(PartOrder"),
        ("payloads without a release", check(&without_release), "Doubt(PartOrder"),
        ("parts in another order", check(&swapped), "Doubt(PartOrder"),
    ]
}

#[test]
fn every_attack_is_refused_with_its_own_error() {
    let all = [signatures(), roots(), time(), mixed(), fitting(), bytes()].concat();
    let mut names: Vec<&str> = all.iter().map(|(name, ..)| *name).collect();
    for (name, outcome, expected) in &all {
        let refusal = outcome.as_ref().err().unwrap_or_else(|| panic!("{name}: accepted"));
        assert!(name_of(refusal).starts_with(expected), "{name}: {refusal:?}, not {expected}");
        std::println!("{name:<40} {refusal}");
    }
    names.sort_unstable();
    names.dedup();
    assert!(names.len() == all.len() && all.len() >= 50, "{} attacks", all.len());
}

#[test]
fn a_root_that_both_have_signed_is_believed() {
    let checked = with_roots(vec![signed_by(&next_root(), &[1, 2])]).expect("both thresholds");
    assert_eq!(checked.trust.root(), &next_root());
    let last = Root { version: 3, roles: next_root().roles, expires: 90 };
    let both = vec![signed_by(&next_root(), &[2, 3, 8]), signed_by(&last, &[1, 8])];
    let package = pack(&Package { roots: both, ..Package::default() });
    let checked = trust().check(&package, &standing).expect("one after the other");
    assert_eq!((checked.trust.root().version, checked.release.is_none()), (3, true));
}
