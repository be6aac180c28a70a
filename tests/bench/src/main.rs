//! The engines against peers, in one run: the kernels of `fixtures/bench`, one loop, and the time to a first result.
//!
//! ```text
//! cargo run --release --manifest-path tests/bench/Cargo.toml [-- --rounds 7 --only sieve]
//! ```
//! Prints one JSON object a line; `ratio` > 1 means that closures are faster. All engines do their work in turn, round
//! after round, over what says the same: the peer runs the WebAssembly module that is written from the very program.
//! Each figure is the median over the rounds, `ratio` that of the rounds' own ratios. `run` is a call of `main` in an
//! instance that has run before, so that nothing is compiled any more; that time is apart, in `load and compile`.

mod bytecode;
mod figures;
mod ours;
mod peer;

use figures::{Rounds, figure, geometric, time};
use ours::{Ours, closures, program, reference};
use peer::Wasmi;
use std::error::Error;
use std::fs;
use std::path::Path;
use velocity_gate::Program;
use velocity_translate::export;

type Failure = Box<dyn Error>;

/// Contestants, in this order; closures are the first.
const CONTESTANTS: [&str; 4] = ["closures", "interpreter", "wasmi", "wasmi with fuel"];

fn main() -> Result<(), Failure> {
    let Settings { rounds, only } = settings()?;
    let wanted = |case: &str| only.as_deref().is_none_or(|only| only == case);
    let kernels: Vec<_> = kernels()?.into_iter().filter(|(name, _)| wanted(name)).collect();
    let (mut loads, mut ratios) = (Vec::new(), [const { Vec::new() }; CONTESTANTS.len()]);
    for (name, text) in &kernels {
        let kernel = Kernel::new(name, text)?;
        loads.push(kernel.load(rounds)?);
        let measured = kernel.run(rounds)?;
        ratios.iter_mut().zip(measured).for_each(|(ratios, ratio)| ratios.push(ratio));
    }
    for (peer, ratios) in CONTESTANTS.iter().zip(&ratios).skip(1).filter(|(_, ratios)| ratios.len() > 1) {
        let mean = geometric(ratios);
        figure("all kernels", "run, geometric mean", "x", 1.0, Some((peer, mean, mean)));
    }
    if loads.len() > 1 {
        let mean = geometric(&loads);
        figure("all kernels", "load and compile, geometric mean", "x", 1.0, Some(("wasmi", mean, mean)));
    }
    if wanted("y-loop") {
        y_loop(rounds)?;
    }
    if wanted("first instruction") {
        first_instruction()?;
    }
    Ok(())
}

struct Settings {
    rounds: usize,
    /// The one case that is wanted.
    only: Option<String>,
}

fn settings() -> Result<Settings, Failure> {
    let mut settings = Settings { rounds: 7, only: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--rounds" => settings.rounds = value.parse()?,
            "--only" => settings.only = Some(value),
            _ => return Err(format!("unknown option {name}; known: --rounds --only").into()),
        }
    }
    if settings.rounds > 0 { Ok(settings) } else { Err("there must be at least 1 round".into()) }
}

/// Names and texts of all kernels, by name.
fn kernels() -> Result<Vec<(String, String)>, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bench");
    let mut kernels = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let (Some(name), true) = (path.file_stem(), path.extension().is_some_and(|extension| extension == "nda")) {
            kernels.push((name.to_string_lossy().into_owned(), fs::read_to_string(&path)?));
        }
    }
    kernels.sort();
    Ok(kernels)
}

/// A program in both forms.
struct Kernel<'a> {
    name: &'a str,
    program: Program,
    wasm: Vec<u8>,
    /// What it returns.
    expected: i64,
}

impl<'a> Kernel<'a> {
    fn new(name: &'a str, text: &str) -> Result<Self, Failure> {
        let program = program(name, text)?;
        let wasm = export(program.module()).map_err(|error| format!("{name}: {error:?}"))?;
        let expected = Ours::new(&program, reference())?.run()?;
        Ok(Self { name, program, wasm, expected })
    }

    /// A contestant, loaded, as something that runs it.
    fn contestant(&self, number: usize) -> Result<Box<dyn FnMut() -> Result<i64, Failure>>, Failure> {
        Ok(match number {
            0 | 1 => {
                let engine = if number == 0 { closures() } else { reference() };
                let mut ours = Ours::new(&self.program, engine)?;
                Box::new(move || ours.run())
            }
            _ => {
                let mut wasmi = Wasmi::new(&self.wasm, number == 3)?;
                Box::new(move || wasmi.run())
            }
        })
    }

    fn check(&self, number: usize, result: i64) -> Result<(), Failure> {
        let Self { name, expected, .. } = self;
        let who = CONTESTANTS[number];
        if result == *expected { Ok(()) } else { Err(format!("{name}: {who} gives {result}, not {expected}").into()) }
    }

    /// Runs it in instances that have run it before; gives how many times as long each takes as the first.
    fn run(&self, rounds: usize) -> Result<[f64; CONTESTANTS.len()], Failure> {
        let mut loaded = (0..CONTESTANTS.len()).map(|number| self.contestant(number)).collect::<Result<Vec<_>, _>>()?;
        let times = Rounds::take::<{ CONTESTANTS.len() }>(rounds, |number| {
            let (time, result) = time(&mut loaded[number])?;
            self.check(number, result)?;
            Ok(time / 1e3)
        })?;
        let mut ratios = [1.0; CONTESTANTS.len()];
        for (number, peer) in CONTESTANTS.iter().enumerate().skip(1) {
            ratios[number] = times.ratio(0, number);
            figure(self.name, "run", "ms", times.median(0), Some((peer, times.median(number), ratios[number])));
        }
        Ok(ratios)
    }

    /// From an admitted program or its bytes to an instance with all functions compiled.
    fn load(&self, rounds: usize) -> Result<f64, Failure> {
        let times = Rounds::take::<2>(rounds * 5, |number| {
            let ours = || Ours::new(&self.program, closures())?.compile(&self.program);
            let wasmi = || Wasmi::new(&self.wasm, false).map(drop);
            Ok(if number == 0 { time(ours)?.0 } else { time(wasmi)?.0 })
        })?;
        let peer = ("wasmi", times.median(1), times.ratio(0, 1));
        figure(self.name, "load and compile", "us", times.median(0), Some(peer));
        Ok(times.ratio(0, 1))
    }
}

/// The loop `y = y + 1 + y + 3` in closures, against byte code.
fn y_loop(rounds: usize) -> Result<(), Failure> {
    const TURNS: u32 = 600_000;
    let source = format!(
        "fn main() -> i64 {{ let y: i64 = 0; let turns: i64 = {TURNS}; \
         while turns != 0 {{ y = y + 1 + y + 3; turns = turns - 1; }} y }}"
    );
    let program = program("y-loop", &source)?;
    let mut ours = Ours::new(&program, closures())?;
    let code = bytecode::y_loop(TURNS.into());
    let byte_code = || bytecode::run(std::hint::black_box(&code)).ok_or_else(|| "the byte code is wrong".into());
    if ours.run()? != byte_code()? {
        return Err("y-loop: closures and byte code differ".into());
    }
    let times = Rounds::take::<2>(rounds * 3, |number| {
        let time = if number == 0 { time(|| ours.run())?.0 } else { time(byte_code)?.0 };
        Ok(time * 1e3 / f64::from(TURNS))
    })?;
    let peer = ("match over byte code", times.median(1), times.ratio(0, 1));
    figure("y-loop", "turn", "ns", times.median(0), Some(peer));
    Ok(())
}

/// Ten lines of text.
const TEN_LINES: &str = "fn main() -> i64 {
    let sum: i64 = 0;
    for i in 0..3 {
        sum = sum + square(i as i64);
    }
    sum
}
fn square(n: i64) -> i64 {
    n * n
}
";

/// From text through the gate to the first result, and for the peer from the bytes of the same program.
fn first_instruction() -> Result<(), Failure> {
    const ROUNDS: usize = 501;
    let wasm = export(program("ten lines", TEN_LINES)?.module()).map_err(|error| format!("{error:?}"))?;
    let times = Rounds::take::<3>(ROUNDS, |number| {
        let (time, result) = match number {
            0 => time(|| Ours::new(&program("ten lines", TEN_LINES)?, closures())?.run())?,
            1 => time(|| Ours::new(&program("ten lines", TEN_LINES)?, reference())?.run())?,
            _ => time(|| Wasmi::new(&wasm, false)?.run())?,
        };
        if result == 5 { Ok(time) } else { Err(format!("ten lines give {result}").into()) }
    })?;
    let parts = Rounds::take::<2>(ROUNDS, |number| match number {
        0 => Ok(time(|| velocity_nda::compile(TEN_LINES).map_err(|errors| format!("{errors:?}").into()))?.0),
        _ => Ok(time(|| program("ten lines", TEN_LINES))?.0),
    })?;
    figure("first instruction", "text to first result", "us", times.median(0), None);
    for (number, peer) in [(1, "interpreter"), (2, "wasmi, from bytes")] {
        let peer = (peer, times.median(number), times.ratio(0, number));
        figure("first instruction", "against a peer", "us", times.median(0), Some(peer));
    }
    figure("first instruction", "of that, text to core", "us", parts.median(0), None);
    figure("first instruction", "of that, text through the gate", "us", parts.median(1), None);
    Ok(())
}
