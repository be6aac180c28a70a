//! The parts of the machine that commands look at but do not drive.

use crate::engines::Engines;
use crate::machine::BootFacts;
use crate::profiles::Profiles;
use alloc::{sync::Arc, vec::Vec};
use core::fmt;
use velocity_base::Instant;
use velocity_hal::{Clock, Cores, Idle, MemoryReport};
use velocity_pci::{Bus, ClassCode, Function};
use velocity_trace::{Level, Log};

/// Clock, cores, accounts and facts.
pub(crate) struct Platform {
    /// `kernel` or `sim`.
    pub body: &'static str,
    /// How the machine came up.
    pub boot: BootFacts,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// What the core of the system does while it has nothing to do.
    pub idle: Arc<dyn Idle>,
    /// The cores.
    pub cores: Arc<dyn Cores>,
    /// The account of memory.
    pub memory: Arc<dyn MemoryReport>,
    /// What runs programs.
    pub engines: Arc<dyn Engines>,
    /// What is known of the programs that ran last.
    pub profiles: Arc<Profiles>,
    /// The event log.
    pub log: Arc<Log>,
    /// Configuration space.
    pub bus: Bus,
    /// PCI functions as found at the start. Only those that a driver runs have their BARs filled in.
    pub functions: Vec<Function>,
    /// Named instants of the start, oldest first.
    pub stages: Vec<(&'static str, Instant)>,
}

impl Platform {
    /// Marks the end of stage `name` of the start.
    pub(crate) fn reached(&mut self, name: &'static str) {
        self.stages.push((name, self.clock.now()));
    }

    /// Looks for PCI functions. BARs are sized for those that a driver is about to take: sizing makes an emulator
    /// rebuild its memory map, which would be a good part of the start.
    pub(crate) fn find_functions(&mut self) {
        self.functions = self.bus.enumerate();
        self.functions
            .iter_mut()
            .filter(|function| has_driver(function))
            .for_each(|function| self.bus.size_bars(function));
        self.record(Level::Info, "pci", format_args!("{} functions", self.functions.len()));
    }

    /// `function` with its BARs, sized now if no driver runs it.
    pub(crate) fn with_bars(&self, function: &Function) -> Function {
        let mut sized = function.clone();
        if !has_driver(function) {
            self.bus.size_bars(&mut sized);
        }
        sized
    }

    /// Adds a record to the event log.
    pub(crate) fn record(&self, level: Level, source: &'static str, message: fmt::Arguments<'_>) {
        self.log.record(self.clock.now(), level, source, message);
    }
}

/// Whether a driver of this system runs `function`.
pub(crate) fn has_driver(function: &Function) -> bool {
    function.class == ClassCode::NVME
}
