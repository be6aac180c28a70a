//! `cargo xtask bench swap`: an entry is replaced again and again while other cores call it. Each time by a signed package that is verified, judged by the
//! gate, compiled, checked, tested, recorded and watched.
//!
//! ```text
//! cargo run --release -p velocity-hotpatch --example swap -- [SWAPS [CALLS]]
//! ```
//! Every answer is compared with the one that is right. Figures are printed as ARCHITECTURE.md says, "Where figures come from".

extern crate alloc;

#[expect(dead_code, reason = "tests use all of it")]
#[path = "../src/tests/support.rs"]
mod support;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{available_parallelism, scope};
use std::time::Instant;
use support::{Bench, ask, bench, chain, original, package, payload, target, walk, walk_test};
use velocity_hotpatch as hotpatch;
use velocity_hotpatch::{Decision, EntryId};
use velocity_jit::EngineKind;

type Failure = Box<dyn std::error::Error>;

/// What the threads that call share.
#[derive(Default)]
struct Load {
    over: AtomicBool,
    answered: AtomicU64,
    wrong: AtomicU64,
}

fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let swaps = words.next().unwrap_or(Ok(10_000))?;
    let calls = words.next().unwrap_or(Ok(10_000_000))?;
    let mut bench = bench(EngineKind::Native);
    let (load, start) = (Load::default(), Instant::now());
    let times = scope(|scope| {
        for _ in 0..available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).clamp(1, 4)) {
            let (dispatch, load) = (bench.dispatch.clone(), &load);
            scope.spawn(move || call(&dispatch, load, calls));
        }
        let times = replace(&mut bench, swaps);
        load.over.store(true, Ordering::Relaxed);
        times
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let answered = load.answered.load(Ordering::Relaxed);
    print("replaced", swaps as f64, "");
    print("calls", answered as f64, "");
    let wrong = load.wrong.load(Ordering::Relaxed);
    print("wrong answers", wrong as f64, "");
    print("calls a second", answered as f64 / seconds, "/s");
    for (name, mut times) in times {
        times.sort_unstable();
        print(&format!("{name} median"), times[times.len() / 2] as f64 / 1e3, "us");
        print(&format!("{name} p99"), times[times.len() * 99 / 100] as f64 / 1e3, "us");
    }
    if wrong == 0 { Ok(()) } else { Err("an answer was wrong while versions were replaced".into()) }
}

fn print(metric: &str, value: f64, unit: &str) {
    println!(
        "{{\"suite\":\"swap\",\"case\":\"fat32.walk\",\"metric\":\"{metric}\",\"value\":{value},\"unit\":\"{unit}\",\"peer\":null,\"peer_value\":null,\"ratio\":null}}"
    );
}

/// Calls until so many calls are answered by all threads, and nothing is replaced any more.
fn call(dispatch: &hotpatch::Dispatch, load: &Load, calls: u64) {
    let Some(mut caller) = dispatch.caller(EntryId::FAT32_WALK) else { return };
    let chains: Vec<_> = (0..64).map(chain).collect();
    while !load.over.load(Ordering::Relaxed) || load.answered.load(Ordering::Relaxed) < calls {
        for (entries, first) in &chains {
            if ask(&caller, entries, *first) != original(entries, *first) {
                load.wrong.fetch_add(1, Ordering::Relaxed);
            }
            caller.quiesce();
        }
        load.answered.fetch_add(chains.len() as u64, Ordering::Relaxed);
    }
}

/// Two versions come in turn. Every other one is taken back while it is watched, the rest are kept. What each step took, in nanoseconds.
fn replace(bench: &mut Bench, swaps: u64) -> Result<Vec<(String, Vec<u64>)>, Failure> {
    let payloads = [walk(""), walk("if count == 0 { return 0; }")].map(|source| payload(&source));
    let mut times: Vec<(String, Vec<u64>)> = Vec::new();
    for swap in 0..swaps {
        let payload = payloads[swap as usize / 2 % 2].clone();
        let target = target(&bench.updates, "fat32.walk", &payload, walk_test());
        let package = package(swap + 1, vec![target], vec![payload]);
        let start = Instant::now();
        let applied = bench.updates.apply(&package, &mut bench.journal)?;
        let whole = start.elapsed().as_nanos() as u64;
        let steps = applied.steps.iter().map(|(step, time)| (step.to_string(), time.as_nanos() as u64));
        for (at, (name, time)) in steps.chain([("all steps".into(), whole)]).enumerate() {
            match times.get_mut(at) {
                Some((_, times)) => times.push(time),
                None => times.push((name, vec![time])),
            }
        }
        bench.journal.records.clear();
        decide(bench, swap % 2 == 0)?;
    }
    Ok(times)
}

/// Waits until the version is kept, or takes it back.
fn decide(bench: &mut Bench, take_back: bool) -> Result<(), Failure> {
    while bench.updates.open().is_some() {
        if take_back {
            bench.updates.take_back(&mut bench.journal, "for this measurement");
        }
        // A thread that was not given its turn in the middle of a call is a slow version.
        match bench.updates.step(&mut bench.journal) {
            Some(Decision::TakenBack { why, .. }) if !why.contains("slow") => return Err(why.into()),
            _ => {}
        }
    }
    bench.updates.step(&mut bench.journal);
    Ok(())
}
