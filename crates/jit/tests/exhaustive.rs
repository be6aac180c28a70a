//! The closed forms of the suite of loops beside native code of the loops themselves, for numbers of 8 and of 16 bits: for some of them, or
//! for all with `VELOCITY_EXHAUSTIVE=1`. That native code without forms does what the interpreter does is the matter of other tests.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::Engine;
use velocity_interp::{FunctionAddress, Invocation, Limits, NoHost, Progress, Store, Value};
use velocity_jit::{Closures, HostCode, Native};
use velocity_nda::module::Type;

/// A loop of the suite in one engine.
struct Looped {
    store: Store,
    function: FunctionAddress,
    parameters: Vec<Type>,
}

impl Looped {
    fn new(program: &Program, engine: Box<dyn Engine>) -> Self {
        let mut store = Store::with_engine(Limits { fuel: u64::MAX >> 1, ..Limits::default() }, engine);
        let instance = store.instantiate(program, &mut NoHost).unwrap();
        let (id, function) = program.module().functions.iter().next().unwrap();
        let parameters = program.module().parameters(function.signature).collect();
        Self { function: store.function(instance, id).unwrap(), store, parameters }
    }

    /// What it gives for these numbers, and what that costs.
    fn call(&mut self, numbers: [i64; 3]) -> (Progress, u64) {
        let arguments = self.parameters.iter().zip(numbers).map(|(&ty, number)| {
            let bits = number.cast_unsigned();
            Value::of_bits(ty, if ty == Type::I32 { bits & u64::from(u32::MAX) } else { bits })
        });
        let arguments: Vec<Value> = arguments.collect();
        let mut call = Invocation::new(&self.store, self.function, &arguments).unwrap();
        let end = call.resume(&mut self.store, &mut NoHost, u64::MAX);
        (end, call.fuel_used())
    }
}

fn suite() -> Vec<(String, Program)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/loops");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "nda")).collect();
    files.sort();
    let program = |path: &std::path::PathBuf| {
        let source = std::fs::read_to_string(path).unwrap();
        let verdict = admit(Candidate::Text { name: "f", source: &source }, Origin::Person, &Policy::default());
        (path.file_stem().unwrap().to_string_lossy().into_owned(), verdict.program.clone().unwrap())
    };
    files.iter().map(program).collect()
}

/// Tests that never fail for a number below zero, or for one so large that it means that: nobody waits for these loops to end.
const ENDLESS: [&str; 2] = ["different", "inclusive"];

/// For these numbers, forms in both engines give what the loops give, at the same cost.
fn compare(cases: impl Iterator<Item = [i64; 3]> + Clone) {
    let native = || Native::new(Arc::new(HostCode));
    let suite = suite();
    assert_eq!(suite.len(), 28);
    for (name, program) in suite {
        let mut plain = Looped::new(&program, Box::new(native().without_forms()));
        let mut closed = [Looped::new(&program, Box::new(native())), Looped::new(&program, Box::<Closures>::default())];
        let ends = !ENDLESS.contains(&name.as_str());
        for numbers in cases.clone().filter(|numbers| ends || numbers[0] >= 0) {
            let expected = plain.call(numbers);
            assert!(matches!(expected.0, Progress::Finished(_)), "{name}, {numbers:?}: {expected:?}");
            for engine in &mut closed {
                assert_eq!(engine.call(numbers), expected, "{name}, {numbers:?}");
            }
        }
    }
}

/// Pairs of numbers of 8 bits, with a sign and without; every so manieth second number.
fn pairs_of_8_bits(stride: usize) {
    let numbers = || i64::from(i8::MIN)..=i64::from(u8::MAX);
    compare(numbers().flat_map(move |n| numbers().step_by(stride).map(move |a| [n, a, a ^ n & 15])));
}

/// Numbers of turns of 16 bits, with a sign and without; every so manieth.
fn numbers_of_16_bits(stride: usize) {
    let numbers = (i64::from(i16::MIN)..=i64::from(u16::MAX)).step_by(stride);
    compare(numbers.map(|n| [n, n >> 3 & 7, 3]));
}

#[test]
fn numbers_of_8_and_16_bits() {
    // All of them take three minutes.
    let all = std::env::var_os("VELOCITY_EXHAUSTIVE").is_some();
    pairs_of_8_bits(if all { 1 } else { 23 });
    numbers_of_16_bits(if all { 1 } else { 61 });
}
