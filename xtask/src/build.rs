//! `cargo xtask build`: the kernel image and the simulator.

use crate::{
    Error, Result,
    cli::{self, Next, Recipe},
    image::{self, KernelImage, KernelProfile},
    process,
    workspace::Workspace,
};
use std::{fs, process::Command};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "build",
    summary: "build and check the kernel image; with --sim the simulator too",
    help: "cargo xtask build [--sim]\n\n\
           Builds the kernel, checks the linked image (no undefined or libc symbol, no writable and executable\n\
           segment) and packs it.\n\
           --sim    build the simulator as well, optimised: target/release/sim",
    run,
};

fn run(workspace: &Workspace, parser: &mut lexopt::Parser) -> Result<()> {
    let mut sim = false;
    loop {
        match cli::next_option(&RECIPE, parser)? {
            Next::Help => return Ok(()),
            Next::End => break,
            Next::Arg(lexopt::Arg::Long("sim")) => sim = true,
            Next::Arg(arg) => return Err(Error::usage(RECIPE.name, arg.unexpected().to_string())),
        }
    }
    let image = kernel(workspace)?;
    let bytes = fs::metadata(&image.packed).map_err(Error::io("size of the kernel image"))?.len();
    println!("kernel: {} ({bytes} bytes), with symbols: {}", workspace.show(&image.packed), workspace.show(&image.elf));
    if sim {
        process::run(cargo().args(["build", "--release", "--package", "sim"]), "read the compiler's message above")?;
    }
    Ok(())
}

/// Builds, checks and packs the kernel.
///
/// # Errors
/// The compiler's, or what is wrong with the image.
pub fn kernel(workspace: &Workspace) -> Result<KernelImage> {
    Ok(image::build_kernel(&workspace.root, KernelProfile::Kernel)?)
}

/// The cargo that runs this recipe.
#[must_use]
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
