//! Random programs do the same after a way through WebAssembly.

use super::generate::{kinds, module};
use super::{admitted, around};
use proptest::prelude::*;
use velocity_interp::{
    Extern, FunctionType, Host, HostCall, HostError, Invocation, Limits, Progress, Store, TrapKind, Type, Value,
};
use velocity_nda::module::Module;

/// Fuel for a program as it was made. What comes back has more nodes.
const FUEL: u64 = 20_000;

/// Writes down what it is given: function 0 gives it back, a little larger.
#[derive(Default)]
struct Log(Vec<(u32, Value)>);

impl Host for Log {
    fn call(&mut self, call: HostCall<'_>) -> Result<(), HostError> {
        let Some(&Value::I32(argument)) = call.arguments.first() else { return Err(HostError("no argument")) };
        self.0.push((call.function, Value::I32(argument)));
        let results = call.results.iter_mut();
        results.for_each(|result| *result = Value::I32(argument.wrapping_add(1)));
        Ok(())
    }
}

/// Everything that can be seen of a run.
#[derive(Debug, PartialEq)]
struct Seen {
    ends: Vec<Result<Vec<Value>, TrapKind>>,
    log: Vec<(u32, Value)>,
    globals: Vec<Value>,
    memory: Vec<u8>,
}

impl Seen {
    /// Whether the limits had no part in it.
    fn by_itself(&self) -> bool {
        let by_limit = |kind: &TrapKind| matches!(kind, TrapKind::FuelExhausted | TrapKind::StackOverflow);
        !self.ends.iter().any(|end| end.as_ref().is_err_and(by_limit))
    }
}

fn run(module: Module, fuel: u64) -> Seen {
    let mut store = Store::new(Limits { fuel, call_depth: 50, ..Limits::default() });
    let (gives, takes) = (FunctionType::new(&[Type::I32], &[Type::I32]), FunctionType::new(&[Type::I32], &[]));
    for (number, item, ty) in [(0, "gives", gives), (1, "takes", takes)] {
        let function = store.host_function(number, ty);
        store.define("host", item, Extern::Function(function));
    }
    let base = store.host_global(Value::I32(1030), false);
    store.define("host", "base", Extern::Global(base));
    let table = store.host_table(15, None).expect("there is room");
    store.define("host", "table", Extern::Table(table));
    let mut log = Log::default();
    let instance = store.instantiate(&admitted(module), &mut log).unwrap_or_else(|error| panic!("{error}"));
    let arguments = [Value::I32(5), Value::I64(-1), Value::F32(0x4020_0000), Value::F64(1 << 62)];
    let call = |(name, log): (&str, &mut Log), store: &mut Store| {
        let Some(Extern::Function(f)) = store.export(instance, name) else { panic!("no `{name}`") };
        let mut call = Invocation::new(store, f, &arguments).expect("arguments of its types");
        match call.resume(store, log, u64::MAX) {
            Progress::Finished(values) => Ok(values),
            Progress::Trapped(trap) => Err(trap.kind),
            Progress::Suspended => panic!("a slice without end ends"),
        }
    };
    let ends = ["f", "many"].map(|name| call((name, &mut log), &mut store)).into();
    let global = |number: u32| match store.export(instance, &number.to_string()) {
        Some(Extern::Global(address)) => store.global(address),
        other => panic!("{other:?}"),
    };
    let globals = (0..8).map(global).collect();
    let memory = store.memory(store.memory_of(instance).expect("a memory")).bytes().to_vec();
    Seen { ends, log: log.0, globals, memory }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn programs_do_the_same(numbers in prop::collection::vec(any::<u8>(), 0..800)) {
        let module = module(&numbers);
        let again = around(&module);
        let seen = run(module, FUEL);
        if seen.by_itself() {
            prop_assert_eq!(seen, run(again, 8 * FUEL));
        }
    }
}

#[test]
fn most_programs_end_and_do_something() {
    let (mut ended, mut returned, mut logged, mut never, mut many) = (0, 0, 0, 0, 0);
    for seed in 0..300_u32 {
        let mut state = seed;
        let numbers: Vec<u8> = (0..600)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        let module = module(&numbers);
        let (nevers, manies) = kinds(&module);
        (never, many) = (never + nevers, many + manies);
        let seen = run(module, FUEL);
        ended += u32::from(seen.by_itself());
        returned += u32::from(seen.ends[0].is_ok());
        logged += seen.log.len();
    }
    println!(
        "{ended} of 300 end by themselves, {returned} return, {logged} calls; {never} nodes never come back, {many} leave several values"
    );
    assert!(ended > 200 && returned > 60 && logged > 100 && never > 3000 && many > 1000);
}
