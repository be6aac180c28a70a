//! The parts of the machine that commands look at but do not drive.

use crate::machine::BootFacts;
use alloc::{sync::Arc, vec::Vec};
use core::fmt;
use velocity_base::Instant;
use velocity_hal::{Clock, Cores, MemoryReport};
use velocity_trace::{Level, Log};

/// Clock, cores, accounts and facts.
pub(crate) struct Platform {
    /// `kernel` or `sim`.
    pub body: &'static str,
    /// How the machine came up.
    pub boot: BootFacts,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The cores.
    pub cores: Arc<dyn Cores>,
    /// The account of memory.
    pub memory: Arc<dyn MemoryReport>,
    /// The event log.
    pub log: Arc<Log>,
    /// PCI functions as found at the start.
    pub functions: Vec<velocity_pci::Function>,
    /// Named instants of the start, oldest first.
    pub stages: Vec<(&'static str, Instant)>,
}

impl Platform {
    /// Marks the end of stage `name` of the start.
    pub(crate) fn reached(&mut self, name: &'static str) {
        self.stages.push((name, self.clock.now()));
    }

    /// Adds a record to the event log.
    pub(crate) fn record(&self, level: Level, source: &'static str, message: fmt::Arguments<'_>) {
        self.log.record(self.clock.now(), level, source, message);
    }
}
