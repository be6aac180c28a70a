//! Who is to be woken when.

use crate::slot::Key;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use spin::Mutex;
use velocity_base::Instant;

/// Agents that wait for a time. An agent waits for one time only, so there are no more entries than agents were ever waiting at once.
#[derive(Debug)]
pub(crate) struct Timers {
    all: Mutex<BTreeSet<(Instant, Key)>>,
    /// The earliest time, in nanoseconds.
    next: AtomicU64,
}

impl Default for Timers {
    fn default() -> Self {
        Self { all: Mutex::default(), next: AtomicU64::new(u64::MAX) }
    }
}

impl Timers {
    /// Notes that an agent is to be woken then.
    pub(crate) fn add(&self, at: Instant, key: Key) {
        let mut all = self.all.lock();
        all.insert((at, key));
        self.note(&all);
    }

    /// An agent waits no more.
    pub(crate) fn remove(&self, at: Instant, key: Key) {
        let mut all = self.all.lock();
        all.remove(&(at, key));
        self.note(&all);
    }

    fn note(&self, all: &BTreeSet<(Instant, Key)>) {
        self.next.store(all.first().map_or(u64::MAX, |(at, _)| at.nanos), Ordering::Release);
    }

    /// The earliest time, if anybody waits for one.
    pub(crate) fn next(&self) -> Option<Instant> {
        let nanos = self.next.load(Ordering::Acquire);
        (nanos != u64::MAX).then(|| Instant::from_nanos(nanos))
    }

    /// Those whose time has come, the earliest first.
    pub(crate) fn due(&self, now: Instant) -> Vec<Key> {
        if self.next().is_none_or(|next| next > now) {
            return Vec::new();
        }
        let mut all = self.all.lock();
        let mut due = Vec::new();
        while let Some(&(at, key)) = all.first().filter(|(at, _)| *at <= now) {
            all.remove(&(at, key));
            due.push(key);
        }
        self.note(&all);
        due
    }
}
