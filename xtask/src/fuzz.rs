//! `cargo xtask fuzz`: the fuzz targets of tests/fuzz, each for a bounded time.
//!
//! Everything fuzzed forbids unsafe code, so no sanitizer is needed and the pinned stable toolchain is enough: what is
//! looked for are panics, endless loops (libFuzzer's time limit) and unbounded allocation (its memory limit).

use crate::{
    Error, Result, build,
    cli::{self, Next, Recipe},
    process, tools,
    workspace::Workspace,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "fuzz",
    summary: "run the fuzz targets, each for a bounded time",
    help: "cargo xtask fuzz [--seconds N] [TARGET]...\n\n\
           Targets: fat32, partition, nda, document, roundtrip, identity, gate, wasm, engines,\n\
           shell;\n\
           all of them when none is named.\n\
           Installs cargo-fuzz when it is missing. A finding is left in tests/fuzz/artifacts and fails the recipe.\n\
           --seconds N   time for each target (60)",
    run,
};

/// Targets and the seeds they start from: folders of the checkout and an extension.
const TARGETS: [(&str, &str, &str); 10] = [
    ("fat32", "tests/fuzz/seeds/sparse", ""),
    ("partition", "tests/fuzz/seeds/sparse", ""),
    ("nda", "fixtures/nda", "nda"),
    ("document", "fixtures/nda", "nda"),
    ("roundtrip", "fixtures/nda", "nda"),
    ("identity", "fixtures/nda", "nda"),
    ("gate", "fixtures/nda", "nda"),
    ("wasm", "tests/fuzz/seeds/wasm", ""),
    ("engines", "tests/fuzz/seeds/wasm", ""),
    ("shell", "fixtures/scripts", "script"),
];

/// The target that asks a peer, and the feature that the peer, which takes minutes to compile, comes with.
const PEER: (&str, &str) = ("engines", "wasmtime");

const CARGO_FUZZ: &str = "0.13.2";

fn run(workspace: &Workspace, parser: &mut lexopt::Parser) -> Result<()> {
    let (mut seconds, mut names) = (60_u64, Vec::new());
    loop {
        match cli::next_option(&RECIPE, parser)? {
            Next::Help => return Ok(()),
            Next::End => break,
            Next::Arg(lexopt::Arg::Long("seconds")) => seconds = cli::value(RECIPE.name, "seconds", parser)?,
            Next::Arg(lexopt::Arg::Value(name)) => names.push(name.to_string_lossy().into_owned()),
            Next::Arg(arg) => return Err(Error::usage(RECIPE.name, arg.unexpected().to_string())),
        }
    }
    if let Some(name) = names.iter().find(|name| TARGETS.iter().all(|target| target.0 != **name)) {
        return Err(Error::usage(RECIPE.name, format!("there is no fuzz target `{name}`")));
    }
    ensure_cargo_fuzz()?;
    let chosen = TARGETS.iter().filter(|target| names.is_empty() || names.iter().any(|name| name == target.0));
    let (mut passed, mut failed) = (0, 0);
    for (name, seeds, extension) in chosen {
        println!("== fuzz {name} for {seconds} s");
        let corpus = seed(workspace, name, &workspace.root.join(seeds), extension)?;
        // What earlier runs found worth keeping.
        seed(workspace, name, &workspace.root.join("tests/fuzz/seeds").join(name), "")?;
        match fuzz(workspace, name, &corpus, seconds) {
            Ok(()) => passed += 1,
            Err(error) => {
                println!("{error}");
                failed += 1;
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err(Error::Checks { recipe: RECIPE.name, failed }) }
}

fn ensure_cargo_fuzz() -> Result<()> {
    if ["c++", "clang++"].iter().all(|compiler| tools::find_program(compiler).is_none()) {
        let next =
            "libFuzzer is compiled from C++: install `g++` (apt), `gcc-c++` (dnf), `gcc` (pacman), Xcode (macOS)";
        return Err(Error::Missing { program: "c++".to_owned(), next: next.to_owned() });
    }
    if tools::find_program("cargo-fuzz").is_some() {
        return Ok(());
    }
    println!("installing cargo-fuzz {CARGO_FUZZ}");
    let mut cargo = build::cargo();
    cargo.args(["install", "cargo-fuzz", "--quiet", "--locked", "--version", CARGO_FUZZ]);
    process::run(&mut cargo, "cargo needs its package registry for this; read its message above")
}

/// Puts the seeds into the target's corpus, beside what earlier runs have found.
fn seed(workspace: &Workspace, name: &str, seeds: &Path, extension: &str) -> Result<PathBuf> {
    let corpus = workspace.scratch(&format!("fuzz-corpus/{name}"))?;
    let Ok(entries) = fs::read_dir(seeds) else { return Ok(corpus) };
    for entry in entries {
        let path = entry.map_err(Error::io(format!("listing {}", seeds.display())))?.path();
        if path.extension().unwrap_or_default() == extension && path.is_file() {
            let copy = corpus.join(path.file_name().unwrap_or_default());
            fs::copy(&path, copy).map_err(Error::io(format!("copying {}", path.display())))?;
        }
    }
    Ok(corpus)
}

fn fuzz(workspace: &Workspace, name: &str, corpus: &Path, seconds: u64) -> Result<()> {
    let mut command = Command::new(build::cargo().get_program());
    command.current_dir(&workspace.root);
    command.args(["fuzz", "run", "--fuzz-dir", "tests/fuzz", "--sanitizer", "none"]);
    if name == PEER.0 {
        command.args(["--features", PEER.1]);
    }
    command.arg("--target-dir").arg(workspace.target.join("fuzz")).arg(name).arg(corpus).arg("--");
    command.args([&format!("-max_total_time={seconds}"), "-timeout=10", "-rss_limit_mb=1024", "-max_len=4096"]);
    command.args(["-print_final_stats=1", "-verbosity=0"]);
    process::run(&mut command, "`cargo fuzz` has left the input in tests/fuzz/artifacts; make a regression test of it")
}
