//! Who takes part: every engine of this project and its peers, each from what it reads to something that runs.

use crate::Failure;
use crate::kernel::Kernel;
use crate::native;
use crate::ours::Ours;
use crate::wasmi::Wasmi;
use crate::wasmtime::Compiler;
use std::hint::black_box;
use velocity_jit::EngineKind;

/// An engine, or a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contestant {
    /// An engine of this project.
    Ours(EngineKind),
    /// An interpreter with byte code of its own.
    Wasmi,
    /// The same, counting fuel, as the engines of this project always do.
    WasmiWithFuel,
    /// A compiler with one pass.
    Winch,
    /// A compiler that optimises.
    Cranelift,
    /// The kernel in Rust, outside of any sandbox.
    Rust,
}

/// Something that runs a kernel once more and gives its result.
pub type Runner = Box<dyn FnMut() -> Result<i64, Failure>>;

/// This project's engines that compile: those whose figures these are. The interpreter is the meaning of the language;
/// it takes part as a peer.
pub fn compiled() -> impl Iterator<Item = EngineKind> {
    EngineKind::ALL.iter().copied().filter(|kind| *kind != EngineKind::Interpreter)
}

impl Contestant {
    /// The peers that read WebAssembly.
    pub const WASM: [Self; 3] = [Self::Wasmi, Self::Winch, Self::Cranelift];

    /// All that run kernels.
    pub fn all() -> Vec<Self> {
        let peers = [Self::Wasmi, Self::WasmiWithFuel, Self::Winch, Self::Cranelift, Self::Rust];
        EngineKind::ALL.iter().copied().map(Self::Ours).chain(peers).collect()
    }

    /// The engines that compile, and the peers that read WebAssembly.
    pub fn compilers() -> Vec<Self> {
        compiled().map(Self::Ours).chain(Self::WASM).collect()
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours(kind) => kind.name(),
            Self::Wasmi => "wasmi",
            Self::WasmiWithFuel => "wasmi with fuel",
            Self::Winch => "winch",
            Self::Cranelift => "cranelift",
            Self::Rust => "rust -O",
        }
    }

    /// Whether it is a peer of one of this project's engines: every other one is, but for those above it.
    pub fn is_peer_of(self, own: EngineKind) -> bool {
        match self {
            Self::Ours(kind) => EngineKind::ALL.iter().take_while(|below| **below != own).any(|below| *below == kind),
            _ => true,
        }
    }
}

/// The peers' compilers, which any number of modules share.
pub struct Peers {
    pub winch: Compiler,
    pub cranelift: Compiler,
}

impl Peers {
    pub fn new() -> Result<Self, Failure> {
        Ok(Self { winch: Compiler::winch()?, cranelift: Compiler::cranelift()? })
    }

    /// A contestant with a kernel loaded. Engines of this project compile when a function is first called.
    pub fn load(&self, contestant: Contestant, kernel: &Kernel) -> Result<Runner, Failure> {
        Ok(match contestant {
            Contestant::Ours(kind) => {
                let mut ours = Ours::new(&kernel.program, kind)?;
                Box::new(move || ours.run())
            }
            Contestant::Wasmi | Contestant::WasmiWithFuel => {
                let mut wasmi = Wasmi::new(&kernel.wasm, contestant == Contestant::WasmiWithFuel)?;
                Box::new(move || wasmi.run())
            }
            Contestant::Winch => runner(&self.winch, kernel)?,
            Contestant::Cranelift => runner(&self.cranelift, kernel)?,
            Contestant::Rust => {
                let native = native::kernel(&kernel.name).ok_or("there is no such kernel in Rust")?;
                Box::new(move || Ok(black_box(native)()))
            }
        })
    }

    /// From an admitted program, or from its bytes, to an instance with all functions compiled.
    pub fn load_and_compile(&self, contestant: Contestant, kernel: &Kernel) -> Result<(), Failure> {
        match contestant {
            Contestant::Ours(kind) => Ours::new(&kernel.program, kind)?.compile(&kernel.program, kind),
            _ => self.load(contestant, kernel).map(drop),
        }
    }
}

fn runner(compiler: &Compiler, kernel: &Kernel) -> Result<Runner, Failure> {
    let mut instance = compiler.load(&kernel.wasm)?;
    Ok(Box::new(move || instance.run()))
}
