//! `run`.

use crate::machine::Bench;
use velocity_system::Next;

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
        ("run", "run: usage: run FILE\n"),
        ("run a b", "run: usage: run FILE\n"),
    ];
    for (line, expected) in cases {
        assert_eq!(bench.run(line), expected, "{line}");
    }
}
