//! Agents beside each other: what they share, what they may not, and what is left when they are gone.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod campaign;
mod life;
mod messages;
mod stress;
mod threads;

use std::sync::Arc;
use velocity_interp::engine::{Engine, Reference};
use velocity_jit::{Closures, HostCode, Native};
use velocity_nexus::{Budget, EngineMaker, Key, Order, Output, Source, Swarm};

/// What all agents of a test may hold.
const ALL: Budget = Budget { agents: 64, pages: 256 };

fn reference() -> Box<dyn Engine> {
    Box::new(Reference)
}

fn closures() -> Box<dyn Engine> {
    Box::new(Closures::default())
}

fn native() -> Box<dyn Engine> {
    Box::new(Native::new(Arc::new(HostCode)))
}

/// Makes an engine for each agent.
type Maker = fn() -> Box<dyn Engine>;

/// The engines that agents are tried with.
fn engines() -> [(&'static str, Maker); 3] {
    [("interpreter", reference), ("closures", closures), ("native", native)]
}

/// A swarm on so many cores, that one thread plays.
fn player(
    maker: impl EngineMaker + 'static,
    cores: usize,
    seed: u64,
) -> (Arc<Swarm>, velocity_nexus::campaign::Player) {
    let (swarm, workers) = Swarm::new(maker, ALL, cores);
    (swarm, velocity_nexus::campaign::Player::new(workers, seed, 2_000))
}

/// A new agent below nobody.
fn spawn(swarm: &Swarm, source: &str, output: &Arc<Output>) -> (Key, u32) {
    spawn_as(swarm, Order::new("test", Source::Text(source)), output)
}

fn spawn_as(swarm: &Swarm, order: Order<'_>, output: &Arc<Output>) -> (Key, u32) {
    swarm.spawn(None, order, output).unwrap_or_else(|error| panic!("{error}: {error:?}"))
}
