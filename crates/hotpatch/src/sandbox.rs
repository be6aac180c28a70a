//! A program that answers for an entry: a few instances of it, each in a store of its own without a host.

use crate::entry::{Entry, STATELESS};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use spin::{Mutex, MutexGuard};
use velocity_gate::Program;
use velocity_interp::engine::Engine;
use velocity_interp::{Extern, FunctionAddress, InvokeError, Limits, MemoryAddress, NoHost, Store, TrapKind};
use velocity_nda::module::Value;

/// Makes engines: each instance has one of its own.
pub trait EngineMaker: Send + Sync {
    /// One in which nothing has been compiled yet.
    fn make(&self) -> Box<dyn Engine>;
}

impl<F: Fn() -> Box<dyn Engine> + Send + Sync> EngineMaker for F {
    fn make(&self) -> Box<dyn Engine> {
        self()
    }
}

/// Where a program that keeps a state puts it, and takes it from.
const STATE_AT: u32 = 1024;

/// The longest state, in bytes.
const MAX_STATE_BYTES: u32 = 4096;

/// What a program that keeps a state exports besides.
const SAVE: &str = "save";
const LOAD: &str = "load";

/// Pages of 64 KiB that an instance may have, and slots of its stack.
const PAGES: u32 = 2;
const STACK_SLOTS: u32 = 4096;

/// Why a program cannot stand for an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SandboxError {
    /// There is no instance of it; why.
    Instance(String),
    /// It does not export what is called, or with another type.
    Export {
        /// The name.
        name: &'static str,
    },
    /// It has no memory, and input lies there.
    NoMemory,
    /// It left its state somewhere else, or did not take over one.
    State,
    /// It failed where it must not: while its state was handed over.
    Trap(TrapKind),
}

impl fmt::Display for SandboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(why) => write!(f, "there is no instance of it: {why}"),
            Self::Export { name } => {
                write!(f, "it does not export `{name}` with the types that the entry is called with")
            }
            Self::NoMemory => f.write_str("it has no memory for its input; declare one page"),
            Self::State => f.write_str("it does not take over the state of the version before it"),
            Self::Trap(kind) => write!(f, "it fails while its state is handed over: {kind}"),
        }
    }
}

impl core::error::Error for SandboxError {}

/// Instances of a program.
#[derive(Debug)]
pub struct Sandbox {
    instances: Vec<Mutex<Instance>>,
    keeps_state: bool,
}

#[derive(Debug)]
struct Instance {
    store: Store,
    function: FunctionAddress,
    memory: Option<MemoryAddress>,
    /// Those that save and load its state.
    state: Option<(FunctionAddress, FunctionAddress)>,
}

impl Sandbox {
    /// So many instances, or one if the program keeps a state; nothing is compiled before it is called.
    ///
    /// # Errors
    /// [`SandboxError`].
    pub fn new(
        program: &Program,
        entry: &Entry,
        engines: &dyn EngineMaker,
        instances: usize,
    ) -> Result<Self, SandboxError> {
        let first = Instance::new(program, entry, engines)?;
        let keeps_state = first.state.is_some();
        let more = if keeps_state { 0 } else { instances.saturating_sub(1) };
        let more = (0..more).map(|_| Instance::new(program, entry, engines));
        let instances = core::iter::once(Ok(first)).chain(more).map(|one| one.map(Mutex::new));
        Ok(Self { instances: instances.collect::<Result<_, _>>()?, keeps_state })
    }

    /// Whether it keeps something from one call to the next.
    #[must_use]
    pub const fn keeps_state(&self) -> bool {
        self.keeps_state
    }

    /// Calls it, with input in memory from address 0 on.
    ///
    /// # Errors
    /// How it failed. [`TrapKind::MemoryBounds`] also where the input does not fit.
    pub fn call(&self, reader: usize, input: &[u8], arguments: &[Value]) -> Result<i64, TrapKind> {
        self.instance(reader).call(input, arguments)
    }

    /// Does something with each instance, one after the other.
    ///
    /// # Errors
    /// The first one.
    pub(crate) fn each<E>(
        &self,
        mut test: impl FnMut(&dyn Fn(&[u8], &[Value]) -> Result<i64, TrapKind>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.instances.iter().try_for_each(|instance| test(&|input, arguments| instance.lock().call(input, arguments)))
    }

    /// The one of a reader, or one that nobody uses.
    fn instance(&self, reader: usize) -> MutexGuard<'_, Instance> {
        let count = self.instances.len();
        let free = (0..count).find_map(|more| self.instances[(reader + more) % count].try_lock());
        free.unwrap_or_else(|| self.instances[reader % count].lock())
    }

    /// The state that it keeps; empty if it keeps none.
    ///
    /// # Errors
    /// [`SandboxError`].
    pub(crate) fn save(&self) -> Result<Vec<u8>, SandboxError> {
        self.instances.first().map_or_else(|| Ok(Vec::new()), |instance| instance.lock().save())
    }

    /// Takes over a state.
    ///
    /// # Errors
    /// [`SandboxError`].
    pub(crate) fn load(&self, state: &[u8]) -> Result<(), SandboxError> {
        self.instances.iter().try_for_each(|instance| instance.lock().load(state))
    }
}

impl Instance {
    fn new(program: &Program, entry: &Entry, engines: &dyn EngineMaker) -> Result<Self, SandboxError> {
        let limits = Limits { fuel: entry.fuel, stack_slots: STACK_SLOTS, memory_pages: PAGES, table_entries: 256 };
        let mut store = Store::with_engine(limits, engines.make());
        let made = store.instantiate(program, &mut NoHost);
        let id = made.map_err(|error| SandboxError::Instance(alloc::format!("{error}")))?;
        let find = |name: &'static str, parameters: &[_], results: &[_]| match store.export(id, name) {
            Some(Extern::Function(function)) => {
                let ty = store.type_of(function);
                let fits = *ty.parameters == *parameters && *ty.results == *results;
                if fits { Ok(Some(function)) } else { Err(SandboxError::Export { name }) }
            }
            Some(_) => Err(SandboxError::Export { name }),
            None => Ok(None),
        };
        let function = find(entry.export, entry.parameters, &[entry.result])?;
        let function = function.ok_or(SandboxError::Export { name: entry.export })?;
        let i32 = [velocity_nda::Type::I32];
        let state = find(SAVE, &[], &i32)?.zip(find(LOAD, &i32, &i32)?);
        let memory = store.memory_of(id);
        Ok(Self { store, function, memory, state })
    }

    fn call(&mut self, input: &[u8], arguments: &[Value]) -> Result<i64, TrapKind> {
        self.put(0, input).ok_or(TrapKind::MemoryBounds)?;
        self.invoke(self.function, arguments)
    }

    fn invoke(&mut self, function: FunctionAddress, arguments: &[Value]) -> Result<i64, TrapKind> {
        match self.store.call(function, arguments, &mut NoHost) {
            Ok(values) => Ok(values.first().map_or(0, |value| number(*value))),
            Err(InvokeError::Trap(trap)) => Err(trap.kind),
            // The types were compared when the instance was made.
            Err(_) => Err(TrapKind::IndirectCallType),
        }
    }

    fn put(&mut self, at: u32, bytes: &[u8]) -> Option<()> {
        if bytes.is_empty() {
            return Some(());
        }
        let place = self.store.memory_mut(self.memory?).slice_mut(at, u32::try_from(bytes.len()).ok()?)?;
        place.copy_from_slice(bytes);
        Some(())
    }

    fn save(&mut self) -> Result<Vec<u8>, SandboxError> {
        let Some((save, _)) = self.state else { return Ok(Vec::new()) };
        let len = self.invoke(save, &[]).map_err(SandboxError::Trap)?;
        let len = u32::try_from(len).ok().filter(|len| *len <= MAX_STATE_BYTES).ok_or(SandboxError::State)?;
        let memory = self.memory.ok_or(SandboxError::NoMemory)?;
        self.store.memory(memory).slice(STATE_AT, len).map(<[u8]>::to_vec).ok_or(SandboxError::State)
    }

    fn load(&mut self, state: &[u8]) -> Result<(), SandboxError> {
        let Some((_, load)) = self.state else {
            return if state.is_empty() { Ok(()) } else { Err(SandboxError::State) };
        };
        self.put(STATE_AT, state).ok_or(SandboxError::State)?;
        let len = i32::try_from(state.len()).map_err(|_| SandboxError::State)?;
        match self.invoke(load, &[Value::I32(len)]).map_err(SandboxError::Trap)? {
            1 => Ok(()),
            _ => Err(SandboxError::State),
        }
    }
}

/// A result as a number; 32 bits are not signed.
const fn number(value: Value) -> i64 {
    match value {
        Value::I32(value) => value as u32 as i64,
        Value::F32(bits) => bits as i64,
        Value::I64(value) => value,
        Value::F64(bits) => bits.cast_signed(),
    }
}

/// The schema of the state that a program keeps, if it says nothing else.
pub(crate) fn stateless() -> velocity_base::ContentHash {
    velocity_base::ContentHash::of(STATELESS.as_bytes())
}
