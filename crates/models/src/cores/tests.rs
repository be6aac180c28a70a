//! Jobs on host threads.

use super::*;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

fn wait_until(done: impl Fn() -> bool) {
    for _ in 0..2000 {
        if done() {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("no change within two seconds");
}

fn state(cores: &HostThreads, core: u32) -> Option<CoreState> {
    cores.info(CoreId(core)).map(|info| info.state)
}

#[test]
fn jobs_run_on_their_cores_one_at_a_time() {
    let cores = HostThreads::new(3, "test", WakeHandle::new());
    let (gate, opened) = channel::<()>();
    let ran = Arc::new(AtomicU32::new(0));
    let job: Job = Box::new({
        let ran = Arc::clone(&ran);
        move || {
            let _ = opened.recv();
            ran.fetch_add(1, Ordering::SeqCst);
        }
    });
    cores.run_on(CoreId(2), job).unwrap();
    assert_eq!(cores.run_on(CoreId(2), Box::new(|| ())), Err(CoresError::Busy(CoreId(2))));
    assert_eq!(cores.run_on(CoreId(0), Box::new(|| ())), Err(CoresError::Busy(CoreId(0))));
    assert_eq!(cores.run_on(CoreId(3), Box::new(|| ())), Err(CoresError::Offline(CoreId(3))));
    let states = [CoreState::System, CoreState::Idle, CoreState::Busy];
    assert_eq!([0, 1, 2].map(|core| state(&cores, core).unwrap()), states);
    assert_eq!((cores.count(), state(&cores, 3)), (3, None));
    gate.send(()).unwrap();
    wait_until(|| state(&cores, 2) == Some(CoreState::Idle));
    assert_eq!(ran.load(Ordering::SeqCst), 1);
}

#[test]
fn a_job_that_panics_halts_its_core_only() {
    let cores = HostThreads::new(3, "test", WakeHandle::new());
    cores.run_on(CoreId(1), Box::new(|| std::panic::resume_unwind(Box::new("fault")))).unwrap();
    wait_until(|| state(&cores, 1) == Some(CoreState::Halted));
    assert_eq!(cores.run_on(CoreId(1), Box::new(|| ())), Err(CoresError::Offline(CoreId(1))));
    assert_eq!(cores.run_on(CoreId(2), Box::new(|| ())), Ok(()));
}

#[test]
fn the_end_of_a_job_wakes_the_system() {
    let wake = WakeHandle::new();
    let cores = HostThreads::new(2, "test", wake.clone());
    let seen = wake.count();
    cores.run_on(CoreId(1), Box::new(|| ())).unwrap();
    wake.sleep(seen, Some(Duration::from_secs(10)));
    assert_eq!(state(&cores, 1), Some(CoreState::Idle));
}
