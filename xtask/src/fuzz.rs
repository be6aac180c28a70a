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
    help: "cargo xtask fuzz [--seconds N] [--keep] [TARGET]...\n\n\
           Targets: fat32, partition, nda, document, roundtrip, identity, gate, wasm, engines,\n\
           shell;\n\
           all of them when none is named.\n\
           Installs cargo-fuzz when it is missing. A finding is left in tests/fuzz/artifacts and fails the recipe.\n\
           Every target starts from its seeds, from what was kept in tests/fuzz/seeds/TARGET, and from target/fuzz-corpus.\n\
           --seconds N   time for each target (60)\n\
           --keep        afterwards, puts a small set of inputs that reaches as much into tests/fuzz/seeds/TARGET,\n\
           \x20             evenly by size: 300 files and 1 MB at most",
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

/// Where inputs are that earlier runs found worth keeping, by target.
const KEPT: &str = "tests/fuzz/seeds";

/// The most that is kept of a target: files, and bytes of all.
const MOST_KEPT: (usize, u64) = (300, 1_000_000);

const CARGO_FUZZ: &str = "0.13.2";

fn run(workspace: &Workspace, parser: &mut lexopt::Parser) -> Result<()> {
    let (mut seconds, mut keeps, mut names) = (60_u64, false, Vec::new());
    loop {
        match cli::next_option(&RECIPE, parser)? {
            Next::Help => return Ok(()),
            Next::End => break,
            Next::Arg(lexopt::Arg::Long("seconds")) => seconds = cli::value(RECIPE.name, "seconds", parser)?,
            Next::Arg(lexopt::Arg::Long("keep")) => keeps = true,
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
        let kept = workspace.root.join(KEPT).join(name);
        seed(workspace, name, &kept, "")?;
        match fuzz(workspace, name, &corpus, seconds) {
            Ok(()) => {
                passed += 1;
                if keeps {
                    keep(workspace, name, &corpus, &kept)?;
                }
            }
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
    let mut command = target(workspace, name);
    command.arg(corpus).arg("--").args(LIMITS);
    command.args([&format!("-max_total_time={seconds}"), "-print_final_stats=1", "-verbosity=0"]);
    process::run(&mut command, "`cargo fuzz` has left the input in tests/fuzz/artifacts; make a regression test of it")
}

/// What an input may take, and how long it may be.
const LIMITS: [&str; 3] = ["-timeout=10", "-rss_limit_mb=1024", "-max_len=4096"];

/// A target; what it is to do comes behind.
fn target(workspace: &Workspace, name: &str) -> Command {
    let mut command = Command::new(build::cargo().get_program());
    command.current_dir(&workspace.root);
    command.args(["fuzz", "run", "--fuzz-dir", "tests/fuzz", "--sanitizer", "none"]);
    if name == PEER.0 {
        command.args(["--features", PEER.1]);
    }
    command.arg("--target-dir").arg(workspace.target.join("fuzz")).arg(name);
    command
}

/// Puts a small set of inputs that reaches as much as the corpus into a folder of the checkout.
fn keep(workspace: &Workspace, name: &str, corpus: &Path, kept: &Path) -> Result<()> {
    let least = workspace.scratch(&format!("fuzz-least/{name}"))?;
    let empty = |folder: &Path| {
        fs::remove_dir_all(folder).or_else(|error| if folder.exists() { Err(error) } else { Ok(()) })?;
        fs::create_dir_all(folder)
    };
    empty(&least).map_err(Error::io(format!("emptying {}", least.display())))?;
    let mut command = target(workspace, name);
    command.arg(&least).arg(corpus).arg("--").args(LIMITS).args(["-merge=1", "-verbosity=0"]);
    process::run(&mut command, "libFuzzer could not minimise the corpus; read its message above")?;
    let listing = |folder: &Path| {
        let of =
            |entry: std::io::Result<fs::DirEntry>| entry.and_then(|entry| Ok((entry.metadata()?.len(), entry.path())));
        fs::read_dir(folder)?.map(of).collect::<std::io::Result<Vec<(u64, PathBuf)>>>()
    };
    let found = listing(&least).map_err(Error::io(format!("listing {}", least.display())))?;
    empty(kept).map_err(Error::io(format!("emptying {}", kept.display())))?;
    let (all, chosen) = (found.len(), spread(found, MOST_KEPT));
    println!("{name}: {} of the {all} inputs that reach as much are kept", chosen.len());
    chosen.iter().try_for_each(|path| {
        let copy = kept.join(path.file_name().unwrap_or_default());
        fs::copy(path, copy).map(drop).map_err(Error::io(format!("copying {}", path.display())))
    })
}

/// Files of all sizes, evenly, so many and so many bytes at most.
fn spread(mut files: Vec<(u64, PathBuf)>, (most, most_bytes): (usize, u64)) -> Vec<PathBuf> {
    files.sort();
    let (all, count) = (files.len(), files.len().min(most));
    let mut bytes = 0;
    let fits = |(len, _): &&(u64, PathBuf)| {
        bytes += len;
        bytes <= most_bytes
    };
    (0..count).map(|at| &files[at * all / count]).take_while(fits).map(|(_, path)| path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_all_sizes_are_kept_as_far_as_they_fit() {
        let files = |lengths: &[u64]| lengths.iter().map(|len| (*len, PathBuf::from(len.to_string()))).collect();
        let names = |paths: Vec<PathBuf>| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        assert_eq!(names(spread(files(&[30, 10, 40, 20]), (2, 100))), ["10", "30"]);
        assert_eq!(names(spread(files(&[30, 10, 20]), (9, 40))), ["10", "20"]);
        assert_eq!(names(spread(files(&[50]), (9, 40))), Vec::<String>::new());
        assert_eq!(names(spread(Vec::new(), (9, 40))), Vec::<String>::new());
    }
}
