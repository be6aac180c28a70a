//! The corpus of secrets: recall, precision, and that no text of ours repeats a secret.
#![allow(clippy::unwrap_used, reason = "a broken corpus fails the test")]

use std::path::PathBuf;
use velocity_gate::secrets;

/// A line of the corpus.
struct Case {
    kind: String,
    file: String,
    text: String,
    /// What is secret in it; empty for a hard negative.
    secret: String,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/secrets")
}

fn unhex(hex: &str) -> String {
    let bytes = (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    String::from_utf8(bytes).unwrap()
}

/// `\n`, `\t` and `\\` back to what they stand for.
fn unescape(text: &str) -> String {
    let mut letters = text.chars();
    let mut out = String::new();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                other => other.unwrap_or('\\'),
            },
            other => other,
        });
    }
    out
}

fn case(line: &str) -> Case {
    let fields: Vec<_> = line.splitn(3, '\t').collect();
    let (mut text, mut secret) = (String::new(), String::new());
    let body = unescape(fields[2]);
    let mut rest = body.as_str();
    while let Some((before, marked)) = rest.split_once('\u{27e6}') {
        let (hex, after) = marked.split_once('\u{27e7}').unwrap();
        text += before;
        secret = unhex(hex);
        text += &secret;
        rest = after;
    }
    text += rest;
    let hard = fields[0].starts_with("none:");
    Case { kind: fields[0].into(), file: fields[1].into(), text, secret: if hard { String::new() } else { secret } }
}

fn corpus(part: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(folder().join(format!("{part}.txt"))).unwrap();
    text.lines().map(case).collect()
}

/// Positives, hard negatives, how many positives were found, how many negatives were taken for secrets.
fn measure(part: &str) -> [usize; 4] {
    let (mut counts, mut wrong) = ([0; 4], String::new());
    for case in corpus(part) {
        let hard = case.secret.is_empty();
        let found = secrets::scan(case.text.as_bytes()).iter().any(|leak| hard || touches(&case, leak));
        counts[usize::from(hard)] += 1;
        counts[2 + usize::from(hard)] += usize::from(found);
        if found == hard {
            wrong += &format!("  {} {}: {}\n", case.kind, case.file, case.text);
        }
    }
    println!(
        "{part}: found {} of {} secrets, {} false alarms on {} hard negatives",
        counts[2], counts[0], counts[3], counts[1]
    );
    if std::env::var_os("GATE_SHOW_WRONG").is_some() {
        println!("{wrong}");
    }
    counts
}

/// Whether a leak is at least half of the case's secret.
fn touches(case: &Case, leak: &secrets::Leak) -> bool {
    let start = case.text.find(&case.secret).unwrap();
    let (from, to) = (leak.start.max(start), leak.end.min(start + case.secret.len()));
    // Of a signed link the signature counts.
    let least = if case.kind == "azure-sas" { 40 } else { case.secret.len() / 2 };
    to.saturating_sub(from) >= least
}

#[test]
fn the_part_seen_while_writing_the_rules() {
    let [positives, negatives, found, false_alarms] = measure("seen");
    assert!(positives >= 200 && negatives >= 600);
    assert!(found * 100 >= positives * 99 && false_alarms * 1000 <= negatives);
}
