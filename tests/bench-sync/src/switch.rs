//! Into an agent, or a coroutine, and out again.
//!
//! An agent's turn is all that a worker does: the queue, how it stands, its fuel, the engine, and native code to the head of its loop and back. A coroutine's
//! is what its crate does: `resume` to the next `suspend`. Where there are many, they wait in a queue.

use crate::figures::{compare, contestant};
use corosensei::{Coroutine, CoroutineResult};
use std::collections::VecDeque;
use std::hint::black_box;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use velocity_base::Instant;
use velocity_interp::engine::Engine;
use velocity_jit::{CodeCache, HostCode, Native};
use velocity_nexus::{Budget, Order, Output, Source, Swarm, Turn, Worker};

/// Fuel of a turn: the loop comes to its head and is stopped there.
const SLICE: u64 = 1;

pub fn measure(rounds: usize) {
    for (case, count) in [("one", 1), ("1,000 in turn", 1000)] {
        let all = vec![contestant("ours", agents(count)), contestant("corosensei", coroutines(count))];
        compare(("switch", case, "turn"), all, 1, (rounds, 100_000));
    }
}

/// Gives turns to so many agents that never end.
fn agents(count: u32) -> impl FnMut(u64) {
    let cache = Arc::new(CodeCache::new(Arc::new(HostCode), 4 << 20));
    let engine = move || -> Box<dyn Engine> { Box::new(Native::cached(Arc::clone(&cache))) };
    let (swarm, mut workers) = Swarm::new(engine, Budget { agents: count, pages: count }, 1);
    let output = Arc::new(Output::default());
    for _ in 0..count {
        let order = Order { pages: 1, ..Order::new("loop", Source::Text("fn main() { loop { } }")) };
        swarm.spawn(None, order, &output).expect("there is room for it");
    }
    let mut worker: Worker = workers.remove(0);
    move |turns| {
        for _ in 0..turns {
            assert!(matches!(worker.turn(Instant::ZERO, SLICE), Turn::Ran { .. }));
        }
    }
}

/// Resumes so many coroutines that never end.
fn coroutines(count: u32) -> impl FnMut(u64) {
    let one = || {
        Coroutine::<(), (), ()>::new(|yielder, ()| {
            loop {
                yielder.suspend(());
            }
        })
    };
    // They never end, and a process without unwinding cannot take them down.
    let mut all: ManuallyDrop<VecDeque<_>> = ManuallyDrop::new((0..count).map(|_| one()).collect());
    move |turns| {
        for _ in 0..turns {
            let Some(mut next) = all.pop_front() else { return };
            assert!(matches!(black_box(&mut next).resume(()), CoroutineResult::Yield(())));
            all.push_back(next);
        }
    }
}
