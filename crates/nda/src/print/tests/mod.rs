//! Tests of the printer: what it prints compiles to the same definitions.

mod random;

use super::*;
use crate::diagnostics::Diagnostics;
use crate::identity::Identities;
use crate::text::compile_text;
use crate::validate::tests::build;
use proptest::prelude::*;
use std::fs;
use velocity_base::ContentHash;

fn compiled(text: &str) -> Module {
    let mut diagnostics = Diagnostics::default();
    let module = compile_text(text, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{}\n{text}", diagnostics.render("printed.nda", text));
    validate(&module).unwrap_or_else(|error| panic!("{error}\n{text}"));
    module
}

/// The root, and every definition's hash, in an order that does not depend on the module's.
fn hashes(module: &Module) -> (ContentHash, Vec<(u8, ContentHash)>) {
    let identities = Identities::of(module);
    let kind = |definition: &crate::identity::Definition| format!("{definition:?}").as_bytes()[0];
    let mut all: Vec<_> = identities.iter().map(|(definition, hash)| (kind(&definition), hash)).collect();
    all.sort();
    (identities.root, all)
}

/// Prints, compiles, compares; the text.
fn round_trip(module: &Module) -> Result<String, PrintError> {
    let text = print(module)?;
    let again = compiled(&text);
    if hashes(module) != hashes(&again) {
        let other = print(&again).unwrap();
        let mut lines = text.lines().zip(other.lines()).enumerate();
        let at = lines.find(|(_, (one, other))| one != other);
        let (one, two) = (hashes(module), hashes(&again));
        let only = |one: &[(u8, ContentHash)], two: &[(u8, ContentHash)]| {
            let mut rest = two.to_vec();
            let found = |hash: &&(u8, ContentHash)| {
                rest.iter().position(|other| other == *hash).map(|at| rest.remove(at)).is_none()
            };
            one.iter().filter(found).count()
        };
        let kinds = |all: &[(u8, ContentHash)]| all.iter().map(|one| one.0 as char).collect::<String>();
        let counts = (one.0 == two.0, kinds(&one.1), kinds(&two.1), only(&one.1, &two.1), only(&two.1, &one.1));
        panic!("other hashes: {at:?} {counts:?}\n{text}\nprints as\n{other}");
    }
    Ok(text)
}

#[test]
fn every_form_of_node_has_a_text() {
    let text = round_trip(&build::everything()).unwrap();
    for part in [
        "memory 1 to 9;",
        "extern \"host\" \"item\" const g0: i32;",
        "const g2: i32 = d0 as i32;",
        "static d0: [i32; 2];",
        "data d1 at g0 = \"ef\";",
        "extern \"host\" \"item\" table t0: 4;",
        "let (v0, v1) = pair(1, 2);",
        "branch 0 ['l1, 'l1] 3;",
        "i64::store32(d0 as i32, 4, i64::load(8, 4));",
        "table::init(t0, e0, 1, 2, 3);",
        "t0[0: fn()]();",
        "return select(g0, (v0 = 5), i32::trunc_sat_f32_u(0.0));",
        "element e0 = [null, f0];",
        "export \"two\" = memory;",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
}

#[test]
fn doc_comments_come_back_word_for_word() {
    let source = "/// First.\n///\n///     indented\n/// / a slash\nfn f() {}\n";
    let text = round_trip(&compiled(source)).unwrap();
    assert_eq!(text.lines().take(4).collect::<Vec<_>>(), source.lines().take(4).collect::<Vec<_>>());
}

#[test]
fn fixtures_come_back() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/nda");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut diagnostics = Diagnostics::default();
        if path.extension().is_none_or(|extension| extension != "nda") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let module = compile_text(&source, &mut diagnostics);
        if diagnostics.is_empty() {
            round_trip(&module).unwrap();
            count += 1;
        }
    }
    assert!(count >= 15, "{count} fixtures compile");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_modules_come_back(seed in any::<u64>()) {
        let module = random::module(seed);
        prop_assert_eq!(validate(&module), Ok(()));
        match round_trip(&module) {
            Ok(_) | Err(PrintError::Nesting(_)) => {}
            Err(error) => prop_assert!(false, "{error}"),
        }
    }
}
