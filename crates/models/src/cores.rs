//! Cores as host threads.
//!
//! Core 0 is the thread that runs the system. The others start with their first job and stay, so a simulator that gives
//! them none pays nothing for them. A job that panics halts its core, as a fault does on hardware.

use crate::WakeHandle;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use velocity_base::CoreId;
use velocity_hal::{CoreInfo, CoreState, Cores, CoresError, Job};

const IDLE: u8 = 0;
const BUSY: u8 = 1;
const HALTED: u8 = 2;
const OFFLINE: u8 = 3;

/// One core other than 0.
struct Worker {
    state: Arc<AtomicU8>,
    /// Where its thread takes jobs from, once it has one.
    jobs: Mutex<Option<Sender<Job>>>,
}

/// The machine's cores.
pub struct HostThreads {
    workers: Vec<Worker>,
    brand: String,
    wake: WakeHandle,
}

impl HostThreads {
    /// `count` cores (at least one) that call themselves `brand`; the end of a job wakes through `wake`.
    #[must_use]
    pub fn new(count: u32, brand: impl Into<String>, wake: WakeHandle) -> Self {
        let worker = |_| Worker { state: Arc::new(AtomicU8::new(IDLE)), jobs: Mutex::new(None) };
        Self { workers: (1..count).map(worker).collect(), brand: brand.into(), wake }
    }

    fn worker(&self, core: CoreId) -> Option<&Worker> {
        self.workers.get(core.0.checked_sub(1)? as usize)
    }

    /// Starts the thread of `core`.
    fn start(&self, core: CoreId, state: &Arc<AtomicU8>) -> Option<Sender<Job>> {
        let (sender, jobs) = channel::<Job>();
        let (state, wake) = (Arc::clone(state), self.wake.clone());
        let run = move || {
            while let Ok(job) = jobs.recv() {
                let outcome = catch_unwind(AssertUnwindSafe(job));
                state.store(if outcome.is_ok() { IDLE } else { HALTED }, Ordering::Release);
                wake.wake();
                if outcome.is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name(format!("core {}", core.0)).spawn(run).ok().map(|_| sender)
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx() -> bool {
    std::arch::is_x86_feature_detected!("avx")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx() -> bool {
    false
}

impl Cores for HostThreads {
    fn count(&self) -> u32 {
        self.workers.len() as u32 + 1
    }

    fn info(&self, core: CoreId) -> Option<CoreInfo> {
        let state = match core {
            CoreId(0) => CoreState::System,
            _ => match self.worker(core)?.state.load(Ordering::Acquire) {
                IDLE => CoreState::Idle,
                BUSY => CoreState::Busy,
                HALTED => CoreState::Halted,
                _ => CoreState::Offline,
            },
        };
        Some(CoreInfo { id: core, apic_id: core.0, state, avx: has_avx(), brand: self.brand.clone() })
    }

    fn run_on(&self, core: CoreId, job: Job) -> Result<(), CoresError> {
        if core == CoreId(0) {
            return Err(CoresError::Busy(core));
        }
        let Worker { state, jobs } = self.worker(core).ok_or(CoresError::Offline(core))?;
        match state.compare_exchange(IDLE, BUSY, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => {}
            Err(BUSY) => return Err(CoresError::Busy(core)),
            Err(_) => return Err(CoresError::Offline(core)),
        }
        let mut jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.is_none() {
            *jobs = self.start(core, state);
        }
        let sent = jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if !sent {
            state.store(OFFLINE, Ordering::Release);
        }
        sent.then_some(()).ok_or(CoresError::Offline(core))
    }
}

#[cfg(test)]
mod tests;
