//! `ota VERB`: keys, packages and roots of signed updates. `docs/ota.md` is the manual; `cargo xtask ota` runs it.
//!
//! `keys` makes and reads key files, `spec` reads what is to be signed, `sign` and `rotate` make packages of it, `inspect` shows them.
//! Invariant: a secret key is read from files alone, and never shown.
#![forbid(unsafe_code)]

mod inspect;
mod keys;
mod rotate;
mod sign;
mod spec;

use lexopt::{Arg, Parser};
use std::path::PathBuf;
use std::process::ExitCode;

/// A complaint for a person.
type Result<T> = std::result::Result<T, String>;

const HELP: &str = "\
ota VERB

  keygen FILE              make a key: the secret half in FILE.key, the public half in FILE.pub
  sign SPEC.toml FILE      make a package of a release
  rotate SPEC.toml FILE    make a package with a new root; with --first, a root to be built into an image
  inspect FILE             show what is in a package or a root, and who has signed
  hash TEXT|FILE.nda       show the hash of a schema in words, or of a program as a payload

docs/ota.md tells what is in SPEC.toml.";

fn main() -> ExitCode {
    match run(Parser::from_env()) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(complaint) => {
            eprintln!("error: {complaint}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut parser: Parser) -> Result<String> {
    let (mut words, mut first) = (Vec::new(), false);
    while let Some(arg) = parser.next().map_err(|error| error.to_string())? {
        match arg {
            Arg::Value(word) => words.push(word),
            Arg::Long("first") => first = true,
            Arg::Short('h') | Arg::Long("help") => return Ok(HELP.into()),
            other => return Err(format!("{}; `ota --help` shows what there is", other.unexpected())),
        }
    }
    let text: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let path = |at: usize| PathBuf::from(&words[at]);
    match text.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["keygen", _] => keys::generate(&path(1)),
        ["sign", _, _] => sign::sign(&path(1), &path(2)),
        ["rotate", _, _] => rotate::rotate(&path(1), &path(2), first),
        ["inspect", _] => inspect::inspect(&path(1)),
        ["hash", what] => sign::hash(what),
        _ => Err(format!("that is no way to call it\n\n{HELP}")),
    }
}

/// A file's bytes.
fn read(path: &std::path::Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file.
fn write(path: &std::path::Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}
