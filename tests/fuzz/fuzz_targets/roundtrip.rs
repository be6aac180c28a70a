//! Round trips: a program that compiles is valid, and formatted, printed or packed it is the same program.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity_base::ContentHash;
use velocity_nda::document::{View, pack, unpack};
use velocity_nda::identity::Identities;
use velocity_nda::{Module, PrintError, compile, format, print, validate};

/// The root, then the hashes of all definitions in order.
fn hashes(module: &Module) -> Vec<ContentHash> {
    let identities = Identities::of(module);
    let mut all: Vec<_> = identities.iter().map(|(_, hash)| hash).collect();
    all.sort();
    all.insert(0, identities.root);
    all
}

fuzz_target!(|input: &[u8]| {
    let Ok(source) = std::str::from_utf8(input) else { return };
    let Ok(module) = compile(source) else { return };
    assert_eq!(validate(&module), Ok(()));
    let own = hashes(&module);

    let formatted = format(source).expect("what compiles can be formatted");
    assert_eq!(format(&formatted).as_ref().ok(), Some(&formatted), "formatting twice is not formatting once");
    if let Ok(again) = compile(&formatted) {
        assert_eq!(own, hashes(&again), "formatting changes the program:\n{formatted}");
    } else {
        assert!(formatted.len() > velocity_nda::MAX_SOURCE_BYTES, "formatted text does not compile:\n{formatted}");
    }

    match print(&module) {
        Ok(text) => match compile(&text) {
            Ok(again) => assert_eq!(own, hashes(&again), "printing changes the program:\n{text}"),
            Err(errors) => panic!("{}", errors.render("printed.nda", &text)),
        },
        // Printed text has parentheses that the source may do without.
        Err(PrintError::Nesting(_) | PrintError::TooLong | PrintError::TooManyNodes) => {}
        Err(error) => panic!("{error}"),
    }

    let packed = pack(&module);
    let view = View::open(&packed).expect("what is packed opens");
    assert_eq!(own, hashes(&unpack(&view).expect("what is packed unpacks")), "packing changes the program");
});
