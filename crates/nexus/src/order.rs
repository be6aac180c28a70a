//! What a new agent is to be, and why there may be none.

use crate::budget::Budget;
use crate::class::Class;
use crate::supervise::Restart;
use alloc::boxed::Box;
use core::fmt;
use velocity_gate::{Candidate, Capabilities, Origin, Policy, Program, Verdict, admit};

/// A program that is to live.
#[derive(Clone, Debug)]
pub enum Source<'a> {
    /// Text.
    Text(&'a str),
    /// A binary document.
    Document(&'a [u8]),
    /// One that was admitted before, by a policy that grants what the agent may do.
    Program(Program),
}

/// What a new agent is to be.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// Its program.
    pub source: Source<'a>,
    /// What it is called.
    pub name: &'a str,
    /// How urgent it is.
    pub class: Class,
    /// The pages of linear memory that it may have.
    pub pages: u32,
    /// What those below it may have together; if it says nothing, half of what is left above it if its program makes agents, and nothing otherwise.
    pub below: Option<Budget>,
    /// What it may do, as far as the one above it may.
    pub capabilities: Capabilities,
    /// Fuel that it may use each time it is begun.
    pub fuel: u64,
    /// Slots of the stack that its calls may take.
    pub stack_slots: u32,
    /// Whether it is begun anew when it has ended.
    pub restart: Restart,
}

impl<'a> Order<'a> {
    /// One that may do what the one above it may, has 16 pages and 16,384 slots, and as much fuel as there is.
    #[must_use]
    pub const fn new(name: &'a str, source: Source<'a>) -> Self {
        Self {
            source,
            name,
            class: Class::Normal,
            pages: 16,
            below: None,
            capabilities: Capabilities::ALL,
            fuel: u64::MAX,
            stack_slots: 1 << 14,
            restart: Restart::Never,
        }
    }
}

/// Why there is no new agent.
#[derive(Clone, Debug)]
pub enum SpawnError {
    /// The gate does not admit its program.
    Refused(Box<Verdict>),
    /// It needs what the one above it may not do.
    NotGranted,
    /// It would take more than the one above it may still give away.
    Budget {
        /// What it would take.
        wanted: Budget,
        /// What is left.
        left: Budget,
    },
    /// The one above it has ended.
    Ended,
}

impl fmt::Display for SpawnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(verdict) => write!(f, "the gate refuses it, with {} findings", verdict.findings.len()),
            Self::NotGranted => f.write_str("it needs capabilities that the agent above it does not have"),
            Self::Budget { wanted, left } => write!(
                f,
                "it takes {} agents and {} pages of 64 KiB, and there are {} and {} left; end others or ask for less",
                wanted.agents, wanted.pages, left.agents, left.pages
            ),
            Self::Ended => f.write_str("the agent above it has ended"),
        }
    }
}

impl core::error::Error for SpawnError {}

/// Has the gate admit a program.
pub(crate) fn admitted(order: &Order<'_>, origin: Origin, may: Capabilities) -> Result<Program, SpawnError> {
    let candidate = match &order.source {
        Source::Text(source) => Candidate::Text { name: order.name, source },
        Source::Document(bytes) => Candidate::Document(bytes),
        Source::Program(program) => {
            let needs = program.needs();
            return if needs.and(may) == needs { Ok(program.clone()) } else { Err(SpawnError::NotGranted) };
        }
    };
    let mut policy = Policy::default().allowing(origin, may);
    policy.limits.memory_pages = policy.limits.memory_pages.min(order.pages);
    let mut verdict = admit(candidate, origin, &policy);
    verdict.program.take().ok_or_else(|| SpawnError::Refused(Box::new(verdict)))
}
