//! `nda VERB [options] [FILE]`: NDA programs on a host. `docs/nda-tool.md` is the manual.
//!
//! `cli` reads the command line, `input` files and standard input, `verbs` has the list of verbs with their help, `run`
//! runs programs, `output` prints answers. What verbs answer comes from `velocity_workbench`, which the system's shell
//! shares. Invariant: answers go to standard output, complaints to standard error, and with `--json` one object to
//! standard output in every case.
#![forbid(unsafe_code)]

mod cli;
mod input;
mod output;
mod run;
mod verbs;

use cli::{Asked, Failure};
use std::process::ExitCode;

fn main() -> ExitCode {
    let failed = |failure: &Failure| {
        eprint!("{}", output::paint(&format!("error: {}\n", failure.message)));
        ExitCode::from(failure.code)
    };
    match cli::parse(lexopt::Parser::from_env()) {
        Ok(Asked::Help(text)) => output::print(&text).map_or_else(|failure| failed(&failure), |()| ExitCode::SUCCESS),
        Ok(Asked::Verb(verb, options)) => match (verb.run)(&options) {
            Ok(code) => ExitCode::from(code),
            Err(failure) => {
                if options.json {
                    let _ = output::print(&output::failure(verb.name, &failure));
                }
                failed(&failure)
            }
        },
        Err(failure) => failed(&failure),
    }
}
