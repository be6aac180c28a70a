//! The input queue: window, terminal and scripts push, the system takes.

use crate::WakeHandle;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use velocity_hal::{Input, InputEvent};

struct Shared {
    events: Mutex<VecDeque<InputEvent>>,
    /// Length of `events`, so that an idle loop looks without locking. Written under the lock.
    waiting: AtomicUsize,
    lost: AtomicU64,
    capacity: usize,
    wake: WakeHandle,
}

/// The system's end of a bounded queue.
pub struct QueueInput(Arc<Shared>);

/// A producer's end; clones feed the same queue from any thread.
#[derive(Clone)]
pub struct InputHandle(Arc<Shared>);

impl QueueInput {
    /// An empty queue of at most `capacity` events; each event wakes through `wake`.
    #[must_use]
    pub fn new(capacity: usize, wake: WakeHandle) -> Self {
        let (waiting, lost) = (AtomicUsize::new(0), AtomicU64::new(0));
        Self(Arc::new(Shared { events: Mutex::default(), waiting, lost, capacity, wake }))
    }

    /// A producer's end.
    #[must_use]
    pub fn handle(&self) -> InputHandle {
        InputHandle(Arc::clone(&self.0))
    }
}

impl InputHandle {
    /// Adds `event`; false (and counted) when the queue is full.
    pub fn push(&self, event: InputEvent) -> bool {
        let mut events = self.0.events.lock().unwrap_or_else(PoisonError::into_inner);
        let room = events.len() < self.0.capacity;
        if room {
            events.push_back(event);
            self.0.waiting.store(events.len(), Ordering::Release);
            drop(events);
            self.0.wake.wake();
        } else {
            self.0.lost.fetch_add(1, Ordering::Relaxed);
        }
        room
    }

    /// How many events wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Acquire)
    }
}

impl Input for QueueInput {
    fn next(&mut self) -> Option<InputEvent> {
        if !self.is_waiting() {
            return None;
        }
        let mut events = self.0.events.lock().unwrap_or_else(PoisonError::into_inner);
        let event = events.pop_front();
        self.0.waiting.store(events.len(), Ordering::Release);
        event
    }

    fn is_waiting(&self) -> bool {
        self.0.waiting.load(Ordering::Acquire) != 0
    }

    fn lost(&self) -> u64 {
        self.0.lost.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    fn byte(byte: u8) -> InputEvent {
        InputEvent::Byte { port: 0, byte }
    }

    #[test]
    fn a_full_queue_keeps_the_oldest_and_counts_the_rest() {
        let mut queue = QueueInput::new(2, WakeHandle::new());
        let handle = queue.handle();
        assert_eq!([1, 2, 3].map(|value| handle.push(byte(value))), [true, true, false]);
        assert_eq!((queue.next(), queue.next(), queue.next()), (Some(byte(1)), Some(byte(2)), None));
        assert_eq!((queue.is_waiting(), queue.lost()), (false, 1));
    }

    #[test]
    fn producers_on_several_threads_lose_nothing() {
        let mut queue = QueueInput::new(usize::MAX, WakeHandle::new());
        let producers: Vec<_> = (0..4)
            .map(|_| {
                let handle = queue.handle();
                thread::spawn(move || (0..250).for_each(|value| assert!(handle.push(byte(value)))))
            })
            .collect();
        producers.into_iter().for_each(|producer| producer.join().unwrap());
        let taken = std::iter::from_fn(|| queue.next()).count();
        assert_eq!((taken, queue.lost()), (1000, 0));
    }
}
