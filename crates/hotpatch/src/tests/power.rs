//! Power goes at every record: afterwards there is the old version or the new one, and no counter has gone back.

use super::*;

/// Applies three releases: one that is kept, one that is taken back, one that is kept; the version after each record, and the counters.
fn story(bench: &mut Bench) {
    for (counter, extra) in [(1, ""), (2, "if count > 5 { return 0; }"), (3, "if count == 0 { return 0; }")] {
        let package = walk_package(&bench.updates, counter, &walk(extra));
        if bench.updates.apply(&package, &mut bench.journal).is_err() {
            return;
        }
        let mut caller = bench.dispatch.caller(EntryId::FAT32_WALK).expect("a place");
        for number in 0..60 {
            let (entries, first) = chain(number);
            assert_eq!(ask(&caller, &entries, first), original(&entries, first));
            caller.quiesce();
            let _ = bench.updates.step(&mut bench.journal);
        }
    }
    let _ = bench.updates.go_back(EntryId::FAT32_WALK, &mut bench.journal);
}

fn restarted(journal: &Memory) -> (Bench, Restored) {
    let mut bench = bench(EngineKind::Native);
    let mut restoring = bench.updates.restore();
    journal.records.iter().for_each(|(kind, body)| restoring.record(*kind, body));
    let restored = restoring.finish(&mut bench.updates);
    (bench, restored)
}

#[test]
fn a_restart_at_any_record_finds_the_old_or_the_new_version() {
    let mut whole = bench(EngineKind::Native);
    story(&mut whole);
    let records = whole.journal.records.len();
    assert_eq!(records, 7, "accepted and decided three times, and went back");
    let versions = [0, 0, 1, 1, 1, 1, 2, 1];
    let counters = [0, 1, 1, 2, 2, 3, 3, 3];
    for left in 0..=records {
        let mut cut = bench(EngineKind::Native);
        cut.journal.left = Some(left);
        story(&mut cut);
        let (bench, restored) = restarted(&cut.journal);
        assert_eq!(restored.problems, Vec::<String>::new(), "after {left} records");
        assert_eq!(bench.updates.report()[0].facts.number, versions[left], "after {left} records");
        assert_eq!(bench.updates.trust().counters(), (counters[left], counters[left]), "after {left} records");
    }
}

#[test]
fn what_was_cut_off_may_come_again() {
    let mut cut = bench(EngineKind::Native);
    let package = walk_package(&cut.updates, 1, &walk(""));
    cut.updates.apply(&package, &mut cut.journal).expect("everything speaks for it");
    let (mut bench, _) = restarted(&cut.journal);
    assert_eq!(bench.updates.report()[0].facts.number, 0);
    bench.updates.apply(&package, &mut bench.journal).expect("it comes again");
    assert_eq!(bench.updates.report()[0].facts.number, 1);
    cut.journal.records.extend(bench.journal.records);
    cut.journal.records.push((Kind::Kept as u16, 1_u64.to_le_bytes().to_vec()));
    let (bench, restored) = restarted(&cut.journal);
    assert_eq!((bench.updates.report()[0].facts.number, restored.packages), (1, 2));
}

#[test]
fn a_forged_record_ends_what_is_believed() {
    let mut whole = bench(EngineKind::Native);
    story(&mut whole);
    for at in 0..whole.journal.records.len() {
        let mut journal = whole.journal.clone();
        let body = &mut journal.records[at].1;
        let last = body.len() / 2;
        body[last] ^= 1;
        let (bench, restored) = restarted(&journal);
        let report = &bench.updates.report()[0];
        let known = [0, 1, 2].contains(&report.facts.number);
        assert!(
            known && (at != 0 || restored.entries.is_empty() && restored.problems.len() == 1),
            "{at}: {restored:?}"
        );
    }
}
