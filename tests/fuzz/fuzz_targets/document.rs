//! Documents: a program survives the way through one, bytes that were changed and sealed again are refused or read, and
//! whatever is read and valid has hashes and text of its own.
//!
//! Input that does not begin like a document is a program as text, followed by up to four changes of six bytes each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity_nda::document::{View, pack, reseal, unpack};
use velocity_nda::identity::Identities;
use velocity_nda::module::Module;
use velocity_nda::{compile, print, validate};

fn hashes(module: &Module) -> Vec<velocity_base::ContentHash> {
    let identities = Identities::of(module);
    identities.iter().map(|(_, hash)| hash).chain([identities.root]).collect()
}

fn open(bytes: &[u8]) {
    let Ok(view) = View::open(bytes) else { return };
    for one in view.definitions() {
        let (parameters, results) = one.signature();
        let _ = (parameters.iter().count(), results.len(), one.name(), one.doc(), one.hash(), one.form().len());
        let _ = one.references().count() + one.local_names().count();
    }
    assert!(view.facts().is_ok(), "an open document has facts");
    let Ok(module) = unpack(&view) else { return };
    if validate(&module).is_ok() {
        survives(&module);
        if let Ok(text) = print(&module) {
            let again = compile(&text).unwrap_or_else(|errors| panic!("{}", errors.render("print", &text)));
            assert_eq!(Identities::of(&again).root, Identities::of(&module).root, "{text}");
        }
    }
}

fn survives(module: &Module) {
    let bytes = pack(module);
    let view = View::open(&bytes).expect("what was packed opens");
    let back = unpack(&view).expect("what was packed is read");
    assert_eq!((hashes(&back), pack(&back)), (hashes(module), bytes));
}

fuzz_target!(|input: &[u8]| {
    if input.starts_with(b"NDA1") {
        let mut bytes = input.to_vec();
        reseal(&mut bytes);
        return open(&bytes);
    }
    let changes = input.len().saturating_sub(input.len().min(24));
    let (source, changes) = input.split_at(changes);
    for source in [source, input] {
        let Ok(module) = std::str::from_utf8(source).map_err(drop).and_then(|text| compile(text).map_err(drop)) else {
            continue;
        };
        survives(&module);
        let mut bytes = pack(&module);
        for change in changes.chunks_exact(6) {
            let at = u32::from_le_bytes([change[0], change[1], change[2], change[3]]) as usize % bytes.len();
            bytes[at] ^= change[4];
        }
        reseal(&mut bytes);
        open(&bytes);
    }
});
