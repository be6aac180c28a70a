//! Agents send each other messages, in one thread and in several.

use crate::{ALL, engines, player, spawn, spawn_as};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use velocity_base::Instant;
use velocity_nexus::campaign::Player;
use velocity_nexus::{Budget, Exit, Order, Output, Source, Swarm, Turn};

/// A program as a constant of another one.
pub fn quoted(name: &str, text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("const {}: u32 = {}; static {name}: [u8; {}] = \"{text}\";", name.to_uppercase(), text.len(), text.len())
}

/// A mother that sends numbers down to children who send their squares up, more than there is room for at once.
fn squares() -> String {
    let child = "use sys::send; use sys::receive; static b: [i64; 8];
        fn main() { loop { let got = receive(b as *u8, 64 as u32); let n = b[0]; if n < 0 { return; } b[0] = n * n;
        let sent = send(0 as u32, b as *u8, 8 as u32); } }";
    let main = "use sys::print; use sys::send; use sys::receive; use sys::spawn_agent; use sys::wait_agent;
        static m: [i64; 8];
        fn main() {
            let one = spawn_agent(child, CHILD, 1 as u32); let two = spawn_agent(child, CHILD, 1 as u32);
            let sum: i64 = 0; let got = 0; let n = 0;
            while n < 300 {
                // Half of them are under way.
                m[0] = n as i64; let sent = send((1 + n % 2) as u32, m as *u8, 8 as u32); n = n + 1;
                if n > 20 { let from = receive(m as *u8, 64 as u32); sum = sum + m[0]; got = got + 1; }
            }
            while got < 300 { let from = receive(m as *u8, 64 as u32); sum = sum + m[0]; got = got + 1; }
            print(sum);
            m[0] = 0 as i64 - 1 as i64;
            let a = send(1 as u32, m as *u8, 8 as u32); let b = send(2 as u32, m as *u8, 8 as u32);
            print(wait_agent(1 as u32)); print(wait_agent(2 as u32));
            print(send(1 as u32, m as *u8, 8 as u32)); print(send(0 as u32, m as *u8, 8 as u32));
            print(receive(m as *u8, 64 as u32));
        }";
    format!("{main} {}", quoted("child", child))
}

const SQUARES: &str = "8955050\n0\n0\n-3\n-3\n-3\n";

fn play(player: &mut Player, most: usize) {
    let done = (0..most).any(|_| player.turn().is_none());
    assert!(done, "they are not done after {most} turns");
}

#[test]
fn messages_go_both_ways_in_order_and_none_is_lost() {
    for (name, engine) in engines() {
        for seed in 0..20 {
            let (swarm, mut player) = player(engine, 1 + (seed % 3) as usize, seed);
            let output = Arc::new(Output::default());
            let (_, number) = spawn(&swarm, &squares(), &output);
            play(&mut player, 100_000);
            assert_eq!(swarm.read(&output), SQUARES, "{name}, seed {seed}: {:?}", swarm.exit_of(None, number));
            assert_eq!((swarm.reports(), swarm.spare(None)), (vec![], Some(ALL)), "{name}, seed {seed}");
        }
    }
}

#[test]
fn threads_send_messages_too() {
    for (name, engine) in engines() {
        let (swarm, workers) = Swarm::new(engine, ALL, 3);
        let (over, output) = (AtomicBool::new(false), Arc::new(Output::default()));
        let (source, below) = (squares(), Some(Budget { agents: 2, pages: 2 }));
        let order = || Order { below, ..Order::new("squares", Source::Text(&source)) };
        let numbers: Vec<u32> = (0..4).map(|_| spawn_as(&swarm, order(), &output).1).collect();
        std::thread::scope(|scope| {
            for mut worker in workers {
                let over = &over;
                scope.spawn(move || {
                    while !over.load(Ordering::Acquire) {
                        if worker.turn(Instant::ZERO, 300) == Turn::Idle {
                            std::thread::yield_now();
                        }
                    }
                });
            }
            let start = std::time::Instant::now();
            while !swarm.reports().is_empty() && start.elapsed().as_secs() < 60 {
                std::thread::yield_now();
            }
            over.store(true, Ordering::Release);
        });
        assert_eq!(swarm.reports(), vec![], "{name}");
        assert!(numbers.iter().all(|number| swarm.exit_of(None, *number) == Ok(Some(Exit::Finished))), "{name}");
        let printed = swarm.read(&output);
        let sums = printed.lines().filter(|line| *line == "8955050").count();
        assert_eq!((sums, printed.len()), (4, 4 * SQUARES.len()), "{name}: {printed}");
    }
}

/// A child that sends more than its mother receives, and one that ends before its mother receives what it sent.
#[test]
fn a_flood_waits_and_what_was_sent_before_an_end_is_received() {
    let flood = "use sys::send; static b: [i64; 1]; fn main() { loop { b[0] = b[0] + 1 as i64;
        let sent = send(0 as u32, b as *u8, 8 as u32); } }";
    let last =
        "use sys::send; static b: [i64; 1]; fn main() { b[0] = 77 as i64; let a = send(0 as u32, b as *u8, 8 as u32);
        b[0] = 78 as i64; let c = send(0 as u32, b as *u8, 8 as u32); }";
    let main = "use sys::print; use sys::receive; use sys::sleep; use sys::spawn_agent; use sys::wait_agent; use sys::kill_agent;
        static m: [i64; 8];
        fn main() {
            let one = spawn_agent(last, LAST, 1 as u32); print(wait_agent(one as u32));
            let a = receive(m as *u8, 64 as u32); print(m[0]); let b = receive(m as *u8, 64 as u32); print(m[0]);
            let two = spawn_agent(flood, FLOOD, 1 as u32); sleep(50 as u64);
            for i in 0..5 { let c = receive(m as *u8, 64 as u32); print(m[0]); }
            print(kill_agent(two as u32)); print(wait_agent(two as u32));
            for i in 0..2 { let c = receive(m as *u8, 64 as u32); print(m[0]); }
        }";
    let source = format!("{main} {} {}", quoted("last", last), quoted("flood", flood));
    for (name, engine) in engines() {
        let (swarm, mut player) = player(engine, 2, 8);
        let output = Arc::new(Output::default());
        let (_, number) = spawn(&swarm, &source, &output);
        for _ in 0..20_000 {
            if player.turn().is_none() {
                break;
            }
        }
        let printed = swarm.read(&output);
        assert_eq!(printed, "0\n77\n78\n1\n2\n3\n4\n5\n0\n2\n6\n7\n", "{name}: {:?}", swarm.exit_of(None, number));
        assert_eq!((swarm.exit_of(None, number), swarm.spare(None)), (Ok(Some(Exit::Finished)), Some(ALL)), "{name}");
    }
}
