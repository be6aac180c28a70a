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

/// Longest sleep: how late a lost interrupt or an unplugged device is noticed.
const LONGEST_SLEEP: Duration = Duration::from_millis(10);

/// Shortest sleep when nothing will end it; later ones last an eighth of the wait so far, so that a long wait costs few
/// wake-ups and is overslept by little.
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
    announced: bool,
}

impl Wait {
    /// A wait for completions, which an interrupt announces if there is one.
    pub(crate) fn for_completion(platform: &Platform) -> Self {
        Self::new(platform, platform.interrupt.is_some())
    }

    /// A wait for a register to change, which nothing announces.
    pub(crate) fn for_register(platform: &Platform) -> Self {
        Self::new(platform, false)
    }

    fn new(platform: &Platform, announced: bool) -> Self {
        let now = platform.clock.now();
        Self { started: now, asked: now, turns: 0, announced }
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
            let eighth = now.since(self.started) / 8;
            let sleep = if self.announced { LONGEST_SLEEP } else { eighth.clamp(SLEEP_WITHOUT, LONGEST_SLEEP) };
            platform.idle.wait(deadline.min(now.after(sleep)), ready);
        } else {
            self.turns += 1;
            platform.idle.relax();
        }
    }
}
