//! NDA: any text is refused with a rendered complaint or runs within its limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity_interp::{Limits, run_to_text};
use velocity_nda::compile;

fuzz_target!(|input: &[u8]| {
    let Ok(source) = std::str::from_utf8(input) else { return };
    if let Err(diagnostics) = compile(source) {
        let text = diagnostics.render("fuzz.nda", source);
        assert!(text.contains("error"), "a refusal without a word: {text:?}");
    }
    let limits = Limits { fuel: 100_000, call_depth: 200, stack_slots: 1 << 12, memory_pages: 4, table_entries: 256 };
    let first = run_to_text("fuzz.nda", source, limits);
    assert_eq!(first, run_to_text("fuzz.nda", source, limits), "two runs differ");
});
