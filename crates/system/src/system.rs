//! The system: starts a machine, then does bounded work at every step.

use crate::machine::Machine;
use alloc::vec::Vec;
use velocity_base::{Duration, Instant};

/// Longest sleep between two steps when nothing is due.
const IDLE: Duration = Duration::from_millis(500);

/// What the body's loop does after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// There is more to do: call [`System::step`] again at once.
    Again,
    /// Nothing to do before this instant unless input arrives: call [`System::wait`], then step.
    WaitUntil(Instant),
    /// Switch the machine off.
    PowerOff,
    /// Start the machine anew.
    Reboot,
}

/// A running system on one machine.
pub struct System {
    machine: Machine,
    stages: Vec<(&'static str, Instant)>,
}

impl System {
    /// Brings the machine up to its first prompt. Never fails: what is missing or broken is reported on the screen.
    #[must_use]
    pub fn start(machine: Machine) -> Self {
        let stages = machine.boot.stages.clone();
        Self { machine, stages }
    }

    /// Does a bounded amount of work: input, a slice of the running command, one screen update.
    pub fn step(&mut self) -> Next {
        Next::WaitUntil(self.machine.clock.now().after(IDLE))
    }

    /// Whether a command line is awaited and everything written so far is out.
    #[must_use]
    pub fn at_prompt(&self) -> bool {
        false
    }

    /// Sleeps until `until`, an input event or an interrupt.
    pub fn wait(&self, until: Instant) {
        self.machine.idle.wait(until, &|| self.machine.input.is_waiting());
    }

    /// Named instants of the start, oldest first: the body's own, then `start`, `console`, `pci`, `nvme`, `volumes`,
    /// `prompt`.
    #[must_use]
    pub fn stages(&self) -> &[(&'static str, Instant)] {
        &self.stages
    }
}
