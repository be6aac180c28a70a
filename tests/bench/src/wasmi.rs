//! A peer: `wasmi`, an interpreter of WebAssembly that compiles to byte code of its own.

use crate::Failure;
use velocity_interp::Limits;
use velocity_interp::engine::CALL_SLOTS;
use wasmi::{CompilationMode, Config, Engine, Linker, Module, Store, TypedFunc};

/// A module in an engine of its own.
pub struct Wasmi {
    store: Store<()>,
    main: TypedFunc<(), i64>,
    metered: bool,
}

impl Wasmi {
    /// Validates and compiles a module, all of it, and instantiates it, with as many calls as this project's engines
    /// may have active at most; `metered` has it count fuel, as these always do.
    pub fn new(wasm: &[u8], metered: bool) -> Result<Self, Failure> {
        let engine = engine(metered);
        let module = Module::new(&engine, wasm)?;
        let mut store = Store::new(&engine, ());
        if metered {
            store.set_fuel(u64::MAX)?;
        }
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
        let main = instance.get_typed_func(&store, "main")?;
        Ok(Self { store, main, metered })
    }

    /// Validates and compiles a module, all of it, and leaves it at that.
    pub fn compile(wasm: &[u8]) -> Result<(), Failure> {
        Module::new(&engine(false), wasm)?;
        Ok(())
    }

    /// Calls `main`.
    pub fn run(&mut self) -> Result<i64, Failure> {
        if self.metered {
            self.store.set_fuel(u64::MAX)?;
        }
        Ok(self.main.call(&mut self.store, ())?)
    }
}

/// An engine that compiles every function at once.
fn engine(metered: bool) -> Engine {
    let mut config = Config::default();
    config.compilation_mode(CompilationMode::Eager);
    config.consume_fuel(metered).set_max_recursion_depth((Limits::default().stack_slots / CALL_SLOTS) as usize);
    Engine::new(&config)
}
