//! Every program of `fixtures/nda` does the same after a way through WebAssembly.

use super::{admitted, around};
use std::path::Path;
use velocity_interp::{Limits, Progress, Session, StartError, Store, TrapKind, Value};
use velocity_nda::compile;
use velocity_nda::module::Module;

/// How a run ended: results, or what went wrong in which function.
type End = Result<Vec<Value>, (TrapKind, String)>;

/// What a program shows, and how it ends.
fn run(module: Module, fuel: u64) -> Result<(String, End), StartError> {
    let mut session = Session::new(&admitted(module), Store::new(Limits { fuel, ..Limits::default() }))?;
    let mut out = String::new();
    let end = loop {
        match session.resume(u64::MAX, &mut out) {
            // Its start function has ended.
            Progress::Suspended => {}
            Progress::Finished(values) => break Ok(values),
            Progress::Trapped(trap) => break Err((trap.kind, trap.function)),
        }
    };
    Ok((out, end))
}

#[test]
fn programs_do_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/nda");
    let (mut ended, mut trapped, mut not_started) = (0, 0, 0);
    for entry in std::fs::read_dir(folder).expect("fixtures") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "nda") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        let Ok(module) = compile(&text) else { continue };
        let again = around(&module);
        // The tree has another shape, so that it may take more fuel.
        let fuel = Limits::default().fuel;
        let (first, second) = (run(module, fuel), run(again, 2 * fuel));
        match &first {
            Ok((_, Ok(_))) => ended += 1,
            Ok((_, Err(_))) => trapped += 1,
            Err(_) => not_started += 1,
        }
        match (&first, &second) {
            // Segments that do not fit have no place in a text.
            (Err(first), Err(second)) => assert_eq!(first.to_string(), second.to_string(), "{}", path.display()),
            _ => assert_eq!(first, second, "{}", path.display()),
        }
    }
    println!("{ended} programs end, {trapped} trap, {not_started} do not start");
    assert!(ended >= 30 && trapped >= 14 && not_started >= 2, "the corpus is gone");
}
