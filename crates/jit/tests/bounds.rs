//! Accesses at the end of linear memory and far behind it: every engine gives the same results, traps, places, fuel and memory, whether
//! the bounds are compared or guarded.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::sync::Arc;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{InstanceId, Invocation, Limits, NoHost, Progress, Store, TrapKind, Value};
use velocity_jit::{HostCode, Level, Native};

const PAGE: u32 = 1 << 16;

/// Bodies of functions that touch memory at `p` and the offset `#`, by result; `x` has the type of the result, `n` is an `i32`.
const FORMS: [(&str, &[&str]); 4] = [
    (
        "i32",
        &[
            "i32::load(p, #)",
            "i32::load8_s(p, #)",
            "i32::load8_u(p, #)",
            "i32::load16_s(p, #)",
            "i32::load16_u(p, #)",
            "x + i32::load(p, #)",
            "i32::load(p, #) - x",
            "x - i32::load(p, #)",
            "x * i32::load(p, #)",
            "x ^ i32::load(p, #)",
            "x << i32::load(p, #)",
            "n / i32::load(p, #)",
            "n % i32::load(p, #) + x",
            "i32::rotl(x, i32::load(p, #))",
            "i32::popcnt(i32::load(p, #)) + i32::clz(i32::load(p, #)) + i32::ctz(i32::load16_u(p, #))",
            "if n < i32::load(p, #) { 1 } else { 2 }",
            "if i32::load(p, #) < n { 1 } else { 2 }",
            "if i32::load(p, #) != 0 { 1 } else { 2 }",
            "select(i32::load(p, #), x, n)",
            "select(x, i32::load(p, #), n)",
            "select(x, n, i32::load(p, #))",
            "select(i32::load(p, #), i32::load(p + 1, #), i32::load(p + 2, #))",
            "select(x, i32::load(p, #), 1 / n)",
            "1 / n + i32::load(p, #)",
            "i32::load(p, #) + 1 / n",
            "i32::load(i32::load(p, #), 0)",
            "i32::load(i32::load(p, #), 0x80000000)",
            "i32::load8_u(p, #); n",
            "i32::store(p, #, x); n",
            "i32::store(p, #, -7); n",
            "i32::store(p, #, 1 / n); n",
            "i32::store(p, #, i32::load(p + 4, #)); n",
            "i32::store8(p, #, x); n",
            "i32::store8(p, #, 200); n",
            "i32::store16(p, #, x); n",
            "i32::store16(p, #, -3); n",
            "i32::store(0, 0, x); i32::store(p, #, n); i32::store(4, 0, x); n",
            "let a = i32::load(p, #); let b = i32::load(p + 4, #); i32::store(p, #, b); i32::store(p + 4, #, a); a - b",
        ],
    ),
    (
        "i64",
        &[
            "i64::load(p, #)",
            "i64::load8_s(p, #)",
            "i64::load8_u(p, #)",
            "i64::load16_s(p, #)",
            "i64::load16_u(p, #)",
            "i64::load32_s(p, #)",
            "i64::load32_u(p, #)",
            "x + i64::load(p, #)",
            "x * i64::load(p, #)",
            "x << i64::load(p, #)",
            "i64::rotr(x, i64::load(p, #))",
            "x / i64::load(p, #)",
            "if x < i64::load(p, #) { x } else { 2 }",
            "select(x, i64::load(p, #), n)",
            "select(x, i64::load(p, #), 1 / n)",
            "select(x, i64::load(p + 1, #), 1 / n + i32::load(p, #))",
            "(i64::load(p, #) as i32) as i64",
            "i64::store(p, #, x); x",
            "i64::store(p, #, -5); x",
            "i64::store(p, #, 0x123456789abcdef); x",
            "i64::store8(p, #, x); x",
            "i64::store16(p, #, x); x",
            "i64::store32(p, #, x); x",
            "i64::store(p, #, i64::load(p + 8, #)); x",
        ],
    ),
    (
        "f32",
        &[
            "f32::load(p, #)",
            "x + f32::load(p, #)",
            "f32::load(p, #) / x",
            "f32::min(x, f32::load(p, #))",
            "f32::copysign(x, f32::load(p, #))",
            "f32::sqrt(f32::load(p, #))",
            "if x < f32::load(p, #) { x } else { 2.0 }",
            "select(x, f32::load(p, #), n)",
            "select(x, f32::load(p, #), 1 / n)",
            "f32::store(p, #, x); x",
            "f32::store(p, #, f32::load(p + 4, #) * x); x",
        ],
    ),
    (
        "f64",
        &[
            "f64::load(p, #)",
            "x * f64::load(p, #)",
            "x - f64::load(p, #)",
            "f64::max(f64::load(p, #), x)",
            "f64::load(p, #) + f64::load(p + 8, #) * f64::load(p + 16, #)",
            "f64::convert_i32_u(i32::load(p, #)) + x",
            "if f64::load(p, #) == x { x } else { 2.0 }",
            "f64::store(p, #, x); x",
            "f64::store(p, #, x / f64::load(p + 8, #)); x",
        ],
    ),
];

const OFFSETS: [u32; 7] = [0, 4, PAGE, 0x7FFF_FFF8, 0x7FFF_FFFF, 0x8000_0000, u32::MAX];

fn program(source: &str) -> Program {
    let verdict = admit(Candidate::Text { name: "f", source }, Origin::Person, &Policy::default());
    verdict.program.clone().unwrap_or_else(|| panic!("{}", verdict.render("f", source)))
}

fn native() -> Native {
    Native::new(Arc::new(HostCode))
}

/// The interpreter first, and what it is compared with.
fn engines() -> [Box<dyn Engine>; 5] {
    let baseline = || native().with_level(Level::Baseline);
    let [one, two] = [native(), baseline()].map(|native| Box::new(native.with_explicit_bounds()));
    [Box::new(Reference), Box::new(native()), Box::new(baseline()), one, two]
}

/// A store with one instance.
struct Place {
    store: Store,
    instance: InstanceId,
}

impl Place {
    fn new(program: &Program, engine: Box<dyn Engine>, limits: Limits) -> Self {
        let mut store = Store::with_engine(limits, engine);
        let instance = store.instantiate(program, &mut NoHost).unwrap();
        Self { store, instance }
    }

    /// How a call of a function ends, and its fuel.
    fn call(&mut self, program: &Program, name: &str, arguments: &[Value], slice: u64) -> (Progress, u64) {
        let module = program.module();
        let mut functions = module.functions.iter();
        let (id, _) = functions.find(|(_, function)| module.name(&function.meta) == Some(name)).unwrap();
        let function = self.store.function(self.instance, id).unwrap();
        let mut call = Invocation::new(&self.store, function, arguments).unwrap();
        loop {
            match call.resume(&mut self.store, &mut NoHost, slice) {
                Progress::Suspended => {}
                end => return (end, call.fuel_used()),
            }
        }
    }

    fn memory(&self) -> &[u8] {
        self.store.memory(self.store.memory_of(self.instance).unwrap()).bytes()
    }

    fn is_guarded(&self) -> bool {
        !self.store.memory(self.store.memory_of(self.instance).unwrap()).is_on_heap()
    }
}

/// The same call in every place; what all of them say.
fn call(places: &mut [Place], program: &Program, name: &str, arguments: &[Value]) -> Progress {
    let mut seen = places.iter_mut().map(|place| place.call(program, name, arguments, u64::MAX));
    let first = seen.next().unwrap();
    for (at, other) in seen.enumerate() {
        assert_eq!(other, first, "{name} of {arguments:?}, engine {}", at + 1);
    }
    first.0
}

fn places(program: &Program) -> Vec<Place> {
    let places: Vec<Place> =
        engines().into_iter().map(|engine| Place::new(program, engine, Limits::default())).collect();
    assert_eq!(places.iter().map(Place::is_guarded).collect::<Vec<_>>(), [false, true, true, false, false]);
    places
}

fn kind(end: &Progress) -> Option<&TrapKind> {
    match end {
        Progress::Trapped(trap) => Some(&trap.kind),
        _ => None,
    }
}

/// Addresses where something changes for a memory of so many bytes, if the offset is added.
fn addresses(len: u32, offset: u32) -> impl Iterator<Item = u32> {
    let near = (0..40).map(move |back| len.wrapping_add(4).wrapping_sub(back).wrapping_sub(offset));
    near.chain([0, 1, PAGE - 4, PAGE - 1, PAGE, 0x7FFF_FFFF, 0x8000_0000, u32::MAX - 7, u32::MAX])
}

#[test]
fn every_form_of_access_ends_where_memory_does() {
    let mut outside = 0;
    for (ty, bodies) in FORMS {
        let mut source = String::from("memory 2 to 3;\n");
        for (number, offset) in OFFSETS.iter().enumerate() {
            for (at, body) in bodies.iter().enumerate() {
                let body = body.replace('#', &offset.to_string());
                writeln!(source, "fn f{at}_{number}(p: i32, x: {ty}, n: i32) -> {ty} {{ {body} }}").unwrap();
            }
        }
        let program = program(&source);
        let mut places = places(&program);
        for (number, &offset) in OFFSETS.iter().enumerate() {
            for (at, address) in (0..bodies.len()).flat_map(|at| addresses(2 * PAGE, offset).map(move |to| (at, to))) {
                for n in [0, 3] {
                    let x = match ty {
                        "i32" => Value::I32(77),
                        "i64" => Value::I64(-77),
                        "f32" => Value::F32(1.5_f32.to_bits()),
                        _ => Value::F64(1.5_f64.to_bits()),
                    };
                    let arguments = [Value::I32(address as i32), x, Value::I32(n)];
                    let end = call(&mut places, &program, &format!("f{at}_{number}"), &arguments);
                    outside += usize::from(kind(&end) == Some(&TrapKind::MemoryBounds));
                }
            }
        }
        for place in &places[1..] {
            assert!(place.memory() == places[0].memory(), "{ty}: memory");
        }
    }
    assert!(outside > 10_000, "{outside}");
}

#[test]
fn what_was_outside_is_inside_once_memory_has_grown() {
    let program = program(
        "memory 1 to 4;
        fn get(p: i32) -> i32 { i32::load(p, 0) }
        fn put(p: i32) -> i32 { i32::store(p, 0, p); i32::load(p, 0) }
        fn grow(n: i32) -> i32 { memory::grow(n) }
        fn both(p: i32) -> i32 { memory::grow(1); i32::store(p, 0, 5); memory::grow(1); i32::load(p, 65536) }",
    );
    let mut places = places(&program);
    let page = PAGE as i32;
    for (name, argument, trap) in [
        ("get", page - 4, false),
        ("get", page - 3, true),
        ("get", page, true),
        ("grow", 1, false),
        ("get", page, false),
        ("put", 2 * page - 4, false),
        ("put", 2 * page - 3, true),
        ("both", 3 * page - 4, false),
        ("get", 4 * page - 4, false),
        ("get", 4 * page - 1, true),
        ("grow", 1, false),
        ("get", 4 * page, true),
    ] {
        let end = call(&mut places, &program, name, &[Value::I32(argument)]);
        assert_eq!(kind(&end) == Some(&TrapKind::MemoryBounds), trap, "{name} of {argument}: {end:?}");
    }
    assert!(places.iter().all(|place| place.memory() == places[0].memory()));
}

#[test]
fn a_fault_right_behind_a_call_is_no_return_from_it() {
    let program = program(
        "memory 1 to 9;
        fn same(p: i32) -> i32 { p }
        fn after_call(p: i32) -> i32 { i32::load(same(p), 0) }
        fn after_grow(p: i32) -> i32 { memory::grow(0); i32::load(p, 0) }
        fn after_fill(p: i32) -> i32 { memory::fill(0, 1, 8); i32::store(p, 0, 1); 2 }",
    );
    let mut places = places(&program);
    for name in ["after_call", "after_grow", "after_fill"] {
        for address in [0, 65532, 65533, 70000, -1] {
            let end = call(&mut places, &program, name, &[Value::I32(address)]);
            assert_eq!(kind(&end).is_some(), !(0..=65532).contains(&address), "{name} of {address}: {end:?}");
        }
    }
}

#[test]
fn a_fault_deep_in_the_stack_ends_the_run_there() {
    let program = program(
        "memory 1;
        fn deep(n: i32, p: i32) -> i32 { if n == 0 { touch(p) + 1 } else { deep(n - 1, p) + n } }
        fn touch(p: i32) -> i32 { let a = p + 1; let b = a * 3; i32::load(p, 8) + a + b }",
    );
    let mut places = places(&program);
    for (depth, address) in [(0, 65528), (2000, 65528), (2000, 65524), (6000, -1), (9_000_000, 0)] {
        let end = call(&mut places, &program, "deep", &[Value::I32(depth), Value::I32(address)]);
        match (kind(&end), depth) {
            (None, _) => assert_eq!(address, 65524),
            (Some(TrapKind::StackOverflow), _) => assert_eq!(depth, 9_000_000),
            (trap, _) => {
                assert_eq!(trap, Some(&TrapKind::MemoryBounds));
                assert!(matches!(&end, Progress::Trapped(trap) if trap.function.contains("touch")), "{end:?}");
            }
        }
    }
}

#[test]
fn threads_of_their_own_have_faults_of_their_own() {
    let source = "memory 1; fn f(p: i32) -> i32 { let i = 0; while i < 50 { i = i + i32::load(p, 0) + 1; } i }";
    let program = program(source);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let program = &program;
            scope.spawn(move || {
                for round in 0..200 {
                    let mut place = Place::new(program, Box::new(native()), Limits::default());
                    let (address, inside) =
                        if (round + thread) % 3 == 0 { (65532, true) } else { (65533 + round, false) };
                    let (end, _) = place.call(program, "f", &[Value::I32(address)], 10);
                    assert_eq!(matches!(end, Progress::Finished(_)), inside, "{end:?}");
                }
            });
        }
    });
}

#[test]
fn many_memories_at_once_are_guarded() {
    let program = program("memory 1; fn f(p: i32) -> i32 { i32::load(p, 0) }");
    let mut all: Vec<Place> = (0..200).map(|_| Place::new(&program, Box::new(native()), Limits::default())).collect();
    assert!(all.iter().all(Place::is_guarded));
    for place in &mut all {
        let (end, _) = place.call(&program, "f", &[Value::I32(-4)], u64::MAX);
        assert_eq!(kind(&end), Some(&TrapKind::MemoryBounds));
    }
}
