//! Documents whole, cut and spoiled.

use super::{DocumentError, View, pack, unpack};
use crate::identity::Identities;
use crate::identity::tests::{Do, module};
use crate::module::{Export, ExportItem, FuncId, Module};
use crate::validate;
use Do::{Add, Call, Touch};

fn program() -> Module {
    let bodies: [&[Do]; 5] =
        [&[Call(1), Add(4), Call(4)], &[Call(2), Add(1)], &[Call(1), Touch(0)], &[Touch(1), Add(1)], &[]];
    let mut module = module(&bodies, &[16, 16]);
    for id in module.functions.keys().collect::<Vec<_>>() {
        let name = module.add_text(["main", "one", "two", "three", "nothing"][id.0 as usize]);
        module.functions[id].meta.name = Some(name);
    }
    let (name, doc) = (module.add_text("run me"), module.add_text("Does\nmuch."));
    module.functions[FuncId(0)].meta.doc = Some(doc);
    module.exports.push(Export { name, item: ExportItem::Function(FuncId(0)) });
    module.start = Some(FuncId(4));
    let limits = crate::module::Limits { min: 1, max: Some(4) };
    module.memory = Some(crate::module::Memory { meta: crate::module::Meta::default(), limits, host: None });
    validate(&module).unwrap();
    module
}

#[test]
fn a_document_gives_back_the_module() {
    let module = program();
    let bytes = pack(&module);
    assert_eq!(bytes, pack(&module));
    let view = View::open(&bytes).unwrap();
    let back = unpack(&view).unwrap();
    validate(&back).unwrap();
    let (before, after) = (Identities::of(&module), Identities::of(&back));
    assert_eq!(before.iter().collect::<Vec<_>>(), after.iter().collect::<Vec<_>>());
    assert_eq!((view.root(), after.root), (before.root, before.root));
    assert_eq!(pack(&back), bytes, "names, documentation and order survive");
}

#[test]
fn the_view_shows_what_is_there() {
    let module = program();
    let bytes = pack(&module);
    let view = View::open(&bytes).unwrap();
    let names: Vec<_> = view.definitions().take(5).map(|one| one.name().unwrap()).collect();
    assert_eq!(names, ["main", "one", "two", "three", "nothing"]);
    let main = view.definition(0).unwrap();
    assert_eq!((main.doc(), main.is_imported(), main.signature().0.len()), (Some("Does\nmuch."), false, 0));
    assert_eq!(main.references().map(|to| to.0).collect::<Vec<_>>(), [1, 4]);
    assert!(!main.form().is_empty() && view.definition(99).is_none());
    assert_eq!((view.start(), view.exports().next().unwrap().0), (Some(FuncId(4)), "run me"));
    let facts = view.facts().unwrap();
    let callers: Vec<_> = facts.subjects(crate::graph::Predicate::Calls, 1).map(|def| def.0).collect();
    assert_eq!(callers, [0, 2]);
    let named = facts.object(crate::graph::Def(2), crate::graph::Predicate::Named).unwrap();
    assert_eq!(view.text_at(named), "two");
}

#[test]
fn every_flipped_bit_and_every_cut_is_an_error() {
    let bytes = pack(&program());
    for bit in 0..bytes.len() * 8 {
        let mut wrong = bytes.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        assert!(View::open(&wrong).is_err(), "bit {bit}");
    }
    for len in 0..bytes.len() {
        assert!(View::open(&bytes[..len]).is_err(), "{len} bytes");
    }
    let grown = [&bytes[..], &[0; 8]].concat();
    assert_eq!(View::open(&grown).unwrap_err(), DocumentError::Length(bytes.len() as u64));
}

#[test]
fn sealed_nonsense_is_an_error_or_a_program() {
    let bytes = pack(&program());
    let (mut opened, mut read) = (0, 0);
    for at in (0..16).chain(48..bytes.len()) {
        for change in [1, 0x80, 0xFF] {
            let mut wrong = bytes.clone();
            wrong[at] ^= change;
            super::reseal(&mut wrong);
            let Ok(view) = View::open(&wrong) else { continue };
            opened += 1;
            for one in view.definitions() {
                let _ = (one.name(), one.doc(), one.signature(), one.hash(), one.form().len(), one.kind());
                let _ = one.references().count() + one.local_names().count();
            }
            if let Ok(module) = unpack(&view) {
                read += 1;
                let _ = validate(&module);
            }
        }
    }
    assert!(opened > 100 && read > 0 && read < opened, "{opened} {read}");
}
