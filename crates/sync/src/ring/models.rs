//! The rings under the model checker: capacities of two, counts that go round, every order of steps.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p velocity-sync`

use super::{mpsc, spsc};
use loom::thread;

/// The model checker's threads want what lives for ever.
fn leaked<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}

#[test]
fn spsc_hands_over_what_was_written() {
    for start in [0, usize::MAX - 1] {
        loom::model(move || {
            let (mut sender, mut receiver) = leaked(spsc::Ring::<[usize; 2], 2>::counting_from(start)).split();
            let other = thread::spawn(move || {
                let mut sent = 0;
                for number in 0..3 {
                    if sender.push([number; 2]).is_err() {
                        break;
                    }
                    sent += 1;
                }
                sent
            });
            let mut seen = 0;
            for _ in 0..2 {
                if let Some(packet) = receiver.pop() {
                    assert_eq!(packet, [seen; 2]);
                    seen += 1;
                }
            }
            let sent = other.join().expect("the sender ends");
            while let Some(packet) = receiver.pop() {
                assert_eq!(packet, [seen; 2]);
                seen += 1;
            }
            assert_eq!(seen, sent);
            assert!(sent >= 2);
        });
    }
}

#[test]
fn spsc_hands_over_batches() {
    loom::model(|| {
        let (mut sender, mut receiver) = leaked(spsc::Ring::<usize, 2>::counting_from(usize::MAX)).split();
        let other = thread::spawn(move || {
            let first = sender.push_all(&[0, 1]);
            first + sender.push_all(&[2, 3][..])
        });
        let mut seen = 0;
        for _ in 0..2 {
            receiver.pop_all(2, |packet| {
                assert_eq!(*packet, seen);
                seen += 1;
            });
        }
        let sent = other.join().expect("the sender ends");
        receiver.pop_all(4, |packet| {
            assert_eq!(*packet, seen);
            seen += 1;
        });
        assert_eq!(seen, sent);
    });
}

#[test]
fn mpsc_hands_over_what_two_senders_write() {
    for start in [0, usize::MAX] {
        loom::model(move || {
            let (sender, mut receiver) = leaked(mpsc::Ring::<[usize; 2], 2>::counting_from(start)).split();
            let send = move |own: usize| (0..2).take_while(|number| sender.push([own + number; 2]).is_ok()).count();
            let others = [10, 20].map(|own| thread::spawn(move || send(own)));
            let mut next = [10, 20];
            let mut take = |packet: &[usize; 2]| {
                let own = usize::from(packet[0] >= 20);
                assert_eq!(*packet, [next[own]; 2]);
                next[own] += 1;
            };
            if let Some(packet) = receiver.pop() {
                take(&packet);
            }
            let sent: usize = others.into_iter().map(|other| other.join().expect("a sender ends")).sum();
            receiver.pop_all(4, &mut take);
            assert_eq!(next[0] + next[1] - 30, sent);
        });
    }
}

#[test]
fn mpsc_gives_slots_back() {
    loom::model(|| {
        let (sender, mut receiver) = leaked(mpsc::Ring::<[usize; 2], 2>::counting_from(usize::MAX - 1)).split();
        let other = thread::spawn(move || {
            let mut sent = 0;
            for _ in 0..4 {
                sent += usize::from(sender.push([sent; 2]).is_ok());
            }
            sent
        });
        let mut seen = 0;
        let mut take = |packet: &[usize; 2]| {
            assert_eq!(*packet, [seen; 2]);
            seen += 1;
        };
        for _ in 0..2 {
            receiver.pop_all(1, &mut take);
        }
        let sent = other.join().expect("the sender ends");
        receiver.pop_all(4, &mut take);
        assert_eq!(seen, sent);
    });
}
