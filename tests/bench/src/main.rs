//! The engines against peers, in one run: the kernels of `fixtures/bench`, one loop, and the time to a first result.
//!
//! ```text
//! cargo run --release --manifest-path tests/bench/Cargo.toml [-- --rounds 7 --only sieve]
//! ```
//! Prints one JSON object a line; `ratio` > 1 means that the engine of this project is faster, whose name its metric begins
//! with. All do their work in turn, round after round, over what says the same: the peers run the WebAssembly module that is
//! written from the very program. Each figure is the median over the rounds, `ratio` that of the rounds' own ratios. `run`
//! is a call of `main` in an instance that has run before, so that nothing is compiled any more; that time is apart, in
//! `load and compile` of each and in `compile` of all.

mod bytecode;
mod compile;
mod contestants;
mod figures;
mod kernel;
mod native;
mod ours;
mod safety;
mod wasmi;
mod wasmtime;

use crate::wasmi::Wasmi;
use contestants::{Contestant, Peers, compiled};
use figures::{Rounds, figure, time, time_warm};
use kernel::{Kernel, means};
use ours::{Ours, program};
use std::error::Error;
use velocity_jit::EngineKind;
use velocity_translate::export;

type Failure = Box<dyn Error>;

/// The kernel that is one loop with a closed form.
const CLOSED: &str = "y-loop";

fn main() -> Result<(), Failure> {
    let Settings { rounds, only } = settings()?;
    let wanted = |case: &str| only.as_deref().is_none_or(|only| only == case);
    let peers = Peers::new()?;
    let (mut loads, mut runs) = (Vec::new(), Vec::new());
    for kernel in Kernel::all(wanted)? {
        loads.extend(kernel.load(&peers, rounds * 5)?);
        let run = kernel.run(&peers, rounds)?;
        // It has a closed form, which takes no time: it is shown, and no part of a mean.
        if kernel.name != CLOSED {
            runs.extend(run);
        }
    }
    means("run", &runs);
    means("load and compile", &loads);
    if wanted("compile") {
        compile::measure(&Kernel::all(|_| true)?, &peers, rounds * 3)?;
    }
    if wanted("safety") {
        safety::measure(&Kernel::all(|name| name != CLOSED)?, rounds * 3)?;
    }
    if wanted("y-loop") {
        y_loop(rounds)?;
    }
    if wanted("first instruction") {
        first_instruction(&peers)?;
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

/// The turns of the loop `y = y + 1 + y + 3`, against byte code.
fn y_loop(rounds: usize) -> Result<(), Failure> {
    const TURNS: u32 = 600_000;
    // No slice covers the loop, so that it takes its turns.
    const SLICE: u64 = TURNS as u64;
    let source = format!(
        "fn main() -> i64 {{ let y: i64 = 0; let turns: i64 = {TURNS}; \
         while turns != 0 {{ y = y + 1 + y + 3; turns = turns - 1; }} y }}"
    );
    let program = program("y-loop", &source)?;
    let code = bytecode::y_loop(TURNS.into());
    let byte_code = || bytecode::run(std::hint::black_box(&code)).ok_or_else(|| "the byte code is wrong".into());
    for kind in compiled() {
        let mut ours = Ours::new(&program, kind)?;
        if ours.run_in_slices(SLICE)? != byte_code()? {
            return Err(format!("y-loop: {kind} and byte code differ").into());
        }
        let times = Rounds::take(2, rounds * 3, |number| {
            let time = if number == 0 { time(|| ours.run_in_slices(SLICE))?.0 } else { time(byte_code)?.0 };
            Ok(time * 1e3 / f64::from(TURNS))
        })?;
        let peer = ("match over byte code", times.median(1), times.ratio(0, 1));
        figure("y-loop", &format!("{kind} turn"), "ns", times.median(0), Some(peer));
    }
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

/// From text through the gate to the first result, and for the peers from the bytes of the same program. What compiles for
/// hundreds of microseconds takes its turns apart from the others, whose caches it empties.
fn first_instruction(peers: &Peers) -> Result<(), Failure> {
    const ROUNDS: usize = 501;
    let wasm = export(program("ten lines", TEN_LINES)?.module()).map_err(|error| format!("{error:?}"))?;
    let first = |contestants: &[Contestant]| {
        Rounds::take(contestants.len(), ROUNDS, |number| {
            let (time, result) = time_warm(|| match contestants[number] {
                Contestant::Ours(kind) => Ours::new(&program("ten lines", TEN_LINES)?, kind)?.run(),
                Contestant::Winch => peers.winch.load(&wasm)?.run(),
                Contestant::Cranelift => peers.cranelift.load(&wasm)?.run(),
                _ => Wasmi::new(&wasm, false)?.run(),
            })?;
            if result == 5 { Ok(time) } else { Err(format!("ten lines give {result}").into()) }
        })
    };
    for kind in compiled() {
        let own = Contestant::Ours(kind);
        let below = EngineKind::ALL.iter().copied().map(Contestant::Ours).filter(|peer| peer.is_peer_of(kind));
        let near = below.chain([Contestant::Wasmi]).collect();
        for (group, peers) in [near, vec![Contestant::Winch], vec![Contestant::Cranelift]].into_iter().enumerate() {
            let contestants = [&[own], &peers[..]].concat();
            let times = first(&contestants)?;
            if group == 0 {
                figure("first instruction", &format!("{kind} text to first result"), "us", times.median(0), None);
            }
            for (number, peer) in contestants.iter().enumerate().skip(1) {
                let from = if matches!(peer, Contestant::Ours(_)) { "" } else { ", from bytes" };
                let name = format!("{}{from}", peer.name());
                let beside = (name.as_str(), times.median(number), times.ratio(0, number));
                figure("first instruction", &format!("{kind} against a peer"), "us", times.median(0), Some(beside));
            }
        }
    }
    let parts = Rounds::take(2, ROUNDS, |number| match number {
        0 => Ok(time_warm(|| velocity_nda::compile(TEN_LINES).map_err(|errors| format!("{errors:?}").into()))?.0),
        _ => Ok(time_warm(|| program("ten lines", TEN_LINES))?.0),
    })?;
    figure("first instruction", "of that, text to core", "us", parts.median(0), None);
    figure("first instruction", "of that, text through the gate", "us", parts.median(1), None);
    Ok(())
}
