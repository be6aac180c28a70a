//! `run`.

use crate::machine::{Bench, Parts};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use velocity_interp::engine::{Engine, Execution, Reference};
use velocity_interp::{FunctionAddress, Limits, Value};
use velocity_jit::EngineKind;
use velocity_system::{Compiled, Engines, Interpreted, Next};

const COUNT: &[u8] = b"use sys::print;\nfn main() { let i: i32 = 0; while i < 3 { print(i); i = i + 1; } }\n";
const ENDLESS: &[u8] = b"use sys::print;\nfn main() { print(1); while 1 { } }\n";

#[test]
fn a_program_runs_from_the_disk() {
    let mut bench = Bench::with_files(&[("p/count.nda", COUNT)]);
    assert_eq!(bench.run("run p/count.nda"), "0\n1\n2\n");
}

#[test]
fn an_endless_program_is_stopped_by_control_c() {
    let mut bench = Bench::with_files(&[("loop.nda", ENDLESS), ("count.nda", COUNT)]);
    bench.type_text("run loop.nda\r");
    for _ in 0..20 {
        assert_eq!(bench.system.step(), Next::Again);
        assert!(!bench.system.at_prompt());
    }
    assert!(bench.transcript().ends_with("run loop.nda\n1\n"), "output appears while it runs: {}", bench.transcript());
    bench.type_text("\x03");
    bench.settle();
    assert!(bench.transcript().ends_with("1\nrun: interrupted\n"), "{}", bench.transcript());
    assert_eq!(bench.run("run count.nda"), "0\n1\n2\n");
}

#[test]
fn an_endless_program_left_alone_runs_out_of_fuel() {
    let mut bench = Bench::with_files(&[("loop.nda", ENDLESS)]);
    let out = bench.run("run loop.nda");
    assert!(out.starts_with("1\ntrap: fuel exhausted in function `main`\n  --> loop.nda:2:"), "{out}");
}

#[test]
fn a_wrong_program_is_shown_with_all_its_errors() {
    let mut bench = Bench::with_files(&[("bad.nda", b"fn main() {\n    let a: i32 = b;\n    let c: i64 = d;\n}\n")]);
    let out = bench.run("run bad.nda");
    assert!(out.contains("--> bad.nda:2:18") && out.contains("--> bad.nda:3:18"), "{out}");
}

#[test]
fn what_is_no_program_is_refused() {
    let big = vec![b' '; (1 << 20) + 1];
    let mut bench = Bench::with_files(&[("binary", b"fn main\xff"), ("big", &big), ("folder/", b"")]);
    let cases = [
        ("run binary", "run: binary: not a program: byte 7 is not UTF-8 text; `run` takes NDA source\n"),
        ("run big", "run: /big: 1048577 bytes are too many for a program (limit 1048576); split it\n"),
        ("run folder", "run: /folder: is a folder; `ls /folder` shows what is in it\n"),
        ("run", "run: usage: run [--engine NAME] FILE\n"),
        ("run a b", "run: usage: run [--engine NAME] FILE\n"),
        ("run --engine interp", "run: usage: run [--engine NAME] FILE\n"),
        ("run -x", "run: -x: no such option; `help run` shows what it takes\n"),
        (
            "run --engine jit binary",
            "run: jit: no such engine on this machine; it has interp, closure, baseline, native, auto\n",
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(bench.run(line), expected, "{line}");
    }
}

/// Traps of three kinds, in functions that were called.
const TRAPS: [(&str, &[u8]); 3] = [
    ("divide.nda", b"use sys::print;\nfn f(n: i32) -> i32 { 7 / n }\nfn main() { print(1); print(f(0)); }\n"),
    ("outside.nda", b"use sys::print;\nstatic a: [i32; 2];\nfn f(n: i32) -> i32 { a[n] }\nfn main() { print(1); print(f(1 << 29)); }\n"),
    ("deep.nda", b"use sys::print;\nfn f(n: i32) -> i32 { f(n + 1) + 1 }\nfn main() { print(1); print(f(0)); }\n"),
];

#[test]
fn every_engine_shows_the_same() {
    let mut files = TRAPS.to_vec();
    files.extend([("count.nda", COUNT), ("loop.nda", ENDLESS)]);
    let mut bench = Bench::with_files(&files);
    for (file, _) in files {
        let expected = bench.run(&format!("run --engine interp {file}"));
        for engine in ["closure", "native", "auto"] {
            assert_eq!(bench.run(&format!("run --engine {engine} {file}")), expected, "{engine} {file}");
            assert!(bench.log().contains(&format!("{file}: engine {engine}\n")), "{}", bench.log());
        }
        assert_eq!(expected.contains("trap: "), file != "count.nda", "{file}: {expected}");
        let is_called = ["divide.nda", "outside.nda", "deep.nda"].contains(&file);
        assert_eq!(expected.contains("  called by `"), is_called, "{file}: {expected}");
    }
}

/// A machine with a program and these engines.
fn with_engines(engines: impl Engines + 'static) -> Bench {
    let disk =
        crate::image::with_files(&[("count.nda", COUNT), ("bad.nda", b"fn main() { x }"), ("long.nda", ENDLESS)]);
    Bench::new(Parts { disks: vec![(disk, "")], engines: Some(Arc::new(engines)), ..Parts::default() })
}

#[test]
fn how_native_code_divides_is_measured_once_and_said_in_the_log() {
    let mut bench = Bench::with_files(&[("count.nda", COUNT)]);
    assert_eq!(bench.run("run --engine closure count.nda"), "0\n1\n2\n");
    assert!(!bench.log().contains("divisions of 32 bits take"), "{}", bench.log());
    for _ in 0..2 {
        assert_eq!(bench.run("run count.nda"), "0\n1\n2\n");
        let log = bench.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains("divisions of 32 bits take")).collect();
        // The clock of this machine stands still, so that nothing can be faster than the processor.
        assert!(matches!(lines[..], [line] if line.matches("the processor's").count() == 2), "{log}");
    }
}

#[test]
fn a_machine_runs_programs_by_the_fastest_engine_that_it_has_and_says_which() {
    let cases = [
        (with_engines(Interpreted), "interp", "interp"),
        (with_engines(Compiled::default()), "closure", "interp, closure"),
        (Bench::with_files(&[("count.nda", COUNT)]), "auto", "interp, closure, baseline, native, auto"),
    ];
    for (mut bench, usual, known) in cases {
        assert!(bench.log().contains(&format!("programs run by engine {usual}\n")), "{}", bench.log());
        assert_eq!(bench.run("run count.nda"), "0\n1\n2\n");
        assert!(bench.log().contains(&format!("count.nda: engine {usual}\n")), "{}", bench.log());
        let refused = format!("run: x: no such engine on this machine; it has {known}\n");
        assert_eq!(bench.run("run --engine x count.nda"), refused);
    }
}

/// The interpreter, which says that it stands in for another engine, when it has been asked so often.
#[derive(Debug)]
struct StandIn {
    late: u32,
    asked: AtomicU32,
}

impl StandIn {
    const fn after(late: u32) -> Self {
        Self { late, asked: AtomicU32::new(0) }
    }
}

impl Engine for StandIn {
    fn call(&self, entry: FunctionAddress, arguments: &[Value], limits: Limits) -> Box<dyn Execution> {
        Reference.call(entry, arguments, limits)
    }

    fn fallback_reason(&self) -> Option<&'static str> {
        (self.asked.fetch_add(1, Ordering::Relaxed) >= self.late).then_some("it is a test")
    }
}

impl Engines for StandIn {
    fn usual(&self) -> EngineKind {
        EngineKind::Native
    }

    fn make(&self, _: EngineKind) -> Option<Box<dyn Engine>> {
        Some(Box::new(Self::after(self.late)))
    }
}

#[test]
fn a_program_that_a_slower_engine_runs_is_noted_once_and_one_that_never_ran_is_not() {
    let mut bench = with_engines(StandIn::after(0));
    assert_eq!(bench.run("run count.nda"), "0\n1\n2\n");
    assert_eq!(bench.log().matches("count.nda: engine closure instead of native: it is a test\n").count(), 1);
    bench.run("run bad.nda");
    assert!(!bench.log().contains("bad.nda"), "{}", bench.log());
    // It finds out while the program runs.
    let mut bench = with_engines(StandIn::after(1));
    bench.run("run long.nda");
    let log = bench.log();
    let lines: Vec<&str> = log.lines().filter_map(|line| line.split_once("long.nda: ")).map(|(_, text)| text).collect();
    assert_eq!(lines, ["engine native", "engine closure instead of native: it is a test"]);
}

const CALLS: &[u8] = b"use sys::print;
fn half(n: i32) -> i32 { if n < 0 { half(-n) } else { n / 2 } }
fn main() { let i: i32 = 0; while i < 100 { half(i); i = i + 1; } print(i / 0); }
";

#[test]
fn what_ran_is_shown_with_its_calls_and_one_function_with_its_times() {
    let mut bench = Bench::with_files(&[("calls.nda", CALLS), ("loop.nda", ENDLESS), ("bad.nda", b"fn main() { x }")]);
    assert_eq!(bench.run("jit"), "No compiled program has run yet.\n");
    assert_eq!(bench.run("jit main"), "jit: main: no function of this name has run; `jit` lists those that have\n");
    // What was made before would run natively at once.
    for engine in ["interp", "closure", "auto", "native"] {
        bench.run(&format!("run --engine {engine} calls.nda"));
    }
    bench.run("run bad.nda");
    let table = bench.run("jit");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), 3 * 4 + 1, "three engines, a headline, and two functions each; the cache: {table}");
    assert!(table.ends_with("code cache: 1 kept, 4 of 4096 KiB, 0 hits, 1 misses\n"), "{table}");
    for (at, engine) in [(0, "closure"), (4, "auto"), (8, "native")] {
        assert_eq!(rows[at], ["calls.nda,", "engine", engine]);
        let row = |name: &str| rows[at + 2..at + 4].iter().find(|row| row[0] == name).unwrap();
        // So short a run stays in closures.
        let tier = if engine == "auto" { "closure" } else { engine };
        assert_eq!((row("half")[1..3].to_vec(), row("half")[6]), (vec![tier, "100"], "0"), "{table}");
        assert_eq!((row("main")[1..3].to_vec(), row("main")[6]), (vec![tier, "1"], "1"), "{table}");
        assert_eq!(row("half")[4] == "-", tier == "closure", "{table}");
    }
    let half = bench.run("jit half");
    assert!(half.starts_with("half of calls.nda: 100 calls, "), "{half}");
    assert!(half.lines().skip(1).all(|line| line.starts_with("  from 2^")) && half.lines().count() > 1, "{half}");
    assert_eq!(bench.run("jit a b"), "jit: usage: jit [FUNCTION]\n");
}

#[test]
fn machine_code_is_kept_for_programs_that_run_again_under_whatever_name() {
    let changed = String::from_utf8(CALLS.to_vec()).unwrap().replace("n / 2", "n / 3");
    let spaced = String::from_utf8(CALLS.to_vec()).unwrap().replace("; ", ";\n    ");
    let files = [
        ("calls.nda", CALLS),
        ("again.nda", CALLS),
        ("spaced.nda", spaced.as_bytes()),
        ("other.nda", changed.as_bytes()),
    ];
    let mut bench = Bench::with_files(&files);
    let mut cache = |file: &str, engine: &str| {
        bench.run(&format!("run --engine {engine} {file}"));
        let table = bench.run("jit");
        table.lines().last().unwrap_or_default().rsplit(" KiB, ").next().unwrap_or_default().to_owned()
    };
    assert_eq!(cache("calls.nda", "native"), "0 hits, 1 misses");
    assert_eq!(cache("calls.nda", "native"), "1 hits, 1 misses");
    assert_eq!(cache("again.nda", "native"), "2 hits, 1 misses");
    assert_eq!(cache("spaced.nda", "native"), "3 hits, 1 misses");
    assert_eq!(cache("other.nda", "native"), "3 hits, 2 misses");
    assert_eq!(cache("calls.nda", "baseline"), "3 hits, 3 misses");
    // What was made before runs natively at once.
    assert_eq!(cache("calls.nda", "auto"), "4 hits, 3 misses");
    assert!(bench.run("jit").contains("calls.nda, engine auto"));
}

#[test]
fn a_program_that_was_stopped_is_remembered_and_old_ones_are_forgotten() {
    let mut bench = Bench::with_files(&[("loop.nda", ENDLESS), ("count.nda", COUNT)]);
    bench.type_text("run loop.nda\r");
    (0..20).for_each(|_| assert_eq!(bench.system.step(), Next::Again));
    bench.type_text("\x03");
    bench.settle();
    assert!(bench.run("jit").starts_with("loop.nda, engine auto\n"));
    (0..8).for_each(|_| _ = bench.run("run count.nda"));
    let table = bench.run("jit");
    assert_eq!((table.matches("count.nda,").count(), table.matches("loop.nda").count()), (8, 0), "{table}");
}

#[test]
fn a_function_is_shown_beside_its_machine_code() {
    let source = b"fn sum(n: i32) -> i32 {\n    let s = 0;\n    while n > 0 {\n        s = s + n * n;\n        n = n - 1;\n    }\n    s\n}\nfn main() -> i32 { sum(9) }\n";
    let mut bench = Bench::with_files(&[("sum.nda", source), ("bad.nda", b"fn main() { x }")]);
    let listing = bench.run("disasm sum sum.nda");
    let lines: Vec<&str> = listing.lines().collect();
    assert!(lines[0].starts_with("sum of sum.nda: ") && lines[0].ends_with(" bytes of machine code"), "{listing}");
    let under = |text: &str| {
        let at = lines.iter().position(|line| line.ends_with(text)).unwrap_or_else(|| panic!("{text}: {listing}"));
        lines[at + 1..].iter().take_while(|line| !line.contains(" | ")).copied().collect::<Vec<_>>().join("\n")
    };
    assert!(under("s = s + n * n;").contains("imul "), "{listing}");
    assert!(listing.contains("ret"), "{listing}");
    let bytes: usize = lines[1..]
        .iter()
        .filter(|line| !line.contains(" | "))
        .map(|line| line[14..].split(' ').next().unwrap().len() / 2)
        .sum();
    assert_eq!(lines[0], format!("sum of sum.nda: {bytes} bytes of machine code"));
    assert_eq!(
        bench.run("disasm nobody sum.nda"),
        "disasm: nobody: the program has no function of this name; `hash` lists all\n"
    );
    assert!(bench.run("disasm main bad.nda").contains("--> bad.nda:1:13"));
    assert_eq!(bench.run("disasm sum"), "disasm: usage: disasm FUNCTION FILE\n");
    let mut none = with_engines(Compiled::default());
    assert_eq!(
        none.run("disasm main count.nda"),
        "disasm: this machine runs no machine code; `run` has other engines\n"
    );
}
