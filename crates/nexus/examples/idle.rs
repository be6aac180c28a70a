//! What agents cost that do nothing: memory of the process for each, and the time to make one and to give it its first turn.
//!
//! ```text
//! cargo run --release -p velocity-nexus --example idle -- [ENGINE [AGENTS]]
//! ```

use std::sync::Arc;
use std::time::Instant as Time;
use velocity_base::Instant;
use velocity_gate::{Candidate, Capability, Origin, Policy, admit};
use velocity_interp::engine::{Engine, Reference};
use velocity_jit::{Closures, CodeCache, EngineKind, HostCode, Native, Tiered};
use velocity_nexus::{Budget, Order, Output, Source, Swarm, Turn};

/// Sleeps for an hour, with a page of memory.
const SOURCE: &str = "use sys::sleep; memory 1; fn main() { sleep(3600000000 as u64); }";

type Failure = Box<dyn std::error::Error>;

/// Bytes of this process that are in memory.
fn resident() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = status.split(' ').nth(1).ok_or("no resident size")?.parse()?;
    Ok(pages * 4096)
}

fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_else(|| "auto".into());
    let count = words.next().map_or(Ok(10_000), |count| count.parse())?;
    let kind = EngineKind::named(&name).ok_or("there is no such engine")?;
    let cache = Arc::new(CodeCache::new(Arc::new(HostCode), 4 << 20));
    measure(&name, count, move || -> Box<dyn Engine> {
        match kind {
            EngineKind::Native => Box::new(Native::cached(Arc::clone(&cache))),
            EngineKind::Auto => Box::new(Tiered::over(Native::cached(Arc::clone(&cache)))),
            EngineKind::Closures => Box::new(Closures::default()),
            _ => Box::new(Reference),
        }
    })
}

fn measure(
    name: &str,
    count: u32,
    engine: impl Fn() -> Box<dyn Engine> + Send + Sync + 'static,
) -> Result<(), Failure> {
    let policy = Policy::default().granting(Origin::Person, Capability::Time);
    let verdict = admit(Candidate::Text { name: "idle", source: SOURCE }, Origin::Person, &policy);
    let program = verdict.program.ok_or("the program is refused")?;
    let (swarm, mut workers) = Swarm::new(engine, Budget { agents: count, pages: count }, 1);
    let (output, worker) = (Arc::new(Output::default()), workers.first_mut().ok_or("no worker")?);
    let (before, start) = (resident()?, Time::now());
    for _ in 0..count {
        let order = Order { pages: 1, ..Order::new("idle", Source::Program(program.clone())) };
        swarm.spawn(None, order, &output)?;
    }
    let (made, start) = (start.elapsed(), Time::now());
    while worker.turn(Instant::ZERO, 100_000) != Turn::Idle {}
    let (ran, bytes) = (start.elapsed(), resident()? - before);
    let each = |time: std::time::Duration| time.as_nanos() as f64 / f64::from(count) / 1000.0;
    println!(
        "{name}: {:.2} KiB an agent, {:.2} us to make one, {:.2} us for its first turn",
        bytes as f64 / f64::from(count) / 1024.0,
        each(made),
        each(ran)
    );
    for report in swarm.reports() {
        swarm.kill_at(&report.path)?;
    }
    while worker.turn(Instant::ZERO, 1000) != Turn::Idle {}
    if swarm.reports().is_empty() { Ok(()) } else { Err("agents are left".into()) }
}
