//! The corpus of secrets: recall, precision, and that no text of ours repeats a secret.
#![allow(clippy::unwrap_used, reason = "a broken corpus fails the test")]

#[path = "../../../fixtures/secrets/corpus.rs"]
mod corpus;

use corpus::{Case, Counts};
use std::collections::BTreeSet;
use velocity_gate::secrets::{Redactor, redact};
use velocity_gate::{Candidate, Origin, Policy, Rule, admit};

/// Scans a part and shows what went wrong.
fn measure(part: &str) -> Counts {
    let show = |case: &Case| println!("  wrong: {} {}: {}", case.kind, case.file, case.text);
    let counts = corpus::measure(part, show);
    let Counts { positives, negatives, found, false_alarms } = counts;
    println!("{part}: {found} of {positives} secrets, {false_alarms} false alarms on {negatives} hard negatives");
    counts
}

#[test]
fn the_part_seen_while_writing_the_rules() {
    assert_eq!(measure("seen"), Counts { positives: 258, negatives: 947, found: 258, false_alarms: 0 });
}

#[test]
fn the_part_held_out() {
    assert_eq!(measure("held-out"), Counts { positives: 172, negatives: 628, found: 172, false_alarms: 1 });
}

#[test]
fn the_corpus_is_as_large_as_it_should_be() {
    let all: Vec<_> = ["seen", "held-out"].into_iter().flat_map(corpus::corpus).collect();
    let (hard, secret): (Vec<_>, Vec<_>) = all.iter().partition(|case| case.secret.is_empty());
    let kinds: BTreeSet<_> = secret.iter().map(|case| &case.kind).collect();
    assert!(secret.len() >= 300 && hard.len() >= 1000 && kinds.len() >= 25, "{} kinds", kinds.len());
}

/// The part of the secret that must not be seen: of a link its end, which is what makes it secret, of armour its inside.
fn body(case: &Case) -> &str {
    if let Some((_, inside)) = case.secret.split_once("-----BEGIN") {
        let (_, inside) = inside.split_once("-----").unwrap();
        return inside.split_once("-----").unwrap().0;
    }
    let mark = ["sig=", "services/", "webhooks/"].into_iter().find(|mark| case.secret.contains(mark));
    mark.and_then(|mark| case.secret.split_once(mark)).map_or(&case.secret, |(_, body)| body)
}

/// Whether `text` holds eight bytes of the secret in a row that do not also stand beside it.
fn repeats(text: &str, case: &Case) -> bool {
    let (outside, body) = (case.text.replace(&case.secret, "\u{1}"), body(case).as_bytes());
    let holds = |text: &str, window: &[u8]| text.as_bytes().windows(window.len()).any(|part| part == window);
    body.windows(8.min(body.len())).any(|window| holds(text, window) && !holds(&outside, window))
}

#[test]
fn no_message_repeats_a_secret() {
    for case in ["seen", "held-out"].into_iter().flat_map(corpus::corpus).filter(|case| !case.secret.is_empty()) {
        let candidate = Candidate::Text { name: "case.nda", source: &case.text };
        let verdict = admit(candidate, Origin::Person, &Policy::default());
        let found = verdict.findings.iter().filter(|finding| finding.rule == Rule::Secret).count();
        assert!(found > 0 && verdict.program.is_none(), "{}: {}", case.kind, case.text);
        for text in [verdict.render("case.nda", &case.text), format!("{verdict:?}"), redact(&case.text).into_owned()] {
            assert!(!repeats(&text, &case), "{} {}: {text}", case.kind, case.secret);
        }
    }
}

#[test]
fn a_redactor_cleans_messages_about_the_text() {
    for case in corpus::corpus("seen").iter().filter(|case| !case.secret.is_empty()) {
        let message = format!("unexpected `{}`", body(case).chars().take(40).collect::<String>());
        assert!(!repeats(&Redactor::of(case.text.as_bytes()).clean(&message), case), "{}", case.kind);
    }
}
