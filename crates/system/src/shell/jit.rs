//! `jit`: which functions of the programs that ran last were called how often, and what they cost.

use super::{Services, ShellError, Start, command::Command};
use crate::profiles::Ran;
use alloc::string::{String, ToString};
use velocity_gate::secrets::redact;
use velocity_interp::{FunctionProfile, Profile};
use velocity_jit::CacheFigures;
use velocity_nda::Quoted;

const USAGE: &str = "jit [FUNCTION]";

/// How wide the largest bar of a histogram is.
const BAR: u32 = 40;

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[Command {
    name: "jit",
    usage: USAGE,
    summary: "show how the programs that ran last were compiled and what their functions cost",
    details: "Of each function: engine, calls, cycles of a call with what it calls (in the mean of those that were timed), bytes of\n\
              machine code, microseconds of compiling, traps. With a name, how the cycles of its timed calls are spread.\n\
              The reference interpreter counts nothing. At the end, what is kept of machine code, for programs that run again,\n\
              and how often it was there.",
    takes_paths: false,
    start: jit,
}];

fn jit(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    let programs = services.platform.profiles.all();
    match arguments {
        [] if programs.is_empty() => services.out.line(format_args!("No compiled program has run yet.")),
        [] => programs.iter().for_each(|ran| table(services, ran)),
        [name] => {
            let of = |ran: &Ran| ran.functions.iter().find(|one| one.name == *name).cloned();
            let found = programs.iter().rev().find_map(|ran| Some((ran.program.clone(), of(ran)?)));
            let Some((program, profile)) = found else {
                return Err(ShellError::NoSuchFunction { name: name.clone() });
            };
            histogram(services, &program, &profile);
        }
        _ => return Err(ShellError::Usage { usage: USAGE }),
    }
    if arguments.is_empty()
        && !programs.is_empty()
        && let Some(cache) = services.platform.engines.code_cache()
    {
        let CacheFigures { hits, misses, units, bytes, limit } = cache;
        services.out.line(format_args!(
            "code cache: {units} kept, {} of {} KiB, {hits} hits, {misses} misses",
            bytes.div_ceil(1024),
            limit / 1024,
        ));
    }
    Ok(Start::Done)
}

/// How a function of a program is called in what is shown.
fn shown(name: &str) -> String {
    redact(&Quoted(name).to_string()).trim_matches('`').to_string()
}

/// Cycles as microseconds with one decimal, of so many cycles a second.
fn micros(cycles: u64, rate: u64) -> String {
    let tenths = u128::from(cycles) * 10_000_000 / u128::from(rate.max(1));
    alloc::format!("{}.{}", tenths / 10, tenths % 10)
}

fn table(services: &mut Services<'_>, ran: &Ran) {
    let rate = services.platform.clock.cycles_per_second();
    let out = &mut *services.out;
    out.line(format_args!("{}, engine {}", ran.program, ran.engine));
    let names: alloc::vec::Vec<String> = ran.functions.iter().map(|one| shown(&one.name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("function".len());
    out.line(format_args!(
        "  {:width$}  {:7}  {:>12}  {:>12}  {:>7}  {:>10}  {:>5}",
        "function", "tier", "calls", "cycles/call", "bytes", "compile us", "traps"
    ));
    for (name, one) in names.iter().zip(&ran.functions) {
        let FunctionProfile { tier, calls, time, traps, code_bytes, compile_cycles, .. } = one.function;
        let cycles = time.mean().map_or_else(|| "-".into(), |mean| mean.to_string());
        let bytes = if code_bytes == 0 { "-".into() } else { code_bytes.to_string() };
        let compile = micros(compile_cycles, rate);
        let tier = tier.name();
        out.line(format_args!(
            "  {name:width$}  {tier:7}  {calls:>12}  {cycles:>12}  {bytes:>7}  {compile:>10}  {traps:>5}"
        ));
    }
    if ran.more > 0 {
        out.line(format_args!("  and {} functions that cost less", ran.more));
    }
}

fn histogram(services: &mut Services<'_>, program: &str, profile: &Profile) {
    let (out, time) = (&mut *services.out, &profile.function.time);
    let (name, calls) = (shown(&profile.name), profile.function.calls);
    out.line(format_args!("{name} of {program}: {calls} calls, {} of them timed", time.samples));
    let most = time.buckets.iter().copied().max().unwrap_or(0).max(1);
    let first = time.buckets.iter().position(|&count| count > 0).unwrap_or(0);
    let last = time.buckets.iter().rposition(|&count| count > 0).map_or(0, |last| last + 1);
    for (power, &count) in time.buckets.iter().enumerate().take(last).skip(first) {
        let bar = (u64::from(count) * u64::from(BAR)).div_ceil(u64::from(most)) as usize;
        out.line(format_args!("  from 2^{power:<2} cycles  {count:>8}  {:#<bar$}", ""));
    }
}

#[cfg(test)]
mod tests {
    use super::micros;

    #[test]
    fn cycles_are_shown_as_microseconds() {
        assert_eq!(micros(3_456, 2_000_000_000), "1.7");
        assert_eq!(micros(u64::MAX, 1), "18446744073709551615000000.0");
        assert_eq!(micros(5, 0), "5000000.0");
    }
}
