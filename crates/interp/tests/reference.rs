//! The examples in `docs/nda.md` do what the page says.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use velocity_interp::engine::CALL_SLOTS;
use velocity_interp::{Limits, run_to_text};

/// The program and the output it announces, for each `nda` block of the page.
fn examples(page: &str) -> Vec<(String, String)> {
    let blocks = page.split("```nda\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks
        .map(|block| {
            let (expected, program): (Vec<_>, Vec<_>) = block.lines().partition(|line| line.starts_with("//="));
            let expected = expected.iter().map(|line| line[3..].strip_prefix(' ').unwrap_or("").to_owned() + "\n");
            (program.join("\n"), expected.collect())
        })
        .collect()
}

#[test]
fn the_examples_of_the_reference_hold() {
    let page = include_str!("../../../docs/nda.md");
    let examples = examples(page);
    assert_eq!(examples.len(), 12, "examples went or came");
    for (program, expected) in examples {
        assert_eq!(run_to_text("example.nda", &program, Limits::default()), expected, "{program}");
    }
}

#[test]
fn the_limits_of_the_reference_hold() {
    let page = include_str!("../../../docs/nda.md");
    let limits = Limits::default();
    let rows = [
        format!("| source text | {} MiB |", velocity_nda::MAX_SOURCE_BYTES >> 20),
        format!("| expressions and statements in a source text | {} |", grouped(velocity_nda::MAX_NODES as u64)),
        format!("| nesting of expressions and blocks | {} (", velocity_nda::MAX_NESTING),
        format!("| parameters of a function | {} |", velocity_nda::MAX_PARAMETERS),
        format!("| results of a function | {} |", velocity_nda::MAX_RESULTS),
        format!("| parameters and variables of a function | {} |", grouped(velocity_nda::MAX_LOCALS as u64)),
        format!("| errors reported at once | {} |", velocity_nda::MAX_DIAGNOSTICS),
        format!("| fuel of a run, by default | {} |", grouped(limits.fuel)),
        format!("| slots of the stack, by default | {} |", grouped(limits.stack_slots.into())),
        format!("| slots that a call takes beside its values | {CALL_SLOTS} |"),
        format!("| pages of memory, by default | {} |", grouped(limits.memory_pages.into())),
        format!("| entries of tables, by default | {} |", grouped(limits.table_entries.into())),
    ];
    for row in rows {
        assert!(page.contains(&row), "docs/nda.md lacks: {row}");
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}
