//! From one sender to one receiver.
//!
//! Each end counts the packets that went through it, and looks at the other's count only if it has no room, or nothing, by the count
//! that it saw last (Lamport 1977; Lee, Bu, Chandranmenon 2010). The counts lie apart, so that the ends do not take cache lines from each other with every packet.
//!
//! ```text
//!        head (receiver writes)        tail (sender writes)
//!          v                             v
//!   | free | packet | packet | packet | free | free |      position modulo N
//! ```

use super::{Full, distance};
use crate::atomic::{Apart, AtomicUsize, Ordering, UnsafeCell};
use alloc::sync::Arc;
use core::mem::MaybeUninit;
use core::ops::Deref;

type Slot<T> = UnsafeCell<MaybeUninit<T>>;

/// A ring of `N` packets; `N` is a power of two.
#[derive(Debug)]
#[repr(C)]
pub struct Ring<T, const N: usize> {
    /// How many packets were taken out. Written by the receiver, read by the sender.
    head: Apart<AtomicUsize>,
    /// How many were put in. Written by the sender, read by the receiver.
    tail: Apart<AtomicUsize>,
    slots: [Slot<T>; N],
}

// SAFETY: 1. the two ends are the only ones that touch slots, and there is one of each (`split` borrows the ring for both, `share` takes it); 2. a slot between head
// and tail is the receiver's, every other one the sender's, and each end gives slots away by a release store that the other acquires.
unsafe impl<T: Copy + Send, const N: usize> Sync for Ring<T, N> {}

/// The end that puts packets in. It borrows the ring, or shares it.
#[derive(Debug)]
pub struct Sender<R> {
    ring: R,
    tail: usize,
    /// As it was seen last.
    head: usize,
}

/// The end that takes packets out. It borrows the ring, or shares it.
#[derive(Debug)]
pub struct Receiver<R> {
    ring: R,
    head: usize,
    /// As it was seen last.
    tail: usize,
}

impl<T: Copy, const N: usize> Default for Ring<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Copy, const N: usize> Ring<T, N> {
    const MASK: usize = {
        assert!(N.is_power_of_two(), "a ring has a power of two of slots");
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
        Self {
            head: Apart(AtomicUsize::new(start)),
            tail: Apart(AtomicUsize::new(start)),
            slots: core::array::from_fn(|_| UnsafeCell::new(MaybeUninit::uninit())),
        }
    }

    /// Its two ends. What was not received stays for the next ones.
    pub fn split(&mut self) -> (Sender<&Self>, Receiver<&Self>) {
        let (head, tail) = (self.head.0.load(Ordering::Acquire), self.tail.0.load(Ordering::Acquire));
        (Sender { ring: self, tail, head }, Receiver { ring: self, head, tail })
    }

    /// Its two ends, which live as long as they like.
    #[must_use]
    pub fn share(self) -> (Sender<Arc<Self>>, Receiver<Arc<Self>>) {
        let (head, tail) = (self.head.0.load(Ordering::Acquire), self.tail.0.load(Ordering::Acquire));
        let ring = Arc::new(self);
        (Sender { ring: Arc::clone(&ring), tail, head }, Receiver { ring, head, tail })
    }

    /// So many slots from a position on: up to the last one, and from the first one on.
    #[inline(always)]
    fn run(&self, at: usize, count: usize) -> (&[Slot<T>], &[Slot<T>]) {
        let (before, behind) = self.slots.split_at(at & Self::MASK);
        let first = count.min(behind.len());
        (&behind[..first], &before[..(count - first).min(before.len())])
    }

    /// Writes the slot at a position.
    ///
    /// # Safety
    /// 1. The position is the sender's: from the tail on, and less than `N` from the head; 2. the caller is the sender.
    #[inline(always)]
    unsafe fn write(&self, at: usize, packet: T) {
        self.slots[at & Self::MASK].with_mut(|slot| {
            // SAFETY: 1. the slot is the sender's (1, 2), so nobody reads or writes it now; 2. it lies in the ring, aligned.
            unsafe { slot.write(MaybeUninit::new(packet)) };
        });
    }

    /// Reads the slot at a position.
    ///
    /// # Safety
    /// 1. The position is the receiver's: from the head on, and before the tail; 2. the caller is the receiver.
    #[inline(always)]
    unsafe fn read(&self, at: usize) -> T {
        self.slots[at & Self::MASK].with(|slot| {
            // SAFETY: 1. the slot is the receiver's (1, 2), so nobody writes it now; 2. it was written before the tail went past it.
            unsafe { (*slot).assume_init() }
        })
    }
}

/// Writes a run of slots, with packets from the first on: all at once, which the processor may do line by line.
///
/// # Safety
/// 1. The slots are the caller's: nobody else reads or writes them.
#[cfg(not(loom))]
#[inline(always)]
unsafe fn fill<T: Copy>(slots: &[Slot<T>], packets: &[T]) {
    let count = slots.len().min(packets.len());
    // SAFETY: 1. both have so many; a slot is laid out as what is in it, and may be written through a shared reference; 2. the slots are the caller's, so
    // packets do not lie in them.
    unsafe { core::ptr::copy_nonoverlapping(packets.as_ptr(), slots.as_ptr().cast_mut().cast(), count) };
}

/// The same, slot by slot, for the model checker.
///
/// # Safety
/// 1. The slots are the caller's: nobody else reads or writes them.
#[cfg(loom)]
unsafe fn fill<T: Copy>(slots: &[Slot<T>], packets: &[T]) {
    for (slot, &packet) in slots.iter().zip(packets) {
        slot.with_mut(|slot| {
            // SAFETY: 1. the slot is the caller's, and lies in the ring, aligned.
            unsafe { slot.write(MaybeUninit::new(packet)) };
        });
    }
}

impl<R: Deref<Target = Ring<T, N>>, T: Copy, const N: usize> Sender<R> {
    /// How many packets fit now, at least: `wanted` or more if there is room for as many.
    #[inline(always)]
    fn room(&mut self, wanted: usize) -> usize {
        let room = N - distance(self.head, self.tail);
        if room >= wanted {
            return room;
        }
        self.head = self.ring.head.0.load(Ordering::Acquire);
        N - distance(self.head, self.tail)
    }

    /// Puts a packet in.
    ///
    /// # Errors
    /// Gives it back if the ring is full.
    #[inline(always)]
    pub fn push(&mut self, packet: T) -> Result<(), Full<T>> {
        if self.room(1) == 0 {
            return Err(Full(packet));
        }
        // SAFETY: 1. there is room, so the tail is less than `N` from the head; 2. this is the sender.
        unsafe { self.ring.write(self.tail, packet) };
        self.tail = self.tail.wrapping_add(1);
        self.ring.tail.0.store(self.tail, Ordering::Release);
        Ok(())
    }

    /// Makes a packet where it is to lie, if there is room; whether there was.
    #[inline(always)]
    pub fn push_with(&mut self, make: impl FnOnce() -> T) -> bool {
        if self.room(1) == 0 {
            return false;
        }
        // SAFETY: 1. there is room, so the tail is less than `N` from the head; 2. this is the sender.
        unsafe { self.ring.write(self.tail, make()) };
        self.tail = self.tail.wrapping_add(1);
        self.ring.tail.0.store(self.tail, Ordering::Release);
        true
    }

    /// Puts as many packets in as fit, and lets the receiver see them all at once; how many.
    #[inline]
    pub fn push_all(&mut self, packets: &[T]) -> usize {
        let count = self.room(packets.len()).min(packets.len());
        let (first, second) = self.ring.run(self.tail, count);
        let (one, two) = packets[..count].split_at(first.len());
        // SAFETY: 1. there is room for `count` from the tail on, and this is the sender, so the slots are the sender's.
        unsafe {
            fill(first, one);
            fill(second, two);
        }
        self.tail = self.tail.wrapping_add(count);
        self.ring.tail.0.store(self.tail, Ordering::Release);
        count
    }
}

impl<R: Deref<Target = Ring<T, N>>, T: Copy, const N: usize> Receiver<R> {
    /// How many packets there are now, at least: `wanted` or more if there are as many.
    #[inline(always)]
    fn waiting(&mut self, wanted: usize) -> usize {
        let waiting = distance(self.head, self.tail);
        if waiting >= wanted {
            return waiting;
        }
        self.tail = self.ring.tail.0.load(Ordering::Acquire);
        distance(self.head, self.tail)
    }

    /// Takes the next packet out; `None` if there is none.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<T> {
        if self.waiting(1) == 0 {
            return None;
        }
        // It is where it goes before the slot is given back: so it is copied once.
        // SAFETY: 1. the head is before the tail; 2. this is the receiver.
        let packet = Some(unsafe { self.ring.read(self.head) });
        self.head = self.head.wrapping_add(1);
        self.ring.head.0.store(self.head, Ordering::Release);
        packet
    }

    /// Looks at the next packet where it lies, and takes it out; `None` if there is none.
    #[inline(always)]
    pub fn pop_with<O>(&mut self, with: impl FnOnce(&T) -> O) -> Option<O> {
        if self.waiting(1) == 0 {
            return None;
        }
        let result = self.ring.slots[self.head & Ring::<T, N>::MASK].with(|slot| {
            // SAFETY: 1. the head is before the tail, so the slot was written, and is the receiver's until the head goes past it; 2. this is the receiver.
            with(unsafe { (*slot).assume_init_ref() })
        });
        self.head = self.head.wrapping_add(1);
        self.ring.head.0.store(self.head, Ordering::Release);
        Some(result)
    }

    /// Looks at up to so many packets where they lie, one after the other, and then gives all their slots back at once; how many.
    #[inline]
    pub fn pop_all(&mut self, most: usize, mut with: impl FnMut(&T)) -> usize {
        let count = self.waiting(most).min(most);
        let (first, second) = self.ring.run(self.head, count);
        for run in [first, second] {
            for slot in run {
                slot.with(|slot| {
                    // SAFETY: 1. `count` packets wait from the head on, so the slot was written, and is the receiver's until the head goes past it; 2. this is
                    // the receiver.
                    with(unsafe { (*slot).assume_init_ref() });
                });
            }
        }
        self.head = self.head.wrapping_add(count);
        self.ring.head.0.store(self.head, Ordering::Release);
        count
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn what_goes_in_comes_out_in_order_also_where_counts_go_round() {
        for start in [0, usize::MAX - 5] {
            let mut ring = Ring::<u64, 4>::counting_from(start);
            let (mut sender, mut receiver) = ring.split();
            let (mut next, mut seen) = (0, 0);
            for turn in 0..100_usize {
                for _ in 0..turn % 6 {
                    match sender.push(next) {
                        Ok(()) => next += 1,
                        Err(Full(packet)) => assert_eq!((packet, next - seen), (next, 4)),
                    }
                }
                for _ in 0..turn % 5 {
                    match receiver.pop() {
                        Some(packet) => {
                            assert_eq!(packet, seen);
                            seen += 1;
                        }
                        None => assert_eq!(seen, next),
                    }
                }
            }
            assert!(seen > 100);
        }
    }

    #[test]
    fn batches_take_what_fits() {
        let mut ring = Ring::<u32, 8>::counting_from(usize::MAX - 2);
        let (mut sender, mut receiver) = ring.split();
        let all: Vec<u32> = (0..11).collect();
        assert_eq!((sender.push_all(&all), sender.push_all(&all[8..]), sender.push(9)), (8, 0, Err(Full(9))));
        let mut got = Vec::new();
        assert_eq!(receiver.pop_all(3, |packet| got.push(*packet)), 3);
        assert_eq!(sender.push_all(&all[8..]), 3);
        assert_eq!(receiver.pop_all(100, |packet| got.push(*packet)), 8);
        assert_eq!((got, receiver.pop()), (all, None));
        assert_eq!(
            (sender.push(7), receiver.pop_with(|packet| packet + 1), receiver.pop_with(|_| ())),
            (Ok(()), Some(8), None)
        );
    }

    #[test]
    fn what_was_not_received_waits_for_the_next_ends() {
        let mut ring = Ring::<u8, 2>::new();
        ring.split().0.push_all(&[1, 2]);
        let (mut sender, mut receiver) = ring.split();
        assert_eq!(
            (sender.push(3), receiver.pop(), receiver.pop(), receiver.pop()),
            (Err(Full(3)), Some(1), Some(2), None)
        );
        let full = || unreachable!("there is no room for it");
        assert!(sender.push_with(|| 4) && sender.push_with(|| 5) && !sender.push_with(full));
        assert_eq!((receiver.pop(), receiver.pop(), receiver.pop()), (Some(4), Some(5), None));
    }

    #[test]
    fn threads_hand_over_everything_in_order() {
        const COUNT: u64 = 300_000;
        let mut ring = Ring::<[u64; 8], 64>::counting_from(usize::MAX - 1000);
        let (mut sender, mut receiver) = ring.split();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for number in 0..COUNT {
                    while sender.push([number; 8]).is_err() {
                        std::thread::yield_now();
                    }
                }
            });
            let mut seen = 0;
            while seen < COUNT {
                let count = receiver.pop_all(16, |packet| {
                    assert_eq!(*packet, [seen; 8]);
                    seen += 1;
                });
                if count == 0 {
                    std::thread::yield_now();
                }
            }
        });
    }
}
