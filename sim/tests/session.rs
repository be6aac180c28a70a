//! The simulator inside another program.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use velocity_hal::InputEvent;
use velocity_sim::Options;
use velocity_sim::headless::Session;
use velocity_system::Next;

#[test]
fn scripts_continue_over_a_reboot() {
    let mut session = Session::new(Options::default()).unwrap();
    let first = session.run_script("version\nreboot\nuptime\n").unwrap();
    assert!(first.starts_with("velocity> version\nVELOCITY-OS "), "{first}");
    assert!(first.contains("Starting anew.\n") && first.contains("velocity> uptime\nup 0:00:0"), "{first}");
    let second = session.run_script("help ls\n").unwrap();
    assert!(second.starts_with(first.as_str()) && second.contains("velocity> help ls\nls [-l] [PATH]: "), "{second}");
}

#[test]
fn equal_machines_give_equal_transcripts() {
    let script =
        "ls\nls programs\ncat README.TXT\nrun programs/collatz.nda\nrun programs/trap-divide.nda\ndisk\nsha256 nope";
    let options = [
        Options::default(),
        Options { cores: 1, memory_mib: 16, seed: Some(9), ..Options::default() },
        Options { faults: "reorder".parse().unwrap(), ..Options::default() },
    ];
    let [a, b, c] = options.map(|options| Session::new(options).unwrap().run_script(script).unwrap());
    assert_eq!(a, b);
    assert_eq!(a, c);
    assert!(a.contains("README.TXT") && a.contains("trap: "), "{a}");
}

#[test]
fn a_seed_gives_one_schedule() {
    let script = "spawn /programs/agents.nda\nspawn --class background /programs/agents.nda\n\
                  spawn /programs/trap-endless-loop.nda\nps\nrun /programs/primes.nda\nps\nwait 1\nps\nuptime\nwait 2\nuptime";
    let run = |seed| {
        let options = Options { seed: Some(seed), cores: 3, ..Options::default() };
        Session::new(options).unwrap().run_script(script).unwrap()
    };
    let all: Vec<String> = (0..2).map(run).collect();
    assert!(all[0].contains("[1] -1\n") && all[0].contains("[2] agents.nda: finished\n"), "{}", all[0]);
    assert_eq!(run(0), all[0]);
    assert_ne!(all[1], all[0]);
}

#[test]
fn all_cores_answer() {
    let mut session = Session::new(Options { cores: 6, ..Options::default() }).unwrap();
    let out = session.run_script("cpus").unwrap();
    assert_eq!(out.lines().filter(|line| line.contains("  after ")).count(), 5, "{out}");
}

#[test]
fn the_block_size_is_seen_from_the_image() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/disks/");
    for (name, blocks) in [("gpt-4k", "in blocks of 4096 bytes, GPT\n"), ("gpt", "in blocks of 512 bytes, GPT\n")] {
        let packed = std::fs::File::open(format!("{fixtures}{name}.img.gz")).unwrap();
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.img"));
        let mut image = std::fs::File::create(&path).unwrap();
        std::io::copy(&mut flate2::read::GzDecoder::new(packed), &mut image).unwrap();
        let mut session = Session::new(Options { disk: Some(path), ..Options::default() }).unwrap();
        let out = session.run_script("disk\nls").unwrap();
        assert!(out.contains(blocks) && out.contains("mounted as 0:/"), "{out}");
    }
}

#[test]
fn a_fault_is_reported_and_the_next_command_works() {
    let faults = "timeout@12".parse().unwrap();
    let mut session = Session::new(Options { faults, ..Options::default() }).unwrap();
    let out = session.run_script("ls /docs\nls /programs\nls /docs/names\nversion\nls /").unwrap();
    assert!(out.contains("did not answer in time"), "{out}");
    assert!(out.trim_end().ends_with("README.TXT"), "{out}");
}

#[test]
fn keys_reach_a_running_program() {
    let mut session = Session::new(Options::default()).unwrap();
    for byte in *b"run programs/trap-endless-loop.nda\r" {
        session.input().push(InputEvent::Byte { port: 0, byte });
    }
    for _ in 0..10 {
        assert_eq!(session.system().step(), Next::Again);
    }
    session.input().push(InputEvent::Byte { port: 0, byte: 3 });
    let out = session.run_script("version").unwrap();
    assert!(out.contains("run: interrupted\nvelocity> version\n"), "{out}");
    assert!(session.picture().pixels.iter().any(|pixel| *pixel != 0));
}
