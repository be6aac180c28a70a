//! WebAssembly: any bytes are refused or become a valid module, which runs within its limits, twice the same, and has the
//! same hash after a way through text and one through a document; exported and read again, it does the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::{InvokeError, Limits, NoHost, Store, TrapKind, Value};
use velocity_nda::document::{View, pack, unpack};
use velocity_nda::identity::Identities;
use velocity_nda::module::{ExportItem, Module};
use velocity_nda::{PrintError, compile, print, validate};
use velocity_translate::{Refusal, TranslateError, export, translate};

/// Bytes of text that are read back; longer ones take too long for one run.
const MAX_TEXT: usize = 1 << 16;

/// Fuel of a run.
const FUEL: u64 = 20_000;

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

/// What calls come to.
type Ends = Vec<Result<Vec<Value>, InvokeError>>;

/// What the exported functions come to, with zeros for arguments.
fn run(program: &Program, fuel: u64) -> Ends {
    let limits = Limits { fuel, stack_slots: 1 << 12, memory_pages: 16, table_entries: 1 << 12 };
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

/// An end in which neither a limit nor a place in the bytes has a part.
fn plain(end: &Result<Vec<Value>, InvokeError>) -> Option<Result<&[Value], TrapKind>> {
    match end {
        Ok(values) => Some(Ok(values)),
        Err(InvokeError::Trap(trap)) => match trap.kind {
            TrapKind::FuelExhausted | TrapKind::StackOverflow => None,
            kind => Some(Err(kind)),
        },
        Err(_) => None,
    }
}

/// The module does the same after a way through WebAssembly, up to where a limit ends a call.
fn through_export(module: &Module, ends: &Ends) {
    let bytes = export(module).expect("what was translated can be exported");
    let again = match translate(&bytes) {
        Ok(again) => again,
        // Values that are set together go through more locals.
        Err(TranslateError { refusal: Refusal::TooLarge { .. }, .. }) => return,
        Err(error) => panic!("{error}"),
    };
    let verdict = admit(Candidate::Module(again), Origin::Translated, &Policy::everything());
    let Some(program) = verdict.program else { return };
    let others = run(&program, 8 * FUEL);
    for (end, other) in ends.iter().map(plain).zip(others.iter().map(plain)) {
        let Some((end, other)) = end.zip(other) else { return };
        assert_eq!(end, other, "exported");
    }
}

fuzz_target!(|input: &[u8]| {
    let Ok(module) = translate(input) else { return };
    validate(&module).unwrap_or_else(|error| panic!("{error}"));
    through_document(&module);
    through_text(&module);
    let verdict = admit(Candidate::Module(module), Origin::Translated, &Policy::everything());
    let Some(program) = verdict.program else { return };
    let ends = run(&program, FUEL);
    assert_eq!(ends, run(&program, FUEL), "two runs differ");
    through_export(program.module(), &ends);
});
