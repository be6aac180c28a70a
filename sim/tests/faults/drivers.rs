//! Faults in what drivers ask: slips in updates that are signed well, and failures of versions that were kept.

use crate::bench::{Disk, FILE, HASH, Machine};
use crate::engine::{Failure, Order, Whose};
use crate::mutant::mutant;
use crate::package::{Base, FIGURE, NOTHING, package, source};
use crate::table::Outcome;
use std::collections::BTreeSet;
use velocity_nexus::campaign::Numbers;

/// What stands on the disk that all machines begin with.
const WALK: Base = Base { entry: "fat32.walk", version: 1, program: "fat32-walk.nda", reads: NOTHING };
const SUBMISSION: Base =
    Base { entry: "nvme.submission", version: 3, program: "nvme-submission-adapts.nda", reads: FIGURE };

/// The counter of all packages with slips.
const COUNTER: u64 = 20;

/// Reads files, as often as it takes to decide about a version, and goes on.
fn reads() -> String {
    format!("sha256 {FILE}\nls /\n").repeat(8) + "run /programs/hello.nda\nota\nversion\n"
}

/// What `ls /` says when nothing is wrong.
pub struct Listing(String);

/// Lists the root without a fault.
pub fn listing(disk: &Disk) -> Listing {
    let text = Machine::start(disk, 1).say("ls /\n");
    let listing = text.strip_prefix("velocity> ls /\n").unwrap();
    assert!(listing.lines().count() > 10 && listing.contains("README.TXT"), "{text}");
    Listing(listing.into())
}

impl Listing {
    /// Whether every file and every list was right, and the machine still answers.
    fn is_right(&self, text: &str) -> bool {
        let is_program_right = text.contains("run /programs/hello.nda\n285\n");
        let count = |of: &str| text.matches(of).count();
        count(HASH) == 8 && count(&self.0) == 8 && is_program_right && text.contains("\nVELOCITY-OS ")
    }
}

/// Brings good versions onto a disk, with so many packages beside them that are not. All packages are different.
pub fn disk(slips: usize, files: Vec<(String, Vec<u8>)>) -> Disk {
    let (mut files, mut numbers, mut known) = (files, Numbers::new(0x5117), BTreeSet::new());
    while known.len() < slips {
        let base = if known.len() % 3 == 2 { SUBMISSION } else { WALK };
        let text = mutant(&source(base.program), &mut numbers);
        if let Some(package) = package(base, COUNTER, &text)
            && known.insert((base.entry, text))
        {
            files.push((slip(known.len() - 1), package));
        }
    }
    let reads = format!("sha256 {FILE}\n").repeat(24);
    let apply = |name: &str| format!("ota apply /updates/{name}.ota\n{reads}");
    let script: String = ["walk-1", "submission-1", "submission-2", "submission-adapts"].map(apply).concat() + "ota\n";
    let (disk, text) = Disk::with(&files).after(&script);
    assert!(text.contains("fat32.walk        version 1  in use"), "{text}");
    assert!(text.contains("nvme.submission   version 3  in use"), "{text}");
    disk
}

/// The name of a package with a slip.
fn slip(number: usize) -> String {
    format!("slips/{number}.ota")
}

/// Applies a package with a slip.
pub fn code(disk: &Disk, listing: &Listing, number: usize) -> Outcome {
    let mut machine = Machine::start(disk, number as u64);
    let text = machine.say(&format!("ota apply /{}\n{}", slip(number), reads()));
    let log = machine.log();
    match () {
        () if !listing.is_right(&text) || machine.files_changed() => Outcome::Lost(format!("{text}\n{log}")),
        () if text.contains("\nota: ") => Outcome::Refused,
        () if log.contains("release 20 is taken back") => Outcome::TakenBack,
        () if log.contains("failed too often") => Outcome::WentBack,
        () if log.contains("release 20 is kept") => Outcome::NoEffect,
        () => Outcome::Lost(format!("nothing was decided:\n{text}\n{log}")),
    }
}

/// Lets a version that was kept fail while files are read; `None` if it did not come to that.
pub fn run(disk: &Disk, listing: &Listing, seed: u64) -> Option<Outcome> {
    let mut machine = Machine::start(disk, seed);
    let mut numbers = Numbers::new(seed);
    let failures = [Failure::Memory(256), Failure::Global, Failure::Result, Failure::Trap, Failure::Hang];
    let failure = failures[numbers.below(5) as usize];
    machine.plan.arm(Order { whose: Whose::Driver, runs: numbers.below(40) as usize, failure, number: numbers.next() });
    let text = machine.say(&reads());
    if machine.plan.failures() == 0 {
        return None;
    }
    Some(match () {
        () if !listing.is_right(&text) || machine.files_changed() => Outcome::Lost(text),
        () if text.contains("failed 1 times") => Outcome::Answered,
        () => Outcome::NoEffect,
    })
}
