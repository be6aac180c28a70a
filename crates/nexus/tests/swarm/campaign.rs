//! Many seeds: agents of all kinds, killed at any time. The same seed gives the same schedule.

use crate::{ALL, engines, player, spawn_as};
use std::sync::Arc;
use velocity_interp::engine::Engine;
use velocity_nexus::campaign::Numbers;
use velocity_nexus::{Class, Order, Output, Restart, Source, Swarm};

/// What a campaign's agents do.
const KINDS: [&str; 6] = [
    "use sys::print; fn main() { for i in 0..20 { print(i); } }",
    "fn main() { loop { } }",
    "use sys::sleep; use sys::yield_now; fn main() { for i in 0..9 { sleep(20 as u64); yield_now(); } }",
    "fn main() { let n = 0; while n < 500 { n = n + 1; } unreachable(); }",
    "use sys::spawn_agent; use sys::wait_agent; use sys::yield_now;
     static s: [u8; 52] = \"fn main() { let n = 0; while n < 90 { n = n + 1; } }\";
     fn main() { for i in 0..4 { let a = spawn_agent(s, 52 as u32, 1 as u32); yield_now(); let end = wait_agent(a as u32); } }",
    "memory 1 to 9; fn main() { let p = 0 as *i32; while memory::grow(1) > 0 { } for i in 0..300 { p[i] = i; } }",
];

/// Plays a seed: what the schedule was.
fn play(engine: fn() -> Box<dyn Engine>, seed: u64) -> (u64, usize) {
    let (swarm, mut player) = player(engine, 1 + (seed % 4) as usize, seed);
    let output = Arc::new(Output::default());
    let mut turns = 0;
    for _ in 0..6 {
        begin(&swarm, player.numbers(), &output);
    }
    for _ in 0..300 {
        turns += usize::from(player.turn().is_some());
        let _ = swarm.read(&output);
        match player.numbers().below(40) {
            0 => begin(&swarm, player.numbers(), &output),
            1 => drop(kill_any(&swarm, player.numbers())),
            _ => {}
        }
    }
    // Then all are ended, at any point of what they do.
    while !swarm.reports().is_empty() {
        kill_any(&swarm, player.numbers());
        for _ in 0..3 {
            let _ = (player.turn(), swarm.read(&output));
        }
    }
    assert_eq!((swarm.spare(None), swarm.waiting()), (Some(ALL), 0), "seed {seed}");
    (player.trace(), turns)
}

/// Spawns one of any kind, if there is much room.
pub fn begin(swarm: &Arc<Swarm>, numbers: &mut Numbers, output: &Arc<Output>) {
    let source = KINDS[numbers.below(KINDS.len() as u64) as usize];
    let class = Class::ALL[numbers.below(3) as usize];
    let restart = [Restart::Never, Restart::OnFailure(2), Restart::Always(1)][numbers.below(3) as usize];
    if swarm.spare(None).is_some_and(|spare| spare.agents > 32) {
        spawn_as(swarm, Order { class, restart, pages: 4, ..Order::new("any", Source::Text(source)) }, output);
    }
}

/// Ends any one of all; whether there was one.
pub fn kill_any(swarm: &Swarm, numbers: &mut Numbers) -> bool {
    let all = swarm.reports();
    let one = all.get(numbers.below(all.len() as u64) as usize);
    one.is_some_and(|one| swarm.kill_at(&one.path).is_ok())
}

#[test]
fn every_seed_ends_with_nothing_held_and_gives_one_schedule() {
    let mut schedules = std::collections::BTreeSet::new();
    let (mut seeds, mut turns) = (0, 0);
    for (at, (name, engine)) in engines().into_iter().enumerate() {
        for seed in (at as u64..1_000).step_by(3) {
            let first = play(engine, seed);
            if seed % 10 == 0 {
                assert_eq!(play(engine, seed), first, "{name}, seed {seed}");
            }
            seeds += 1;
            turns += first.1;
            schedules.insert(first.0);
        }
    }
    println!("{seeds} seeds, {turns} turns, {} schedules", schedules.len());
    assert_eq!((seeds, schedules.len()), (1_000, 1_000));
}
