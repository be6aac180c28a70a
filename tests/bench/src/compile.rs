//! How fast all kernels are compiled, one after the other: in microseconds, and in megabytes of WebAssembly's code a
//! second, which is how compilers of it are compared.
//!
//! A peer validates and compiles the bytes of a module. An engine of this project compiles in an instance, so that making one and giving it
//! back is in its time; `from bytes` has translation and the gate in it as well. `in an instance` is compilation alone, of the engines that
//! compile all functions at once.

use crate::Failure;
use crate::contestants::{Contestant, Peers, compiled};
use crate::figures::{Rounds, figure, time, time_warm};
use crate::kernel::Kernel;
use crate::ours::{Ours, admitted};
use crate::wasmi::Wasmi;
use velocity_jit::EngineKind;

/// A way from what is read to compiled functions.
#[derive(Clone, Copy)]
enum Way {
    Admitted(EngineKind),
    Bytes(EngineKind),
    Alone(EngineKind),
    Peer(Contestant),
}

impl Way {
    /// Own ways first, then the peers.
    fn all() -> Vec<Self> {
        // Tiers compile nothing before it is hot, and then as those that they are made of.
        let ours = compiled()
            .filter(|kind| *kind != EngineKind::Auto)
            .flat_map(|kind| [Self::Admitted(kind), Self::Bytes(kind)]);
        let alone = compiled().filter(|kind| kind.level().is_some()).map(Self::Alone);
        ours.chain(alone).chain(Contestant::WASM.map(Self::Peer)).collect()
    }

    fn compile(self, kernel: &Kernel, peers: &Peers) -> Result<(), Failure> {
        match self {
            Self::Admitted(kind) | Self::Alone(kind) => {
                Ours::new(&kernel.program, kind)?.compile(&kernel.program, kind)
            }
            Self::Bytes(kind) => {
                let program = admitted(&kernel.wasm)?;
                Ours::new(&program, kind)?.compile(&program, kind)
            }
            Self::Peer(Contestant::Winch) => peers.winch.compile(&kernel.wasm).map(drop),
            Self::Peer(Contestant::Cranelift) => peers.cranelift.compile(&kernel.wasm).map(drop),
            Self::Peer(_) => Wasmi::compile(&kernel.wasm),
        }
    }

    /// Microseconds that all kernels take.
    fn time(self, kernels: &[&Kernel], peers: &Peers) -> Result<f64, Failure> {
        let Self::Alone(kind) = self else {
            let all = || kernels.iter().try_for_each(|kernel| self.compile(kernel, peers));
            return Ok(time_warm(all)?.0);
        };
        let mut us = 0.0;
        for _warm_or_timed in 0..2 {
            let made: Result<Vec<Ours>, Failure> =
                kernels.iter().map(|kernel| Ours::new(&kernel.program, kind)).collect();
            let mut made = made?;
            let mut all = made.iter_mut().zip(kernels);
            us = time(|| all.try_for_each(|(ours, kernel)| ours.compile(&kernel.program, kind)))?.0;
        }
        Ok(us)
    }

    /// What the figure of an own way is called.
    fn metric(self) -> Option<String> {
        match self {
            Self::Admitted(kind) => Some(format!("{kind} compile")),
            Self::Bytes(kind) => Some(format!("{kind} compile from bytes")),
            Self::Alone(kind) => Some(format!("{kind} compile in an instance")),
            Self::Peer(_) => None,
        }
    }

    fn peer(self) -> Option<Contestant> {
        if let Self::Peer(peer) = self { Some(peer) } else { None }
    }
}

/// Compiles every kernel that all take, again and again, each way in turn.
pub fn measure(kernels: &[Kernel], peers: &Peers, rounds: usize) -> Result<(), Failure> {
    let ways = Way::all();
    let taken = |kernel: &&Kernel| ways.iter().all(|way| way.compile(kernel, peers).is_ok());
    let kernels: Vec<&Kernel> = kernels.iter().filter(taken).collect();
    let code: usize = kernels.iter().map(|kernel| code_bytes(&kernel.wasm)).sum();
    figure("compile", "kernels", "", kernels.len() as f64, None);
    figure("compile", "code of all kernels", "byte", code as f64, None);
    let times = Rounds::take(ways.len(), rounds, |number| ways[number].time(&kernels, peers))?;
    for (own, metric) in ways.iter().enumerate().filter_map(|(own, way)| Some((own, way.metric()?))) {
        for (other, peer) in ways.iter().enumerate().filter_map(|(other, way)| Some((other, way.peer()?))) {
            let (us, peer_us, ratio) = (times.median(own), times.median(other), times.ratio(own, other));
            figure("compile", &metric, "us", us, Some((peer.name(), peer_us, ratio)));
            let speed = |us: f64| code as f64 / us;
            figure("compile", &metric, "MB/s", speed(us), Some((peer.name(), speed(peer_us), ratio)));
        }
    }
    Ok(())
}

/// How long the code section of a module is, with nothing of its head.
fn code_bytes(wasm: &[u8]) -> usize {
    const CODE: u8 = 10;
    let mut rest = wasm.get(8..).unwrap_or_default();
    while let [id, after @ ..] = rest {
        let length_bytes = after.iter().take_while(|byte| **byte >= 0x80).count() + 1;
        let length =
            after.iter().take(length_bytes).rev().fold(0, |length, byte| length << 7 | usize::from(byte & 0x7f));
        if *id == CODE {
            return length;
        }
        rest = after.get(length_bytes + length..).unwrap_or_default();
    }
    0
}
