//! NDA: any text is refused with a rendered complaint or runs within its limits; its layout is stable and means the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity_interp::{Limits, run_to_text};
use velocity_nda::identity::Identities;
use velocity_nda::{compile, format};

fuzz_target!(|input: &[u8]| {
    let Ok(source) = std::str::from_utf8(input) else { return };
    let module = compile(source);
    if let Err(diagnostics) = &module {
        let text = diagnostics.render("fuzz.nda", source);
        assert!(text.contains("error"), "a refusal without a word: {text:?}");
    }
    if let Ok(once) = format(source) {
        assert_eq!(format(&once).as_deref(), Ok(once.as_str()), "the layout is not stable");
        if let (Ok(module), Ok(again)) = (&module, compile(&once)) {
            assert_eq!(Identities::of(module).root, Identities::of(&again).root, "the layout changed the meaning");
        }
    }
    let limits = Limits { fuel: 100_000, stack_slots: 1 << 12, memory_pages: 4, table_entries: 256 };
    let first = run_to_text("fuzz.nda", source, limits);
    assert_eq!(first, run_to_text("fuzz.nda", source, limits), "two runs differ");
});
