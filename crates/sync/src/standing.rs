//! How something stands that waits for what others do: what happens while it looks is never missed, and of all who wake it one puts it into a queue.
//!
//! | from | to | by |
//! |---|---|---|
//! | ready | running | who took it from a queue |
//! | running | ready | the same one, who puts it into a queue |
//! | running | parked | the same one, if nobody has woken it meanwhile |
//! | running | woken | whoever wakes it; who runs it makes it ready then |
//! | parked | ready | whoever wakes it, who puts it into a queue |
//!
//! So it is in one queue if it is ready, and in none otherwise.
//!
//! Every step is a read-modify-write, even one that changes nothing: who wakes it either sees that it runs, or comes before the step with which its turn begins,
//! and then that turn sees what was done before the waking. A plain load in the one and a plain store in the other would let both miss each other.

use crate::atomic::{AtomicU32, Ordering};

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum State {
    /// It waits for its turn.
    Ready,
    /// It has its turn.
    Running,
    /// The same, and something has happened that it may wait for.
    Woken,
    /// It waits for something.
    Parked,
}

impl State {
    const fn of(number: u32) -> Self {
        match number {
            0 => Self::Ready,
            1 => Self::Running,
            2 => Self::Woken,
            _ => Self::Parked,
        }
    }
}

/// The word that all cores share.
#[derive(Debug)]
pub struct Standing(AtomicU32);

impl Standing {
    /// Parked.
    #[cfg(not(loom))]
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU32::new(State::Parked as u32))
    }

    /// Parked.
    #[cfg(loom)]
    #[must_use]
    pub fn new() -> Self {
        Self(AtomicU32::new(State::Parked as u32))
    }

    /// How it stands now.
    #[must_use]
    pub fn state(&self) -> State {
        State::of(self.0.load(Ordering::Acquire))
    }

    /// Another one stands here from now on, which is parked.
    pub fn begin(&self) {
        self.0.swap(State::Parked as u32, Ordering::AcqRel);
    }

    /// It was taken from a queue.
    pub fn run(&self) {
        self.0.swap(State::Running as u32, Ordering::AcqRel);
    }

    /// Its turn is over, and it goes into a queue.
    pub fn ready(&self) {
        self.0.swap(State::Ready as u32, Ordering::AcqRel);
    }

    /// Its turn is over, and it waits for something; whether it does: if not, it has been woken, and goes into a queue.
    pub fn park(&self) -> bool {
        let (from, to) = (State::Running as u32, State::Parked as u32);
        let parked = self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if !parked {
            self.ready();
        }
        parked
    }

    /// Something has happened that it may wait for; whether it was parked, and goes into a queue now.
    pub fn wake(&self) -> bool {
        let next = |state| match State::of(state) {
            State::Running | State::Woken => Some(State::Woken as u32),
            State::Parked | State::Ready => Some(State::Ready as u32),
        };
        let before = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        before.is_ok_and(|before| State::of(before) == State::Parked)
    }
}

impl Default for Standing {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use loom::sync::atomic::AtomicUsize;
    use loom::thread;

    /// One that waits for what others do, and the queue that it is in or not.
    struct Waiting {
        standing: Standing,
        queued: AtomicUsize,
        done: [AtomicUsize; 2],
    }

    impl Waiting {
        fn new() -> &'static Self {
            let new = || AtomicUsize::new(0);
            Box::leak(Box::new(Self { standing: Standing::new(), queued: new(), done: [new(), new()] }))
        }

        fn enqueue(&self) {
            assert_eq!(self.queued.fetch_add(1, Ordering::AcqRel), 0, "it is in a queue twice");
        }

        /// Does what it may wait for, and wakes it.
        fn act(&self, number: usize) {
            self.done[number].store(1, Ordering::Relaxed);
            if self.standing.wake() {
                self.enqueue();
            }
        }

        /// What was done, as seen in a turn; `None` if it is in no queue.
        fn turn(&self) -> Option<usize> {
            (self.queued.load(Ordering::Acquire) > 0).then(|| {
                self.queued.fetch_sub(1, Ordering::AcqRel);
                self.standing.run();
                let seen = self.done.iter().map(|done| done.load(Ordering::Relaxed)).sum();
                if !self.standing.park() {
                    self.enqueue();
                }
                seen
            })
        }

        /// After all is done: it has seen everything when it is in no queue any more.
        fn ends_having_seen(&self, mut seen: usize, all: usize) {
            while let Some(more) = self.turn() {
                seen = more;
            }
            assert_eq!((seen, self.standing.state()), (all, State::Parked));
        }
    }

    /// It has a turn while another one acts: what was done is seen, whenever that was.
    #[test]
    fn nothing_is_missed() {
        loom::model(|| {
            let waiting = Waiting::new();
            assert!(waiting.standing.wake());
            waiting.enqueue();
            let other = thread::spawn(|| waiting.act(0));
            let seen = [waiting.turn(), waiting.turn()].into_iter().flatten().last().unwrap_or(0);
            other.join().expect("it acts");
            waiting.ends_having_seen(seen, 1);
        });
    }

    /// The same with two that act, of whom one at most puts it into a queue.
    #[test]
    fn one_puts_it_into_a_queue() {
        loom::model(|| {
            let waiting = Waiting::new();
            let others = [0, 1].map(|number| thread::spawn(move || waiting.act(number)));
            let seen = waiting.turn().unwrap_or(0);
            others.into_iter().for_each(|other| other.join().expect("it acts"));
            waiting.ends_having_seen(seen, 2);
        });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn who_is_woken_while_it_runs_does_not_park() {
        let standing = Standing::new();
        assert_eq!((standing.state(), standing.wake(), standing.state()), (State::Parked, true, State::Ready));
        assert!(!standing.wake(), "it is in a queue already");
        standing.run();
        assert!(standing.park() && standing.state() == State::Parked);
        standing.wake();
        standing.run();
        assert_eq!((standing.wake(), standing.wake(), standing.state()), (false, false, State::Woken));
        assert!(!standing.park() && standing.state() == State::Ready, "who parks it puts it into a queue");
    }

    #[test]
    fn of_many_who_wake_it_one_puts_it_into_a_queue() {
        for _ in 0..200 {
            let standing = Standing::new();
            standing.wake();
            standing.run();
            let queued: u32 = std::thread::scope(|scope| {
                let wakers = [(); 3].map(|()| scope.spawn(|| u32::from(standing.wake())));
                let parked = u32::from(!standing.park());
                parked + wakers.into_iter().map(|waker| waker.join().unwrap_or(9)).sum::<u32>()
            });
            assert_eq!((queued, standing.state()), (1, State::Ready));
        }
    }
}
