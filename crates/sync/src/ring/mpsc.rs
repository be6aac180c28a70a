//! From many senders to one receiver.
//!
//! A slot has a turn: the position at which it may be written, one more when it was (Vyukov 2010, bounded queue, with one consumer). A sender takes a position by a
//! compare-and-swap and then has the slot for itself. The receiver reads nothing that senders write but the turn of the slot that comes next.
//!
//! A sender that took a position and never gives the slot its turn holds up the receiver, who cannot tell it from a slow one. So senders are not stopped in
//! between: [`Ring::push`] makes no call and has no loop but for other senders, and agents send through the system, which ends them between two calls only.

use super::{Full, distance};
use crate::atomic::{Apart, AtomicUsize, Ordering, UnsafeCell};
use core::mem::MaybeUninit;

#[derive(Debug)]
struct Slot<T> {
    turn: AtomicUsize,
    packet: UnsafeCell<MaybeUninit<T>>,
}

/// A ring of `N` packets; `N` is a power of two, and two at least.
#[derive(Debug)]
#[repr(C)]
pub struct Ring<T, const N: usize> {
    /// The position that the next sender takes. Written by senders.
    tail: Apart<AtomicUsize>,
    /// How many packets were taken out. Written by the receiver, and read by nobody else but the next receiver.
    head: Apart<AtomicUsize>,
    slots: [Slot<T>; N],
}

// SAFETY: 1. a slot is written by the sender that took its position, which only one gets, and read by the receiver, of whom there is one; 2. the slot's turn is
// released by the one and acquired by the other before either touches the packet.
unsafe impl<T: Copy + Send, const N: usize> Sync for Ring<T, N> {}

/// The end that takes packets out.
#[derive(Debug)]
pub struct Receiver<'a, T, const N: usize> {
    ring: &'a Ring<T, N>,
    head: usize,
}

/// An end that puts packets in; there may be many.
#[derive(Debug)]
pub struct Sender<'a, T, const N: usize> {
    ring: &'a Ring<T, N>,
}

impl<T, const N: usize> Clone for Sender<'_, T, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, const N: usize> Copy for Sender<'_, T, N> {}

impl<T: Copy, const N: usize> Default for Ring<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy, const N: usize> Ring<T, N> {
    const MASK: usize = {
        assert!(N.is_power_of_two() && N > 1, "a ring has a power of two of slots, and two at least");
        N - 1
    };

    /// An empty ring.
    #[must_use]
    pub fn new() -> Self {
        Self::counting_from(0)
    }

    /// One whose counts begin here: for tests of what happens where they go round.
    #[must_use]
    pub fn counting_from(start: usize) -> Self {
        let slot = |at: usize| {
            // The first position from the start on that is this slot's.
            let turn = start.wrapping_add(at.wrapping_sub(start) & Self::MASK);
            Slot { turn: AtomicUsize::new(turn), packet: UnsafeCell::new(MaybeUninit::uninit()) }
        };
        Self {
            tail: Apart(AtomicUsize::new(start)),
            head: Apart(AtomicUsize::new(start)),
            slots: core::array::from_fn(slot),
        }
    }

    /// An end for senders, to be copied, and the one for the receiver. What was not received stays for the next ones.
    pub fn split(&mut self) -> (Sender<'_, T, N>, Receiver<'_, T, N>) {
        let head = self.head.0.load(Ordering::Acquire);
        (Sender { ring: self }, Receiver { ring: self, head })
    }

    fn push(&self, packet: T) -> Result<(), Full<T>> {
        let mut tail = self.tail.0.load(Ordering::Relaxed);
        loop {
            let slot = &self.slots[tail & Self::MASK];
            let turn = slot.turn.load(Ordering::Acquire);
            if turn == tail {
                let next = tail.wrapping_add(1);
                match self.tail.0.compare_exchange_weak(tail, next, Ordering::Relaxed, Ordering::Relaxed) {
                    Ok(_) => {
                        // SAFETY: 1. the position is this sender's alone now; 2. the turn was acquired, so the receiver is done with the slot.
                        slot.packet.with_mut(|slot| unsafe { slot.write(MaybeUninit::new(packet)) });
                        slot.turn.store(next, Ordering::Release);
                        return Ok(());
                    }
                    Err(other) => tail = other,
                }
            } else if distance(turn, tail) <= N {
                // What was written a round ago was not read.
                return Err(Full(packet));
            } else {
                tail = self.tail.0.load(Ordering::Relaxed);
            }
        }
    }
}

impl<T: Copy, const N: usize> Sender<'_, T, N> {
    /// Puts a packet in.
    ///
    /// # Errors
    /// Gives it back if the ring is full.
    #[inline]
    pub fn push(&self, packet: T) -> Result<(), Full<T>> {
        self.ring.push(packet)
    }
}

impl<T: Copy, const N: usize> Receiver<'_, T, N> {
    /// Takes the next packet out; `None` if there is none, or the sender whose turn it is has not finished.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let slot = &self.ring.slots[self.head & Ring::<T, N>::MASK];
        let next = self.head.wrapping_add(1);
        if slot.turn.load(Ordering::Acquire) != next {
            return None;
        }
        // SAFETY: 1. the turn says that the packet was written, and was acquired; 2. the slot is the receiver's until it gives it its next turn.
        let packet = Some(slot.packet.with(|slot| unsafe { (*slot).assume_init() }));
        slot.turn.store(self.head.wrapping_add(N), Ordering::Release);
        self.head = next;
        self.ring.head.0.store(next, Ordering::Release);
        packet
    }

    /// Takes up to so many packets out; how many.
    #[inline]
    pub fn pop_all(&mut self, most: usize, mut with: impl FnMut(&T)) -> usize {
        (0..most).map_while(|_| self.pop()).map(|packet| with(&packet)).count()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn what_goes_in_comes_out_in_order_also_where_counts_go_round() {
        for start in [0, 3, usize::MAX - 5] {
            let mut ring = Ring::<u64, 4>::counting_from(start);
            let (sender, mut receiver) = ring.split();
            let (mut next, mut seen) = (0, 0);
            for turn in 0..100_usize {
                for _ in 0..turn % 6 {
                    match sender.push(next) {
                        Ok(()) => next += 1,
                        Err(Full(packet)) => assert_eq!((packet, next - seen), (next, 4)),
                    }
                }
                seen += receiver.pop_all(turn % 5, |packet| assert!(*packet >= seen && *packet < next)) as u64;
            }
            assert!(seen > 100);
        }
    }

    #[test]
    fn what_was_not_received_waits_for_the_next_ends() {
        let mut ring = Ring::<u8, 2>::new();
        let (sender, mut receiver) = ring.split();
        assert_eq!([0, 1, 2].map(|packet| sender.push(packet)), [Ok(()), Ok(()), Err(Full(2))]);
        assert_eq!(receiver.pop(), Some(0));
        let (sender, mut receiver) = ring.split();
        assert_eq!((sender.push(3), receiver.pop(), receiver.pop(), receiver.pop()), (Ok(()), Some(1), Some(3), None));
    }

    #[test]
    fn each_sender_is_heard_in_its_order() {
        const SENDERS: u64 = 3;
        const COUNT: u64 = 60_000;
        let mut ring = Ring::<(u64, u64), 16>::counting_from(usize::MAX - 1000);
        let (sender, mut receiver) = ring.split();
        std::thread::scope(|scope| {
            for own in 0..SENDERS {
                scope.spawn(move || {
                    for number in 0..COUNT {
                        while sender.push((own, number)).is_err() {
                            std::thread::yield_now();
                        }
                    }
                });
            }
            let mut next: Vec<u64> = alloc::vec![0; SENDERS as usize];
            while next.iter().sum::<u64>() < SENDERS * COUNT {
                match receiver.pop() {
                    Some((own, number)) => {
                        assert_eq!(number, next[own as usize]);
                        next[own as usize] += 1;
                    }
                    None => std::thread::yield_now(),
                }
            }
        });
    }
}
