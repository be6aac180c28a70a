//! The reference interpreter: what a program means is what this does.
//!
//! It walks the typed core tree with two stacks of its own: tasks still to do, and values (locals of every active
//! call, then operands). So a run can stop between any two nodes and go on later, and no program can overflow the
//! host's stack. `ops` holds the operators, `machine` the walk, `trap` how a run can fail.
//!
//! Fuel: evaluating a core node costs one unit, charged before its operands; nothing else costs any. Slices and host
//! never change what a program does, how much fuel it needs, or where it traps.

mod machine;
mod ops;
#[cfg(test)]
mod tests;
mod trap;

pub use trap::{StartError, Trap, TrapKind};

use crate::core::{Module, Value};
use alloc::sync::Arc;
use machine::{Machine, Stop};

/// What a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many core nodes may be evaluated in all.
    pub fuel: u64,
    /// How many calls may be active at once, the entry function included.
    pub call_depth: u32,
    /// How many values and pending tasks the interpreter's stacks may hold; each takes at most 12 bytes. A run may
    /// pass this by one call's locals before it is noticed.
    pub stack_slots: u32,
}

impl Default for Limits {
    /// 20 million nodes, 10,000 calls, 131,072 slots: about a second at most and about a mebibyte.
    fn default() -> Self {
        Self { fuel: 20_000_000, call_depth: 10_000, stack_slots: 1 << 17 }
    }
}

/// What a program may ask of the world around it.
pub trait Host {
    /// The capability `sys::print`: shows a value.
    fn print(&mut self, value: Value);
}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The slice is used up; resume to go on.
    Suspended,
    /// The entry function returned this.
    Finished(Option<Value>),
    /// The program failed.
    Trapped(Trap),
}

/// A program being run.
#[derive(Debug)]
pub struct Interpreter {
    module: Arc<Module>,
    machine: Machine,
    limits: Limits,
    fuel_used: u64,
    /// Set once the run is over.
    outcome: Option<Progress>,
}

impl Interpreter {
    /// Prepares a call of the function `entry`, which must have no parameters. Nothing runs yet.
    ///
    /// # Errors
    /// [`StartError`] if there is no such function or it has parameters.
    pub fn new(module: Arc<Module>, entry: &str, limits: Limits) -> Result<Self, StartError> {
        let found = module.functions.iter().find(|(_, function)| function.name == entry);
        let Some((id, function)) = found else {
            return Err(StartError::NoSuchFunction { name: entry.into() });
        };
        if function.parameters > 0 {
            return Err(StartError::HasParameters { name: entry.into() });
        }
        let machine = Machine::new(&module, id, limits);
        Ok(Self { module, machine, limits, fuel_used: 0, outcome: None })
    }

    /// Runs for at most `slice` units of fuel. After the end it gives the outcome again and does nothing.
    pub fn resume(&mut self, host: &mut dyn Host, slice: u64) -> Progress {
        if let Some(outcome) = &self.outcome {
            return outcome.clone();
        }
        let budget = slice.min(self.limits.fuel - self.fuel_used);
        let (stop, left) = self.machine.run(&self.module, host, budget);
        self.fuel_used += budget - left;
        let outcome = match stop {
            Stop::Budget(_) if self.fuel_used < self.limits.fuel => return Progress::Suspended,
            Stop::Budget(at) => self.trap(TrapKind::FuelExhausted, at),
            Stop::Fault(kind, at) => self.trap(kind, at),
            Stop::Returned(value) => Progress::Finished(value),
        };
        self.outcome = Some(outcome.clone());
        outcome
    }

    /// Fuel used so far.
    #[must_use]
    pub const fn fuel_used(&self) -> u64 {
        self.fuel_used
    }

    #[cold]
    fn trap(&self, kind: TrapKind, at: crate::core::ExprId) -> Progress {
        let function = self.machine.function(&self.module).name.clone();
        Progress::Trapped(Trap { kind, span: self.module.spans[at], function })
    }
}
