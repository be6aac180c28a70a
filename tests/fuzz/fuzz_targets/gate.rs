//! The gate: any text and any document gets a verdict, twice the same, and the verdict as text repeats no secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity_gate::secrets::{redact, scan};
use velocity_gate::{Candidate, Origin, Policy, Severity, Verdict, admit};

fn judge(candidate: Candidate<'_>) -> Verdict {
    let verdict = admit(candidate, Origin::Model, &Policy::default());
    let refused = verdict.findings.iter().any(|finding| finding.severity == Severity::Error);
    assert_eq!(refused, verdict.program.is_none(), "a refusal needs an error, and an error refuses");
    verdict
}

/// Whether `text` holds eight bytes in a row that stand nowhere in `source` but in secrets.
fn repeats(text: &str, source: &str, clean: &str) -> bool {
    let holds = |text: &str, part: &[u8]| text.as_bytes().windows(part.len()).any(|own| own == part);
    let leaks = scan(source.as_bytes());
    let mut parts = leaks.iter().flat_map(|leak| source.as_bytes()[leak.start..leak.end].windows(8));
    parts.any(|part| part.iter().any(|byte| byte.is_ascii_digit()) && holds(text, part) && !holds(clean, part))
}

fuzz_target!(|input: &[u8]| {
    let leaks = scan(input);
    assert!(leaks.windows(2).all(|pair| pair[0].end <= pair[1].start), "leaks overlap");
    assert!(leaks.iter().all(|leak| leak.start < leak.end && leak.end <= input.len()), "a leak leads outside");
    judge(Candidate::Document(input));
    let Ok(source) = std::str::from_utf8(input) else { return };
    let clean = redact(source);
    assert_eq!((clean.len(), clean.lines().count()), (source.len(), source.lines().count()));
    let verdict = judge(Candidate::Text { name: "fuzz.nda", source });
    let text = verdict.render("fuzz.nda", source);
    assert!(leaks.len() > 50 || !repeats(&text, source, &clean), "a secret in a message: {text}");
    assert_eq!(verdict.findings, judge(Candidate::Text { name: "fuzz.nda", source }).findings, "two verdicts differ");
});
