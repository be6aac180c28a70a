//! What is written is what is read, and whatever is read does no harm.

use super::*;
use proptest::prelude::*;

#[test]
fn test_keys_are_what_the_list_says() {
    let keys: Vec<PublicKey> = (1..=8).map(|number| signer(number).public()).collect();
    let line =
        |key: &PublicKey| alloc::format!("    PublicKey([{}]),\n", key.0.map(|byte| byte.to_string()).join(", "));
    let expected = alloc::format!("[\n{}]\n", keys.iter().map(line).collect::<alloc::string::String>());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/ota/keys/public.in");
    if std::env::var_os("VELOCITY_BLESS").is_some() {
        std::fs::write(path, &expected).expect("the list can be written");
    }
    assert_eq!(std::fs::read_to_string(path).expect("the list is there"), expected, "run with VELOCITY_BLESS=1");
}

#[test]
fn values_come_back() {
    let make = Make::good();
    assert_eq!(Root::decode(&first_root().encode()), Ok(first_root()));
    assert_eq!(Release::decode(&make.release.encode()), Ok(make.release.clone()));
    assert_eq!(Snapshot::decode(&make.snapshot.encode()), Ok(make.snapshot));
    assert_eq!(Package::read(&make.bytes()), Ok(make.package()));
}

#[test]
fn a_package_is_accepted_and_believed_once() {
    let before = trust();
    let checked = before.check(&Make::good().bytes(), &standing).expect("it is good");
    assert_eq!((checked.trust.counters(), checked.trust.epoch()), ((15, 5), 20));
    let (accepted, payloads) = checked.release.expect("there is a release");
    assert_eq!((accepted, payloads.as_slice()), (release(), [PAYLOAD.to_vec()].as_slice()));
    assert_eq!(checked.trust.check(&Make::good().bytes(), &standing), Err(Refusal::Seen { counter: 5 }));
    let mut cut = checked.trust.clone();
    cut.allow_again();
    let again = cut.check(&Make::good().bytes(), &standing).expect("it was cut off").trust;
    assert_eq!(again, checked.trust);
}

#[test]
fn what_is_cut_anywhere_is_refused() {
    let bytes = Make::good().bytes();
    for len in 0..bytes.len() {
        assert!(trust().check(&bytes[..len], &standing).is_err(), "cut to {len} bytes");
    }
}

#[test]
fn what_is_changed_anywhere_is_refused() {
    let bytes = Make::good().bytes();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(trust().check(&changed, &standing).is_err(), "byte {at}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in 0u8..6) {
        let whole = [b"VLCOTA\x01\x00", &[kind][..], &(bytes.len() as u32).to_le_bytes(), &bytes].concat();
        let _ = (Root::decode(&bytes), Release::decode(&bytes), Snapshot::decode(&bytes));
        let _ = (Package::read(&bytes), Package::read(&whole), trust().check(&whole, &standing));
    }

    #[test]
    fn what_was_decoded_encodes_to_the_same(at in 0usize..1000, value in any::<u8>()) {
        let mut body = release().encode();
        let len = body.len();
        body[at % len] = value;
        if let Ok(release) = Release::decode(&body) {
            prop_assert_eq!(release.encode(), body);
        }
    }
}
