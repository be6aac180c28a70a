//! Power goes while a driver's code is replaced, at every single write of the whole machine's disk.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;
use velocity_models::{Fate, PowerCut};
use velocity_sim::headless::Session;
use velocity_sim::rig::Rig;
use velocity_sim::{Options, disk};

/// Applies a good update, lets it be watched until it is kept, applies a wrong one, which is taken back, and goes back by hand.
const STORY: &str = "ota apply /updates/walk-1.ota\nsha256 /docs/numbers.txt\nsha256 /docs/numbers.txt\n\
                     sha256 /docs/numbers.txt\nsha256 /docs/numbers.txt\nsha256 /docs/numbers.txt\nota apply /updates/walk-wrong.ota\n\
                     sha256 /docs/numbers.txt\nota rollback fat32.walk\nversion";

/// What is asked after a restart.
const QUESTIONS: &str = "ota\nboard verify\nsha256 /docs/numbers.txt\nversion";

/// The hash of the file that the story reads.
const NUMBERS: &str = "0f408ac7b45ec10ed62dcb0197479c5e453ce58cb0da469f663754d427c09e6f  /docs/numbers.txt\n";

/// Nobody waits for anything: one core, and a time of its own.
fn options() -> Options {
    Options { cores: 1, seed: Some(5), ..Options::default() }
}

fn start(disk: &PowerCut) -> Session {
    Session::on(Rig::new(options(), true).with_disk(disk.clone())).unwrap()
}

/// What a machine says of itself: the counter of its last release, and the version of the walk.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
struct Said {
    counter: u32,
    version: u32,
}

fn said(disk: &PowerCut) -> Said {
    let text = start(disk).run_script(QUESTIONS).unwrap();
    assert!(text.contains(NUMBERS), "a file reads otherwise: {text}");
    assert!(text.contains("each follows on the one before it"), "the ledger does not verify: {text}");
    let word = |after: &str| text.split_once(after).unwrap().1.split([',', ' ', '\n']).next().unwrap();
    let line = text.lines().find(|line| line.starts_with("fat32.walk ")).unwrap();
    let version = line.split_whitespace().skip_while(|word| *word != "version").nth(1);
    assert!(version.is_some() || line.contains("original"), "{line}");
    let version = version.map_or(0, |version| version.parse().unwrap());
    Said { counter: word("release ").parse().unwrap(), version }
}

/// Plays the story with power for so many writes; how many there were.
fn play(image: &Arc<Vec<u8>>, cut: Option<(u64, Fate)>) -> (PowerCut, String) {
    let disk = PowerCut::with_image(512, Arc::clone(image));
    if let Some((writes, fate)) = cut {
        disk.cut_after(writes, fate);
    }
    let text = start(&disk).run_script(STORY).unwrap();
    (disk, text)
}

#[test]
fn power_goes_at_every_write_of_an_update() {
    let image = Arc::new(disk::embedded().unwrap());
    let (whole, text) = play(&image, None);
    let writes = whole.writes();
    let end = said(&whole);
    assert!(
        writes > 20 && text.contains("fat32.walk is back at 0") && end == Said { counter: 2, version: 0 },
        "{text}"
    );
    let (torn, mut seen) = ([1, 2, 3].map(|seed| seed << 32), BTreeSet::new());
    let mut last = [Said { counter: 0, version: 0 }; 5];
    for at in 0..writes {
        let torn = torn.map(|seed| Fate::Torn(seed + at));
        for (number, fate) in [Fate::Lost, Fate::Kept].into_iter().chain(torn).enumerate() {
            let (disk, text) = play(&image, Some((at, fate)));
            assert!(disk.is_off(), "{at} of {writes}");
            disk.restart();
            // It goes again while what was torn is cleared away.
            for again in 0..=number as u64 {
                disk.cut_after(again, fate);
                drop(start(&disk));
                disk.restart();
            }
            let said = said(&disk);
            let told = text.lines().filter_map(|line| line.strip_prefix("release ")?.split(':').next()?.parse().ok());
            assert!(told.max().is_none_or(|told: u32| said.counter >= told), "{at} {fate:?}: {said:?} after {text}");
            // Blocks that are torn by another seed may be there one write sooner or later; otherwise more power never gives less.
            assert!(matches!(fate, Fate::Torn(_)) || said.counter >= last[number].counter, "{at} {fate:?}: {said:?}");
            assert!(said.counter <= end.counter && said.version <= 1, "{at} {fate:?}: {said:?}");
            last[number] = said;
            seen.insert(said);
        }
    }
    // Before the first update, before it was kept, when it was kept, the wrong one accepted, and back by hand.
    let all = [(0, 0), (1, 0), (1, 1), (2, 1), (2, 0)].map(|(counter, version)| Said { counter, version });
    assert_eq!(seen, BTreeSet::from(all));
}
