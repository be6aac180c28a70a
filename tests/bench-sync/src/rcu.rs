//! Reading what may be replaced.

use crate::figures::{compare, contestant};
use arc_swap::ArcSwap;
use crossbeam_epoch::{Atomic, Owned, pin};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use velocity_sync::rcu::Table;

/// How many reads there are between two points where a core holds nothing: about a slice of an agent that calls drivers all the time.
const READS: u64 = 64;

pub fn measure(rounds: usize) {
    let table: &'static Table<u64, 16, 4> = Box::leak(Box::new(Table::new(|number| Box::new(number as u64))));
    let ours = move |count| {
        let mut core = table.join(0).expect("a core that nobody has");
        let mut sum = 0_u64;
        for _ in 0..count / READS {
            for at in 0..READS {
                sum = sum.wrapping_add(core.read().get(black_box(at as usize % 16)).copied().unwrap_or(0));
            }
            core.quiesce();
        }
        black_box(sum);
    };
    let swaps: Vec<ArcSwap<u64>> = (0..16).map(|number| ArcSwap::new(Arc::new(number))).collect();
    let arc_swap = move |count| {
        let mut sum = 0_u64;
        for at in 0..count {
            sum = sum.wrapping_add(**swaps[black_box(at as usize % 16)].load());
        }
        black_box(sum);
    };
    let cells: Vec<Atomic<u64>> = (0..16).map(|number| Atomic::from(Owned::new(number))).collect();
    let epoch = move |count| {
        let mut sum = 0_u64;
        for at in 0..count {
            let guard = pin();
            // What it points to is not even looked at: only unsafe code may.
            sum += u64::from(cells[black_box(at as usize % 16)].load(Ordering::Acquire, &guard).is_null());
        }
        black_box(sum);
    };
    let all = vec![contestant("ours", ours), contestant("arc-swap", arc_swap), contestant("crossbeam-epoch", epoch)];
    compare(("rcu", "one thread", "read"), all, 1, (rounds, 1 << 20));
}
