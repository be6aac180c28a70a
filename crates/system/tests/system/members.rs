//! Agents on the board.

use crate::machine::Bench;

/// A program with texts of announcements, `a` and `b` among them, that does `main`.
fn agent(main: &str) -> String {
    let text = |name: &str, text: &str| format!("static {name}: [u8; {}] = \"{text}\";\n", text.len());
    let texts = text("a", "file:/a shorter") + &text("e", "entry:fat32.walk mine") + &text("n", "nothing");
    let say = if main.contains("say(") { "fn say(from: u64) -> i64 { announce(a, 15 as u32, from) }" } else { "" };
    let body = format!("{texts}\n{say}\nfn main() {{ {main} }}\n");
    let names = ["print", "sleep", "announce", "agree", "commit", "withdraw"];
    let used = names.iter().filter(|name| body.contains(&format!("{name}(")));
    used.map(|name| format!("use sys::{name};\n")).collect::<String>() + &body
}

fn bench(mains: &[&str]) -> Bench {
    let programs: Vec<(String, String)> =
        mains.iter().enumerate().map(|(at, main)| (format!("{at}.nda"), agent(main))).collect();
    let files: Vec<(&str, &[u8])> = programs.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    Bench::with_files(&files)
}

/// What an agent prints, a number a line.
fn printed(bench: &mut Bench, number: u32) -> Vec<i64> {
    let made = bench.run(&format!("spawn {}.nda", number - 1));
    assert_eq!(made, format!("[{number}] {}.nda\n", number - 1));
    let out = bench.run(&format!("wait {number}"));
    let lines = out.lines().filter_map(|line| line.strip_prefix(&format!("[{number}] "))?.parse().ok());
    lines.collect()
}

#[test]
fn the_first_that_commits_wins_and_all_others_are_told() {
    let mut bench = bench(&[
        "let one = say(0 as u64); let two = say(0 as u64); print(one); print(two); print(agree(two as u64)); print(commit(two as u64));
         print(commit(one as u64)); print(withdraw(one as u64)); print(commit(two as u64));",
        "print(say(0 as u64)); print(say(1 as u64)); print(commit(3 as u64)); print(commit(77 as u64));",
    ]);
    assert_eq!(printed(&mut bench, 1), [1, 2, 0, 0, -4, 0, -3]);
    assert_eq!(printed(&mut bench, 2), [-4, 3, 0, -3]);
    assert!(bench.run("board").contains("file:/a is at revision 2, by agent 2"), "{}", bench.run("board"));
}

#[test]
fn what_an_agent_announced_goes_with_it_and_nobody_settles_anothers() {
    let mut bench = bench(&[
        "print(say(0 as u64)); sleep(60000000 as u64);",
        "print(agree(1 as u64)); print(commit(1 as u64)); print(withdraw(1 as u64));",
    ]);
    bench.run("spawn 0.nda");
    bench.run("version");
    assert!(bench.run("board").contains("   1  agent 1: file:/a from 0: shorter"), "{}", bench.run("board"));
    assert_eq!(printed(&mut bench, 2), [0, -3, -3]);
    assert!(bench.run("board").contains("shorter, agreed: agent 2"), "{}", bench.run("board"));
    bench.run("kill 1");
    bench.run("wait 1");
    assert!(!bench.run("board").contains("agent 1:"), "{}", bench.run("board"));
}

#[test]
fn entries_are_not_theirs_and_what_makes_no_sense_is_refused() {
    let mut bench = bench(&[
        "print(announce(e, 21 as u32, 0 as u64)); print(announce(n, 7 as u32, 0 as u64));",
        "print(announce(a, 600 as u32, 0 as u64));",
        "print(announce(1000000 as *u8, 8 as u32, 0 as u64));",
    ]);
    assert_eq!(printed(&mut bench, 1), [-1, -1]);
    for number in [2, 3] {
        bench.run(&format!("spawn {}.nda", number - 1));
        let out = bench.run(&format!("wait {number}"));
        assert!(out.contains(".nda: failed: "), "{out}");
    }
    assert!(bench.run("board").contains("nothing is remembered"));
}

#[test]
fn a_flood_of_announcements_ends_by_itself_and_costs_people_nothing() {
    let mut bench = bench(&[
        "let said: i64 = 0; let last: i64 = 0; while last >= 0 { last = say(0 as u64); said = said + 1;
         if last > 0 { said = said + 1; if withdraw(last as u64) != 0 { last = 0 - 7; } } } print(said); print(last);",
    ]);
    let out = printed(&mut bench, 1);
    assert_eq!(out, [257, -2]);
    assert_eq!(bench.run("board announce file:/b 0 by hand"), "announcement 129\n");
}
