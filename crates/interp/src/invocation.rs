//! A call from outside: prepared, run in slices, and what comes of it.

use crate::engine::{Account, Execution, Place, Stop};
use crate::store::{Extern, FunctionAddress, FunctionType, InstanceId, InstantiateError, Store};
use crate::{CallSite, Host, Trap, TrapKind};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use velocity_gate::Program;
use velocity_nda::Span;
use velocity_nda::module::{ExprId, FuncId, Module, Value};

/// Why a function was not called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvokeError {
    /// The instance exports no function of this name.
    NoSuchFunction {
        /// The name asked for.
        name: String,
    },
    /// The arguments do not fit the function.
    Arguments {
        /// Parameters and results of the function.
        expected: FunctionType,
    },
    /// The function was called and failed.
    Trap(Trap),
}

impl fmt::Display for InvokeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchFunction { name } => write!(f, "there is no exported function `{name}`; export it"),
            Self::Arguments { expected } => {
                write!(f, "the arguments do not fit `{expected}`; give values of these types")
            }
            Self::Trap(trap) => trap.fmt(f),
        }
    }
}

impl core::error::Error for InvokeError {}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The slice is used up; resume to go on.
    Suspended,
    /// The function returned these values.
    Finished(Vec<Value>),
    /// The program failed.
    Trapped(Trap),
}

/// A call of a function of a store, on its way.
#[derive(Debug)]
pub struct Invocation {
    execution: Box<dyn Execution>,
    account: Account,
    function: FunctionAddress,
    fuel: u64,
    /// Whether it was resumed before.
    begun: bool,
    /// Set once the run is over.
    outcome: Option<Progress>,
}

impl Invocation {
    /// Prepares a call. Nothing runs yet.
    ///
    /// # Errors
    /// [`InvokeError::Arguments`] if the arguments do not fit.
    pub fn new(store: &Store, function: FunctionAddress, arguments: &[Value]) -> Result<Self, InvokeError> {
        let expected = store.type_of(function);
        if !expected.parameters.iter().copied().eq(arguments.iter().map(|value| value.ty())) {
            return Err(InvokeError::Arguments { expected: expected.clone() });
        }
        let execution = store.engine.call(function, arguments, store.limits);
        let fuel = store.limits.fuel.min(Account::MOST);
        let account = Account::new(fuel);
        Ok(Self { execution, account, function, fuel, begun: false, outcome: None })
    }

    /// Lets the call use so much fuel instead of what the store's limits say. Changes nothing once it runs.
    #[must_use]
    pub fn with_fuel(mut self, fuel: u64) -> Self {
        if !self.begun {
            self.fuel = fuel.min(Account::MOST);
            self.account = Account::new(fuel);
        }
        self
    }

    /// Runs for at most `slice` units of fuel. `store` must be the one that the call was prepared with. Once the run is
    /// over, the outcome is given again.
    pub fn resume(&mut self, store: &mut Store, host: &mut dyn Host, slice: u64) -> Progress {
        if let Some(outcome) = &self.outcome {
            return outcome.clone();
        }
        self.begun = true;
        if !self.account.begin_slice(slice) {
            return Progress::Suspended;
        }
        let outcome = match self.execution.run(&store.fixed, &mut store.state, host, &mut self.account) {
            Stop::Slice => return Progress::Suspended,
            Stop::Fault(kind, at) => self.trap(store, kind, at),
            Stop::Returned => Progress::Finished(self.results(store)),
        };
        self.outcome = Some(outcome.clone());
        outcome
    }

    /// Fuel used so far.
    #[must_use]
    pub const fn fuel_used(&self) -> u64 {
        self.fuel.saturating_sub(self.account.left())
    }

    fn results(&self, store: &Store) -> Vec<Value> {
        let types = &store.type_of(self.function).results;
        types.iter().zip(self.execution.results()).map(|(&ty, &bits)| Value::of_bits(ty, bits)).collect()
    }

    #[cold]
    fn trap(&self, store: &Store, kind: TrapKind, at: ExprId) -> Progress {
        let Some(place) = self.execution.place() else {
            return Progress::Trapped(Trap::nowhere(kind, Span::default()));
        };
        let site = |place: Place, at: ExprId| {
            let module = store.fixed.instances[place.instance.index()].module();
            CallSite { function: name_of(module, place.function), span: module.spans[at] }
        };
        let CallSite { function, span } = site(place, at);
        let callers = self.execution.callers();
        let (more_callers, callers) = (callers.more(), callers.shown().iter().map(|(at, id)| site(*at, *id)).collect());
        Progress::Trapped(Trap { kind, span, function, callers, more_callers })
    }
}

impl Store {
    /// Makes an instance of a program and runs its start function to the end.
    ///
    /// # Errors
    /// [`InstantiateError`].
    pub fn instantiate(&mut self, program: &Program, host: &mut dyn Host) -> Result<InstanceId, InstantiateError> {
        let instance = self.prepare(program)?;
        if let Some(start) = self.start_of(instance) {
            match self.call(start, &[], host) {
                Ok(_) => {}
                Err(InvokeError::Trap(trap)) => return Err(InstantiateError::Trap(trap)),
                // A valid module's start function has no parameters.
                Err(_) => return Err(InstantiateError::Trap(nowhere(TrapKind::IndirectCallType))),
            }
        }
        Ok(instance)
    }

    /// Calls an exported function and runs it to the end.
    ///
    /// # Errors
    /// [`InvokeError`].
    pub fn invoke(
        &mut self,
        instance: InstanceId,
        name: &str,
        arguments: &[Value],
        host: &mut dyn Host,
    ) -> Result<Vec<Value>, InvokeError> {
        match self.export(instance, name) {
            Some(Extern::Function(function)) => self.call(function, arguments, host),
            _ => Err(InvokeError::NoSuchFunction { name: name.into() }),
        }
    }

    /// Calls a function and runs it to the end.
    ///
    /// # Errors
    /// [`InvokeError`].
    pub fn call(
        &mut self,
        function: FunctionAddress,
        arguments: &[Value],
        host: &mut dyn Host,
    ) -> Result<Vec<Value>, InvokeError> {
        let mut invocation = Invocation::new(self, function, arguments)?;
        loop {
            match invocation.resume(self, host, u64::MAX) {
                Progress::Suspended => {}
                Progress::Finished(values) => return Ok(values),
                Progress::Trapped(trap) => return Err(InvokeError::Trap(trap)),
            }
        }
    }
}

fn nowhere(kind: TrapKind) -> Trap {
    Trap::nowhere(kind, Span::default())
}

/// What a function is called, or its number if it has no name.
pub(crate) fn name_of(module: &Module, function: FuncId) -> String {
    let name = module.name(&module.functions[function].meta);
    name.map_or_else(|| alloc::format!("number {}", function.0), String::from)
}
