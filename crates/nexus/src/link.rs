//! What an agent and the one above it say to each other: a ring of packets each way, with a hash over all packets before, which the receiver
//! checks (`velocity_sync::link`). Who has no room waits; nothing is lost, and nothing altered is given on.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};
use spin::Mutex;
use velocity_sync::chain::Packet;
use velocity_sync::link::{Inbox, NotSent, Outbox, Standing, Taken};
use velocity_sync::ring::spsc::{Receiver, Ring, Sender};

/// Bytes of a message at most.
pub(crate) const MOST: usize = 8 * WORDS;

const WORDS: usize = 8;
/// Messages that may be under way.
const SLOTS: usize = 16;

/// How often a receiver has what is wrong sent again before it looks again later.
const TRIES: u32 = 16;

type Slots = Ring<Packet<WORDS>, SLOTS>;

/// What went through one way of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Messages that were sent and received.
    pub sent: u64,
    /// See `sent`.
    pub received: u64,
    /// Packets that were not what was sent, or not the next one: all that was good came again.
    pub faults: u64,
}

/// From one end to the other.
#[derive(Debug)]
pub(crate) struct Way {
    sender: Mutex<(Box<Outbox<WORDS, SLOTS>>, Sender<Arc<Slots>>)>,
    receiver: Mutex<(Inbox, Receiver<Arc<Slots>>)>,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Way {
    fn new(number: u64) -> Self {
        let (sender, receiver) = Ring::new().share();
        Self {
            sender: Mutex::new((Box::new(Outbox::new(number)), sender)),
            receiver: Mutex::new((Inbox::new(number), receiver)),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
        }
    }

    /// Sends a message; whether there was room for it.
    pub(crate) fn send(&self, bytes: &[u8]) -> bool {
        let (outbox, ring) = &mut *self.sender.lock();
        if matches!(outbox.send(0, bytes), Err(NotSent::Full | NotSent::TooLong(_))) {
            return false;
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        while outbox.next(|packet| ring.push(packet).is_ok()) {}
        true
    }

    /// The next message, if there is one: its bytes, and how many these are.
    pub(crate) fn receive(&self) -> Option<([u8; MOST], usize)> {
        let (inbox, ring) = &mut *self.receiver.lock();
        let mut tries = 0;
        while tries < TRIES {
            let Some(packet) = ring.pop() else {
                if !inbox.waits() {
                    return None;
                }
                // What was sent again was bad as well, or there was no room for it.
                tries += 1;
                inbox.restart();
                self.hear(inbox.standing());
                continue;
            };
            let taken = inbox.take(&packet);
            // The sender may forget what has come, and sends again what has not.
            self.hear(inbox.standing());
            if taken == Taken::Good {
                let mut bytes = [0; MOST];
                let len = packet.copy_to(&mut bytes);
                self.received.fetch_add(1, Ordering::Relaxed);
                return Some((bytes, len));
            }
        }
        None
    }

    /// The sender hears what the receiver has.
    fn hear(&self, standing: Standing) {
        let (outbox, ring) = &mut *self.sender.lock();
        outbox.hear(standing);
        while outbox.next(|packet| ring.push(packet).is_ok()) {}
    }

    /// Whether everything that was sent has been received.
    fn is_empty(&self) -> bool {
        self.received.load(Ordering::Acquire) == self.sent.load(Ordering::Acquire)
    }

    fn traffic(&self) -> Traffic {
        let (sent, received) = (self.sent.load(Ordering::Relaxed), self.received.load(Ordering::Relaxed));
        Traffic { sent, received, faults: self.receiver.lock().0.faults() }
    }
}

/// Between an agent and the one above it.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) up: Way,
    pub(crate) down: Way,
}

impl Link {
    /// Of an agent of this number, where numbers are not used again soon.
    pub(crate) fn new(number: u64) -> Self {
        Self { up: Way::new(2 * number), down: Way::new(2 * number + 1) }
    }

    /// Whether the one above has received all.
    pub(crate) fn is_read(&self) -> bool {
        self.up.is_empty()
    }

    /// What went up, and what went down.
    pub(crate) fn traffic(&self) -> (Traffic, Traffic) {
        (self.up.traffic(), self.down.traffic())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_in_order_and_who_has_no_room_is_told() {
        let way = Way::new(7);
        for round in 0..50_u8 {
            let count = (0..40).take_while(|at| way.send(&[round, *at][..usize::from(at % 3)])).count();
            assert_eq!(count, SLOTS);
            for at in 0..SLOTS as u8 {
                let (bytes, len) = way.receive().expect("it was sent");
                assert_eq!(bytes[..len], [round, at][..usize::from(at % 3)]);
            }
            assert!(way.receive().is_none() && way.is_empty());
        }
        assert_eq!(way.traffic(), Traffic { sent: 800, received: 800, faults: 0 });
        assert!(way.send(&[1; MOST]) && !way.send(&[1; MOST + 1]));
    }

    #[test]
    fn what_nobody_sent_is_found_and_all_that_was_sent_comes() {
        let way = Way::new(7);
        let (mut sent, mut got) = (0_u8, 0_u8);
        for round in 0..200_u32 {
            while sent.wrapping_sub(got) < 9 && way.send(&[sent; 5]) {
                sent = sent.wrapping_add(1);
                if (u32::from(sent) + round) % 7 == 0 {
                    // Somebody writes into the ring: a packet of another link, twice.
                    let other = Way::new(9);
                    other.send(&[99]);
                    let foreign = other.receiver.lock().1.pop();
                    for packet in [foreign, foreign].into_iter().flatten() {
                        let _ = way.sender.lock().1.push(packet);
                    }
                }
            }
            for _ in 0..round % 12 {
                if let Some((bytes, len)) = way.receive() {
                    assert_eq!(bytes[..len], [got; 5]);
                    got = got.wrapping_add(1);
                }
            }
        }
        while got != sent {
            let (bytes, len) = way.receive().expect("it was sent");
            assert_eq!(bytes[..len], [got; 5]);
            got = got.wrapping_add(1);
        }
        assert!(way.traffic().faults > 20, "{:?}", way.traffic());
        assert!(way.is_empty());
    }
}
