//! Figures of `cargo xtask bench slice`, as one JSON object: how much of a program of 1,000 functions a slice is, in
//! tokens of a real tokenizer, and whether every slice checks alone with the hash that the definition has in the program.
//!
//! The program is generated (`velocity_nda::graph::synthetic`). `whole` counts all of it; `median`, `p90` and `max` are
//! over the slices of all functions.

use std::process::ExitCode;
use std::time::Instant;
use tiktoken_rs::{CoreBPE, cl100k_base, o200k_base};
use velocity_nda::compile;
use velocity_nda::graph::{Def, Slicer, synthetic};
use velocity_nda::identity::{Definition, Identities};

const FUNCTIONS: usize = 1000;

fn main() -> ExitCode {
    let source = synthetic::program(FUNCTIONS, 1);
    let Ok(module) = compile(&source) else { return complain("the generated program does not check") };
    let (slicer, identities) = (Slicer::new(&source, &module), Identities::of(&module));
    let (mut slices, mut alone) = (Vec::new(), 0);
    let start = Instant::now();
    for ((definition, hash), number) in identities.iter().zip(0..) {
        let Definition::Function(_) = definition else { continue };
        let Some(name) = definition.name(&module).filter(|name| source.contains(&format!("fn {name}("))) else {
            continue;
        };
        let Ok(slice) = slicer.slice(Def(number)) else { return complain(&format!("`{name}` has no slice")) };
        let Ok(checked) = compile(&slice.text) else {
            return complain(&format!("`{name}` does not check:\n{}", slice.text));
        };
        let found = Identities::of(&checked);
        alone += usize::from(checked.function_named(name).is_some_and(|id| found.function(id) == hash));
        slices.push(slice.text);
    }
    let micros = start.elapsed().as_micros() as usize / slices.len().max(1);
    let (Ok(o200k), Ok(cl100k)) = (o200k_base(), cl100k_base()) else { return complain("a vocabulary does not load") };
    println!(
        "{{\"functions\":{},\"alone\":{alone},\"micros\":{micros},\"o200k\":{},\"cl100k\":{}}}",
        slices.len(),
        tokens(&o200k, &source, &slices),
        tokens(&cl100k, &source, &slices)
    );
    ExitCode::SUCCESS
}

fn tokens(tokenizer: &CoreBPE, source: &str, slices: &[String]) -> String {
    let count = |text: &str| tokenizer.encode_ordinary(text).len();
    let mut counts: Vec<usize> = slices.iter().map(|slice| count(slice)).collect();
    counts.sort_unstable();
    let at = |share: usize| {
        counts.get((counts.len() * share / 100).min(counts.len().saturating_sub(1))).copied().unwrap_or(0)
    };
    format!("{{\"whole\":{},\"median\":{},\"p90\":{},\"max\":{}}}", count(source), at(50), at(90), at(100))
}

fn complain(what: &str) -> ExitCode {
    eprintln!("{what}");
    ExitCode::FAILURE
}
