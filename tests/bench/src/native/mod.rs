//! The kernels of `fixtures/bench` as plain Rust, by the same algorithms: what an optimising compiler makes of them when
//! nothing is sandboxed. What a kernel starts from goes through `black_box`, so that none of it is computed beforehand.

mod loops;
mod memory;
mod numbers;
mod recursion;
mod texts;

/// A kernel.
pub type Kernel = fn() -> i64;

/// All kernels, by name.
const KERNELS: [(&str, Kernel); 27] = [
    ("ackermann", recursion::ackermann),
    ("base64", texts::base64),
    ("binary-trees", recursion::binary_trees),
    ("bits", loops::bits),
    ("collatz", loops::collatz),
    ("crc32", memory::crc32),
    ("fibonacci", recursion::fibonacci),
    ("fnv", texts::fnv),
    ("gcd", loops::gcd),
    ("heap-sort", memory::heap_sort),
    ("indirect", loops::indirect),
    ("json-scan", texts::json_scan),
    ("lz", memory::lz),
    ("mandelbrot", numbers::mandelbrot),
    ("matrix-float", numbers::matrix_float),
    ("matrix-integer", numbers::matrix_integer),
    ("n-body", numbers::n_body),
    ("nested-loops", loops::nested_loops),
    ("quicksort", memory::quicksort),
    ("regex", texts::regex),
    ("sha256", memory::sha256),
    ("sieve", memory::sieve),
    ("spectral-norm", numbers::spectral_norm),
    ("string-search", texts::string_search),
    ("tak", recursion::tak),
    ("xorshift", loops::xorshift),
    ("y-loop", loops::y_loop),
];

/// The kernel of a name.
pub fn kernel(name: &str) -> Option<Kernel> {
    KERNELS.iter().find(|kernel| kernel.0 == name).map(|kernel| kernel.1)
}

/// The next number of the linear congruential generator that most kernels draw from.
fn draw(seed: &mut u32) -> u32 {
    *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    *seed
}

/// A hash of numbers in their order.
fn hash(start: i64, values: impl Iterator<Item = i64>) -> i64 {
    values.fold(start, |hash, value| hash.wrapping_mul(31).wrapping_add(value))
}
