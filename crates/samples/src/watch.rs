//! Runs random programs among what they import, and writes down everything that can be seen of it.

use crate::Build;
use crate::random::{GLOBALS, surroundings};
use velocity_gate::Program;
use velocity_interp::{
    Extern, FunctionType, Host, HostCall, HostError, Invocation, Progress, Store, TrapKind, Type, Value,
};
use velocity_nda::module::{
    BinaryOp, Constant, ExportItem, Expr, ExprId, Global, GlobalId, GlobalKind, Limits, LoadOp, Memory, Meta, StoreOp,
    Yield,
};

/// A call of the host: its number and what it was given.
pub type Asked = (u32, Vec<Value>);

/// Everything that can be seen of a run.
#[derive(Debug, PartialEq)]
pub struct Seen {
    /// How each call ended: the start, `f`, `many`, and `f` again, which finds what the others left.
    pub ends: Vec<Progress>,
    /// How much fuel each of them used.
    pub fuel: Vec<u64>,
    /// What the host was asked for.
    pub log: Vec<Asked>,
    /// The globals at the end.
    pub globals: Vec<Value>,
    /// The memory at the end.
    pub memory: Vec<u8>,
}

/// What is seen of a run by somebody who knows neither places nor fuel.
pub type Outside<'s> = (Vec<Result<&'s [Value], TrapKind>>, &'s [Asked], &'s [Value], &'s [u8]);

impl Seen {
    /// Whether the limits had no part in it.
    #[must_use]
    pub fn by_itself(&self) -> bool {
        let by_limit = |kind: &TrapKind| matches!(kind, TrapKind::FuelExhausted | TrapKind::StackOverflow);
        !self.outside().0.iter().any(|end| end.as_ref().is_err_and(by_limit))
    }

    /// What does not depend on how the program is written.
    #[must_use]
    pub fn outside(&self) -> Outside<'_> {
        (self.ends.iter().map(result).collect(), &self.log, &self.globals, &self.memory)
    }
}

/// How a call ended, without the place.
fn result(end: &Progress) -> Result<&[Value], TrapKind> {
    match end {
        Progress::Finished(values) => Ok(values),
        Progress::Trapped(trap) => Err(trap.kind),
        Progress::Suspended => Ok(&[]),
    }
}

/// Writes down what it is asked for, leaves a byte in memory, and refuses some of it.
#[derive(Default)]
struct Log(Vec<Asked>);

impl Host for Log {
    fn call(&mut self, call: HostCall<'_>) -> Result<(), HostError> {
        self.0.push((call.function, call.arguments.to_vec()));
        match (call.arguments, call.results) {
            ([Value::I32(argument)], results) => {
                if argument & 0xFFF == 0x63 {
                    return Err(HostError("not that number"));
                }
                *call.fuel = u64::from(argument.unsigned_abs() & 7);
                if let Some(memory) = call.memory {
                    let (address, value) = ((argument & 0x3F) as u64, *argument as u32 as u64);
                    memory.store(StoreOp::I32Store8, address, 0, value).map_err(|_| HostError("no memory"))?;
                }
                results.iter_mut().for_each(|result| *result = Value::I32(argument.wrapping_add(1)));
            }
            ([Value::I64(first), second], [one, two]) => (*one, *two) = (Value::I32(*first as i32), *second),
            _ => return Err(HostError("no such function")),
        }
        Ok(())
    }
}

/// A module with a memory and a global of its own, whose `f` adds up what it is given and sometimes fails.
fn far() -> Build {
    let mut b = Build::default();
    let (meta, kind) = (Meta::default(), GlobalKind::Defined(Constant::Value(Value::I32(0))));
    b.0.memory = Some(Memory { meta, limits: Limits { min: 1, max: Some(1) }, host: None });
    b.0.globals.push(Global { meta, ty: Type::I32, mutable: true, kind });
    let (global, signature) = (GlobalId(0), b.signature(&[Type::I32], &[Type::I32]));
    let masked = |b: &mut Build| {
        let (argument, mask) = (b.local(0), b.i32(0xFFF));
        b.binary(BinaryOp::I32And, argument, mask)
    };
    let (address, value) = (masked(&mut b), b.local(0));
    let store = b.add(Expr::Store(StoreOp::I32Store, 0, address, value), Yield::NONE);
    let (sum, address) = (b.add(Expr::GlobalGet(global), Yield::one(Type::I32)), masked(&mut b));
    let load = b.add(Expr::Load(LoadOp::I32Load8S, 1, address), Yield::one(Type::I32));
    let sum = b.binary(BinaryOp::I32Sub, sum, load);
    let add = b.add(Expr::GlobalSet(global, sum), Yield::NONE);
    let (argument, number) = (masked(&mut b), b.i32(0x77));
    let fails = b.binary(BinaryOp::I32Eq, argument, number);
    let fail = b.add(Expr::Unreachable, Yield::NEVER);
    let fail = b.add(Expr::If(fails, fail), Yield::NONE);
    let sum = b.add(Expr::GlobalGet(global), Yield::one(Type::I32));
    b.sequence(&[store, add, fail, sum]);
    let f = b.function(signature, &[], ExprId(0));
    b.export("f", ExportItem::Function(f));
    b
}

/// Defines what random programs import.
fn define(store: &mut Store) {
    let (one, both) = ([Type::I32], (surroundings::BOTH_PARAMETERS, surroundings::BOTH_RESULTS));
    let types = [("gives", &one[..], &one[..]), ("takes", &one, &[]), ("both", &both.0, &both.1)];
    for ((item, parameters, results), number) in types.into_iter().zip(0..) {
        let function = store.host_function(number, FunctionType::new(parameters, results));
        store.define("host", item, Extern::Function(function));
    }
    let base = store.host_global(Value::I32(1030), false);
    store.define("host", "base", Extern::Global(base));
    let table = store.host_table(20, None).unwrap();
    store.define("host", "table", Extern::Table(table));
    let memory = store.host_memory(2, Some(3)).unwrap();
    store.define("host", "memory", Extern::Memory(memory));
    let far = store.prepare(&far().program()).unwrap();
    store.register("far", far);
}

/// Runs a program that [`random`](crate::random) made, in a store without instances and in slices.
///
/// # Panics
/// If the program is none of those.
#[must_use]
pub fn watch(program: &Program, mut store: Store, slice: u64) -> Seen {
    define(&mut store);
    let instance = store.prepare(program).unwrap_or_else(|error| panic!("{error}"));
    let exported = |store: &Store, name| match store.export(instance, name) {
        Some(Extern::Function(function)) => (function, &ARGUMENTS[..]),
        other => panic!("`{name}` is {other:?}"),
    };
    let start = (store.start_of(instance).unwrap(), &[][..]);
    let calls = [start, exported(&store, "f"), exported(&store, "many"), exported(&store, "f")];
    let mut log = Log::default();
    let (mut ends, mut fuel) = (Vec::new(), Vec::new());
    for (function, arguments) in calls {
        let mut call = Invocation::new(&store, function, arguments).unwrap();
        ends.push(loop {
            match call.resume(&mut store, &mut log, slice) {
                Progress::Suspended => {}
                end => break end,
            }
        });
        fuel.push(call.fuel_used());
    }
    let global = |number: u32| match store.export(instance, &number.to_string()) {
        Some(Extern::Global(address)) => store.global(address),
        other => panic!("global {number} is {other:?}"),
    };
    let globals = (0..GLOBALS).map(global).collect();
    let memory = store.memory(store.memory_of(instance).unwrap()).bytes().to_vec();
    Seen { ends, fuel, log: log.0, globals, memory }
}

/// What exported functions are called with.
const ARGUMENTS: [Value; 4] = [Value::I32(5), Value::I64(-1), Value::F32(0x4020_0000), Value::F64(1 << 62)];
