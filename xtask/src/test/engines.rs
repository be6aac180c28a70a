//! The engines in the kernel: every program of `fixtures/nda` by each of them, programs made to be hard to compile, Ctrl-C, and a
//! processor that cannot run native code.

use super::{
    parity::same,
    pool::Case,
    vm::{case, expect},
};
use crate::{
    Error, Result, disk,
    image::KernelImage,
    qemu::{
        exit::Ending,
        machine::{Machine, PROCESSOR},
        session::Session,
    },
    workspace::Workspace,
};
use std::{fs, path::Path};

/// The names of the engines, the slowest first, and of the one that is made of others.
pub const ENGINES: [&str; 5] = ["interp", "closure", "baseline", "native", "auto"];

/// A program and what it shows.
struct Sample {
    name: String,
    source: String,
    expected: String,
}

/// A loop without closed form that takes a while for each unit of fuel.
const ENDLESS: &str =
    "use sys::print;\nfn main() { print(4711); let x = 2.0; while 1 { x = f64::sqrt(x) + 1.5; } print(x); }\n";

/// An access behind the end, from within a call, after which memory and code must be as before.
const OUTSIDE: &str = "use sys::print;\nmemory 1;\nfn f(p: *i64) -> i64 { p[0] }\nfn main() { print(f(65528 as *i64)); print(f(4294967288 as *i64)); }\n";

/// Forms of nesting, and of chains, which are deep trees: what opens a level, what closes it, how many levels there are, and the value
/// of 7 behind all of them.
const FORMS: [(&str, &str, usize, i32); 11] = [
    ("(", ")", 120, 7),
    ("{", "}", 120, 7),
    ("f(", ")", 120, 127),
    ("if 1 {", "} else { 2 }", 120, 7),
    ("-", "", 120, 7),
    ("!", "", 120, 1),
    ("1 + {", "}", 60, 67),
    ("n - (n * 3 - ", ")", 60, 11),
    ("1 + ", "", 20_000, 20_007),
    ("n ^ ", "", 20_000, 7),
    ("", " as i64 as i32", 10_000, 7),
];

/// The machines that run programs.
///
/// # Errors
/// When programs cannot be read, or the disk cannot be made.
pub fn cases<'a>(workspace: &'a Workspace, kernel: &KernelImage) -> Result<Vec<Case<'a>>> {
    let mut samples = fixtures(&workspace.root.join("fixtures/nda"))?;
    samples.extend(FORMS.iter().enumerate().map(deep));
    let mut files: Vec<_> = samples.iter().map(|sample| (sample.name.clone(), sample.source.clone().into())).collect();
    files.extend([("endless.nda", ENDLESS), ("outside.nda", OUTSIDE)].map(|(name, text)| (name.into(), text.into())));
    let disk = disk::with_files(workspace, "engines.img", &files)?;
    let machine = || Machine { disk: Some(disk.clone()), ..Machine::direct(&kernel.packed) };
    let samples = std::sync::Arc::new(samples);
    let mut cases = Vec::new();
    for (engine, cores) in ENGINES.into_iter().zip([1, 1, 1, 4, 1]) {
        let (samples, machine) = (samples.clone(), Machine { cores, ..machine() });
        let name = format!("{} programs by engine {engine}, {cores} core(s)", samples.len());
        cases.push(case(workspace, name, machine, move |session| programs(session, engine, &samples)));
    }
    for engine in ENGINES {
        let name = format!("Ctrl-C stops engine {engine}");
        cases.push(case(workspace, name, machine(), move |session| interrupted(session, engine)));
    }
    cases.push(case(workspace, "what native code used is given back".to_owned(), machine(), given_back));
    for lacking in ["sse4.1", "popcnt"] {
        let processor = format!("{PROCESSOR},-{lacking}");
        let machine = Machine { processor, ..machine() };
        cases.push(case(workspace, format!("closures without {lacking}"), machine, without_native));
    }
    Ok(cases)
}

fn fixtures(folder: &Path) -> Result<Vec<Sample>> {
    let read = |path: &Path| fs::read_to_string(path).map_err(Error::io(format!("reading {}", path.display())));
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io(format!("listing {}", folder.display())))? {
        paths.push(entry.map_err(Error::io("listing programs"))?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "nda"));
    paths.sort();
    let sample = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Sample { name, source: read(path)?, expected: read(&path.with_extension("expected"))? })
    };
    paths.iter().map(sample).collect()
}

/// A program of one deep expression.
fn deep((number, (open, close, levels, value)): (usize, &(&str, &str, usize, i32))) -> Sample {
    let (open, close) = (open.repeat(*levels), close.repeat(*levels));
    let source = format!(
        "use sys::print;\nfn f(n: i32) -> i32 {{ n + 1 }}\nfn g(n: i32) -> i32 {{ {open}7{close} }}\nfn main() {{ print(g(9)); }}\n"
    );
    Sample { name: format!("deep-{number}.nda"), source, expected: format!("{value}\n") }
}

/// Runs all of them by one engine: what they show is what is expected, and none of them is left to a slower one.
fn programs(session: &mut Session, engine: &str, samples: &[Sample]) -> Result<()> {
    let lines: Vec<String> = samples.iter().map(|sample| format!("run --engine {engine} {}", sample.name)).collect();
    session.run_script(&lines)?;
    let shown = |(line, sample): (&String, &Sample)| format!("velocity> {line}\n{}", sample.expected);
    let expected: String = lines.iter().zip(samples).map(shown).collect();
    let text = session.transcript();
    same(&expected, &text).map_err(|difference| session.failure(difference))?;
    let log = log(session, samples.len() + 1)?;
    if log.contains(": engine closure instead of ") || !log.contains(&format!("engine {engine}\n")) {
        return Err(session.failure(format!("not everything ran by engine {engine}")));
    }
    expect(session, Ending::PowerOff, "poweroff")
}

/// Asks for the log at prompt `prompt`, and gives all that the serial port said, lines of the log included.
fn log(session: &mut Session, prompt: usize) -> Result<String> {
    session.type_line("dmesg")?;
    session.wait_for_prompt(prompt + 1)?;
    Ok(session.serial_text().replace('\r', ""))
}

fn interrupted(session: &mut Session, engine: &str) -> Result<()> {
    session.wait_for_prompt(1)?;
    session.type_line(&format!("run --engine {engine} endless.nda"))?;
    session.wait_for_text("4711")?;
    session.type_bytes(b"\x03")?;
    session.wait_for_prompt(2)?;
    session.type_line("run hello.nda")?;
    session.wait_for_prompt(3)?;
    let expected =
        format!("velocity> run --engine {engine} endless.nda\n4711\nrun: interrupted\nvelocity> run hello.nda\n285\n");
    let text = session.transcript();
    same(&expected, &text).map_err(|difference| session.failure(difference))?;
    expect(session, Ending::PowerOff, "poweroff")
}

/// Accesses outside of memory are traps of the program, and leave no code and no memory behind.
fn given_back(session: &mut Session) -> Result<()> {
    let runs = || (0..20).map(|turn| if turn % 2 == 0 { "run outside.nda" } else { "run hello.nda" });
    let all = ["run outside.nda", "run hello.nda", "mem"].into_iter().chain(runs()).chain(["mem"]);
    session.run_script(&all.map(str::to_owned).collect::<Vec<_>>())?;
    let text = session.transcript();
    let sums: Vec<&str> = text.lines().filter(|line| line.starts_with("sum in use")).collect();
    if sums.len() != 2 || sums[0] != sums[1] {
        return Err(session.failure(format!("`mem` should say the same twice: {sums:?}")));
    }
    let trap = "0\ntrap: out of bounds memory access in function `f`\n";
    if text.matches(trap).count() != 11 || text.matches("run hello.nda\n285\n").count() != 11 {
        return Err(session.failure("each program should have run 11 times".to_owned()));
    }
    expect(session, Ending::PowerOff, "poweroff")
}

fn without_native(session: &mut Session) -> Result<()> {
    session.run_script(&["run hello.nda".to_owned()])?;
    let log = log(session, 2)?;
    let said = "hello.nda: engine closure instead of auto: the processor lacks what native code needs\n";
    if !log.contains(said) || !log.contains("\n285\n") {
        return Err(session.failure("hello.nda should have run in closures, and the log should say why".to_owned()));
    }
    expect(session, Ending::PowerOff, "poweroff")
}
