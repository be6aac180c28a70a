//! The machine's cores.

use alloc::{boxed::Box, string::String};
use core::fmt;
use velocity_base::CoreId;

/// Work for a core: runs once, to its end, on that core.
pub type Job = Box<dyn FnOnce() + Send>;

/// What a core is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoreState {
    /// Runs the system itself (the core that booted).
    System,
    /// Started and waiting for a job.
    Idle,
    /// Running a job.
    Busy,
    /// Did not start.
    Offline,
    /// Halted after a fault.
    Halted,
}

/// One core as found at boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreInfo {
    /// Its number.
    pub id: CoreId,
    /// Local APIC id (the host thread's number in the simulator).
    pub apic_id: u32,
    /// What it is doing.
    pub state: CoreState,
    /// Whether AVX state is enabled on it.
    pub avx: bool,
    /// The processor's brand string.
    pub brand: String,
}

/// Why a job could not be given to a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoresError {
    /// There is no such core, or it did not start.
    Offline(CoreId),
    /// It already has a job; ask again later.
    Busy(CoreId),
}

impl fmt::Display for CoresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offline(core) => write!(f, "core {} is not running; `cpus` lists those that are", core.0),
            Self::Busy(core) => write!(f, "core {} already has a job; try again when it is done", core.0),
        }
    }
}

impl core::error::Error for CoresError {}

/// All cores of the machine.
pub trait Cores: Send + Sync {
    /// How many cores there are, started or not.
    fn count(&self) -> u32;

    /// What is known of `core`; `None` past the last.
    fn info(&self, core: CoreId) -> Option<CoreInfo>;

    /// Gives `job` to an idle core.
    ///
    /// # Errors
    /// [`CoresError`]; the job is then dropped without having run.
    fn run_on(&self, core: CoreId, job: Job) -> Result<(), CoresError>;
}
