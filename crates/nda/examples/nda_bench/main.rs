//! The language against peers, in one run: reading text, opening documents, hashing, asking the graph.
//!
//! ```text
//! cargo run --release -p velocity-nda --example nda_bench [-- --functions 1000 --rounds 21 --only identity]
//! ```
//! Prints one JSON object a line; `ratio` > 1 means that this project is faster. Both sides do their work in turn, round
//! after round, over what says the same: the WebAssembly text is written from the very core that the NDA text compiles
//! to, and the JSON holds what the document holds. Each figure is the median over the rounds, `ratio` that of the
//! rounds' own ratios.

mod json;
mod wat;

use cpu_time::ThreadTime;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::error::Error;
use std::hint::black_box;
use velocity_base::ContentHash;
use velocity_nda::document::{View, pack};
use velocity_nda::graph::{Def, synthetic};
use velocity_nda::identity::Identities;
use velocity_nda::module::Module;
use velocity_nda::{compile, store, validate};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let Settings { functions, rounds, only } = settings()?;
    let wanted = |case: &str| only.as_deref().is_none_or(|only| only == case);
    let text = synthetic::program(functions, 1);
    let module = compile(&text).map_err(|errors| format!("the program does not compile: {errors:?}"))?;
    validate(&module)?;
    let wat = wat::print(&module);
    let wasm = wat::check(&wat)?;
    println!("# {functions} functions: NDA text {} bytes, WebAssembly text {} bytes", text.len(), wat.len());
    println!("# WebAssembly binary {wasm} bytes, {} nodes", module.exprs.len());
    if wanted("text") {
        reading(&text, &wat, rounds)?;
    }
    if wanted("document") {
        documents(&module, rounds)?;
    }
    if wanted("identity") {
        hashing(&module, rounds);
    }
    if wanted("graph") {
        who_calls(rounds);
    }
    Ok(())
}

struct Settings {
    functions: usize,
    rounds: usize,
    /// The one case that is wanted.
    only: Option<String>,
}

fn settings() -> Result<Settings, Failure> {
    let mut settings = Settings { functions: 1000, rounds: 21, only: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--functions" => settings.functions = value.parse()?,
            "--rounds" => settings.rounds = value.parse()?,
            "--only" => settings.only = Some(value),
            _ => return Err(format!("unknown option {name}; known: --functions --rounds --only").into()),
        }
    }
    let some = settings.functions > 0 && settings.rounds > 0;
    if some { Ok(settings) } else { Err("all numbers must be at least 1".into()) }
}

/// Microseconds of processor time of one call: other programs on the same cores do not count.
fn time<T>(work: impl FnOnce() -> T) -> f64 {
    let start = ThreadTime::now();
    black_box(work());
    start.elapsed().as_secs_f64() * 1e6
}

fn allocations<T>(work: impl FnOnce() -> T) -> usize {
    let region = Region::new(ALLOCATOR);
    black_box(work());
    region.change().allocations
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Runs both sides in turn and prints the medians.
fn compare(
    case: &str,
    metric: &str,
    peer: &str,
    rounds: usize,
    mut ours: impl FnMut() -> f64,
    mut theirs: impl FnMut() -> f64,
) {
    let (mut own, mut other, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        let (ours, theirs) = if round % 2 == 0 {
            let ours = ours();
            (ours, theirs())
        } else {
            let theirs = theirs();
            (ours(), theirs)
        };
        // The first round warms caches and predictors.
        if round > 0 {
            own.push(ours);
            other.push(theirs);
            ratios.push(theirs / ours);
        }
    }
    figure(case, metric, "us", median(own), Some((peer, median(other), median(ratios))));
}

fn figure(case: &str, metric: &str, unit: &str, value: f64, peer: Option<(&str, f64, f64)>) {
    let (peer, peer_value, ratio) = match peer {
        Some((peer, value, ratio)) => (format!("\"{peer}\""), value.to_string(), ratio.to_string()),
        None => ("null".to_owned(), "null".to_owned(), "null".to_owned()),
    };
    println!(
        "{{\"suite\":\"nda\",\"case\":\"{case}\",\"metric\":\"{metric}\",\"value\":{value},\"unit\":\"{unit}\",\
         \"peer\":{peer},\"peer_value\":{peer_value},\"ratio\":{ratio}}}"
    );
}

/// Text to a checked module, against text to a validated module.
fn reading(text: &str, wat: &str, rounds: usize) -> Result<(), Failure> {
    compile(text).map_err(|errors| format!("{errors:?}"))?;
    let ours = || time(|| compile(text).is_ok());
    let theirs = || time(|| wat::check(wat).is_ok());
    compare("text", "parse and check", "wat and wasmparser", rounds, ours, theirs);
    Ok(())
}

/// Opening a document, against reading the same graph from JSON.
fn documents(module: &Module, rounds: usize) -> Result<(), Failure> {
    let bytes = pack(module);
    let view = View::open(&bytes)?;
    let program = json::Program::of(&view, module)?;
    let json = json::write(&program)?;
    if json::read(&json)? != program {
        return Err("the JSON is not the document".into());
    }
    println!("# document {} bytes, JSON {} bytes", bytes.len(), json.len());
    let ours = || time(|| View::open(&bytes).is_ok());
    let theirs = || time(|| json::read(&json).is_ok());
    compare("document", "open", "serde_json", rounds, ours, theirs);
    let (none, many) = (allocations(|| View::open(&bytes).is_ok()), allocations(|| json::read(&json).is_ok()));
    figure(
        "document",
        "allocations",
        "",
        none as f64,
        Some(("serde_json", many as f64, many as f64 / none.max(1) as f64)),
    );
    compare(
        "document",
        "open (seal only)",
        "sha256",
        rounds,
        || time(|| View::open(&bytes).is_ok()),
        || time(|| ContentHash::of(&bytes)),
    );
    Ok(())
}

/// Hashing all definitions, against plain SHA-256 over what is hashed: definition by definition, and in one piece.
fn hashing(module: &Module, rounds: usize) {
    let entries = store::entries(module);
    let whole: Vec<u8> = entries.concat();
    let identities = Identities::of(module);
    println!("# canonical form {} bytes in {} entries, hashed {}", whole.len(), entries.len(), identities.hashed_bytes);
    let ours = || time(|| Identities::of(module));
    let each = || time(|| entries.iter().fold(0, |sum: u8, entry| sum ^ ContentHash::of(entry).0[0]));
    compare("identity", "hash all definitions", "sha256 of each", rounds, ours, each);
    compare("identity", "hash all definitions", "sha256 of all", rounds, ours, || time(|| ContentHash::of(&whole)));
}

/// Who calls a function, in a graph of 100,000 definitions.
fn who_calls(rounds: usize) {
    const DEFINITIONS: u32 = 100_000;
    const QUESTIONS: u32 = 10_000;
    let graph = synthetic::graph(DEFINITIONS, 1);
    let ask = || {
        (0..QUESTIONS).fold(0_u64, |sum, number| {
            let function = Def(number.wrapping_mul(7919) % DEFINITIONS);
            sum + graph.who_calls(function).map(|caller| u64::from(caller.0)).sum::<u64>()
        })
    };
    let times = (0..rounds).map(|_| time(ask) / f64::from(QUESTIONS)).collect();
    figure("graph", "who-calls in 100,000 definitions", "us", median(times), None);
}
