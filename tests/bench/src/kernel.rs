//! The kernels of `fixtures/bench`: each in both forms, and what is measured of one.

use crate::Failure;
use crate::contestants::{Contestant, Peers, compiled};
use crate::figures::{Rounds, figure, geometric, time, time_warm};
use crate::ours::{Ours, program};
use std::fs;
use std::path::Path;
use velocity_gate::Program;
use velocity_jit::EngineKind;
use velocity_translate::export;

/// A program in both forms.
pub struct Kernel {
    pub name: String,
    pub program: Program,
    /// The module that is written from the program.
    pub wasm: Vec<u8>,
    /// What it returns.
    pub expected: i64,
}

/// How many times as long a peer takes as an engine of this project, for one kernel.
pub struct Ratio {
    pub own: EngineKind,
    pub peer: Contestant,
    pub ratio: f64,
}

impl Kernel {
    /// All kernels that are wanted, by name.
    pub fn all(wanted: impl Fn(&str) -> bool) -> Result<Vec<Self>, Failure> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bench");
        let mut kernels = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if path.extension().is_some_and(|extension| extension == "nda") && wanted(&name) {
                kernels.push(Self::new(name, &fs::read_to_string(&path)?)?);
            }
        }
        kernels.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(kernels)
    }

    fn new(name: String, text: &str) -> Result<Self, Failure> {
        let program = program(&name, text)?;
        let wasm = export(program.module()).map_err(|error| format!("{name}: {error:?}"))?;
        let expected = Ours::new(&program, EngineKind::Interpreter)?.run()?;
        Ok(Self { name, program, wasm, expected })
    }

    fn check(&self, contestant: Contestant, result: i64) -> Result<(), Failure> {
        let Self { name, expected, .. } = self;
        let who = contestant.name();
        if result == *expected { Ok(()) } else { Err(format!("{name}: {who} gives {result}, not {expected}").into()) }
    }

    /// Those that take the kernel. A peer may have no code for something in it: that is said, and it stays away.
    fn takers<T>(
        &self,
        contestants: Vec<Contestant>,
        load: impl Fn(Contestant) -> Result<T, Failure>,
    ) -> Result<Vec<(Contestant, T)>, Failure> {
        let mut takers = Vec::new();
        for contestant in contestants {
            match load(contestant) {
                Ok(loaded) => takers.push((contestant, loaded)),
                Err(error) if matches!(contestant, Contestant::Winch | Contestant::Cranelift) => {
                    eprintln!("{} refuses {}: {error}", contestant.name(), self.name);
                    figure(&self.name, &format!("refused by {}", contestant.name()), "", 1.0, None);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(takers)
    }

    /// Runs it in instances that have run it before.
    pub fn run(&self, peers: &Peers, rounds: usize) -> Result<Vec<Ratio>, Failure> {
        let mut takers = self.takers(Contestant::all(), |contestant| peers.load(contestant, self))?;
        let times = Rounds::take(takers.len(), rounds, |number| {
            let (contestant, runner) = &mut takers[number];
            let (time, result) = time(runner)?;
            self.check(*contestant, result)?;
            Ok(time / 1e3)
        })?;
        let contestants: Vec<_> = takers.iter().map(|taker| taker.0).collect();
        Ok(self.ratios("run", "ms", &contestants, &times))
    }

    /// From an admitted program or its bytes to an instance with all functions compiled.
    pub fn load(&self, peers: &Peers, rounds: usize) -> Result<Vec<Ratio>, Failure> {
        let load = |contestant| peers.load_and_compile(contestant, self);
        let takers = self.takers(Contestant::compilers(), load)?;
        let contestants: Vec<_> = takers.iter().map(|taker| taker.0).collect();
        let times = Rounds::take(contestants.len(), rounds, |number| Ok(time_warm(|| load(contestants[number]))?.0))?;
        Ok(self.ratios("load and compile", "us", &contestants, &times))
    }

    /// Shows each compiled engine beside each of its peers.
    fn ratios(&self, metric: &str, unit: &str, contestants: &[Contestant], times: &Rounds) -> Vec<Ratio> {
        let mut ratios = Vec::new();
        for own in compiled() {
            let Some(column) = contestants.iter().position(|one| *one == Contestant::Ours(own)) else { continue };
            for (number, &peer) in contestants.iter().enumerate().filter(|(_, peer)| peer.is_peer_of(own)) {
                let ratio = times.ratio(column, number);
                let beside = (peer.name(), times.median(number), ratio);
                figure(&self.name, &format!("{own} {metric}"), unit, times.median(column), Some(beside));
                ratios.push(Ratio { own, peer, ratio });
            }
        }
        ratios
    }
}

/// Shows the geometric means over all kernels, if there are several.
pub fn means(metric: &str, ratios: &[Ratio]) {
    for own in compiled() {
        for peer in Contestant::all() {
            let pairs = ratios.iter().filter(|ratio| ratio.own == own && ratio.peer == peer);
            let ratios: Vec<f64> = pairs.map(|pair| pair.ratio).collect();
            if ratios.len() > 1 {
                let mean = geometric(&ratios);
                let metric = format!("{own} {metric}, geometric mean");
                figure("all kernels", &metric, "x", 1.0, Some((peer.name(), mean, mean)));
            }
        }
    }
}
