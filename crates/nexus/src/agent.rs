//! One agent: its program, and how far it has come.

use crate::host::{Asks, Wait};
use crate::link::Traffic;
use crate::output::Output;
use crate::slot::Key;
use crate::swarm::Swarm;
use crate::{Class, State};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use velocity_base::Instant;
use velocity_gate::Program;
use velocity_interp::engine::Engine;
use velocity_interp::{Limits, Progress, Session, Store, define_shims};

/// How an agent has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Its first function returned.
    Finished,
    /// It failed, for this reason.
    Failed(String),
    /// It was ended by another one, or with the one above it.
    Killed,
}

impl Exit {
    /// As a number: 0, 1 and 2.
    #[must_use]
    pub const fn code(&self) -> i32 {
        match self {
            Self::Finished => 0,
            Self::Failed(_) => 1,
            Self::Killed => 2,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => f.write_str("finished"),
            Self::Failed(why) => write!(f, "failed: {why}"),
            Self::Killed => f.write_str("killed"),
        }
    }
}

/// What is known of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which one it is.
    pub key: Key,
    /// Its number among the agents of the one above it, behind the number of that one, and so on.
    pub path: Vec<u32>,
    /// What it is called.
    pub name: String,
    /// How urgent it is.
    pub class: Class,
    /// How it stands; `None` if it has ended and agents below it have not yet.
    pub state: Option<State>,
    /// How many slices it had.
    pub slices: u64,
    /// How much fuel it used.
    pub fuel: u64,
    /// How many pages of linear memory it has.
    pub pages: u32,
    /// How often it was begun anew.
    pub restarts: u32,
    /// What it has sent to the one above it, and what that has sent to it; `None` if neither has.
    pub traffic: Option<(Traffic, Traffic)>,
}

/// What of an agent only the worker sees that runs it.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) key: Key,
    pub(crate) number: u32,
    pub(crate) program: Program,
    pub(crate) limits: Limits,
    pub(crate) output: Arc<Output>,
    /// Nothing before its first slice, and before it begins anew.
    pub(crate) session: Option<Box<Session>>,
    pub(crate) wait: Wait,
    /// Fuel that was used before it was begun anew.
    pub(crate) spent: u64,
}

/// What comes of a slice.
pub(crate) enum Outcome {
    /// It goes on when its turn comes.
    Again,
    /// It goes on when it is woken.
    Parked,
    Ended(Exit),
}

impl Body {
    /// Gives it a slice of so much fuel.
    pub(crate) fn resume(&mut self, swarm: &Swarm, now: Instant, slice: u64) -> Outcome {
        if self.session.is_none() {
            match self.begin(swarm.engine()) {
                Ok(session) => (self.session, self.wait) = (Some(session), Wait::default()),
                Err(why) => return Outcome::Ended(Exit::Failed(why)),
            }
        }
        let Self { key, number, output, session: Some(session), wait, .. } = self else { return Outcome::Again };
        wait.parks = false;
        let mut asks = Asks { swarm, key: *key, number: *number, output, now, wait };
        match session.resume_with(slice, &mut asks) {
            Progress::Suspended if wait.parks => Outcome::Parked,
            Progress::Suspended => Outcome::Again,
            Progress::Finished(_) => Outcome::Ended(Exit::Finished),
            Progress::Trapped(trap) => Outcome::Ended(Exit::Failed(trap.to_string())),
        }
    }

    fn begin(&self, engine: Box<dyn Engine>) -> Result<Box<Session>, String> {
        let mut store = Store::with_engine(self.limits, engine);
        let needs = self.program.needs();
        define_shims(&mut store, |name| needs.iter().any(|capability| capability.name() == name));
        Session::in_store(&self.program, store).map(Box::new).map_err(|error| error.to_string())
    }

    /// Fuel used so far.
    pub(crate) fn fuel_used(&self) -> u64 {
        self.spent + self.session.as_ref().map_or(0, |session| session.fuel_used())
    }

    /// Pages of linear memory.
    pub(crate) fn pages(&self) -> u32 {
        self.session.as_ref().map_or(0, |session| session.pages())
    }

    /// Is to begin anew at a time.
    pub(crate) fn restart(&mut self, at: Instant) {
        self.spent = self.fuel_used();
        self.session = None;
        self.wait = Wait { until: Some(at), ..Wait::default() };
    }
}
