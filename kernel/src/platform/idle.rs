//! Sleeping until something happens.

use super::clock::TscClock;
use super::{apic, cores};
use velocity_base::Instant;
use velocity_hal::{Clock, Idle};
use x86_64::instructions::interrupts;

/// Halts the core between interrupts.
pub struct HaltIdle {
    /// The machine's clock.
    pub clock: TscClock,
}

impl Idle for HaltIdle {
    fn wait(&self, deadline: Instant, ready: &dyn Fn() -> bool) {
        loop {
            // Asked with interrupts off: what arrives between the question and `hlt` stays pending and ends it at once.
            interrupts::disable();
            let now = self.clock.now();
            if ready() || now >= deadline {
                interrupts::enable();
                return;
            }
            apic::start_timer(self.clock.timer_ticks(now, deadline));
            interrupts::enable_and_hlt();
        }
    }

    fn wake(&self) {
        cores::wake_system();
    }

    fn relax(&self) {
        core::hint::spin_loop();
    }
}
