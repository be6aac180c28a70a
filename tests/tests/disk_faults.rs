//! Every scripted misbehaviour of the disk, at every I/O command of a session: the system says clearly what happened,
//! stays alive, and the next good command works.
//!
//! The same script runs on a good disk first; a fault may change the answer to the command that it hits and to no
//! other, unless it hits while the volume is being mounted or the disk is gone for good. Torn writes are tested with the
//! driver (`velocity-nvme`), because no command of the shell writes.
#![cfg(test)]

use std::thread;
use velocity_sim::Options;
use velocity_tests::{Answer, answers};

/// Reads a file twice and another twice; the last command needs no disk.
const SCRIPT: [&str; 6] =
    ["cat /README.TXT", "cat /README.TXT", "sha256 /docs/numbers.txt", "sha256 /docs/numbers.txt", "disk", "version"];

/// The last command, and the commands before `disk`.
const VERSION: usize = 5;
const READS: usize = 4;

/// More I/O commands than the script causes, so that a fault at the last of them is tried too.
const COMMANDS: u64 = 20;

fn run(faults: &str) -> Vec<Answer> {
    let options = Options { faults: faults.parse().unwrap(), cores: 1, ..Options::default() };
    let answers = answers(options, &SCRIPT).unwrap();
    let commands: Vec<&str> = answers.iter().map(|answer| answer.command.as_str()).collect();
    assert_eq!(commands, SCRIPT, "{faults}: the system stopped listening");
    answers
}

/// Runs the script once with each fault, all at the same time: most of it is waiting for time-outs.
fn sweep(faults: impl Iterator<Item = String>) -> Vec<(String, Vec<Answer>)> {
    let runs: Vec<_> = faults.map(|fault| thread::spawn(move || (fault.clone(), run(&fault)))).collect();
    runs.into_iter().map(|run| run.join().unwrap()).collect()
}

/// Reads whose answers differ from a good disk's.
fn hit<'a>(good: &[Answer], found: &'a [Answer]) -> Vec<&'a Answer> {
    found[..READS].iter().zip(good).filter(|(found, good)| found != good).map(|(found, _)| found).collect()
}

fn is_mounted(answers: &[Answer]) -> bool {
    !answers[0].text.contains("no volume is mounted")
}

/// Checks a fault that passes by itself or with a reset of the controller; gives in how many runs it showed.
fn passing_fault(kind: &str, words: &[&str]) -> usize {
    let good = run("");
    let mut shown = 0;
    for (fault, found) in sweep((1..=COMMANDS).map(|nth| format!("{kind}@{nth}"))) {
        assert_eq!(found[VERSION], good[VERSION], "{fault}");
        let hit = hit(&good, &found);
        shown += usize::from(!hit.is_empty());
        let (report, most) = if is_mounted(&found) { (hit.first().copied(), 1) } else { (Some(&found[4]), READS) };
        assert!(hit.len() <= most, "{fault}: one command was hit, these answers are wrong: {hit:#?}");
        if let Some(report) = report.filter(|_| !hit.is_empty()) {
            assert!(words.iter().any(|word| report.text.contains(word)), "{fault}: no clear error in {report:?}");
        }
    }
    shown
}

#[test]
fn a_command_that_is_never_carried_out_times_out() {
    let shown = passing_fault("timeout", &["did not answer in time"]);
    assert!(shown >= 4, "only {shown} runs showed anything");
}

#[test]
fn a_controller_that_hangs_is_reset() {
    let shown = passing_fault("hang", &["did not answer in time"]);
    assert!(shown >= 4, "only {shown} runs showed anything");
}

#[test]
fn a_controller_that_gives_up_is_reset() {
    let shown = passing_fault("fatal", &["did not answer in time", "refused", "reset", "fatal"]);
    assert!(shown >= 4, "only {shown} runs showed anything");
}

#[test]
fn an_unplugged_disk_is_gone_and_the_system_is_not() {
    let good = run("");
    let mut shown = 0;
    for (fault, found) in sweep((1..=COMMANDS).map(|nth| format!("unplug@{nth}"))) {
        assert_eq!(found[VERSION], good[VERSION], "{fault}");
        let hit = hit(&good, &found);
        shown += usize::from(!hit.is_empty());
        for answer in &hit {
            let is_clear = answer.text.contains("the device is gone") || answer.text.contains("no volume is mounted");
            assert!(is_clear, "{fault}: {answer:?}");
        }
    }
    assert!(shown >= 4, "only {shown} runs showed anything");
}

#[test]
fn late_and_reordered_completions_change_nothing() {
    let good = run("");
    let delays = (1..=COMMANDS).map(|nth| format!("delay@{nth}=20ms"));
    for (fault, found) in sweep(delays.chain(["reorder".to_owned(), "reorder,delay@7=5ms".to_owned()])) {
        assert_eq!(found, good, "{fault}");
    }
}

/// Blocks of the default disk that hold the first line of the readme.
fn block_of_the_readme() -> u64 {
    let packed = std::fs::File::open(velocity_tests::fixtures().join("disks/default.img.gz")).unwrap();
    let mut image = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed), &mut image).unwrap();
    let text = b"VELOCITY-OS: the default disk";
    image.chunks(512).position(|block| block.starts_with(text)).unwrap() as u64
}

#[test]
fn an_unreadable_block_spoils_its_file_and_no_other() {
    let good = run("");
    let found = run(&format!("read@{}=status:0x0281", block_of_the_readme()));
    for answer in &found[..2] {
        assert!(answer.text.contains("cannot be read or written (status 0x0281)"), "{answer:?}");
    }
    assert_eq!(found[2..], good[2..]);
}

#[test]
fn a_refused_read_is_reported_with_its_status() {
    let good = run("");
    for status in ["0x0006", "0x0285"] {
        let found = run(&format!("read@{}=status:{status}", block_of_the_readme()));
        assert_eq!(found[VERSION], good[VERSION], "{status}");
        let report = if is_mounted(&found) { &found[0] } else { &found[4] };
        assert!(report.text.contains("refused") && report.text.contains(status), "{status}: {report:?}");
    }
}
