//! `disasm`: the text of a function beside the machine code that it becomes.

use super::{Services, ShellError, Start, Task, Turn, command::Command, load::Loading};
use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt::Write;
use velocity_gate::secrets::redact;
use velocity_gate::{Candidate, Origin, Policy, Program, admit};
use velocity_interp::{Console, Invocation, Limits, NoHost, Store, Value};
use velocity_jit::{Line, Lister};
use velocity_nda::Span;
use velocity_nda::module::Module;

const USAGE: &str = "disasm FUNCTION FILE";

/// Lines shown a turn.
const LINES: usize = 64;

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[Command {
    name: "disasm",
    usage: USAGE,
    summary: "show a function of an NDA program beside the machine code that it becomes",
    details: "The program does not run. Each line of the text stands above the instructions that were made for it, with their place\n\
              in the function and their bytes. What was inlined stands under the lines of the function that it belongs to.",
    takes_paths: true,
    start,
}];

fn start(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    let [name, path] = arguments else { return Err(ShellError::Usage { usage: USAGE }) };
    let lister = services.platform.engines.lister().ok_or(ShellError::NoMachineCode)?;
    Ok(Start::task(Listing::Loading(Loading::open(services, path)?, name.clone(), Box::new(lister))))
}

/// A listing on its way.
enum Listing {
    Loading(Loading, String, Box<Lister>),
    /// `text[shown..]` is still to be shown.
    Made {
        text: String,
        shown: usize,
    },
}

impl Task for Listing {
    fn turn(&mut self, services: &mut Services<'_>) -> Result<Turn, ShellError> {
        match self {
            Self::Loading(loading, name, lister) => {
                if let Some(source) = loading.turn(services)? {
                    let text = listing(&loading.name, source, name, lister)?;
                    *self = Self::Made { text, shown: 0 };
                }
                Ok(Turn::Again)
            }
            Self::Made { text, shown } => {
                let rest = &text[*shown..];
                let piece: usize = rest.split_inclusive('\n').take(LINES).map(str::len).sum();
                services.out.print(&rest[..piece]);
                *shown += piece;
                Ok(if *shown == text.len() { Turn::Done } else { Turn::Again })
            }
        }
    }
}

/// What is shown of a function of a program; what the gate finds, if it refuses the program.
fn listing(file: &str, source: Vec<u8>, name: &str, lister: &Lister) -> Result<String, ShellError> {
    let source = super::program::text_of(file, source)?;
    let verdict = admit(Candidate::Text { name: file, source: &source }, Origin::Person, &Policy::default());
    let Some(program) = &verdict.program else { return Ok(verdict.render(file, &source)) };
    let lines = lines(program, name, lister)?;
    Ok(show(program.module(), (file, &source), name, &lines))
}

/// The instructions of a function.
fn lines(program: &Program, name: &str, lister: &Lister) -> Result<Vec<Line>, ShellError> {
    let module = program.module();
    let missing = || ShellError::NotInProgram { name: name.into() };
    let id = module.function_named(name).ok_or_else(missing)?;
    let mut store = Store::with_engine(Limits::default(), alloc::boxed::Box::new(lister.clone()));
    Console::define(&mut store);
    let failed =
        |why: &dyn core::fmt::Display| ShellError::NotCompiled { name: name.into(), why: alloc::format!("{why}") };
    let instance = store.prepare(program).map_err(|error| failed(&error))?;
    let address = store.function(instance, id).ok_or_else(missing)?;
    let arguments: Vec<Value> = store.type_of(address).parameters.iter().map(|&ty| Value::of_bits(ty, 0)).collect();
    let mut call = Invocation::new(&store, address, &arguments).map_err(|error| failed(&error))?;
    // It only compiles.
    call.resume(&mut store, &mut NoHost, 1);
    lister.take().ok_or_else(missing)?.map_err(|refusal| failed(&refusal))
}

/// Lines of the text, each above its instructions.
fn show(module: &Module, (file, source): (&str, &str), name: &str, lines: &[Line]) -> String {
    let (source, bytes) = (redact(source), lines.iter().map(|line| line.bytes.len()).sum::<usize>());
    let mut out = alloc::format!("{name} of {file}: {bytes} bytes of machine code\n");
    let mut above = 0;
    for line in lines {
        let span = line.node.map(|node| module.spans[node]).filter(|span| *span != Span::default());
        let number = span.map_or(above, |span| line_of(&source, span));
        if number != above {
            above = number;
            let text = source.lines().nth(number - 1).unwrap_or_default();
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{number:4} | {}", text.trim_end());
        }
        let mut hex = String::new();
        line.bytes.iter().for_each(|byte| _ = write!(hex, "{byte:02x}"));
        let _ = writeln!(out, "       {:5x}  {hex:<22} {}", line.offset, line.text);
    }
    out
}

/// The number of the line in which a span begins, from 1.
fn line_of(source: &str, span: Span) -> usize {
    let before = source.as_bytes().iter().take(span.start as usize);
    before.filter(|&&byte| byte == b'\n').count() + 1
}
