//! Clocks: one that a test moves by hand, one that follows the host.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time;
use velocity_base::{Cycles, Duration, Instant};
use velocity_hal::Clock;

/// A clock that stands still until it is moved; a tick is a nanosecond. Clones are the same clock.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock at [`Instant::ZERO`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the clock on by `duration`.
    pub fn advance(&self, duration: Duration) {
        self.advance_to(self.now().after(duration));
    }

    /// Moves the clock on to `instant`; it never goes back.
    pub fn advance_to(&self, instant: Instant) {
        self.0.fetch_max(instant.nanos, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        Instant::from_nanos(self.0.load(Ordering::SeqCst))
    }

    fn cycles(&self) -> Cycles {
        Cycles(self.now().nanos)
    }

    fn cycles_per_second(&self) -> u64 {
        1_000_000_000
    }
}

/// A clock that goes on a little whenever somebody looks at it, and with the waits of a board that has its [`ManualClock`]: whoever does the same
/// sees the same times. A tick is a nanosecond.
#[derive(Clone, Debug)]
pub struct SteppingClock {
    clock: ManualClock,
    step: Duration,
}

impl SteppingClock {
    /// A clock at the time of another one, which it moves on by `step` with each look.
    #[must_use]
    pub const fn new(clock: ManualClock, step: Duration) -> Self {
        Self { clock, step }
    }
}

impl Clock for SteppingClock {
    fn now(&self) -> Instant {
        self.clock.advance(self.step);
        self.clock.now()
    }

    fn cycles(&self) -> Cycles {
        Cycles(self.now().nanos)
    }

    fn cycles_per_second(&self) -> u64 {
        self.clock.cycles_per_second()
    }
}

/// The host's monotonic clock, from the moment of its making; a tick is a nanosecond.
#[derive(Clone, Debug)]
pub struct HostClock(time::Instant);

impl HostClock {
    /// A clock that starts now.
    #[must_use]
    pub fn new() -> Self {
        Self(time::Instant::now())
    }
}

impl Default for HostClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for HostClock {
    fn now(&self) -> Instant {
        Instant::ZERO.after(self.0.elapsed())
    }

    fn cycles(&self) -> Cycles {
        Cycles(self.now().nanos)
    }

    fn cycles_per_second(&self) -> u64 {
        1_000_000_000
    }
}
