//! Power that goes at any write, bytes that change, and places that are something else.

use super::*;
use proptest::prelude::*;
use velocity_models::{Fate, PowerCut};

const KIND: u16 = 7;

fn open(disk: &PowerCut) -> (Ledger, Opened) {
    Ledger::open(Box::new(disk.clone())).expect("it is a ledger")
}

/// A body by number: of all lengths around a block, and a long one now and then.
fn body(number: u64) -> Vec<u8> {
    let len = if number % 5 == 4 { 3000 } else { number as usize * 131 % 900 };
    (0..len).map(|at| (at as u64 * 7 + number) as u8).collect()
}

fn bodies(ledger: &mut Ledger) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let read = ledger.replay(&mut |record| {
        assert_eq!((record.kind, record.sequence), (KIND, all.len() as u64 + 1));
        all.push(record.body.to_vec());
        ControlFlow::Continue(())
    });
    read.expect("all of it is right");
    all
}

fn filled(records: u64) -> PowerCut {
    let disk = PowerCut::new(512, 4096);
    let (mut ledger, _) = open(&disk);
    for number in 0..records {
        ledger.append(KIND, &body(number)).expect("there is room");
    }
    disk
}

#[test]
fn records_come_back_in_their_order() {
    for block_bytes in [512, 4096, 65_536] {
        let disk = PowerCut::new(block_bytes, 100);
        let (mut ledger, opened) = open(&disk);
        assert_eq!(opened, Opened { records: 0, cut: false, corrupt: None });
        assert_eq!(disk.writes(), 0, "a new one is not written to");
        let expected: Vec<_> = (0..6).map(body).collect();
        let sequences: Vec<u64> =
            expected.iter().map(|body| ledger.append(KIND, body).expect("there is room")).collect();
        assert_eq!(sequences, [1, 2, 3, 4, 5, 6]);
        assert_eq!(bodies(&mut ledger), expected);
        let (mut again, opened) = open(&disk);
        assert_eq!((opened.records, bodies(&mut again)), (6, expected));
        assert_eq!((again.head(), again.free_bytes()), (ledger.head(), ledger.free_bytes()));
        assert_eq!(again.verify(), ledger.verify());
    }
}

/// After a cut at any block or flush, in every manner: what was acknowledged is there, at most one more, and it goes on.
#[test]
fn power_may_go_at_any_write() {
    const RECORDS: u64 = 12;
    let writes = filled(RECORDS).writes();
    assert!(writes > 30);
    let fates = [Fate::Lost, Fate::Kept].into_iter().chain((0..12).map(Fate::Torn));
    for fate in fates {
        for cut in 0..=writes {
            let disk = PowerCut::new(512, 4096);
            let (mut ledger, _) = open(&disk);
            disk.cut_after(cut, fate);
            let acknowledged = (0..RECORDS).take_while(|number| ledger.append(KIND, &body(*number)).is_ok()).count();
            disk.restart();
            let (mut ledger, opened) = open(&disk);
            let found = bodies(&mut ledger);
            assert_eq!(opened.corrupt, None, "{fate:?} at {cut}");
            assert!((acknowledged..=acknowledged + 1).contains(&found.len()), "{fate:?} at {cut}");
            assert!(found.iter().zip(0..).all(|(found, number)| *found == body(number)));
            ledger.append(KIND, b"it goes on").expect("there is room");
            let verified = ledger.verify().expect("all of it is right");
            let (mut again, opened) = open(&disk);
            assert_eq!((opened.cut, again.verify()), (false, Ok(verified)), "{fate:?} at {cut}");
        }
    }
}

/// The same without a restart: the device fails once and comes back.
#[test]
fn an_addition_that_failed_is_looked_at_before_the_next() {
    for fate in [Fate::Lost, Fate::Kept, Fate::Torn(3), Fate::Torn(9)] {
        for cut in 0..12 {
            let disk = PowerCut::new(512, 4096);
            let (mut ledger, _) = open(&disk);
            ledger.append(KIND, &body(0)).expect("there is room");
            disk.cut_after(cut, fate);
            let failed = ledger.append(KIND, &body(4)).is_err();
            assert!(!failed || ledger.append(KIND, b"x").is_err());
            disk.restart();
            ledger.append(KIND, b"last").expect("the device is back");
            let found = bodies(&mut ledger);
            assert_eq!((found.first(), found.last()), (Some(&body(0)), Some(&b"last".to_vec())));
            assert!(found.len() == 3 || failed && found.len() == 2);
            assert_eq!(open(&disk).0.verify(), ledger.verify());
        }
    }
}

#[test]
fn what_is_changed_is_found_and_nothing_is_added_to_it() {
    let whole = filled(6);
    let (mut ledger, _) = open(&whole);
    let verified = ledger.verify().expect("all of it is right");
    let used = verified.bytes as usize;
    for at in (0..used).step_by(61) {
        let disk = filled(6);
        let (mut opened_before, _) = open(&disk);
        disk.tamper(|bytes| bytes[at] ^= 0x10);
        assert!(matches!(opened_before.verify(), Err(LedgerError::Corrupt { .. })), "byte {at}");
        match Ledger::open(Box::new(disk.clone())) {
            // The last record alone may be taken for one that was being written.
            Ok((mut ledger, opened)) if opened.corrupt.is_none() => {
                assert_eq!((opened.records, opened.cut, ledger.verify().map(|now| now.records)), (5, true, Ok(5)));
                assert_ne!(ledger.head(), verified.head);
            }
            Ok((mut ledger, opened)) => {
                assert!(matches!(ledger.verify(), Err(LedgerError::Corrupt { .. })), "byte {at}");
                assert!(matches!(ledger.append(KIND, b"x"), Err(LedgerError::Corrupt { .. })), "byte {at}");
                assert!(opened.records < 6 && bodies(&mut ledger).len() as u64 == opened.records);
            }
            Err(error) => assert_eq!((error, at < 8), (LedgerError::Foreign, true)),
        }
    }
}

#[test]
fn removed_exchanged_and_repeated_records_are_found() {
    let records = |order: &[usize]| {
        let disk = filled(0);
        let (mut ledger, _) = open(&disk);
        for number in 0..4 {
            ledger.append(KIND, &[number; 10]).expect("there is room");
        }
        disk.tamper(|bytes| {
            let blocks: Vec<Vec<u8>> = bytes.chunks(512).take(8).map(<[u8]>::to_vec).collect();
            order.iter().enumerate().for_each(|(at, from)| bytes[at * 512..][..512].copy_from_slice(&blocks[*from]));
        });
        open(&disk).1
    };
    assert_eq!(records(&[0, 1, 2, 3, 4]).corrupt, None);
    assert_eq!(records(&[0, 1, 3, 4, 5]).corrupt, Some(What::Sequence { found: 3 }));
    assert_eq!(records(&[0, 1, 3, 2, 4]).corrupt, Some(What::Sequence { found: 3 }));
    assert_eq!(records(&[0, 1, 1, 2, 3, 4]).corrupt, Some(What::Sequence { found: 1 }));
    assert_eq!(records(&[0, 1, 5, 3, 4]).corrupt, None, "a block of zeros may be the end");
    let disk = filled(4);
    disk.tamper(|bytes| bytes[512..1024].fill(0));
    let missing = LedgerError::Corrupt { sequence: 1, what: What::Missing };
    assert_eq!(open(&disk).0.append(KIND, b"x"), Err(missing), "but nothing is added before it is known");
}

#[test]
fn other_things_are_refused_and_left_alone() {
    let disk = PowerCut::new(512, 64);
    disk.tamper(|bytes| bytes[..8].copy_from_slice(b"\xEBX\x90FAT32"));
    assert_eq!(Ledger::open(Box::new(disk.clone())).map(|_| ()), Err(LedgerError::Foreign));
    disk.tamper(|bytes| bytes[..600].fill(0));
    disk.tamper(|bytes| bytes[513] = 1);
    assert_eq!(open(&disk).0.append(KIND, b"x"), Err(LedgerError::Foreign));
    assert_eq!(disk.writes(), 0);
    assert_eq!(Ledger::open(Box::new(PowerCut::new(512, 1))).map(|_| ()), Err(LedgerError::TooSmall));
    let small = filled(2);
    let mut bytes = Vec::new();
    small.tamper(|all| bytes = all.to_vec());
    let large = PowerCut::new(4096, 512);
    large.tamper(|all| all.copy_from_slice(&bytes[..512 * 4096]));
    assert_eq!(Ledger::open(Box::new(large)).map(|_| ()), Err(LedgerError::BlockSize));
}

#[test]
fn what_is_full_says_so() {
    let disk = PowerCut::new(512, 5);
    let (mut ledger, _) = open(&disk);
    assert_eq!(ledger.append(KIND, &[1; 2000]), Err(LedgerError::Full { free: 2048, needed: 2560 }));
    ledger.append(KIND, &[1; 1900]).expect("there is room");
    assert_eq!(ledger.append(KIND, &[]), Err(LedgerError::Full { free: 0, needed: 512 }));
    assert_eq!(open(&disk).1.records, 1);
    let large = MAX_BODY_BYTES + 1;
    assert_eq!(ledger.append(KIND, &alloc::vec![0; large]), Err(LedgerError::TooLarge { bytes: large }));
}

proptest! {
    #[test]
    fn any_bytes_are_opened_or_refused(
        at in 0usize..6000,
        bytes in proptest::collection::vec(any::<u8>(), 1..80),
        magic in any::<bool>(),
    ) {
        let disk = filled(5);
        disk.tamper(|all| {
            let start = if magic { b"VLEDGER1".as_slice() } else { &[] };
            let at = if magic { at / 512 * 512 } else { at };
            let new: Vec<u8> = start.iter().chain(&bytes).copied().collect();
            all[at..at + new.len()].copy_from_slice(&new);
        });
        if let Ok((mut ledger, opened)) = Ledger::open(Box::new(disk)) {
            prop_assert_eq!(bodies(&mut ledger).len() as u64, opened.records);
            prop_assert!(ledger.append(KIND, b"x").is_ok() != opened.corrupt.is_some());
        }
    }
}
