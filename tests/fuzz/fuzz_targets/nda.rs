//! NDA: any text is refused with a rendered complaint or runs within its limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity_nda::{Limits, compile, run_to_text};

fuzz_target!(|input: &[u8]| {
    let Ok(source) = std::str::from_utf8(input) else { return };
    if let Err(diagnostics) = compile(source) {
        let text = diagnostics.render("fuzz.nda", source);
        assert!(text.contains("error"), "a refusal without a word: {text:?}");
    }
    let limits = Limits { fuel: 100_000, call_depth: 200, stack_slots: 1 << 12 };
    let first = run_to_text("fuzz.nda", source, limits.clone());
    assert_eq!(first, run_to_text("fuzz.nda", source, limits), "two runs differ");
});
