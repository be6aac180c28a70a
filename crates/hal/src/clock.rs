//! Time and waiting.

use velocity_base::{Cycles, Instant};

/// A monotonic clock.
pub trait Clock: Send + Sync {
    /// Nanoseconds since this machine's clock started.
    fn now(&self) -> Instant;

    /// The raw time-stamp counter.
    fn cycles(&self) -> Cycles;

    /// Ticks of [`Clock::cycles`] per second, as calibrated.
    fn cycles_per_second(&self) -> u64;
}

/// What a core does while it has nothing to do.
pub trait Idle: Send + Sync {
    /// Sleeps until `ready` answers true or `deadline` passes, waking at least for every interrupt and input event.
    ///
    /// `ready` is asked again after every wake-up and must be cheap. No wake-up is lost between asking and sleeping.
    fn wait(&self, deadline: Instant, ready: &dyn Fn() -> bool);

    /// Lets the core that waits ask `ready` again, or the next one that waits ask at once. Any core may call this.
    fn wake(&self);

    /// One turn of a polling loop: lets the other hyper-thread (or the device model) make progress.
    fn relax(&self);
}
