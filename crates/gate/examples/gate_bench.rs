//! What the secrets scanner finds in the corpus, and how fast it reads: one JSON object, for `cargo xtask bench gate`.
//! What it judges wrongly is named on the error stream.

#[path = "../../../fixtures/secrets/corpus.rs"]
mod corpus;

use std::time::Instant;
use velocity_gate::secrets::scan;

fn main() {
    let parts = ["seen", "held-out"].map(|part| {
        let corpus::Counts { positives, negatives, found, false_alarms } = corpus::measure(part, |case| eprintln!("wrong: {} {}", case.kind, case.file));
        format!(
            "{{\"part\":\"{part}\",\"positives\":{positives},\"negatives\":{negatives},\"found\":{found},\"false_alarms\":{false_alarms}}}"
        )
    });
    println!("{{\"parts\":[{}],\"scan_mb_s\":{:.1}}}", parts.join(","), megabytes_a_second());
}

/// Scanning all texts of the corpus, one behind the other: the median of nine passes.
fn megabytes_a_second() -> f64 {
    let texts: Vec<_> = ["seen", "held-out"].into_iter().flat_map(corpus::corpus).map(|case| case.text).collect();
    let text = texts.join("\n").repeat(16);
    let mut seconds: Vec<f64> = (0..9)
        .map(|_| {
            let begin = Instant::now();
            std::hint::black_box(scan(std::hint::black_box(text.as_bytes())));
            begin.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    text.len() as f64 / 1e6 / seconds[4]
}
