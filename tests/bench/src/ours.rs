//! The project's engines: a program from its text to its result.

use crate::Failure;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::Engine;
use velocity_interp::{FunctionAddress, InstanceId, Invocation, Limits, NoHost, Progress, Store, TrapKind, Value};
use velocity_jit::EngineKind;
use velocity_translate::translate;

/// Lets a text through the gate.
pub fn program(name: &str, source: &str) -> Result<Program, Failure> {
    let verdict = admit(Candidate::Text { name, source }, Origin::Person, &Policy::default());
    verdict.program.ok_or_else(|| format!("{name}: {:?}", verdict.findings).into())
}

/// Lets a module of WebAssembly through the gate.
pub fn admitted(wasm: &[u8]) -> Result<Program, Failure> {
    let module = translate(wasm).map_err(|error| format!("{error:?}"))?;
    let verdict = admit(Candidate::Module(module), Origin::Translated, &Policy::default());
    verdict.program.ok_or_else(|| format!("{:?}", verdict.findings).into())
}

/// An instance of a program in a store of its own.
pub struct Ours {
    store: Store,
    instance: InstanceId,
    main: FunctionAddress,
}

impl Ours {
    /// Instantiates it. Engines that compile do so when a function is first called.
    pub fn new(program: &Program, kind: EngineKind) -> Result<Self, Failure> {
        Self::with(program, kind.make())
    }

    /// The same with an engine of any kind.
    pub fn with(program: &Program, engine: Box<dyn Engine>) -> Result<Self, Failure> {
        let mut store = Store::with_engine(Limits::default(), engine);
        let instance = store.instantiate(program, &mut NoHost).map_err(|error| format!("{error:?}"))?;
        let module = program.module();
        let is_main = |name: &str| name == "main";
        let mut functions = module.functions.iter();
        let id = functions.find(|(_, function)| module.name(&function.meta).is_some_and(is_main)).map(|(id, _)| id);
        let main = id.and_then(|id| store.function(instance, id)).ok_or("no `main`")?;
        Ok(Self { store, instance, main })
    }

    /// Has every function compiled, as the first call of each does, or of any in the native tier, which then compiles all: calls them
    /// without any fuel to run.
    pub fn compile(&mut self, program: &Program, kind: EngineKind) -> Result<(), Failure> {
        let module = program.module();
        let called = if kind.level().is_some() { 1 } else { usize::MAX };
        for (id, function) in module.functions.iter().take(called) {
            let address = self.store.function(self.instance, id).ok_or("no such function")?;
            let arguments: Vec<_> = module.parameters(function.signature).map(|ty| Value::of_bits(ty, 0)).collect();
            let mut call = Invocation::new(&self.store, address, &arguments)?.with_fuel(0);
            match call.resume(&mut self.store, &mut NoHost, u64::MAX) {
                Progress::Trapped(trap) if trap.kind == TrapKind::FuelExhausted => {}
                end => return Err(format!("no fuel, yet {end:?}").into()),
            }
        }
        Ok(())
    }

    /// Calls `main`.
    pub fn run(&mut self) -> Result<i64, Failure> {
        self.run_in_slices(u64::MAX)
    }

    /// Calls `main` and resumes it until it returns. A loop that a slice does not cover takes its turns: no closed form is used for it.
    pub fn run_in_slices(&mut self, slice: u64) -> Result<i64, Failure> {
        let mut call = Invocation::new(&self.store, self.main, &[])?;
        loop {
            match call.resume(&mut self.store, &mut NoHost, slice) {
                Progress::Suspended => {}
                Progress::Finished(values) => match values[..] {
                    [Value::I64(value)] => return Ok(value),
                    _ => return Err("`main` returns one i64".into()),
                },
                end => return Err(format!("{end:?}").into()),
            }
        }
    }
}
