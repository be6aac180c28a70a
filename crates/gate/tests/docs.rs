//! Holds docs/gate.md to the rules: each rule has a section, each section is a rule, and each example triggers it.

use velocity_base::ContentHash;
use velocity_gate::{Candidate, Capability, HostModules, Origin, Policy, Rule, Severity, Verdict, admit};

const PAGE: &str = include_str!("../../../docs/gate.md");

/// An example of the page: its heading, the words behind the fence, and its text.
struct Example {
    rule: &'static str,
    words: Vec<&'static str>,
    text: String,
}

fn examples() -> Vec<Example> {
    let (mut examples, mut rule) = (Vec::new(), "");
    let mut lines = PAGE.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            rule = heading.trim_matches('`');
        }
        if let Some(words) = line.strip_prefix("```").filter(|words| !words.is_empty()) {
            let text = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            examples.push(Example { rule, words: words.split(' ').collect(), text });
        }
    }
    examples
}

fn origin(word: &str) -> Origin {
    Origin::ALL.into_iter().find(|origin| origin.to_string() == word).expect("an origin")
}

fn policy(settings: &[&str]) -> Policy {
    let mut policy = Policy::default();
    for setting in settings {
        let (key, value) = setting.split_once('=').expect("key=value");
        let number = || value.parse().expect("a number");
        match key {
            "functions" => policy.limits.functions = number(),
            "nodes" => policy.limits.nodes = number(),
            "stack" => policy.limits.stack_bytes = number() as u64,
            "table" => policy.limits.table_entries = number() as u64,
            "host" => policy.host_modules = HostModules::Listed(vec![value.to_owned()]),
            other => panic!("unknown setting {other}"),
        }
    }
    policy
}

fn judge(example: &Example, policy: &Policy) -> Verdict {
    let origin = origin(example.words[2]);
    match example.words[0] {
        "nda" => admit(Candidate::Text { name: "example.nda", source: &example.text }, origin, policy),
        "hex" => {
            let byte = |hex: &str| u8::from_str_radix(hex, 16).expect("hexadecimal digits");
            let bytes: Vec<u8> = example.text.split_whitespace().map(byte).collect();
            admit(Candidate::Document(&bytes), origin, policy)
        }
        other => panic!("an example of {other}"),
    }
}

#[test]
fn rules_and_sections_are_the_same() {
    let sections: Vec<_> = PAGE.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`')).collect();
    assert_eq!(sections, Rule::ALL.map(Rule::name));
}

#[test]
fn every_example_triggers_its_rule() {
    let examples = examples();
    assert_eq!(examples.len(), Rule::ALL.len() - 1, "one for each rule but `structure`, which no text triggers");
    for example in &examples {
        assert_eq!(example.rule, example.words[1], "the example stands in its section");
        let verdict = judge(example, &policy(&example.words[3..]));
        let own = verdict.findings.iter().find(|finding| finding.rule.name() == example.rule);
        let own = own.unwrap_or_else(|| panic!("{}: {}", example.rule, verdict.render("example.nda", &example.text)));
        assert_eq!(own.severity, own.rule.severity());
        assert!(!own.message.is_empty() && !own.advice.is_empty());
        let errors: Vec<_> = verdict.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert!(errors.iter().all(|finding| finding.rule == own.rule), "{}: {errors:?}", example.rule);
        assert_eq!(verdict.program.is_some(), errors.is_empty(), "{}", example.rule);
    }
}

#[test]
fn what_the_page_says_allows_it() {
    let example = |rule: Rule| examples().into_iter().find(|example| example.rule == rule.name()).expect("an example");
    let capability = example(Rule::Capability);
    let granting = Policy::default().granting(Origin::Model, Capability::Ports);
    assert!(judge(&capability, &granting).program.is_some_and(|program| program.needs().has(Capability::Ports)));
    let other = Policy::default().granting(Origin::Person, Capability::Ports);
    assert!(judge(&capability, &other).program.is_none(), "granted to somebody else");

    let import = example(Rule::UnreachableImport);
    let relaxed = policy(&["host=sensors"]).relaxing(Rule::UnreachableImport);
    let verdict = judge(&import, &relaxed);
    assert!(verdict.program.is_some() && verdict.findings.iter().any(|finding| finding.severity == Severity::Warning));

    let secret = example(Rule::Secret);
    let mut listed = Policy::default();
    listed.allowed_values.push(ContentHash::of(b"harbour77-blue-9"));
    assert!(judge(&secret, &listed).program.is_some());
    let text = secret.text.replace("\";\n", "\"; // gate: allow secret\n");
    let comment = |origin| admit(Candidate::Text { name: "a.nda", source: &text }, origin, &Policy::default());
    assert!(comment(Origin::Person).program.is_some());
    assert!(comment(Origin::Model).program.is_none(), "a model does not allow itself anything");
}

#[test]
fn what_cannot_be_relaxed_is_not() {
    let capability = examples().into_iter().find(|example| example.rule == "capability").expect("an example");
    assert!(judge(&capability, &Policy::default().relaxing(Rule::Capability)).program.is_none());
}
