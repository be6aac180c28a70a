//! Waiting on the board: devices get their turn, then the host thread sleeps or the manual clock jumps.

use crate::pci::PciBus;
use crate::{ManualClock, WakeHandle};
use std::hint;
use std::sync::Arc;
use velocity_base::{Duration, Instant};
use velocity_hal::{Clock, Idle};

/// How far one turn of a polling loop moves a manual clock at most.
const RELAX_STEP: Duration = Duration::from_micros(10);

/// The end of time: a deadline that never comes.
const NEVER: Instant = Instant::from_nanos(u64::MAX);

pub(crate) struct BoardIdle {
    pub(crate) bus: Arc<PciBus>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) manual: Option<ManualClock>,
    pub(crate) wake: WakeHandle,
}

impl Idle for BoardIdle {
    /// With a manual clock nothing but another thread can end a wait without deadline, so that one sleeps.
    fn wait(&self, deadline: Instant, ready: &dyn Fn() -> bool) {
        loop {
            let seen = self.wake.count();
            if ready() {
                return;
            }
            let now = self.clock.now();
            let (ticked, next) = self.bus.tick(now);
            if now >= deadline {
                return;
            }
            if ticked {
                continue;
            }
            let until = next.map_or(deadline, |next| next.min(deadline));
            match &self.manual {
                Some(clock) if until != NEVER => clock.advance_to(until),
                _ => self.wake.sleep(seen, (until != NEVER).then(|| until.since(now))),
            }
        }
    }

    fn wake(&self) {
        self.wake.wake();
    }

    fn relax(&self) {
        let now = self.clock.now();
        let (ticked, next) = self.bus.tick(now);
        match &self.manual {
            Some(clock) if !ticked => {
                let step = now.after(RELAX_STEP);
                clock.advance_to(next.map_or(step, |next| next.min(step)));
            }
            _ => hint::spin_loop(),
        }
    }
}
