//! Every program in `fixtures/nda` shows exactly what its `.expected` file says, in one go and in small slices.
//!
//! After a wanted change of the output, set `VELOCITY_BLESS=1` to write the files anew, and read the difference.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use velocity_interp::{Limits, Run, Status, Store, run_to_text};

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/nda");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut programs: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "nda")).collect();
    programs.sort();
    programs
}

fn in_slices(name: &str, source: &str, slice: u64) -> String {
    let mut out = String::new();
    let mut run = Run::new(name, source.into(), Store::new(Limits::default()));
    while run.resume(slice, &mut out) == Status::Running {}
    out
}

#[test]
fn programs_show_what_is_expected() {
    let programs = programs();
    assert!(programs.len() >= 20, "the corpus is gone: {} programs", programs.len());
    let mut wrong = Vec::new();
    for path in programs {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let source = std::fs::read_to_string(&path).unwrap();
        let shown = run_to_text(&name, &source, Limits::default());
        assert_eq!(in_slices(&name, &source, 997), shown, "{name} in slices");
        let expected = path.with_extension("expected");
        if std::env::var_os("VELOCITY_BLESS").is_some() {
            std::fs::write(&expected, &shown).unwrap();
        }
        if std::fs::read_to_string(&expected).unwrap_or_default() != shown {
            wrong.push(format!("--- {name} shows\n{shown}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
