//! Who is first, what is remembered, and what nobody can fill.

use super::*;
use velocity_models::PowerCut;

fn walk() -> Item {
    Item::entry("fat32.walk")
}

fn file() -> Item {
    Item::parse("file:/docs/nda.txt").expect("an item")
}

#[test]
fn the_first_that_commits_wins_and_the_other_is_told_by_whom() {
    let mut board = Board::new();
    let one = board.announce("ann", "faster", &[(walk(), 0), (file(), 0)]).expect("it is free");
    let two = board.announce("ben", "smaller", &[(walk(), 0)]).expect("nobody has changed it");
    board.agree(two, "ann").expect("it is open");
    board.commit(two, "12 ns").expect("ben is first");
    let conflict = BoardError::Conflict { item: walk(), expected: 0, found: 1, by: "ben".into() };
    assert_eq!(board.commit(one, "10 ns"), Err(conflict.clone()));
    assert_eq!(board.announce("ann", "again", &[(walk(), 0)]), Err(conflict));
    assert_eq!((board.revision(&walk()), board.revision(&file())), (1, 0), "nothing of ann's");
    board.withdraw(one, "too late").expect("it is open");
    assert_eq!(board.commit(one, ""), Err(BoardError::NoSuch { number: one }));
    assert_eq!(board.commit(two, ""), Err(BoardError::NoSuch { number: two }));
    assert!(board.announce("ann", "again", &[(walk(), 1)]).is_ok());
}

#[test]
fn of_those_that_come_together_the_first_announced_wins() {
    let mut board = Board::new();
    let numbers: Vec<u64> =
        (0..3).map(|_| board.announce("ann", "", &[(walk(), 0)]).expect("nobody has changed it")).collect();
    let settled = board.settle(&[numbers[2], numbers[0], numbers[1], numbers[0]], "");
    let won: Vec<bool> = settled.iter().map(|(_, outcome)| outcome.is_ok()).collect();
    assert_eq!((settled[0].0, won.as_slice()), (numbers[0], [true, false, false].as_slice()));
}

#[test]
fn nobody_can_fill_the_board() {
    let mut board = Board::new();
    for _ in 0..MAX_OF_MEMBER {
        board.announce("ann", "", &[(walk(), 0)]).expect("there is room");
    }
    assert_eq!(board.announce("ann", "", &[(walk(), 0)]), Err(BoardError::TooMany { limit: MAX_OF_MEMBER }));
    board.announce("ben", "", &[(walk(), 0)]).expect("ben has room");
    let long = "x".repeat(MAX_TEXT + 1);
    for (who, why, items) in [
        (long.as_str(), "", alloc::vec![(walk(), 0)]),
        ("cleo", long.as_str(), alloc::vec![(walk(), 0)]),
        ("cleo", "a\nb", alloc::vec![(walk(), 0)]),
        ("cleo", "", alloc::vec![]),
        ("cleo", "", alloc::vec![(walk(), 0), (walk(), 0)]),
        ("cleo", "", (0..20).map(|n| (Item::entry(&alloc::format!("{n}")), 0)).collect()),
    ] {
        assert_eq!(board.announce(who, why, &items), Err(BoardError::Malformed));
    }
    for member in 0..2000 {
        if board.announce(&alloc::format!("member {member}"), "", &[(file(), 0)]).is_err() {
            assert_eq!(board.open().count(), MAX_OPEN);
            return;
        }
    }
    panic!("the board has no end");
}

#[test]
fn what_was_committed_is_remembered() {
    let disk = PowerCut::new(512, 2048);
    let (ledger, _) = Ledger::open(alloc::boxed::Box::new(disk.clone())).expect("it is new");
    let (mut board, read) = Board::with_ledger(ledger, &mut |_, _| panic!("there is nothing"));
    read.expect("nothing is wrong");
    let one = board.announce("ann", "faster", &[(walk(), 0)]).expect("it is free");
    board.agree(one, "ben").expect("it is open");
    board.commit(one, &"12 ns ".repeat(100)).expect("nobody else");
    board.announce("ann", "never settled", &[(walk(), 1)]).expect("nobody else");
    board.ledger().expect("a ledger").append(0x100, b"other").expect("there is room");
    let mut others = Vec::new();
    let (ledger, opened) = Ledger::open(alloc::boxed::Box::new(disk)).expect("it is there");
    let (mut again, read) = Board::with_ledger(ledger, &mut |kind, body| others.push((kind, body.to_vec())));
    read.expect("nothing is wrong");
    assert_eq!((opened.records, others), (5, alloc::vec![(0x100, b"other".to_vec())]));
    assert_eq!((again.revision(&walk()), again.open().count()), (1, 0));
    assert_eq!(again.announce("ben", "", &[(walk(), 1)]), Ok(3), "numbers go on");
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_an_event_or_none(kind in 0u16..6, bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..120)) {
        if let Ok(event) = Event::decode(kind, &bytes) {
            assert_eq!(event.encode(), (kind, bytes));
        }
    }
}
