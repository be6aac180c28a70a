//! Waiting for a device: a short polling phase, then sleep. Bounded by the caller's deadline, never by a count alone.

use alloc::sync::Arc;
use velocity_base::{Duration, Instant};
use velocity_hal::{Clock, Idle, InterruptLine};

/// How long a wait polls before it sleeps: about what an interrupt and a wake-up cost.
const POLLING: Duration = Duration::from_micros(20);

/// Most polling turns, for a clock that stands still while nobody sleeps.
const POLLING_TURNS: u32 = 256;

/// How long a device may be silent before it is asked whether it is still there.
const SUSPICION: Duration = Duration::from_millis(10);

/// Longest sleep when an interrupt will end it: how late a lost interrupt or an unplugged device is noticed.
const SLEEP_WITH_INTERRUPT: Duration = Duration::from_millis(10);

/// Longest sleep when nothing will end it.
const SLEEP_WITHOUT: Duration = Duration::from_micros(100);

/// What waiting takes from the machine.
#[derive(Clone)]
pub(crate) struct Platform {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) idle: Arc<dyn Idle>,
    pub(crate) interrupt: Option<Arc<dyn InterruptLine>>,
}

impl Platform {
    /// Whether the interrupt arrived since it was last acknowledged.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupt.as_ref().is_some_and(|line| line.is_pending())
    }

    /// Forgets interrupts that arrived so far. Look for completions after this, not before.
    pub(crate) fn acknowledge(&self) {
        if let Some(line) = &self.interrupt {
            line.take();
        }
    }
}

/// One wait in progress.
pub(crate) struct Wait {
    started: Instant,
    asked: Instant,
    turns: u32,
    asleep_at_most: Duration,
}

impl Wait {
    /// A wait for completions, which an interrupt announces if there is one.
    pub(crate) fn for_completion(platform: &Platform) -> Self {
        let limit = if platform.interrupt.is_some() { SLEEP_WITH_INTERRUPT } else { SLEEP_WITHOUT };
        Self::new(platform, limit)
    }

    /// A wait for a register to change, which nothing announces.
    pub(crate) fn for_register(platform: &Platform) -> Self {
        Self::new(platform, SLEEP_WITHOUT)
    }

    fn new(platform: &Platform, asleep_at_most: Duration) -> Self {
        let now = platform.clock.now();
        Self { started: now, asked: now, turns: 0, asleep_at_most }
    }

    /// Whether the next [`Wait::pause`] sleeps.
    pub(crate) fn is_long(&self, now: Instant) -> bool {
        self.turns >= POLLING_TURNS || now.since(self.started) >= POLLING
    }

    /// Whether it is time to ask the device, by a register, whether it is still there; then not again for a while.
    pub(crate) fn is_suspicious(&mut self, now: Instant) -> bool {
        let due = now.since(self.asked) >= SUSPICION;
        if due {
            self.asked = now;
        }
        due
    }

    /// One turn: polls or sleeps, until `ready`, `deadline` or the limit of one sleep.
    pub(crate) fn pause(&mut self, platform: &Platform, deadline: Instant, ready: &dyn Fn() -> bool) {
        let now = platform.clock.now();
        if self.is_long(now) {
            platform.idle.wait(deadline.min(now.after(self.asleep_at_most)), ready);
        } else {
            self.turns += 1;
            platform.idle.relax();
        }
    }
}
