//! Heap accounting, in a process of its own and one test at a time, because the account is of the whole process.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Mutex, MutexGuard, PoisonError};
use velocity_sim::Options;
use velocity_sim::headless::Session;
use velocity_sim::port::HeapAccount;

fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn an_allocation_shows_while_it_lives_and_the_peak_remembers_it() {
    const BIG: u64 = 64 << 20;
    // The test runner's own threads allocate and free a little meanwhile.
    const LITTLE: u64 = 1 << 20;
    let _alone = alone();
    let account = HeapAccount::open();
    let mut block: Vec<u8> = Vec::with_capacity(BIG as usize / 2);
    assert!(account.used().abs_diff(BIG / 2) < LITTLE, "{}", account.used());
    block.reserve_exact(BIG as usize);
    assert!(account.used().abs_diff(BIG) < LITTLE, "{}", account.used());
    drop(block);
    assert!(account.used() < LITTLE, "{}", account.used());
    assert!(account.peak() > BIG - LITTLE, "{}", account.peak());
    assert!(HeapAccount::open().peak() < LITTLE, "a new account begins at nothing");
}

#[test]
fn memory_at_the_prompt_is_accounted_for() {
    let _alone = alone();
    let mut session = Session::new(Options::default()).unwrap();
    let out = session.run_script("mem").unwrap();
    let kib = |name: &str| -> u64 {
        let line = out.lines().find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().next().unwrap().parse().unwrap()
    };
    assert!(kib("heap") > 0 && kib("code and data") > 100 && kib("device queues") > 100, "{out}");
    assert_eq!(kib("machine"), 256 * 1024);
    assert!(kib("screen buffers") >= 3072 && kib("screen buffers") < 4096, "{out}");
    let sum: u64 = ["heap", "stacks", "page tables", "code and data", "device queues"].map(kib).iter().sum();
    assert!(sum.abs_diff(kib("sum in use")) <= 5, "{out}");
}
