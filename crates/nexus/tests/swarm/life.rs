//! One thread plays all cores.

use crate::{ALL, closures, engines, player, reference, spawn, spawn_as};
use std::sync::Arc;
use velocity_gate::{Capabilities, Capability};
use velocity_nexus::campaign::Player;
use velocity_nexus::{Budget, Class, Exit, NoSuchAgent, Order, Output, Restart, Source, SpawnError, Swarm, Turn};

/// Until nobody will ever be ready again.
fn play(player: &mut Player, most: usize) {
    for _ in 0..most {
        if player.turn().is_none() {
            return;
        }
    }
    panic!("they are not done after {most} turns");
}

const COUNTS: &str = "use sys::print; fn main() { for i in 0..3 { print(i); } }";
const ENDLESS: &str = "fn main() { loop { } }";
const FAILS: &str = "memory 1; fn main() { let p = 70000 as *i32; p[0] = 1; }";

#[test]
fn agents_take_turns_and_leave_nothing_behind() {
    for (name, engine) in engines() {
        let (swarm, mut player) = player(engine, 2, 7);
        let outputs: Vec<_> = (0..5).map(|_| Arc::new(Output::default())).collect();
        let numbers: Vec<_> = outputs.iter().map(|output| spawn(&swarm, COUNTS, output).1).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        assert_eq!(swarm.spare(None), Some(Budget { agents: ALL.agents - 5, pages: ALL.pages - 5 * 16 }));
        play(&mut player, 10_000);
        for (output, number) in outputs.iter().zip(numbers) {
            assert_eq!(swarm.read(output), "0\n1\n2\n", "{name}");
            assert_eq!(swarm.exit_of(None, number), Ok(Some(Exit::Finished)), "{name}");
        }
        assert_eq!((swarm.spare(None), swarm.reports(), swarm.waiting()), (Some(ALL), vec![], 0), "{name}");
    }
}

#[test]
fn an_agent_that_never_ends_holds_nobody_up_and_can_be_killed() {
    for (name, engine) in engines() {
        let (swarm, mut player) = player(engine, 1, 1);
        let output = Arc::new(Output::default());
        let endless: Vec<_> = (0..4).map(|_| spawn(&swarm, ENDLESS, &output).1).collect();
        let (_, counts) = spawn(&swarm, COUNTS, &output);
        for _ in 0..200 {
            player.turn();
        }
        assert_eq!(swarm.exit_of(None, counts), Ok(Some(Exit::Finished)), "{name}");
        let fuel: Vec<_> = swarm.reports().iter().map(|report| report.fuel).collect();
        assert!(fuel.len() == 4 && fuel.iter().all(|fuel| *fuel > 10_000), "{name}: {fuel:?}");
        endless.iter().for_each(|number| swarm.kill(None, *number).unwrap());
        play(&mut player, 10);
        assert!(endless.iter().all(|number| swarm.exit_of(None, *number) == Ok(Some(Exit::Killed))));
        assert_eq!((swarm.kill(None, endless[0]), swarm.kill(None, 99)), (Err(NoSuchAgent), Err(NoSuchAgent)));
        assert_eq!(swarm.spare(None), Some(ALL));
    }
}

#[test]
fn failures_are_told_with_their_reason() {
    let (swarm, mut player) = player(reference, 1, 1);
    let output = Arc::new(Output::default());
    let (_, number) = spawn(&swarm, FAILS, &output);
    play(&mut player, 100);
    let Ok(Some(Exit::Failed(why))) = swarm.exit_of(None, number) else { panic!("it did not fail") };
    assert!(why.contains("memory"), "{why}");
}

#[test]
fn what_ends_is_begun_anew_as_often_as_was_said() {
    let (swarm, mut player) = player(closures, 2, 3);
    let output = Arc::new(Output::default());
    let source = "use sys::print; fn main() { print(1); unreachable(); }";
    let order = Order { restart: Restart::OnFailure(3), ..Order::new("flaky", Source::Text(source)) };
    let (_, number) = spawn_as(&swarm, order, &output);
    play(&mut player, 100);
    assert_eq!(swarm.read(&output), "1\n".repeat(4));
    assert!(matches!(swarm.exit_of(None, number), Ok(Some(Exit::Failed(_)))));
    assert!(player.now().nanos >= 70_000_000, "10, 20 and 40 ms between them, not {} ns", player.now().nanos);

    // Killed while it waits to begin anew.
    let order = Order { restart: Restart::Always(9), ..Order::new("again", Source::Text(COUNTS)) };
    let (_, number) = spawn_as(&swarm, order, &output);
    while swarm.reports().first().is_none_or(|report| report.restarts == 0) {
        player.turn();
    }
    swarm.kill(None, number).unwrap();
    play(&mut player, 10);
    assert_eq!((swarm.exit_of(None, number), swarm.spare(None)), (Ok(Some(Exit::Killed)), Some(ALL)));
    assert_eq!(swarm.next_time(), None);
}

/// Makes agents whose text is in its memory, waits for them, and says what came of it.
const MOTHER: &str = "
use sys::print; use sys::spawn_agent; use sys::wait_agent; use sys::kill_agent; use sys::agent_number;
static good: [u8; 39] = \"use sys::print; fn main() { print(5); }\";
static bad: [u8; 10] = \"fn main( {\";
static long: [u8; 22] = \"fn main() { loop { } }\";
fn main() {
    print(agent_number());
    let one = spawn_agent(good, 39 as u32, 1 as u32);
    print(one); print(wait_agent(one as u32)); print(wait_agent(one as u32));
    print(spawn_agent(bad, 10 as u32, 1 as u32));
    print(spawn_agent(good, 39 as u32, 5000 as u32));
    let two = spawn_agent(long, 22 as u32, 1 as u32);
    print(kill_agent(two as u32)); print(wait_agent(two as u32)); print(kill_agent(two as u32));
    print(wait_agent(77 as u32));
    let left = spawn_agent(long, 22 as u32, 1 as u32);
}";

#[test]
fn agents_make_agents_of_what_is_theirs() {
    for (name, engine) in engines() {
        let (swarm, mut player) = player(engine, 2, 11);
        let output = Arc::new(Output::default());
        let (_, number) = spawn(&swarm, MOTHER, &output);
        play(&mut player, 10_000);
        assert_eq!(swarm.exit_of(None, number), Ok(Some(Exit::Finished)), "{name}");
        assert_eq!(swarm.read(&output), "1\n1\n5\n0\n0\n-1\n-2\n0\n2\n-3\n-3\n", "{name}");
        assert_eq!(
            (swarm.spare(None), swarm.reports()),
            (Some(ALL), vec![]),
            "{name}: who is left goes with its mother"
        );
    }
}

/// Makes as many as it can of a program.
fn maker(text: &str) -> String {
    let (len, quoted) = (text.len(), text.replace('\\', "\\\\").replace('"', "\\\""));
    let uses = "use sys::spawn_agent; use sys::yield_now;";
    let main = format!("fn main() {{ loop {{ let made = spawn_agent(text, {len} as u32, 1 as u32); yield_now(); }} }}");
    format!("{uses} static text: [u8; {len}] = \"{quoted}\"; {main}")
}

#[test]
fn a_bomb_of_agents_takes_its_share_and_no_more() {
    let (swarm, mut player) = player(closures, 2, 5);
    let output = Arc::new(Output::default());
    let below = Budget { agents: 20, pages: 100 };
    let source = maker(&maker(&maker(ENDLESS)));
    let order = Order { below: Some(below), class: Class::Background, ..Order::new("bomb", Source::Text(&source)) };
    let (_, bomb) = spawn_as(&swarm, order, &output);
    for _ in 0..2000 {
        player.turn();
    }
    let spare = swarm.spare(None).unwrap();
    assert_eq!(spare, Budget { agents: ALL.agents - 21, pages: ALL.pages - 116 });
    assert!(swarm.reports().len() > 10, "{:?}", swarm.reports().len());
    let (_, counts) = spawn(&swarm, COUNTS, &output);
    for _ in 0..200 {
        player.turn();
    }
    assert_eq!(swarm.exit_of(None, counts), Ok(Some(Exit::Finished)));
    swarm.kill(None, bomb).unwrap();
    play(&mut player, 1000);
    assert_eq!((swarm.spare(None), swarm.reports()), (Some(ALL), vec![]));
}

#[test]
fn what_may_not_be_is_refused_and_changes_nothing() {
    let (swarm, mut player) = player(closures, 1, 5);
    let output = Arc::new(Output::default());
    let refused = |order: Order<'_>| swarm.spawn(None, order, &output).unwrap_err();
    assert!(matches!(refused(Order::new("a", Source::Text("fn main( {"))), SpawnError::Refused(_)));
    assert!(matches!(refused(Order::new("a", Source::Document(b"no document"))), SpawnError::Refused(_)));
    let silent = Order { capabilities: Capabilities::NONE, ..Order::new("a", Source::Text(COUNTS)) };
    assert!(matches!(refused(silent), SpawnError::Refused(_)));
    let large = Order { pages: 300, ..Order::new("a", Source::Text(COUNTS)) };
    let SpawnError::Budget { wanted, left } = refused(large) else { panic!("it has no room") };
    assert_eq!((wanted, left), (Budget { agents: 1, pages: 300 }, ALL));
    let huge =
        Order { pages: u32::MAX, below: Some(Budget { agents: 1, pages: 7 }), ..Order::new("a", Source::Text(COUNTS)) };
    assert!(matches!(refused(huge), SpawnError::Budget { .. }));
    assert_eq!(swarm.spare(None), Some(ALL));

    // Below one that may not print, nobody prints.
    let mute = Capabilities::NONE.with(Capability::Agents);
    let source =
        "use sys::spawn_agent; use sys::wait_agent; static s: [u8; 39] = \"use sys::print; fn main() { print(5); }\";
        fn main() -> i32 { if spawn_agent(s, 39 as u32, 1 as u32) == -1 { 0 } else { unreachable() } }";
    let (_, number) =
        spawn_as(&swarm, Order { capabilities: mute, ..Order::new("mute", Source::Text(source)) }, &output);
    play(&mut player, 100);
    assert_eq!((swarm.exit_of(None, number), swarm.read(&output).as_str()), (Ok(Some(Exit::Finished)), ""));
}

#[test]
fn who_prints_more_than_is_read_waits_and_nothing_is_lost() {
    let (swarm, mut player) = player(closures, 2, 9);
    let output = Arc::new(Output::default());
    let source = "use sys::print; fn main() { for i in 0..30000 { print(i); } }";
    let (_, number) = spawn(&swarm, source, &output);
    play(&mut player, 10_000);
    assert_eq!(swarm.exit_of(None, number), Ok(None), "it waits");
    let mut text = swarm.read(&output);
    assert!((65_536..80_000).contains(&text.len()), "{}", text.len());
    while swarm.exit_of(None, number) == Ok(None) {
        play(&mut player, 10_000);
        text += &swarm.read(&output);
    }
    assert!(text.lines().map(|line| line.parse::<u32>().unwrap()).eq(0..30_000));
}

#[test]
fn who_sleeps_takes_no_turns_until_the_time_has_come() {
    for (name, engine) in engines() {
        let (swarm, mut player) = player(engine, 2, 4);
        let output = Arc::new(Output::default());
        let source = "use sys::print; use sys::sleep; use sys::now; use sys::yield_now;
            fn main() { let from = now(); for i in 0..3 { sleep(1000 as u64); yield_now(); }
                print((now() - from) >= (3000 as u64)); }";
        let source =
            source.replace("print((now() - from) >= (3000 as u64))", "if now() - from >= 3000 as u64 { print(1); }");
        let (key, _) = spawn(&swarm, &source, &output);
        let mut turns = 0;
        while let Some(turn) = player.turn() {
            turns += usize::from(matches!(turn, Turn::Ran { .. }));
            let _ = key;
        }
        assert_eq!(swarm.read(&output), "1\n", "{name}");
        assert!((6..=14).contains(&turns), "{name}: {turns} turns");
        assert!(player.now().nanos < 4_000_000, "{name}");
    }
}

#[test]
fn classes_share_by_their_strides() {
    let (swarm, mut player) = player(closures, 1, 2);
    let output = Arc::new(Output::default());
    let classes = [Class::Interactive, Class::Normal, Class::Background, Class::Inference];
    for class in classes {
        spawn_as(&swarm, Order { class, ..Order::new(class.name(), Source::Text(ENDLESS)) }, &output);
    }
    for _ in 0..1300 {
        player.turn();
    }
    let slices: Vec<_> = swarm.reports().iter().map(|report| report.slices).collect();
    assert!(slices.iter().zip([800_u64, 400, 100, 0]).all(|(got, want)| got.abs_diff(want) <= 2), "{slices:?}");
}

#[test]
fn ten_thousand_agents_wait_and_are_woken() {
    let (swarm, workers) = Swarm::new(closures, Budget { agents: 10_000, pages: 0 }, 2);
    let mut player = Player::new(workers, 6, 5_000);
    let output = Arc::new(Output::default());
    let source = "use sys::sleep; fn main() { sleep(1000000 as u64); }";
    for _ in 0..10_000 {
        spawn_as(&swarm, Order { pages: 0, ..Order::new("sleeper", Source::Text(source)) }, &output);
    }
    play(&mut player, 100_000);
    assert_eq!((swarm.reports().len(), swarm.spare(None).unwrap().agents), (0, 10_000));
}
