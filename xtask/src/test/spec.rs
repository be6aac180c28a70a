//! A sample of the WebAssembly specification's own tests in the kernel, by each engine.
//!
//! `crates/translate/examples/spec_sample` makes the programs, and says what it expects of each line of their output: what the
//! specification says, not what an engine of ours once gave.

use super::{
    engines::ENGINES,
    pool::Case,
    vm::{case, expect},
};
use crate::{
    Error, Result, build, disk,
    image::KernelImage,
    process,
    qemu::{exit::Ending, machine::Machine, session::Session},
    workspace::Workspace,
};
use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

/// The least number of directives: fewer would mean that the programs were not made.
const LEAST: usize = 2_700;

/// A program.
struct Program {
    name: String,
    source: Vec<u8>,
    /// What is expected: the directive, and its line of output.
    expected: Vec<(usize, String)>,
}

/// The machines, one for each engine.
///
/// # Errors
/// When the programs or the disk cannot be made.
pub fn cases<'a>(workspace: &'a Workspace, kernel: &KernelImage) -> Result<Vec<Case<'a>>> {
    let programs = Arc::new(programs(workspace)?);
    let files: Vec<_> = programs.iter().map(|program| (file(program), program.source.clone())).collect();
    let disk = disk::with_files(workspace, "spec.img", &files)?;
    let made = ENGINES.map(|engine| {
        let machine = Machine { disk: Some(disk.clone()), ..Machine::direct(&kernel.packed) };
        let programs = programs.clone();
        let name = format!("a sample of the WebAssembly specification by engine {engine}");
        case(workspace, name, machine, move |session| run(session, engine, &programs))
    });
    Ok(made.into())
}

fn file(program: &Program) -> String {
    format!("{}.nda", program.name)
}

/// Makes the programs and reads them.
fn programs(workspace: &Workspace) -> Result<Vec<Program>> {
    let folder = workspace.target.join("xtask/spec");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::io(format!("clearing {}", folder.display())))?;
    }
    let folder = workspace.scratch("xtask/spec")?;
    let mut cargo = build::cargo();
    // Built as `cargo test --workspace` has built it already, so that nothing is compiled again.
    cargo.current_dir(&workspace.root).args([
        "build",
        "--quiet",
        "--locked",
        "--workspace",
        "--example",
        "spec_sample",
    ]);
    process::run(&mut cargo, "read the compiler's message above")?;
    let mut maker = std::process::Command::new(workspace.target.join("debug/examples/spec_sample"));
    process::capture(maker.arg(&folder), "run the same line by hand and read what it says")?;
    let mut programs = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Error::io(format!("listing {}", folder.display())))? {
        let path = entry.map_err(Error::io("listing programs"))?.path();
        if path.extension().is_some_and(|extension| extension == "nda") {
            programs.push(read(&path)?);
        }
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}

fn read(path: &Path) -> Result<Program> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let failed = |path: &Path| Error::io(format!("reading {}", path.display()));
    let source = fs::read(path).map_err(failed(path))?;
    let path = path.with_extension("expected");
    let text = fs::read_to_string(&path).map_err(failed(&path))?;
    Ok(Program { name, source, expected: text.lines().filter_map(expectation).collect() })
}

/// `DIRECTIVE TEXT`.
fn expectation(line: &str) -> Option<(usize, String)> {
    let (directive, text) = line.split_once(' ')?;
    Some((directive.parse().ok()?, text.to_owned()))
}

fn run(session: &mut Session, engine: &str, programs: &[Program]) -> Result<()> {
    let line = |program: &Program| format!("run --engine {engine} {}", file(program));
    session.run_script(&programs.iter().map(line).collect::<Vec<_>>())?;
    let transcript = session.transcript();
    let (mut covered, mut wrong) = (0, Vec::new());
    for program in programs {
        let typed = format!("velocity> {}\n", line(program));
        let shown = transcript.split_once(&typed).map_or("", |(_, after)| after);
        let shown = shown.split("velocity> ").next().unwrap_or_default();
        covered += program.expected.iter().map(|(directive, _)| directive).collect::<BTreeSet<_>>().len();
        wrong.extend(differences(&program.expected, shown).into_iter().map(|what| format!("{}: {what}", program.name)));
    }
    println!("WebAssembly specification in QEMU by engine {engine}: {} of {covered} directives", covered - wrong.len());
    if !wrong.is_empty() || covered < LEAST {
        return Err(session.failure(format!("{covered} directives, of which are wrong:\n{}", wrong.join("\n"))));
    }
    expect(session, Ending::PowerOff, "poweroff")
}

/// What is wrong in what a program shows, a line for each directive.
fn differences(expected: &[(usize, String)], shown: &str) -> Vec<String> {
    let mut wrong: Vec<(usize, String)> = Vec::new();
    let mut lines = shown.lines();
    for (directive, text) in expected {
        let line = lines.next().unwrap_or("nothing");
        if !is_it(text, line) && wrong.last().is_none_or(|(last, _)| last != directive) {
            wrong.push((*directive, format!("line {directive}: {line:?} where {text:?} is expected")));
        }
    }
    wrong.into_iter().map(|(_, what)| what).collect()
}

/// Whether a line is the expected one. Of traps, the shorter message begins the longer.
fn is_it(expected: &str, line: &str) -> bool {
    if !expected.starts_with("trap: ") {
        return expected == line;
    }
    let shown = line.split(" in function").next().unwrap_or_default();
    shown.len() > "trap: ".len() && (expected.starts_with(shown) || shown.starts_with(expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_directive_counts_once() {
        let expected = ["3 1", "3 2", "4 -7", "5 trap: uninitialized element 7"]
            .map(|line| expectation(line).expect("well-formed"));
        let trap = "trap: uninitialized element in function `f`";
        assert_eq!(differences(&expected, &format!("1\n2\n-7\n{trap}\n  --> x")), Vec::<String>::new());
        assert_eq!(differences(&expected, &format!("0\n0\n-7\n{trap}\n")).len(), 1);
        assert_eq!(differences(&expected, "1\n2\n-7\n").len(), 1);
        assert_eq!(differences(&expected, "1\n2\n-7\ntrap: \n").len(), 1);
        assert_eq!(differences(&expected, "").len(), 3);
    }
}
