//! The simulator as a program: `cargo run -p sim -- --help`.

use std::process::ExitCode;
use velocity_sim::{HELP, Invocation, SimError, bench, options, run};

fn main() -> ExitCode {
    match follow() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sim: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn follow() -> Result<(), SimError> {
    match options::parse(std::env::args_os().skip(1))? {
        Invocation::Run(options) => run(options),
        Invocation::BenchBoot(options, machines) => {
            print!("{}", bench::boot(&options, machines)?.to_json_lines());
            Ok(())
        }
        Invocation::BenchFrames(options, count) => {
            for times in bench::frames(&options, count as usize)? {
                print!("{}", times.to_json_lines());
            }
            Ok(())
        }
        Invocation::Help => {
            print!("{HELP}");
            Ok(())
        }
        Invocation::Version => {
            println!("sim {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
    }
}
