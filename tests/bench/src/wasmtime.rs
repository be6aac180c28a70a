//! Peers: the compilers of `wasmtime`. Cranelift optimises; Winch makes code in one pass.

use crate::Failure;
use wasmtime::{Config, Engine, Instance, Module, OptLevel, Store, Strategy, TypedFunc};

/// One of the compilers, with what any number of modules share.
pub struct Compiler(Engine);

impl Compiler {
    /// Cranelift at the level that is the default of `wasmtime`.
    pub fn cranelift() -> Result<Self, Failure> {
        let mut config = Config::new();
        config.strategy(Strategy::Cranelift).cranelift_opt_level(OptLevel::Speed);
        Ok(Self(Engine::new(&config)?))
    }

    /// Winch.
    pub fn winch() -> Result<Self, Failure> {
        Ok(Self(Engine::new(Config::new().strategy(Strategy::Winch))?))
    }

    /// Validates and compiles a module, all of it, on this thread.
    pub fn compile(&self, wasm: &[u8]) -> Result<Module, Failure> {
        Ok(Module::from_binary(&self.0, wasm)?)
    }

    /// An instance in a store of its own.
    pub fn load(&self, wasm: &[u8]) -> Result<Wasmtime, Failure> {
        let module = self.compile(wasm)?;
        let mut store = Store::new(&self.0, ());
        let main = Instance::new(&mut store, &module, &[])?.get_typed_func(&mut store, "main")?;
        Ok(Wasmtime { store, main })
    }
}

/// An instance of a compiled module.
pub struct Wasmtime {
    store: Store<()>,
    main: TypedFunc<(), i64>,
}

impl Wasmtime {
    /// Calls `main`.
    pub fn run(&mut self) -> Result<i64, Failure> {
        Ok(self.main.call(&mut self.store, ())?)
    }
}
