//! Run queues: a core puts numbers in and takes them out in order, and cores that have nothing take from it.
//!
//! One core puts in; every core may take out, by a compare-and-swap of the head. A slot is written anew only when the head has gone past it, so whoever read a slot and then moves the head
//! from where it was has read what was there (as in the run queues of Go and tokio). Without unsafe code: slots are atomics.

use crate::atomic::{Apart, AtomicU32, AtomicUsize, Ordering};
use crate::ring::Full;
use alloc::sync::Arc;
use core::ops::Deref;

/// How many are taken from another core at once, at most.
const MOST_STOLEN: usize = 32;

/// A queue of at most `N` numbers; `N` is a power of two.
#[derive(Debug)]
pub struct Queue<const N: usize> {
    /// Where the next one is taken. Written by whoever takes.
    head: Apart<AtomicUsize>,
    /// Where the next one is put. Written by the owner.
    tail: Apart<AtomicUsize>,
    slots: [AtomicU32; N],
}

/// The core that puts in. There is one for each queue, which it borrows or shares.
#[derive(Debug)]
pub struct Owner<Q> {
    queue: Q,
    tail: usize,
}

impl<const N: usize> Default for Queue<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Queue<N> {
    const MASK: usize = {
        assert!(N.is_power_of_two(), "a queue has a power of two of slots");
        N - 1
    };

    /// An empty queue.
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
            slots: core::array::from_fn(|_| AtomicU32::new(0)),
        }
    }

    /// The end that puts in, and the queue for all who take. What is in it stays for the next ones.
    pub fn split(&mut self) -> (Owner<&Self>, &Self) {
        let tail = self.tail.0.load(Ordering::Acquire);
        (Owner { queue: self, tail }, self)
    }

    /// The same for ends that live as long as they like.
    #[must_use]
    pub fn share(self) -> (Owner<Arc<Self>>, Arc<Self>) {
        let (tail, queue) = (self.tail.0.load(Ordering::Acquire), Arc::new(self));
        (Owner { queue: Arc::clone(&queue), tail }, queue)
    }

    /// How many are in it, about.
    pub fn len(&self) -> usize {
        let head = self.head.0.load(Ordering::Acquire);
        self.tail.0.load(Ordering::Acquire).wrapping_sub(head).min(N)
    }

    /// Whether nothing is in it, about.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes what was put in first; `None` if there is nothing.
    pub fn take(&self) -> Option<u32> {
        let mut taken = 0;
        self.take_some(|waiting| waiting.min(1), |number| taken = number).then_some(taken)
    }

    /// Takes half of what is there, and no more than [`MOST_STOLEN`], for another core: the first one to go on with at once, the others in its queue, as far as they fit.
    /// `None` if there is nothing.
    pub fn steal<Q: Deref<Target = Queue<M>>, const M: usize>(&self, into: &mut Owner<Q>) -> Option<u32> {
        let room = into.room();
        let (mut got, mut count) = ([0; MOST_STOLEN], 0);
        let put = |number| {
            got[count] = number;
            count += 1;
        };
        if !self.take_some(|waiting| waiting.div_ceil(2).min(MOST_STOLEN).min(1 + room), put) {
            return None;
        }
        let (first, others) = got[..count].split_first()?;
        for &number in others {
            // There was room for it, and only the owner puts in.
            let _ = into.put(number);
        }
        Some(*first)
    }

    /// Takes as many of those that wait as are wanted, all or none; whether any.
    fn take_some(&self, wanted: impl Fn(usize) -> usize, mut with: impl FnMut(u32)) -> bool {
        let mut got = [0; MOST_STOLEN];
        let mut head = self.head.0.load(Ordering::Acquire);
        loop {
            let waiting = self.tail.0.load(Ordering::Acquire).wrapping_sub(head);
            // The head may have moved on meanwhile, and the tail with it: then this is too much, and the exchange fails.
            let count = wanted(waiting.min(N)).min(MOST_STOLEN);
            if count == 0 {
                return false;
            }
            for (at, got) in got[..count].iter_mut().enumerate() {
                *got = self.slots[head.wrapping_add(at) & Self::MASK].load(Ordering::Relaxed);
            }
            let next = head.wrapping_add(count);
            match self.head.0.compare_exchange(head, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    got[..count].iter().for_each(|&number| with(number));
                    return true;
                }
                Err(now) => head = now,
            }
        }
    }
}

impl<Q: Deref<Target = Queue<N>>, const N: usize> Owner<Q> {
    fn room(&self) -> usize {
        N - self.tail.wrapping_sub(self.queue.head.0.load(Ordering::Acquire))
    }

    /// Puts a number in.
    ///
    /// # Errors
    /// Gives it back if the queue is full.
    pub fn put(&mut self, number: u32) -> Result<(), Full<u32>> {
        if self.room() == 0 {
            return Err(Full(number));
        }
        self.queue.slots[self.tail & Queue::<N>::MASK].store(number, Ordering::Relaxed);
        self.tail = self.tail.wrapping_add(1);
        self.queue.tail.0.store(self.tail, Ordering::Release);
        Ok(())
    }

    /// Takes what was put in first; `None` if there is nothing.
    pub fn take(&mut self) -> Option<u32> {
        self.queue.take()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use core::sync::atomic::{AtomicBool, AtomicU64};

    #[test]
    fn numbers_come_out_in_order_also_where_counts_go_round() {
        for start in [0, usize::MAX - 2] {
            let mut queue = Queue::<4>::counting_from(start);
            let (mut owner, all) = queue.split();
            for turn in 0..20 {
                for number in 0..4 {
                    assert_eq!(owner.put(turn * 4 + number), Ok(()));
                }
                assert_eq!((owner.put(99), all.len()), (Err(Full(99)), 4));
                let got: Vec<u32> = core::iter::from_fn(|| all.take()).collect();
                assert_eq!(got, (turn * 4..turn * 4 + 4).collect::<Vec<u32>>());
            }
            assert!(all.is_empty());
        }
    }

    #[test]
    fn a_thief_takes_half_and_no_more_than_fits() {
        let (mut rich, mut poor) = (Queue::<16>::new(), Queue::<2>::new());
        let (mut owner, all) = rich.split();
        let (mut thief, own) = poor.split();
        assert_eq!(all.steal(&mut thief), None);
        (0..9).for_each(|number| assert_eq!(owner.put(number), Ok(())));
        assert_eq!((all.steal(&mut thief), all.len(), own.len()), (Some(0), 6, 2));
        assert_eq!((all.steal(&mut thief), thief.take(), all.len()), (Some(3), Some(1), 5));
        assert_eq!((all.steal(&mut thief), own.take(), own.take(), all.take()), (Some(4), Some(2), Some(5), Some(6)));
    }

    #[test]
    fn everything_is_taken_once() {
        const COUNT: u32 = 200_000;
        let mut queue = Queue::<64>::counting_from(usize::MAX - 1000);
        let (mut owner, all) = queue.split();
        let (done, sum, taken) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
        let order = core::sync::atomic::Ordering::SeqCst;
        let note = |number: u32| {
            sum.fetch_add(number.into(), order);
            taken.fetch_add(1, order);
        };
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut own = Queue::<8>::new();
                    let (mut thief, _) = own.split();
                    while !done.load(order) || !all.is_empty() {
                        all.steal(&mut thief).into_iter().for_each(note);
                        core::iter::from_fn(|| thief.take()).for_each(note);
                    }
                });
            }
            for number in 0..COUNT {
                while owner.put(number).is_err() {
                    owner.take().into_iter().for_each(note);
                }
            }
            done.store(true, order);
        });
        core::iter::from_fn(|| all.take()).for_each(note);
        let expected = u64::from(COUNT) * u64::from(COUNT - 1) / 2;
        assert_eq!((taken.load(order), sum.load(order)), (COUNT.into(), expected));
    }
}

/// `RUSTFLAGS="--cfg loom" cargo test --release -p velocity-sync`
#[cfg(all(test, loom))]
mod models {
    use super::*;
    use loom::thread;

    /// An owner that puts and takes, and a thief: each number is taken once.
    #[test]
    fn each_number_is_taken_once() {
        for start in [0, usize::MAX - 1] {
            loom::model(move || {
                let (mut owner, all) = Box::leak(Box::new(Queue::<2>::counting_from(start))).split();
                let all: &'static Queue<2> = all;
                let thief = thread::spawn(move || {
                    let (mut own, _) = Box::leak(Box::new(Queue::<2>::new())).split();
                    let mut seen = [0; 4];
                    for _ in 0..2 {
                        let first = all.steal(&mut own);
                        first.into_iter().chain(own.take()).for_each(|number| seen[number as usize] += 1);
                    }
                    seen
                });
                let (mut seen, mut put) = ([0; 4], 0);
                for number in 0..3 {
                    put += usize::from(owner.put(number).is_ok());
                    if number == 1 {
                        owner.take().into_iter().for_each(|number| seen[number as usize] += 1);
                    }
                }
                let others = thief.join().expect("the thief ends");
                while let Some(number) = owner.take() {
                    seen[number as usize] += 1;
                }
                let total: usize = seen.iter().zip(others).map(|(one, other)| one + other).sum();
                assert_eq!(total, put);
                assert!(seen.iter().zip(others).all(|(one, other)| one + other <= 1));
            });
        }
    }
}
