//! Threads are the cores.

use crate::{ALL, engines, spawn_as};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Time};
use velocity_base::Instant;
use velocity_nexus::{Exit, Order, Output, Source, Swarm, Turn, Worker};

/// Gives turns until all is over.
pub fn work(mut worker: Worker, over: &AtomicBool, start: Time) {
    while !over.load(Ordering::Acquire) {
        let now = Instant::ZERO.after(start.elapsed());
        if worker.turn(now, 5_000) == Turn::Idle {
            std::thread::yield_now();
        }
    }
}

#[test]
fn cores_share_agents_and_lose_none() {
    let source = "use sys::print; use sys::sleep; use sys::spawn_agent; use sys::wait_agent;
        static s: [u8; 54] = \"fn main() { let n = 0; while n < 3000 { n = n + 1; } }\";
        fn main() { let n = 0; while n < 20000 { n = n + 1; } sleep(300 as u64);
            print(wait_agent(spawn_agent(s, 54 as u32, 1 as u32) as u32)); }";
    for (name, engine) in engines() {
        let (swarm, workers) = Swarm::new(engine, ALL, 3);
        let (over, start, output) = (AtomicBool::new(false), Time::now(), Arc::new(Output::default()));
        let mut printed = String::new();
        std::thread::scope(|scope| {
            for worker in workers {
                scope.spawn(|| work(worker, &over, start));
            }
            let endless = Order { pages: 1, ..Order::new("endless", Source::Text("fn main() { loop { } }")) };
            let (_, endless) = spawn_as(&swarm, endless, &output);
            let mut left = 60;
            let patience = Duration::from_secs(60);
            while left > 0 || swarm.reports().len() > 1 {
                assert!(start.elapsed() < patience, "{name}: {:?}", swarm.reports());
                let room = swarm.spare(None).is_some_and(|spare| spare.agents > 50 && spare.pages > 200);
                if left > 0 && room {
                    spawn_as(&swarm, Order { pages: 2, ..Order::new("one", Source::Text(source)) }, &output);
                    left -= 1;
                }
                printed += &swarm.read(&output);
            }
            swarm.kill(None, endless).unwrap();
            while !swarm.reports().is_empty() {
                assert!(start.elapsed() < patience, "{name}: it does not end");
                std::thread::yield_now();
            }
            assert_eq!(swarm.exit_of(None, endless), Ok(Some(Exit::Killed)));
            over.store(true, Ordering::Release);
        });
        printed += &swarm.read(&output);
        assert_eq!(printed, "0\n".repeat(60), "{name}");
        assert_eq!((swarm.spare(None), swarm.waiting()), (Some(ALL), 0), "{name}");
    }
}
