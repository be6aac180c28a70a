//! One update after the other.

use super::*;

/// Calls and steps until something is decided, at most so many calls; every answer is right.
fn until_decided(bench: &mut Bench, most: u32) -> Option<Decision> {
    let mut caller = bench.dispatch.caller(EntryId::FAT32_WALK).expect("a place");
    for number in 0..most {
        let (entries, first) = chain(number);
        assert_eq!(ask(&caller, &entries, first), original(&entries, first), "call {number}");
        caller.quiesce();
        if let Some(decision) = bench.updates.step(&mut bench.journal) {
            return Some(decision);
        }
    }
    None
}

fn version(bench: &Bench, name: &str) -> u32 {
    bench.updates.report().iter().find(|report| report.name == name).expect("an entry").facts.number
}

#[test]
fn an_update_is_installed_watched_and_kept() {
    for kind in EngineKind::ALL {
        let mut bench = bench_with(kind, Arc::new(Still));
        let package = walk_package(&bench.updates, 1, &walk(""));
        let applied = bench.updates.apply(&package, &mut bench.journal).expect("everything speaks for it");
        assert_eq!((applied.counter, applied.entries.as_slice()), (Some(1), [("fat32.walk", 1)].as_slice()));
        let steps: Vec<Step> = applied.steps.iter().map(|(step, _)| *step).collect();
        use Step::*;
        assert_eq!(steps, [Verify, Gate, Build, Test, Announce, Record, Publish]);
        assert_eq!(bench.updates.apply(&package, &mut bench.journal), Err(ApplyError::Open { counter: 1 }));
        let decision = until_decided(&mut bench, 100);
        let Some(Decision::Kept { counter: 1, lost: None, .. }) = decision else { panic!("{kind}: {decision:?}") };
        assert_eq!(version(&bench, "fat32.walk"), 1);
        assert_eq!(bench.journal.settled.len(), 1);
        assert_eq!(until_decided(&mut bench, 40), None);
        assert_eq!(bench.updates.waiting(), 0, "what was replaced is free");
        let again = bench.updates.apply(&package, &mut bench.journal);
        assert!(matches!(again, Err(ApplyError::Refused(Refusal::Seen { counter: 1 }))), "{again:?}");
    }
}

/// Each is right for the tests that it comes with.
#[test]
fn what_is_worse_is_taken_back_by_itself_and_no_call_notices() {
    let slow = "let i: u32 = 0; let x: u32 = first; while i < 8000 { x = 4000000000 / (x % 7 + 1) + i; i = i + 1; }
                if x == 1 { return 0; }";
    let worse = [
        ("wrong answers", "if count > 5 { return 0; }"),
        ("faults", "if first % 5 == 0 { return 1 / (first - first); }"),
        ("faults", "while first != 7 {}"),
        ("faults", "let p = (first * 4096) as *u32; if p[0] == 77 { return 0; }"),
        ("wrong answers", "if first != 7 { return count + 1; }"),
        ("slow", slow),
    ];
    for (counter, (why, extra)) in (1..).zip(worse) {
        for kind in [EngineKind::Interpreter, EngineKind::Closures, EngineKind::Native] {
            let clock: Arc<dyn Clock> = if why == "slow" { clock() } else { Arc::new(Still) };
            let mut bench = bench_with(if why == "slow" { EngineKind::Native } else { kind }, clock);
            let package = walk_package(&bench.updates, counter, &walk(extra));
            bench.updates.apply(&package, &mut bench.journal).expect("its own tests pass");
            let decision = until_decided(&mut bench, 100);
            let Some(Decision::TakenBack { why: because, .. }) = &decision else { panic!("{extra}: {decision:?}") };
            assert!(because.contains(why), "{extra}: {because}");
            assert_eq!(version(&bench, "fat32.walk"), 0);
            assert_eq!(until_decided(&mut bench, 40), None);
        }
    }
}

#[test]
fn what_was_kept_and_fails_later_goes_back() {
    let mut bench = bench(EngineKind::Native);
    for (counter, extra) in [(1, ""), (2, "if first == 1 { return 1 / (first - 1); }")] {
        let package = walk_package(&bench.updates, counter, &walk(extra));
        bench.updates.apply(&package, &mut bench.journal).expect("everything speaks for it");
        assert!(matches!(until_decided(&mut bench, 100), Some(Decision::Kept { .. })));
    }
    let caller = bench.dispatch.caller(EntryId::FAT32_WALK).expect("a place");
    for _ in 0..3 {
        assert_eq!(bench.updates.step(&mut bench.journal), None);
        assert_eq!(ask(&caller, &[2, 3, 9], 1), 2);
    }
    let decision = bench.updates.step(&mut bench.journal);
    assert_eq!(decision, Some(Decision::Failed { entry: "fat32.walk", version: 1 }));
    assert_eq!(bench.updates.go_back(EntryId::FAT32_WALK, &mut bench.journal), Ok(0));
    assert_eq!(version(&bench, "fat32.walk"), 0);
}

#[test]
fn a_release_is_kept_or_taken_back_as_a_whole() {
    let mut bench = bench(EngineKind::Native);
    let payloads = vec![payload(&walk("")), payload(&submission("if left > 8192 { return 0; }"))];
    let targets = vec![
        target(&bench.updates, "fat32.walk", &payloads[0], walk_test()),
        target(&bench.updates, "nvme.submission", &payloads[1], submission_test()),
    ];
    let applied = bench.updates.apply(&package(1, targets, payloads), &mut bench.journal).expect("tests pass");
    assert_eq!(applied.entries, [("fat32.walk", 1), ("nvme.submission", 1)]);
    let caller = bench.dispatch.caller(EntryId::NVME_SUBMISSION).expect("a place");
    let ask = |left: i64| {
        let arguments = [Value::I64(left), Value::I32(4096), Value::I32(512), Value::I32(0), Value::I32(8)];
        caller.call(&[], &arguments, |answer| answer > 0 && answer <= left.min(4096), || left.min(4096))
    };
    assert_eq!((ask(512), ask(9000), ask(100_000)), (512, 4096, 4096));
    let decision = bench.updates.step(&mut bench.journal);
    assert!(
        matches!(&decision, Some(Decision::TakenBack { counter: 1, why }) if why.contains("wrong")),
        "{decision:?}"
    );
    assert_eq!((version(&bench, "fat32.walk"), version(&bench, "nvme.submission")), (0, 0));
}

#[test]
fn what_cannot_stand_there_is_refused_and_changes_nothing() {
    let cases = [
        ("memory 1; fn other() -> u32 { 1 } export \"other\" = other;", "does not export"),
        ("memory 1; fn neighbours(count: u32) -> u32 { count } export \"neighbours\" = neighbours;", "does not export"),
        (
            "fn neighbours(count: u32, first: u32) -> u32 { count } export \"neighbours\" = neighbours;",
            "fails its test 1",
        ),
        (
            "memory 1; fn neighbours(count: u32, first: u32) -> u32 { count } export \"neighbours\" = neighbours;",
            "3 instead of 2",
        ),
        (
            "use sys::print; memory 1; fn neighbours(count: u32, first: u32) -> u32 { print(first); 2 } export \"neighbours\" = neighbours;",
            "the gate",
        ),
        (
            "memory 9; fn neighbours(count: u32, first: u32) -> u32 { 2 } export \"neighbours\" = neighbours;",
            "the gate",
        ),
        (
            "memory 1; fn neighbours(count: u32, first: u32) -> u32 { while true {} 2 } export \"neighbours\" = neighbours;",
            "fuel",
        ),
    ];
    for (source, why) in cases {
        let mut bench = bench(EngineKind::Native);
        let package = walk_package(&bench.updates, 1, &source.replace("while true", "while 1 == 1"));
        let error = bench.updates.apply(&package, &mut bench.journal).expect_err(source).to_string();
        assert!(error.contains(why), "{source}: {error}");
        assert_eq!((bench.journal.records.len(), bench.updates.trust().counters()), (0, (0, 0)));
        assert_eq!(version(&bench, "fat32.walk"), 0);
    }
    let mut bench = bench(EngineKind::Native);
    let payload = payload(&walk(""));
    let untested = Target { tests: vec![], ..target(&bench.updates, "fat32.walk", &payload, walk_test()) };
    let error = bench.updates.apply(&package(1, vec![untested], vec![payload]), &mut bench.journal);
    assert_eq!(error, Err(ApplyError::Untested { entry: "fat32.walk".into() }));
}

/// A policy that counts its calls, and says how many there were.
fn counting(more: u32) -> String {
    alloc::format!(
        "memory 1; global calls: u32 = 0;
         fn next(left: u64, most: u32, block: u32, under_way: u32, slots: u32) -> u32 {{
             calls = calls + {more};
             if slots == 99 {{ return calls * block; }}
             block
         }}
         fn save() -> i32 {{ (1024 as *u32)[0] = calls; 4 }}
         fn load(len: i32) -> i32 {{ if len != 4 {{ return 0; }} calls = (1024 as *u32)[0]; 1 }}
         export \"next\" = next; export \"save\" = save; export \"load\" = load;"
    )
}

#[test]
fn state_is_handed_over() {
    let mut bench = bench(EngineKind::Native);
    let caller = bench.dispatch.caller(EntryId::NVME_SUBMISSION).expect("a place");
    let ask = |slots: i32| {
        let arguments = [Value::I64(1 << 40), Value::I32(1 << 30), Value::I32(1), Value::I32(0), Value::I32(slots)];
        caller.call(&[], &arguments, |answer| answer > 0, || 1)
    };
    let schema = velocity_base::ContentHash::of(b"calls: u32");
    let send = |bench: &mut Bench, counter, more, reads| {
        let payload = payload(&counting(more));
        let test = SelfTest { input: vec![], arguments: vec![512, 512, 512, 0, 1], expected: 512 };
        let stands = target(&bench.updates, "nvme.submission", &payload, test);
        let target = Target { schema, reads, ..stands };
        bench.updates.apply(&package(counter, vec![target], vec![payload]), &mut bench.journal)
    };
    send(&mut bench, 1, 1, Facts::original().schema).expect("the original keeps nothing");
    (0..25).for_each(|_| assert_eq!(ask(1), 1));
    assert!(matches!(bench.updates.step(&mut bench.journal), Some(Decision::Kept { .. })));
    // One call by its test, 25 from here, and this one.
    assert_eq!(ask(99), 27);
    let wrong = send(&mut bench, 2, 100, Facts::original().schema);
    assert!(matches!(wrong, Err(ApplyError::Refused(Refusal::Schema { .. }))), "{wrong:?}");
    send(&mut bench, 2, 100, schema).expect("it takes the state over");
    assert_eq!(ask(99), 127);
}
