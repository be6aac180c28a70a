//! The store against a plain set, and its bounds by counting.

use super::fact::{Def, Fact, Predicate};
use super::facts::Facts;
use super::run::FactsError;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn calls(subject: u32, objects: &[u32]) -> Vec<Fact> {
    objects.iter().map(|&object| Fact::new(Def(subject), Predicate::Calls, object)).collect()
}

fn same(facts: &Facts<'_>, model: &BTreeSet<Fact>, size: u32) {
    assert_eq!(facts.len(), model.len());
    for number in 0..size {
        let of = |wanted: fn(&Fact) -> u32| model.iter().filter(move |fact| wanted(fact) == number);
        let mut callers: Vec<u32> = facts.subjects(Predicate::Calls, number).map(|def| def.0).collect();
        callers.sort_unstable();
        assert_eq!(callers, of(|fact| fact.object).map(|fact| fact.subject.0).collect::<Vec<_>>());
        let callees: Vec<u32> = facts.objects(Def(number), Predicate::Calls).collect();
        assert_eq!(callees, of(|fact| fact.subject.0).map(|fact| fact.object).collect::<Vec<_>>());
        assert_eq!(facts.about(Def(number)).count(), callees.len());
    }
}

proptest! {
    #[test]
    fn a_store_answers_like_a_set(
        first in prop::collection::vec((0_u32..30, 0_u32..30), 0..90),
        edits in prop::collection::vec((0_u32..34, prop::collection::btree_set(0_u32..34, 0..7)), 0..60),
    ) {
        let mut model: BTreeSet<Fact> = first.iter().map(|&(s, o)| Fact::new(Def(s), Predicate::Calls, o)).collect();
        let mut bytes = Vec::new();
        Facts::new(model.iter().copied()).write(&mut bytes);
        let mut facts = Facts::open(&bytes).unwrap();
        same(&facts, &model, 34);
        for (subject, objects) in edits {
            let new = calls(subject, &objects.into_iter().collect::<Vec<_>>());
            facts.replace(Def(subject), &new);
            model.retain(|fact| fact.subject.0 != subject);
            model.extend(new);
            same(&facts, &model, 34);
            prop_assert!(facts.runs() <= (model.len().max(1).ilog2() + 3) as usize, "{} runs", facts.runs());
        }
        facts.compact();
        same(&facts, &model, 34);
        prop_assert!(facts.runs() <= 1);
    }

    #[test]
    fn any_bytes_are_facts_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(facts) = Facts::open(&bytes) {
            let _ = facts.subjects(Predicate::Calls, 3).count() + facts.objects(Def(3), Predicate::Calls).count();
        }
    }
}

#[test]
fn replacing_costs_what_is_replaced_and_a_logarithm() {
    let (size, fan) = (20_000_u32, 6_u32);
    let callees = |of: u32, salt: u32| (0..fan).map(|i| (of * 7 + i * 131 + salt) % size).collect::<Vec<_>>();
    let mut facts = Facts::new((0..size).flat_map(|def| calls(def, &callees(def, 0))));
    facts.replace(Def(0), &calls(0, &callees(0, 1)));
    let (start, live) = (facts.work(), facts.len() as u64);
    let edits = 30_000_u64;
    for edit in 0..edits {
        let def = (edit * 7919 % u64::from(size)) as u32;
        let before = facts.work();
        facts.replace(Def(def), &calls(def, &callees(def, edit as u32)));
        assert!(facts.work() - before <= 4 * live + 64, "one edit never costs more than all facts a few times");
        assert!(facts.runs() <= live.ilog2() as usize + 2, "{} runs", facts.runs());
    }
    let (written, log) = (edits * u64::from(fan), u64::from(live.ilog2()));
    let bound = written * (log + 1) + 2 * written;
    let work = facts.work() - start;
    assert!(work <= bound, "{work} facts moved for {written} written; the bound is {bound}");
    // Most edits touch only their own few facts.
    let cheap = (0..1000_u32).filter(|&edit| {
        let before = facts.work();
        facts.replace(Def(edit), &calls(edit, &callees(edit, 5)));
        facts.work() - before <= 64 * u64::from(fan)
    });
    assert!(cheap.count() > 900);
}

#[test]
fn taking_everything_away_leaves_nothing_behind() {
    let mut facts = Facts::new((0..1000).flat_map(|def| calls(def, &[def / 2, def / 3 + 1])));
    let before = facts.work();
    (0..1000).for_each(|def| facts.replace(Def(def), &[]));
    assert_eq!((facts.len(), facts.runs(), facts.is_empty()), (0, 0, true));
    assert!(facts.work() - before <= 2 * 2000 + 2000, "{} moves", facts.work() - before);
    facts.replace(Def(7), &calls(7, &[1]));
    assert_eq!(facts.subjects(Predicate::Calls, 1).collect::<Vec<_>>(), [Def(7)]);
}

#[test]
fn wrong_bytes_are_named() {
    let mut bytes = Vec::new();
    Facts::new(calls(1, &[2, 3])).write(&mut bytes);
    // A header, then subject and predicate, object: two bytes each; then the order by object.
    assert_eq!(bytes, [2, 0, 0, 0, 2, 2, 2, 0, 0x13, 0, 2, 0, 0x13, 0, 3, 0, 0, 0, 1, 0]);
    assert_eq!(Facts::open(&bytes[..19]).unwrap_err(), FactsError::Length(19));
    assert_eq!(Facts::open(&[&bytes[..], &[0]].concat()).unwrap_err(), FactsError::Length(21));
    assert_eq!(Facts::open(&bytes[..3]).unwrap_err(), FactsError::Length(3));
    let wrong = |at: usize, byte: u8| {
        let mut wrong = bytes.clone();
        wrong[at] = byte;
        Facts::open(&wrong).unwrap_err()
    };
    assert_eq!([wrong(4, 0), wrong(5, 3), wrong(7, 1), wrong(0, 3)], [FactsError::Length(20); 4]);
    assert_eq!(wrong(14, 2), FactsError::Order(1), "the same fact twice");
    assert_eq!(wrong(8, 0x1F), FactsError::Order(0), "an unknown predicate");
    assert_eq!([wrong(16, 1), wrong(18, 0), wrong(18, 2)], [FactsError::Order(1); 3], "order by object");
}

#[test]
fn facts_of_any_size_lie_in_bytes() {
    let corners = [0, 1, 0xFF, 0x100, 0xFFFF, 0x1_0000, 0xFF_FFFF, 0x100_0000, Def::MAX];
    for &most in &corners {
        let known = || corners.into_iter().filter(|&number| number <= most);
        let fact = |subject, predicate, object| Fact::new(Def(subject), predicate, object);
        let facts: BTreeSet<Fact> = known()
            .flat_map(|subject| known().map(move |object| fact(subject, Predicate::Calls, object)))
            .chain([fact(most, Predicate::DerivedFrom, u32::MAX), fact(0, Predicate::Defines, 0)])
            .collect();
        let mut bytes = Vec::new();
        Facts::new(facts.iter().copied()).write(&mut bytes);
        let store = Facts::open(&bytes).unwrap();
        for subject in known() {
            let about: BTreeSet<Fact> = store.about(Def(subject)).collect();
            assert_eq!(about, facts.iter().filter(|fact| fact.subject.0 == subject).copied().collect());
            let callers: Vec<u32> = store.subjects(Predicate::Calls, subject).map(|def| def.0).collect();
            assert_eq!(callers, known().collect::<Vec<_>>());
        }
    }
}

#[test]
fn who_calls_among_a_hundred_thousand_looks_at_few_facts() {
    let graph = super::synthetic::graph(100_000, 1);
    assert_eq!((graph.len(), graph.facts().runs()), (100_000, 1));
    let calls: usize = (0..100_000).map(|def| graph.calls(Def(def)).count()).sum();
    let callers: usize = (0..100_000).map(|def| graph.who_calls(Def(def)).count()).sum();
    assert_eq!(calls, callers);
    assert!(calls > 350_000, "{calls}");
    // One run, so a lookup is one binary search over all facts and a walk over the answers.
    assert!(graph.facts().len().ilog2() <= 20, "{}", graph.facts().len());
}
