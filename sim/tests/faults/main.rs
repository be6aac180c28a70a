//! A thousand faults in drivers and agents, each in a machine of its own: what comes of them is counted.
//!
//! `cargo test -p sim --test faults -- --nocapture` prints the table. A fault is recovered if afterwards, without the system having been started anew, files read
//! the same and none was changed, and all others came to their right end. ADR 0029 says what was injected, and what others found who did so.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agents;
mod bench;
mod drivers;
mod engine;
mod mutant;
mod package;
mod table;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread::scope;
use table::{Outcome, Table};

/// How many of each kind.
const SLIPS: usize = 400;
const KINDS: [(&str, usize); 5] = [
    ("slips in updates", SLIPS),
    ("versions that fail", 250),
    ("agents that fail", 200),
    ("agents that are ended", 50),
    ("agents that do harm", 100),
];

#[test]
fn nearly_all_faults_are_recovered() {
    let disk = drivers::disk(SLIPS, agents::files());
    let listing = drivers::listing(&disk);
    let expected = agents::expected(&disk);
    let table = Mutex::new(Table::default());
    let one = |kind: usize, seed: u64| match kind {
        0 => Some(drivers::code(&disk, &listing, seed as usize)),
        1 => drivers::run(&disk, &listing, seed),
        2 => agents::run(&disk, &expected, seed),
        3 => agents::ended(&disk, &expected, seed),
        _ => Some(agents::neighbour(&disk, &expected, seed)),
    };
    // Whoever unwinds has lost the whole system.
    let try_one = |kind, seed| {
        catch_unwind(AssertUnwindSafe(|| one(kind, seed)))
            .unwrap_or_else(|_| Some(Outcome::Lost("the system ended".into())))
    };
    scope(|scope| {
        for half in 0..2 {
            let (table, try_one) = (&table, &try_one);
            scope.spawn(move || {
                for (kind, (name, count)) in KINDS.into_iter().enumerate() {
                    let outcomes = (half..).step_by(2).filter_map(|seed| try_one(kind, seed));
                    outcomes.take(count / 2).for_each(|outcome| table.lock().unwrap().count(name, outcome));
                }
            });
        }
    });
    let table = table.into_inner().unwrap();
    println!("{table}");
    table.lost.iter().take(3).for_each(|lost| println!("LOST {lost}"));
    assert_eq!(table.injected(), 1_000);
    assert!(table.recovered() >= 0.9, "{table}");
}
