//! Faults in agents: failures of one that is begun anew, ends at any time, and neighbours that do harm.

use crate::bench::{Disk, FILE, HASH, Machine};
use crate::engine::{Failure, Order, Whose};
use crate::table::Outcome;
use velocity_nexus::campaign::Numbers;

/// Sorts numbers and looks whether they are sorted, and still the same. What it prints at the end is right, or it fails.
const WORK: &str = "use sys::print;
use sys::sleep;
memory 1;
global seed: u32 = 7;
fn next() -> u32 { seed = seed * 1664525 + 1013904223; seed >> 4 }
fn sum(p: *u32, n: u32) -> u32 { let s: u32 = 0; let i: u32 = 0; while i < n { s = s + p[i] * (p[i] | 1); i = i + 1; } s }
fn round(p: *u32, n: u32) -> u32 {
    let i: u32 = 0;
    while i < n { p[i] = next(); i = i + 1; }
    let before = sum(p, n);
    i = 1;
    while i < n {
        let x = p[i];
        let j = i;
        while j > 0 && p[j - 1] > x { p[j] = p[j - 1]; j = j - 1; }
        p[j] = x;
        i = i + 1;
    }
    i = 1;
    while i < n { if p[i - 1] > p[i] { unreachable(); } i = i + 1; }
    if sum(p, n) != before { unreachable(); }
    before
}
fn main() {
    let p = 0 as *u32;
    let all: u32 = 0;
    for at in 0..12 {
        let one = round(p, 200 as u32);
        sleep(1500 as u64);
        seed = 7 + at as u32;
        if round(p, 200 as u32) == one && at > 1 { unreachable(); }
        all = all ^ one;
    }
    print(all);
}";

/// Looks on, and says how far it is.
const BYSTAND: &str = "use sys::print; use sys::sleep; fn main() { for i in 0..12 { print(i); sleep(3000 as u64); } }";

/// What does harm to itself, and would to others.
const NEIGHBOURS: [&str; 8] = [
    "fn main() { loop { } }",
    "memory 1 to 60000; fn main() { loop { let got = memory::grow(1); let p = ((memory::size() - 1) * 65536) as *i32; p[0] = got; } }",
    "use sys::spawn_agent; static s: [u8; 22] = \"fn main() { loop { } }\";
     fn main() { loop { let a = spawn_agent(s, 22 as u32, 1 as u32); } }",
    "use sys::spawn_agent; use sys::send; memory 1; static s: [u8; 82] = \"use sys::receive; memory 1; fn main() { loop { let m = receive(0 as *u8, 64 as u32); } }\";
     fn main() { let a = spawn_agent(s, 82 as u32, 1 as u32); loop { let sent = send(1 as u32, 0 as *u8, 64 as u32); } }",
    "use sys::send; memory 1; fn main() { let i = 0; while i < 3 { let s = send(0 as u32, 0 as *u8, 64 as u32); i = i + 1; } unreachable(); }",
    "fn deep(n: i64) -> i64 { deep(n + 1) + 1 } fn main() { let n = deep(0); }",
    "memory 1; fn main() { let p = 65532 as *i64; p[0] = 1; }",
    "use sys::print; fn main() { let i: i64 = 0; loop { print(i); i = i + 1; } }",
];

/// What is on the disk for this.
pub fn files() -> Vec<(String, Vec<u8>)> {
    let bad = NEIGHBOURS.iter().enumerate().map(|(at, text)| (format!("bad{at}.nda"), *text));
    let all = bad.chain([("work.nda".into(), WORK), ("bystand.nda".into(), BYSTAND)]);
    all.map(|(name, text)| (name, text.into())).collect()
}

/// What both print who are to come to their end.
pub struct Expected {
    work: String,
    bystand: String,
}

fn lines(text: &str, number: u32) -> String {
    let start = format!("[{number}] ");
    text.lines()
        .filter_map(|line| line.strip_prefix(start.as_str()))
        .filter(|line| !line.contains(".nda"))
        .collect::<Vec<_>>()
        .join("\n")
}

const BEGIN: &str = "spawn --restart 3 --fuel 30000000 /work.nda\nspawn --restart 3 --fuel 1000000 /bystand.nda\n";

fn end() -> String {
    format!("wait 1\nwait 2\nsha256 {FILE}\nps\nversion\n")
}

/// Without a fault.
pub fn expected(disk: &Disk) -> Expected {
    let mut machine = Machine::start(disk, 3);
    let text = machine.say(BEGIN) + &machine.say(&end());
    let expected = Expected { work: lines(&text, 1), bystand: lines(&text, 2) };
    assert!(expected.bystand.lines().count() == 12 && expected.work.lines().count() == 1, "{text}");
    assert!(text.contains("no agents"), "{text}");
    expected
}

impl Expected {
    /// What is to hold whoever failed.
    fn stands(&self, text: &str, machine: &Machine) -> bool {
        // One that was begun anew says all of it once more.
        lines(text, 2).ends_with(&self.bystand)
            && text.contains(HASH)
            && text.contains("no agents")
            && !machine.files_changed()
    }
}

/// Lets an agent fail while it runs; `None` if it did not come to that.
pub fn run(disk: &Disk, expected: &Expected, seed: u64) -> Option<Outcome> {
    let (mut machine, mut numbers) = (Machine::start(disk, seed), Numbers::new(seed));
    let failures = [Failure::Memory(800), Failure::Global, Failure::Trap, Failure::Hang];
    let failure = failures[numbers.below(4) as usize];
    machine.plan.arm(Order { whose: Whose::Agent, runs: numbers.below(60) as usize, failure, number: numbers.next() });
    let begin = machine.say(BEGIN);
    let made = machine.plan.made();
    let text = begin + &machine.say(&end());
    if machine.plan.failures() == 0 {
        return None;
    }
    let (again, whole) = (machine.plan.made() > made.max(2), format!("{failure:?}: {text}"));
    Some(match () {
        () if lines(&text, 1) == expected.work && expected.stands(&text, &machine) => {
            if again {
                Outcome::Restarted
            } else {
                Outcome::NoEffect
            }
        }
        () => Outcome::Lost(whole),
    })
}

/// Ends an agent at any time, and begins it anew by hand.
pub fn ended(disk: &Disk, expected: &Expected, seed: u64) -> Option<Outcome> {
    let (mut machine, mut numbers) = (Machine::start(disk, seed), Numbers::new(seed));
    let begin = machine.say(BEGIN);
    machine.steps(numbers.below(40));
    let killed = machine.say("kill 1\n");
    if killed.contains("no such agent") {
        return None;
    }
    let text = begin + &killed + &machine.say("spawn /work.nda\nwait 3\n") + &machine.say(&end());
    let is_right = lines(&text, 3) == expected.work && expected.stands(&text, &machine);
    Some(if is_right { Outcome::Restarted } else { Outcome::Lost(text) })
}

/// Lets one that does harm live beside the others, with a limit of fuel, and ends it when they are done.
pub fn neighbour(disk: &Disk, expected: &Expected, seed: u64) -> Outcome {
    let (mut machine, mut numbers) = (Machine::start(disk, seed), Numbers::new(seed));
    let begin = machine.say(BEGIN);
    machine.steps(numbers.below(10));
    let bad = numbers.below(NEIGHBOURS.len() as u64);
    let fuel = 10_000 << numbers.below(9);
    let text = begin
        + &machine.say(&format!("spawn --pages 40 --fuel {fuel} /bad{bad}.nda\nwait 1\nwait 2\nkill 3\nps\n"))
        + &machine.say(&end());
    let is_right = lines(&text, 1) == expected.work && expected.stands(&text, &machine);
    if is_right { Outcome::Ended } else { Outcome::Lost(text) }
}
