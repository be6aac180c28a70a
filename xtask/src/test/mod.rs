//! `cargo xtask test`: everything that has to hold, in one command, counted.
//!
//! Phases: tidy and clippy, host and model tests ([`suite`]), the kernel image, parity of the two bodies
//! ([`parity`]), the virtual machine ([`vm`]). A phase that cannot run counts as failed; one that was left out on
//! request is named in the summary.

pub mod checks;
pub mod engines;
pub mod parity;
pub mod pool;
pub mod spec;
pub mod suite;
pub mod summary;
pub mod updates;
pub mod vm;

use crate::{
    Error, Result,
    cli::{self, Next, Recipe},
    image::KernelImage,
    tools::{self, Need},
    workspace::Workspace,
};
use summary::{Group, Summary};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "test",
    summary: "run every check: rules, lints, host, model, parity and virtual-machine tests",
    help: "cargo xtask test [--no-vm] [--only-vm]\n\n\
           Installs missing tools through apt where that is allowed, otherwise names the line that does.\n\
           The last line is `N passed, N failed`.\n\
           --no-vm      leave out what needs QEMU; the summary says so\n\
           --only-vm    leave out everything else; the summary says so",
    run,
};

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plan {
    host: bool,
    vm: bool,
}

fn run(workspace: &Workspace, parser: &mut lexopt::Parser) -> Result<()> {
    let mut plan = Plan { host: true, vm: true };
    loop {
        match cli::next_option(&RECIPE, parser)? {
            Next::Help => return Ok(()),
            Next::End => break,
            Next::Arg(lexopt::Arg::Long("no-vm")) => plan.vm = false,
            Next::Arg(lexopt::Arg::Long("only-vm")) => plan.host = false,
            Next::Arg(arg) => return Err(Error::usage(RECIPE.name, arg.unexpected().to_string())),
        }
    }
    if plan == (Plan { host: false, vm: false }) {
        return Err(Error::usage(RECIPE.name, "--no-vm and --only-vm leave nothing to run"));
    }
    tools::ensure(if plan.vm { Need::Machines } else { Need::Host })?;
    let mut summary = Summary::start();
    phases(workspace, plan, &mut summary);
    print!("{summary}");
    let failed = summary.failed();
    if failed == 0 { Ok(()) } else { std::process::exit(1) }
}

fn phases(workspace: &Workspace, plan: Plan, summary: &mut Summary) {
    if plan.host {
        checks::run(workspace, summary);
        suite::run(workspace, summary);
        suite::orders(workspace, summary);
    } else {
        summary.leave_out("rules, lints, host and model tests", "--only-vm");
    }
    let kernel = checks::kernel(workspace, summary);
    if !plan.vm {
        return summary.leave_out("parity and virtual-machine tests", "--no-vm");
    }
    match kernel {
        Some(kernel) => machines(workspace, &kernel, summary),
        None => {
            summary.fail(Group::Parity, "there is no kernel to compare");
            summary.fail(Group::Vm, "there is no kernel to boot");
        }
    }
}

fn machines(workspace: &Workspace, kernel: &KernelImage, summary: &mut Summary) {
    if let Err(error) = vm::run(workspace, kernel, summary) {
        summary.fail(Group::Vm, &error.to_string());
    }
    if let Err(error) = parity::run(workspace, kernel, summary) {
        summary.fail(Group::Parity, &error.to_string());
    }
}
