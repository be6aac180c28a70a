//! Agents of all kinds on threads, ended at any time: for two seconds, or two minutes with `VELOCITY_EXHAUSTIVE=1`.

use crate::campaign::{begin, kill_any};
use crate::messages::quoted;
use crate::threads::work;
use crate::{ALL, engines, spawn_as};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Time};
use velocity_nexus::campaign::Numbers;
use velocity_nexus::{Order, Output, Source, Swarm};

/// What one prints that receives another number than was sent.
const WRONG: &str = "-77777";

/// One whose child sends it numbers, each of which it checks, until one of both is ended.
fn talks() -> String {
    let child = "use sys::send; memory 1 to 1;
        fn main() { let p = 0 as *i32; let n = 0; loop { p[0] = n; if send(0 as u32, 0 as *u8, 4 as u32) >= 0 { n = n + 1; } } }";
    let main = "use sys::receive; use sys::print; use sys::spawn_agent; memory 1 to 1;
        fn main() {
            let started = spawn_agent(child, CHILD, 1 as u32);
            let p = 1024 as *i32;
            let n = 0;
            loop { if receive(1024 as *u8, 64 as u32) >= 0 { if p[0] != n { print(0 - 77777); } n = p[0] + 1; } }
        }";
    format!("{main} {}", quoted("child", child))
}

/// So long at most, if less has happened than there must.
const LONGEST: Duration = Duration::from_secs(60);

/// How long each engine is tried.
fn time() -> Duration {
    let is_exhaustive = std::env::var_os("VELOCITY_EXHAUSTIVE").is_some();
    Duration::from_millis(if is_exhaustive { 40_000 } else { 700 })
}

#[test]
fn nothing_is_held_by_who_was_ended() {
    let talks = talks();
    for (at, (name, engine)) in engines().into_iter().enumerate() {
        let (swarm, workers) = Swarm::new(engine, ALL, 3);
        let (over, start, output) = (AtomicBool::new(false), Time::now(), Arc::new(Output::default()));
        let (mut numbers, mut ended, mut printed) = (Numbers::new(at as u64), 0, String::new());
        std::thread::scope(|scope| {
            for worker in workers {
                scope.spawn(|| work(worker, &over, start));
            }
            // A machine that has other work takes longer to do as much.
            let is_enough = |ended, printed: &str| ended > 10 && printed.lines().count() > 100;
            while start.elapsed() < time() || (!is_enough(ended, &printed) && start.elapsed() < LONGEST) {
                match numbers.below(5) {
                    0 => begin(&swarm, &mut numbers, &output),
                    1 if swarm.spare(None).is_some_and(|spare| spare.agents > 32) => {
                        let order = Order { pages: 2, ..Order::new("talks", Source::Text(&talks)) };
                        spawn_as(&swarm, order, &output);
                    }
                    2 | 3 => ended += usize::from(kill_any(&swarm, &mut numbers)),
                    _ => std::thread::sleep(Duration::from_micros(300)),
                }
                printed += &swarm.read(&output);
            }
            while !swarm.reports().is_empty() {
                assert!(start.elapsed() < time() + LONGEST * 2, "{name}: {:?}", swarm.reports());
                kill_any(&swarm, &mut numbers);
                printed += &swarm.read(&output);
            }
            over.store(true, Ordering::Release);
        });
        let lines = printed.lines().count();
        println!("{name}: {ended} ended, {lines} lines printed");
        assert!(!printed.contains(WRONG), "{name}: another number than was sent");
        assert_eq!((swarm.spare(None), swarm.waiting()), (Some(ALL), 0), "{name}");
        assert!(ended > 10 && lines > 100, "{name}: {ended} ended, {lines} lines printed");
    }
}
