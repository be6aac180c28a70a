//! `spawn ps kill wait top ring cores`.

use crate::machine::Bench;
use velocity_hal::Key;

const COUNT: &[u8] = b"use sys::print;\nfn main() { let i: i32 = 0; while i < 3 { print(i); i = i + 1; } }\n";
const ENDLESS: &[u8] = b"fn main() { loop { } }\n";
const SLEEPER: &[u8] =
    b"use sys::print; use sys::sleep;\nfn main() { for i in 0..3 { print(i); sleep(1000000 as u64); } }\n";
const FAILS: &[u8] = b"use sys::print;\nfn main() { print(7); unreachable(); }\n";
const MOTHER: &[u8] = b"use sys::spawn_agent; use sys::sleep;\nstatic text: [u8; 22] = \"fn main() { loop { } }\";\n\
    fn main() { let a = spawn_agent(text, 22 as u32, 1 as u32); sleep(9000000 as u64); }\n";

fn bench() -> Bench {
    let files: [(&str, &[u8]); 5] = [
        ("count.nda", COUNT),
        ("loop.nda", ENDLESS),
        ("sleep.nda", SLEEPER),
        ("fail.nda", FAILS),
        ("mother.nda", MOTHER),
    ];
    Bench::with_files(&files)
}

#[test]
fn an_agent_goes_on_beside_the_prompt() {
    let mut bench = bench();
    assert_eq!(bench.run("ps"), "no agents; `spawn FILE` makes one\n");
    assert_eq!(bench.run("spawn count.nda"), "[1] count.nda\n");
    // Before the next prompt, as its output and its end are known then.
    bench.settle();
    assert_eq!(
        bench.run("version").lines().skip_while(|line| !line.starts_with('[')).collect::<Vec<_>>(),
        ["[1] 0", "[1] 1", "[1] 2", "[1] count.nda: finished"]
    );
    assert_eq!(bench.run("ps"), "no agents; `spawn FILE` makes one\n");
}

#[test]
fn one_that_never_ends_holds_nobody_up() {
    let mut bench = bench();
    assert_eq!(bench.run("spawn --class background loop.nda"), "[1] loop.nda\n");
    assert_eq!(bench.run("spawn --pages 3 loop.nda"), "[2] loop.nda\n");
    assert_eq!(bench.run("run count.nda"), "0\n1\n2\n");
    let out = bench.run("ps");
    let rows: Vec<Vec<&str>> = out.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), 2, "{out}");
    assert_eq!((rows[0][0], rows[0][2], rows[1][2], rows[1][6]), ("1", "background", "normal", "loop.nda"), "{out}");
    let fuel: Vec<u64> = rows.iter().map(|row| row[5].parse().unwrap()).collect();
    assert!(fuel[0] > 0 && fuel[1] > fuel[0], "{out}");
    assert_eq!(bench.run("kill 1"), "");
    assert_eq!(bench.run("wait 1"), "[1] loop.nda: killed\n");
    assert_eq!(bench.run("kill 1"), "kill: 1: no such agent; `ps` lists them\n");
    assert_eq!(bench.run("kill 2") + &bench.run("wait 2"), "[2] loop.nda: killed\n");
    assert_eq!(bench.run("ps"), "no agents; `spawn FILE` makes one\n");
}

#[test]
fn a_sleeper_wakes_the_machine_and_can_be_waited_for() {
    let mut bench = bench();
    let start = bench.now();
    bench.run("spawn sleep.nda");
    assert_eq!(bench.run("wait 1"), "[1] 0\n[1] 1\n[1] 2\n[1] sleep.nda: finished\n");
    let took = bench.now() - start;
    assert!((3000..3200).contains(&took.as_millis()), "{took:?}");

    // Ctrl-C leaves it running.
    bench.run("spawn sleep.nda");
    bench.type_text("wait 2\r");
    for _ in 0..20 {
        bench.system.step();
    }
    bench.press(Key::Char('c'), true);
    bench.settle();
    assert!(bench.transcript().ends_with("wait: interrupted\n"), "{}", bench.transcript());
    assert!(bench.run("ps").contains("waiting"), "it sleeps");
    assert!(bench.run("wait 2").ends_with("[2] sleep.nda: finished\n"));
}

#[test]
fn a_line_without_end_is_shown_before_it_takes_much_memory() {
    let source =
        b"use sys::write; static s: [u8; 1] = \"x\"; fn main() { for i in 0..5000 { write(s, 1 as u32); } loop { } }";
    let mut bench = Bench::with_files(&[("line.nda", source)]);
    bench.run("spawn line.nda");
    let mut shown = 0;
    for _ in 0..50 {
        shown += bench.run("ps").matches('x').count();
    }
    assert_eq!(shown, 5000);
}

#[test]
fn failures_are_shown_and_what_fails_is_begun_anew() {
    let mut bench = bench();
    bench.run("spawn --restart 2 fail.nda");
    let out = bench.run("wait 1");
    assert!(out.starts_with("[1] 7\n[1] 7\n[1] 7\n[1] fail.nda: failed: "), "{out}");
}

#[test]
fn who_is_made_by_an_agent_goes_with_it() {
    let mut bench = bench();
    bench.run("spawn mother.nda");
    bench.run("ps");
    let out = bench.run("ps");
    assert!(out.lines().nth(2).is_some_and(|line| line.starts_with("1.1 ")), "{out}");
    bench.type_text("top\r");
    for _ in 0..4 {
        let _ = bench.system.step();
        bench.clock.advance(velocity_base::Duration::from_secs(1));
    }
    bench.press(Key::Char('c'), true);
    bench.settle();
    assert!(bench.transcript().contains("2 agents, "), "{}", bench.transcript());
    assert!(bench.transcript().contains("1.1       100 %"), "{}", bench.transcript());
    bench.run("kill 1");
    assert_eq!(bench.run("wait 1"), "[1] mother.nda: killed\n");
    bench.run("ps");
    assert_eq!(bench.run("ps"), "no agents; `spawn FILE` makes one\n");
}

#[test]
fn what_was_sent_is_counted() {
    let child = "use sys::send; static b: [i64; 1]; fn main() { loop { let a = send(0 as u32, b as *u8, 8 as u32); } }";
    let mother = format!(
        "use sys::spawn_agent; use sys::receive; use sys::sleep; static m: [i64; 8]; static c: [u8; {}] = \"{child}\";\n\
         fn main() {{ let a = spawn_agent(c, {} as u32, 1 as u32); for i in 0..3 {{ let r = receive(m as *u8, 64 as u32); }}\n\
         sleep(9000000 as u64); }}",
        child.len(),
        child.len()
    );
    let mut bench = Bench::with_files(&[("m.nda", mother.as_bytes())]);
    assert_eq!(bench.run("ring"), "no agent has sent anything\n");
    bench.run("spawn m.nda");
    bench.run("ps");
    let out = bench.run("ring");
    let row: Vec<&str> = out.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(row, ["1.1", "19", "3", "0", "0", "0", "0", "agent"], "16 are under way: {out}");
}

#[test]
fn what_cannot_be_is_said() {
    let mut bench = bench();
    for (line, said) in [
        ("spawn", "spawn: usage: spawn [--class NAME] [--pages N] [--fuel N] [--restart N] FILE\n"),
        (
            "spawn --class fast loop.nda",
            "spawn: usage: spawn [--class NAME] [--pages N] [--fuel N] [--restart N] FILE\n",
        ),
        ("spawn --quick 1 loop.nda", "spawn: --quick: no such option; `help spawn` shows what it takes\n"),
        (
            "spawn --pages 5000 loop.nda",
            "spawn: loop.nda: it takes 1 agents and 5000 pages of 64 KiB, and there are 16384 and 256 left; end others or ask for less\n",
        ),
        ("kill x", "kill: x: no such agent; `ps` lists them\n"),
        ("kill", "kill: usage: kill NUMBER\n"),
        ("wait 3", "wait: 3: no such agent; `ps` lists them\n"),
        ("cores inference 1", "cores: core 1 gives no agents turns; `cores` shows those that do\n"),
        ("cores warm 1", "cores: usage: cores [inference|general CORE]\n"),
    ] {
        assert_eq!(bench.run(line), said);
    }
    assert!(bench.run("cores").starts_with("   0  the system, and agents\n   1  no agents"));
}
