//! What the gate says that a run costs at most is at least what it costs: over loops of many shapes, run by the interpreter.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use velocity_gate::{Candidate, Cost, Origin, Policy, Program, admit};
use velocity_interp::{Invocation, Limits, NoHost, Progress, Store};

/// Runs that take longer are ended.
const FUEL: u64 = 1200;

/// What a run used of it, and whether it came to its end.
fn run(program: &Program) -> (u64, bool) {
    let mut store = Store::new(Limits { fuel: FUEL, ..Limits::default() });
    let instance = store.instantiate(program, &mut NoHost).unwrap();
    let main = program.module().function_named("main").unwrap();
    let mut call = Invocation::new(&store, store.function(instance, main).unwrap(), &[]).unwrap();
    let end = call.resume(&mut store, &mut NoHost, u64::MAX);
    (call.fuel_used(), matches!(end, Progress::Finished(_)))
}

/// How many programs had a bound, and how many came to their end without one.
#[derive(Default)]
struct Tally {
    bounded: usize,
    missed: usize,
}

impl Tally {
    fn take(&mut self, source: &str) {
        let verdict = admit(Candidate::Text { name: "loop", source }, Origin::Person, &Policy::everything());
        let program = verdict.program.clone().unwrap_or_else(|| panic!("{}", verdict.render("loop", source)));
        let (used, ended) = run(&program);
        match program.cost() {
            // Fuel beyond the limit is asked for a segment at a time.
            Cost::AtMost(most) => {
                assert!(
                    used <= most && (ended || most.saturating_add(50) > FUEL),
                    "{source}\nused {used}, at most {most}, {ended}"
                );
                self.bounded += 1;
            }
            Cost::Unbounded(..) => self.missed += usize::from(ended),
        }
    }
}

const STARTS: [i64; 5] = [0, 1, 7, 13, -6];
const BOUNDS: [i64; 5] = [0, 1, 10, 13, -3];
const STEPS: [&str; 7] = ["+ 1", "+ 3", "- 1", "- 3", "/ 2", ">> 1", "& (i - 1)"];
const RELATIONS: [&str; 6] = ["<", "<=", ">", ">=", "!=", "=="];

/// Numbers near the ends of a type as well.
fn literal(number: i64, ty: &str) -> String {
    match (number, ty) {
        (..0, "u32") => format!("{}", number as u32),
        (..0, "u64") => format!("{}", number as u64),
        _ => format!("{number}"),
    }
}

/// The shapes of a loop that goes on while `condition` holds.
fn shapes(condition: &str, step: &str) -> [String; 5] {
    [
        format!("while {condition} {{ i = i {step}; }}"),
        format!("while {condition} {{ i = i {step}; n = n + 1; if n == 5 {{ break; }} }}"),
        format!("loop {{ if {condition} {{ i = i {step}; n = n + 1; }} else {{ break; }} }}"),
        format!("loop {{ i = i {step}; n = n + 1; if !({condition}) {{ break; }} }}"),
        format!("while {condition} {{ i = i {step}; let k: i32 = 0; while k < 3 {{ k = k + 1; n = n + 1; }} }}"),
    ]
}

#[test]
fn no_loop_costs_more_than_the_gate_says() {
    let mut tally = Tally::default();
    for ty in ["i32", "u32", "i64", "u64"] {
        for (start, bound) in STARTS.into_iter().flat_map(|start| BOUNDS.map(|bound| (start, bound))) {
            let (start, bound) = (literal(start, ty), literal(bound, ty));
            for (relation, step) in RELATIONS.into_iter().flat_map(|relation| STEPS.map(|step| (relation, step))) {
                for text in shapes(&format!("i {relation} {bound}"), step) {
                    tally.take(&format!("fn main() -> i32 {{ let n: i32 = 0; let i: {ty} = {start}; {text} n }}"));
                }
            }
        }
    }
    // Those that end without a bound are such as are left at once by luck.
    assert!(tally.bounded > tally.missed, "{} {}", tally.bounded, tally.missed);
}

#[test]
fn neither_do_loops_whose_bounds_are_ranges() {
    let mut tally = Tally::default();
    let ends = ["i", "i + 3", "n & 7", "n % 5", "(n >> 29) + 2", "2 * i - 4", "10 - i"];
    for (from, to) in ["0", "i", "i - 2", "n & 3"].into_iter().flat_map(|from| ends.map(|to| (from, to))) {
        for inner in ["j = j + 1", "j = j + 2"] {
            let while_less = format!("let j: u32 = {from}; while j < {to} {{ n = n + 77; {inner}; }}");
            tally.take(&format!("fn main() -> u32 {{ let n: u32 = 9; for i in 2 as u32..7 {{ {while_less} }} n }}"));
            let down = format!("let j: i32 = {to}; while j >= {from} {{ n = n + 77; {}; }}", inner.replace('+', "-"));
            tally.take(&format!("fn main() -> i32 {{ let n: i32 = 9; for i in 2..7 {{ {down} }} n }}"));
        }
    }
    assert!(tally.bounded > 10 * tally.missed, "{} {}", tally.bounded, tally.missed);
}
