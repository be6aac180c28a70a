//! Waking the system thread: from a device's interrupt or from another host thread.
//!
//! A wake-up is a step of a counter, so none is lost between looking and sleeping; the lock is taken only when somebody
//! sleeps, because most interrupts arrive while the driver is still running.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

#[derive(Default)]
struct Shared {
    /// Wake-ups so far. Written by wakers, read by the sleeper.
    count: AtomicU64,
    /// Threads between announcing sleep and leaving it. Written by sleepers, read by wakers.
    sleepers: AtomicU32,
    gate: Mutex<()>,
    bell: Condvar,
}

/// Wakes whoever sleeps on the board; clones wake the same sleeper. Usable from any thread.
#[derive(Clone, Default)]
pub struct WakeHandle(Arc<Shared>);

impl WakeHandle {
    /// A handle of its own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the sleep under way, or the next one if nobody sleeps yet.
    pub fn wake(&self) {
        self.0.count.fetch_add(1, Ordering::SeqCst);
        // Sequential consistency: either the sleeper sees the new count, or this sees the sleeper.
        if self.0.sleepers.load(Ordering::SeqCst) != 0 {
            drop(self.0.gate.lock().unwrap_or_else(PoisonError::into_inner));
            self.0.bell.notify_all();
        }
    }

    /// The number of wake-ups so far; to be read before looking for work.
    pub(crate) fn count(&self) -> u64 {
        self.0.count.load(Ordering::SeqCst)
    }

    /// Sleeps until the count differs from `seen` or `limit` has passed (`None`: no limit).
    pub(crate) fn sleep(&self, seen: u64, limit: Option<Duration>) {
        self.0.sleepers.fetch_add(1, Ordering::SeqCst);
        let gate = self.0.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let asleep = |(): &mut ()| self.count() == seen;
        match limit {
            Some(limit) => drop(self.0.bell.wait_timeout_while(gate, limit, asleep)),
            None => drop(self.0.bell.wait_while(gate, asleep)),
        }
        self.0.sleepers.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn a_wake_up_before_the_sleep_is_not_lost() {
        let wake = WakeHandle::new();
        let seen = wake.count();
        wake.wake();
        wake.sleep(seen, None);
    }

    #[test]
    fn two_threads_that_only_wake_each_other_never_stop() {
        let (ping, pong) = (WakeHandle::new(), WakeHandle::new());
        let (heard, answer) = (ping.clone(), pong.clone());
        let other = thread::spawn(move || {
            for turn in 0..10_000 {
                heard.sleep(turn, None);
                answer.wake();
            }
        });
        for turn in 0..10_000 {
            ping.wake();
            pong.sleep(turn, None);
        }
        other.join().unwrap();
    }
}
