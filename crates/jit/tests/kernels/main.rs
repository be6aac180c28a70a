//! The kernels of `fixtures/bench`: every engine gives the same result for the same fuel, and so does a second call in the
//! same instance; the results are those of the same algorithms in Rust.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod plain;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::engine::{Engine, Reference};
use velocity_interp::{Invocation, Limits, NoHost, Progress, Store, Value};
use velocity_jit::{Closures, HostCode, Level, Native};

/// Name, result and fuel of every kernel.
const EXPECTED: [(&str, i64, u64); 27] = [
    ("ackermann", 1021, 9_370_033),
    ("base64", -8_471_257_670_819_862_895, 5_604_816),
    ("binary-trees", -208_316_907_749_880_961, 9_632_562),
    ("bits", 360_575_748_678_335_042, 15_914_941),
    ("collatz", 237_003_711, 6_580_747),
    ("crc32", 2_154_466_538, 8_966_009),
    ("fibonacci", 317_811, 10_798_798),
    ("fnv", -4_737_256_689_762_766_383, 15_220_064),
    ("gcd", 965_768, 11_721_992),
    ("heap-sort", 6_126_184_965_663_276_450, 10_157_880),
    ("indirect", -3_629_871_350_284_832_374, 8_962_398),
    ("json-scan", 6_620_000_051_200_016_000, 7_474_116),
    ("lz", -7_078_935_007_683_431_446, 8_746_113),
    ("mandelbrot", 7_794_812, 6_872_658),
    ("matrix-float", 4_643_772_161_771_390_566, 9_565_543),
    ("matrix-integer", -7_585_632_120_100_094_382, 9_561_446),
    ("n-body", -4_628_113_616_551_865_497, 7_828_571),
    ("nested-loops", 800_072_704, 10_376_094),
    ("quicksort", -2_673_232_873_318_869_237, 10_858_222),
    ("regex", -6_562_282_327_124_476_210, 11_732_400),
    ("sha256", -1_573_874_310_399_445_418, 13_372_598),
    ("sieve", 17_984_001_709_600_813, 13_123_009),
    ("spectral-norm", 4_608_417_362_240_596_963, 8_321_020),
    ("string-search", 266_074_308_520_948_252, 6_701_000),
    ("tak", 143_096_162_948, 13_861_694),
    ("xorshift", 2_026_467_777_629_898_763, 10_250_018),
    ("y-loop", -4, 10_200_009),
];

/// A kernel as plain Rust.
type Plain = fn() -> i64;

/// The kernels that there are as plain Rust.
const PLAIN: [(&str, Plain); 26] = [
    ("ackermann", plain::ackermann),
    ("base64", plain::base64),
    ("binary-trees", plain::binary_trees),
    ("bits", plain::bits),
    ("collatz", plain::collatz),
    ("crc32", plain::crc32),
    ("fibonacci", plain::fibonacci),
    ("fnv", plain::fnv),
    ("gcd", plain::gcd),
    ("heap-sort", plain::heap_sort),
    ("indirect", plain::indirect),
    ("json-scan", plain::json_scan),
    ("mandelbrot", plain::mandelbrot),
    ("matrix-float", plain::matrix_float),
    ("matrix-integer", plain::matrix_integer),
    ("n-body", plain::n_body),
    ("nested-loops", plain::nested_loops),
    ("quicksort", plain::quicksort),
    ("regex", plain::regex),
    ("sha256", plain::sha256),
    ("sieve", plain::sieve),
    ("spectral-norm", plain::spectral_norm),
    ("string-search", plain::string_search),
    ("tak", plain::tak),
    ("xorshift", plain::xorshift),
    ("y-loop", plain::y_loop),
];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/bench")
}

fn program(name: &str) -> Program {
    let source = std::fs::read_to_string(folder().join(format!("{name}.nda"))).unwrap();
    assert!(source.starts_with("///"), "{name} begins with what it does");
    let verdict = admit(Candidate::Text { name, source: &source }, Origin::Person, &Policy::default());
    verdict.program.unwrap_or_else(|| panic!("{name}: {:?}", verdict.findings))
}

/// Result and fuel of so many calls of `main` in one instance.
fn calls<const N: usize>(program: &Program, engine: Box<dyn Engine>) -> [(i64, u64); N] {
    let mut store = Store::with_engine(Limits::default(), engine);
    let instance = store.instantiate(program, &mut NoHost).unwrap();
    let module = program.module();
    let mut functions = module.functions.iter();
    let (id, _) = functions.find(|(_, function)| module.name(&function.meta) == Some("main")).unwrap();
    let main = store.function(instance, id).unwrap();
    [(); N].map(|()| {
        let mut call = Invocation::new(&store, main, &[]).unwrap();
        match call.resume(&mut store, &mut NoHost, u64::MAX) {
            Progress::Finished(values) => match values[..] {
                [Value::I64(value)] => (value, call.fuel_used()),
                _ => panic!("one i64 is returned, not {values:?}"),
            },
            end => panic!("{end:?}"),
        }
    })
}

#[test]
fn the_table_has_every_kernel() {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = files.filter_map(|file| Some(file.strip_suffix(".nda")?.to_owned())).collect();
    let names: BTreeSet<String> = EXPECTED.iter().map(|&(name, ..)| name.to_owned()).collect();
    assert_eq!(files, names);
}

#[test]
fn every_engine_gives_the_expected_results_for_the_expected_fuel() {
    for (name, result, fuel) in EXPECTED {
        let program = program(name);
        assert_eq!(calls(&program, Box::new(Reference)), [(result, fuel)], "{name}, interpreter");
        assert_eq!(calls(&program, Box::<Closures>::default()), [(result, fuel); 2], "{name}, closures");
        for level in [Level::Baseline, Level::Optimised] {
            let native = Native::new(Arc::new(HostCode)).with_level(level);
            assert_eq!(calls(&program, Box::new(native.clone())), [(result, fuel); 2], "{name}, native, {level:?}");
            assert!(native.refusal().is_none(), "{name} is compiled, {level:?}");
        }
        let native = Native::new(Arc::new(HostCode)).with_explicit_bounds();
        assert_eq!(calls(&program, Box::new(native)), [(result, fuel); 2], "{name}, native with explicit bounds");
    }
}

#[test]
fn the_results_are_those_of_the_same_algorithms_in_rust() {
    for (name, plain) in PLAIN {
        let (_, expected, _) = EXPECTED.into_iter().find(|kernel| kernel.0 == name).unwrap();
        assert_eq!(plain(), expected, "{name}");
    }
}
