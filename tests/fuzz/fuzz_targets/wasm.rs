//! WebAssembly: any bytes are refused or become a valid module, which runs within its limits, twice the same, and has the
//! same hash after a way through text and one through a document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::{InvokeError, Limits, NoHost, Store, Value};
use velocity_nda::document::{View, pack, unpack};
use velocity_nda::identity::Identities;
use velocity_nda::module::{ExportItem, Module};
use velocity_nda::{PrintError, compile, print, validate};
use velocity_translate::translate;

/// Bytes of text that are read back; longer ones take too long for one run.
const MAX_TEXT: usize = 1 << 16;

/// Functions that are called in one run.
const MAX_CALLS: usize = 20;

fn through_document(module: &Module) {
    let bytes = pack(module);
    let view = View::open(&bytes).expect("what is packed opens");
    let again = unpack(&view).expect("what is packed unpacks");
    assert_eq!(Identities::of(&again).root, Identities::of(module).root);
}

fn through_text(module: &Module) {
    let text = match print(module) {
        Ok(text) if text.len() <= MAX_TEXT => text,
        // Stack code nests deeper than text may.
        Ok(_) | Err(PrintError::Nesting(_) | PrintError::TooLong | PrintError::TooManyNodes) => return,
        Err(error) => panic!("{error}"),
    };
    let again = compile(&text).unwrap_or_else(|errors| panic!("{}\n{text}", errors.render("printed.nda", &text)));
    assert_eq!(Identities::of(&again).root, Identities::of(module).root, "{text}");
}

/// What the exported functions come to, with zeros for arguments.
fn run(program: &Program) -> Vec<Result<Vec<Value>, InvokeError>> {
    let limits =
        Limits { fuel: 20_000, call_depth: 100, stack_slots: 1 << 12, memory_pages: 16, table_entries: 1 << 12 };
    let mut store = Store::new(limits);
    let Ok(instance) = store.instantiate(program, &mut NoHost) else { return Vec::new() };
    let module = program.module();
    let functions = module.exports.iter().filter_map(|export| match export.item {
        ExportItem::Function(id) => Some((module.text(export.name), id)),
        _ => None,
    });
    let call = |(name, id)| {
        let zeros: Vec<_> = module.parameters(module.functions[id].signature).map(|ty| ty.zero()).collect();
        store.invoke(instance, name, &zeros, &mut NoHost)
    };
    functions.take(MAX_CALLS).map(call).collect()
}

fuzz_target!(|input: &[u8]| {
    let Ok(module) = translate(input) else { return };
    validate(&module).unwrap_or_else(|error| panic!("{error}"));
    through_document(&module);
    through_text(&module);
    let verdict = admit(Candidate::Module(module), Origin::Translated, &Policy::everything());
    let Some(program) = verdict.program else { return };
    assert_eq!(run(&program), run(&program), "two runs differ");
});
