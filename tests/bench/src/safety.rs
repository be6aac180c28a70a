//! What safety costs: native code as it is beside native code that lacks one safeguard, over the same kernels, in turn.
//!
//! Without bounds there is no instruction for their sake, but the guard pages are the same: what stays unmeasured is what the pages
//! themselves cost, which is nothing but the addresses that are reserved. Explicit checks are what they spare.

use crate::Failure;
use crate::figures::{Rounds, figure, geometric, time};
use crate::kernel::Kernel;
use crate::ours::Ours;
use std::sync::Arc;
use velocity_jit::{HostCode, Native};

/// The usual code, and codes that lack something, by name.
const KINDS: [(&str, fn(Native) -> Native); 5] = [
    ("native", |native| native),
    ("native without fuel", Native::without_fuel),
    ("native without bounds", Native::without_bounds),
    ("native without profile", Native::without_profile),
    ("native with explicit bounds", Native::with_explicit_bounds),
];

/// How often a kernel runs in one turn: differences of percents need longer times than ratios do.
const RUNS: usize = 4;

/// Measures every kernel; in the end, the geometric means.
pub fn measure(kernels: &[Kernel], rounds: usize) -> Result<(), Failure> {
    let mut ratios = [const { Vec::new() }; KINDS.len()];
    for kernel in kernels {
        let times = rounds_of(kernel, rounds)?;
        for (number, (name, _)) in KINDS.iter().enumerate().skip(1) {
            let ratio = times.ratio(0, number);
            figure(&kernel.name, "native safety", "ms", times.median(0), Some((name, times.median(number), ratio)));
            ratios[number].push(ratio);
        }
    }
    for ((name, _), ratios) in KINDS.iter().zip(&ratios).skip(1).filter(|(_, ratios)| ratios.len() > 1) {
        let mean = geometric(ratios);
        figure("all kernels", "native safety, geometric mean", "x", 1.0, Some((name, mean, mean)));
    }
    Ok(())
}

fn rounds_of(kernel: &Kernel, rounds: usize) -> Result<Rounds, Failure> {
    let make = |(_, kind): &(&str, fn(Native) -> Native)| {
        Ours::with(&kernel.program, Box::new(kind(Native::new(Arc::new(HostCode)))))
    };
    let mut runners = KINDS.iter().map(make).collect::<Result<Vec<_>, _>>()?;
    Rounds::take(KINDS.len(), rounds, |number| {
        let (name, runner) = (KINDS[number].0, &mut runners[number]);
        let (time, right) =
            time(|| (0..RUNS).try_fold(true, |right, _| Ok::<_, Failure>(right && runner.run()? == kernel.expected)))?;
        if right { Ok(time / 1e3 / RUNS as f64) } else { Err(format!("{}: {name} is wrong", kernel.name).into()) }
    })
}
