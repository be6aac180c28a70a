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

/// Whether `text` holds eight bytes of the secret in a row that are no part of what surrounds it.
fn repeats(text: &str, case: &Case) -> bool {
    let outside = case.text.replace(&case.secret, "\u{1}");
    let secret = case.secret.as_bytes();
    let windows = secret.windows(8.min(secret.len()));
    let own = windows.filter(|window| !outside.as_bytes().windows(window.len()).any(|part| part == *window));
    own.into_iter().any(|window| text.as_bytes().windows(window.len()).any(|part| part == window))
}

#[test]
fn no_message_repeats_a_secret() {
    for case in ["seen", "held-out"].into_iter().flat_map(corpus::corpus).filter(|case| !case.secret.is_empty()) {
        let verdict = admit(Candidate::Text { name: "case.nda", source: &case.text }, Origin::Person, &Policy::default());
        let found = verdict.findings.iter().filter(|finding| finding.rule == Rule::Secret).count();
        assert!(found > 0, "{}: {}", case.kind, case.text);
        let rendered = verdict.render("case.nda", &case.text);
        let texts = verdict.findings.iter().flat_map(|finding| [&finding.place, &finding.message, &finding.advice]);
        for text in texts.chain([&rendered, &format!("{verdict:?}")]) {
            // A signed link is secret as a whole in the corpus; its signature is what must not be seen.
            let part = case.secret.split_once("sig=").map_or(case.secret.as_str(), |(_, signature)| signature);
            let case = Case { secret: part.into(), kind: case.kind.clone(), file: case.file.clone(), text: case.text.clone() };
            assert!(!repeats(text, &case), "{}: {text}", case.kind);
        }
        assert!(!repeats(&redact(&case.text), &Case { secret: last_half(&case), ..case_of(&case) }), "{}", case.kind);
    }
}

fn last_half(case: &Case) -> String {
    case.secret.split_once("sig=").map_or(case.secret.as_str(), |(_, signature)| signature).into()
}

fn case_of(case: &Case) -> Case {
    Case { kind: case.kind.clone(), file: case.file.clone(), text: case.text.clone(), secret: case.secret.clone() }
}

#[test]
fn a_redactor_cleans_messages_about_the_text() {
    for case in corpus::corpus("seen").iter().filter(|case| !case.secret.is_empty() && case.kind != "azure-sas") {
        let message = format!("unexpected `{}`", case.secret.chars().take(40).collect::<String>());
        assert!(!repeats(&Redactor::of(case.text.as_bytes()).clean(&message), case), "{}", case.kind);
    }
}
