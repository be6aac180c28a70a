//! Closed forms beside the loops they stand for: results and fuel, for small and random numbers, whole and in slices.

use super::files::{self, program};
use crate::EngineKind;
use crate::ir::build;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};
use velocity_gate::Program;
use velocity_interp::engine::{Account, Engine, Execution, Fixed, Place, Reference, Slot, State, Stop};
use velocity_interp::{FunctionAddress, Host, Invocation, Limits, NoHost, Progress, Store, TrapKind, Value};
use velocity_nda::module::{ExprId, Key, Type};

/// Files with a program, what it is as blocks, and what becomes of them.
#[test]
fn blocks_become_what_the_files_say() {
    let count = files::check("passes", |_, function| {
        super::run(function);
    });
    assert!(count > 4);
    let count = files::check("conditions", |_, function| {
        super::conditions::run(function);
    });
    assert!(count > 2);
}

/// What the arms of a condition give, and what comes of it, is the same for all engines; so are traps in them.
#[test]
fn conditions_of_conditions_are_what_they_were() {
    let program = program(
        "fn turn(a: i32, b: i32, c: i32) -> i32 { let n = 0;
            while (a < b && b / c != 3 || a == c && !(b % 7 == 2 || a > 9)) && n < 20 {
                n = n + 1; a = a + c; if !(a == 5 || n > 8) { b = b - 1; } }
            n * 1000 + a + (a < b && b < c) as i32 } export \"turn\" = turn;",
    );
    let mut random = Random(5);
    let mut number = || random.next_u64() % 16;
    let cases: Vec<_> = (0..2000).map(|_| ([number(), number(), number() % 5, 0], 1 + number())).collect();
    for fuel in [30, 100, 1000] {
        agree("conditions", &program, fuel, &cases);
    }
}

/// An engine that runs nothing: it counts the loops that have no closed form.
#[derive(Debug)]
struct Counting(Arc<AtomicUsize>);

impl Engine for Counting {
    fn call(&self, _: FunctionAddress, _: &[Value], _: Limits) -> Box<dyn Execution> {
        Box::new(Self(Arc::clone(&self.0)))
    }
}

impl Execution for Counting {
    fn run(&mut self, fixed: &Fixed, _: &mut State, _: &mut dyn Host, _: &mut Account) -> Stop {
        for called in &fixed.functions {
            let mut function = build(fixed, called).unwrap();
            let mut places = alloc::vec![0; function.blocks.len()];
            function.order.iter().zip(0..).for_each(|(&id, place)| places[id as usize] = place);
            let loops = super::loops(&function, &places).len();
            self.0.fetch_add(loops - super::run(&mut function), Ordering::Relaxed);
        }
        Stop::Fault(TrapKind::Unreachable, ExprId::new(0))
    }

    fn place(&self) -> Option<Place> {
        None
    }

    fn results(&self) -> &[Slot] {
        &[]
    }
}

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/loops")
}

/// The loops by name.
fn suite() -> Vec<(String, Program)> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "nda")).collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().into(), program(&std::fs::read_to_string(path).unwrap()))
        })
        .collect()
}

/// One engine with a program's only function.
struct Bench {
    store: Store,
    function: FunctionAddress,
    parameters: Vec<Type>,
}

impl Bench {
    fn new(program: &Program, engine: Box<dyn Engine>, fuel: u64) -> Self {
        let mut store = Store::with_engine(Limits { fuel, ..Limits::default() }, engine);
        let instance = store.instantiate(program, &mut NoHost).unwrap();
        let module = program.module();
        let (id, function) = module.functions.iter().next().unwrap();
        let parameters = module.parameters(function.signature).collect();
        Self { function: store.function(instance, id).unwrap(), store, parameters }
    }

    fn arguments(&self, numbers: &[u64]) -> Vec<Value> {
        self.parameters
            .iter()
            .zip(numbers)
            .map(|(&ty, &number)| Value::of_bits(ty, if ty == Type::I32 { number & 0xFFFF_FFFF } else { number }))
            .collect()
    }

    fn call(&mut self, numbers: &[u64], slice: u64) -> (Progress, u64) {
        let arguments = self.arguments(numbers);
        let mut call = Invocation::new(&self.store, self.function, &arguments).unwrap();
        loop {
            match call.resume(&mut self.store, &mut NoHost, slice) {
                Progress::Suspended => {}
                end => return (end, call.fuel_used()),
            }
        }
    }
}

/// Splitmix64.
struct Random(u64);

impl Random {
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

/// Whether all loops of a program have closed forms.
fn closed(program: &Program) -> bool {
    let count = Arc::new(AtomicUsize::new(0));
    let mut bench = Bench::new(program, Box::new(Counting(Arc::clone(&count))), 100);
    bench.call(&[0; 4], 100);
    count.load(Ordering::Relaxed) == 0
}

/// All engines agree with the interpreter, for this much fuel.
fn agree(name: &str, program: &Program, fuel: u64, cases: &[([u64; 4], u64)]) {
    let mut expected = Bench::new(program, Box::new(Reference), fuel);
    let mut others: Vec<_> =
        EngineKind::ALL[1..].iter().map(|kind| (kind, Bench::new(program, kind.make(), fuel))).collect();
    for &(numbers, slice) in cases {
        let result = expected.call(&numbers, u64::MAX);
        for (kind, bench) in &mut others {
            assert_eq!(
                bench.call(&numbers, slice),
                result,
                "{name}, {kind}, {numbers:?}, slices of {slice}, fuel {fuel}"
            );
        }
    }
}

#[test]
fn so_many_loops_of_the_suite_have_closed_forms() {
    let suite = suite();
    assert_eq!(suite.len(), 28);
    let open: Vec<&str> = suite.iter().filter(|(_, program)| !closed(program)).map(|(name, _)| name.as_str()).collect();
    // Of these, only the inner loop has one.
    assert_eq!(open, ["nested", "triangular"]);
}

#[test]
fn small_numbers_give_what_the_loops_give() {
    for (name, program) in suite() {
        let cases: Vec<_> = (0..=300).map(|n| ([n, n * n % 97, n ^ 77, 3], u64::MAX)).collect();
        agree(&name, &program, 1 << 40, &cases);
        let edges = [1_u64 << 8, 1 << 16].into_iter().flat_map(|edge| edge - 2..edge + 3);
        let cases: Vec<_> = edges.map(|n| ([n, u64::MAX - n, n << 40 | 9, 3], u64::MAX)).collect();
        agree(&name, &program, 1 << 40, &cases);
    }
}

#[test]
fn any_numbers_give_what_the_loops_give_in_slices_and_until_the_fuel_ends() {
    let mut random = Random(1);
    for (name, program) in suite() {
        for fuel in [0, 1, 50, 99, 100, 500, 3000, 20_000] {
            let cases: Vec<_> = (0..30)
                .map(|_| {
                    let n = random.next_u64() >> (random.next_u64() % 64);
                    (
                        [n, random.next_u64() >> (random.next_u64() % 64), random.next_u64(), 1],
                        1 + random.next_u64() % 100,
                    )
                })
                .collect();
            agree(&name, &program, fuel, &cases);
            let whole: Vec<_> = cases.iter().map(|(numbers, _)| (*numbers, u64::MAX)).collect();
            agree(&name, &program, fuel, &whole);
        }
    }
}

#[test]
fn more_turns_than_anybody_can_wait_for_are_done_at_once() {
    let n = 1_u64 << 58 | 0x1234_5678_9ABC;
    let power = 3_i64.wrapping_pow((n & 0xFFFF_FFFF) as u32);
    // 3^(2^32) by squaring, for the upper half of the exponent.
    let mut high = 3_i64;
    (0..32).for_each(|_| high = high.wrapping_mul(high));
    let geometric = power.wrapping_mul(high.wrapping_pow((n >> 32) as u32)).wrapping_mul(5);
    let wide = u128::from(n);
    let triangle = (wide * (wide - 1) / 2) as i64;
    let expected = [("sum", triangle), ("geometric", geometric)];
    for (name, value) in expected {
        let (_, program) = suite().into_iter().find(|(found, _)| found == name).unwrap();
        let mut bench = Bench::new(&program, EngineKind::Closures.make(), 1 << 62);
        let (end, fuel) = bench.call(&[n, 5, 0, 0], u64::MAX);
        assert!(matches!(&end, Progress::Finished(values) if values[..] == [Value::I64(value)]), "{name}: {end:?}");
        assert!(fuel > n, "{name}: {fuel}");
    }
}

/// A random expression over the names, of so many levels.
fn expression(random: &mut Random, names: &[&str], depth: u32) -> String {
    let mut pick = |count: u64| (random.next_u64() % count) as usize;
    if depth == 0 || pick(4) == 0 {
        return match pick(4) {
            0 => std::format!("{}", [0, 1, 2, 3, 5, 7, 255, 65536][pick(8)]),
            _ => names[pick(names.len() as u64)].into(),
        };
    }
    let which = pick(14);
    let by = 1 + pick(9);
    let one = expression(random, names, depth - 1);
    match which {
        0 => std::format!("({one} >> {})", by % 4),
        1 => std::format!("({one} & {by})"),
        2 => std::format!("({one} / {by})"),
        3 => std::format!("({one} % {by})"),
        4 => std::format!("({one} << {})", by % 4),
        which => {
            let two = expression(random, names, depth - 1);
            match which {
                5 => std::format!("select({one}, {two}, {one} > {two})"),
                6 => std::format!("select({one}, {two}, i % 2 == 0)"),
                7 => std::format!("({one} | {two})"),
                8 => std::format!("({one} ^ {two})"),
                9 => std::format!("({one} - {two})"),
                10 | 11 => std::format!("({one} * {two})"),
                _ => std::format!("({one} + {two})"),
            }
        }
    }
}

/// A random loop.
fn random_loop(random: &mut Random) -> String {
    let mut pick = |count: u64| (random.next_u64() % count) as usize;
    let ty = ["i32", "i64", "u32", "u64"][pick(4)];
    let other = ["i32", "i64", "u32", "u64"][pick(4)];
    let test = ["i < n", "i <= n", "i > n", "i >= n", "i != n", "n > i", "i + 1 < n", "i < 100", "i != 0"][pick(9)];
    let step = ["i = i + 1;", "i = i - 1;", "i = i + 3;", "i = i - 2;", "i = i + k;", "i = i >> 1;", "i = i & i - 1;"]
        [pick(7)];
    let (early, form, start) = (pick(2) == 0, pick(4), ["0", "1", "a", "a", "n", "7"][pick(6)]);
    let names = ["i", "i", "n", "k", "x", "y"];
    let sum = expression(random, &["i", "i", "n", "k"], 2);
    let mixed = expression(random, &names, 2);
    let body = match form {
        0 => std::format!("x = x + {sum};"),
        1 => std::format!("x = x + {sum}; if i > k {{ y = y + {sum}; }} else {{ y = y - 1; }}"),
        2 => std::format!("x = x * k + y; y = {mixed};"),
        _ => std::format!("y = y ^ {sum}; x = {mixed};"),
    };
    let wide = std::format!("z = z + ({sum}) as {other} * (i as {other});");
    let (first, last) = if early { (step, "") } else { ("", step) };
    std::format!(
        "fn turn(n: {ty}, a: {ty}, k: {ty}) -> {other} {{
            let i: {ty} = {start}; let x: {ty} = a; let y: {ty} = 3; let z: {other} = 0;
            while {test} {{ {first} {body} {wide} {last} }}
            z + (x ^ i) as {other} + y as {other} }} export \"turn\" = turn;"
    )
}

#[test]
fn random_loops_give_what_they_give_without_forms() {
    let mut random = Random(7);
    let mut forms = 0;
    for _ in 0..1500 {
        let source = random_loop(&mut random);
        let program = program(&source);
        forms += u32::from(closed(&program));
        let edges = [0_u64, 1, 300, i32::MAX as u64, 1 << 31, u64::from(u32::MAX), i64::MAX as u64, 1 << 63, u64::MAX];
        let cases: Vec<_> = (0..12)
            .map(|_| {
                let near = edges[random.next_u64() as usize % edges.len()].wrapping_add(random.next_u64() % 60);
                let start = near.wrapping_sub(random.next_u64() % 90);
                let start = if random.next_u64().is_multiple_of(3) { random.next_u64() % 50 } else { start };
                (
                    [near.wrapping_sub(30), start, random.next_u64() % 9, 0],
                    [u64::MAX, 1 + random.next_u64() % 100][random.next_u64() as usize % 2],
                )
            })
            .collect();
        agree(&source, &program, 4000, &cases);
    }
    assert!(forms > 100, "{forms}");
}

#[test]
fn numbers_below_zero_are_parted_as_the_loop_parts_them() {
    for part in ["i / 2", "i % 4", "i >> 1", "i & 3", "(i as u64 >> 1) as i64", "(i as i32 / 2) as i64"] {
        let source = std::format!(
            "fn turn(n: i64, a: i64) -> i64 {{ let s: i64 = 0; let i = a;
                while i < n {{ s = s + ({part}) * i; i = i + 1; }} s }} export \"turn\" = turn;"
        );
        let cases: Vec<_> = (0..60).map(|a| ([40, (a as u64).wrapping_sub(50), 0, 0], u64::MAX)).collect();
        agree(&source, &program(&source), 1 << 20, &cases);
    }
}
