//! `cargo xtask doctor`: what is here, what is missing, how to get it.

use crate::{
    Error, Result,
    cli::{self, Next, Recipe},
    iso::limine,
    tools::{self, Manager, Need, TOOLS, find_program},
    workspace::Workspace,
};
use std::process::Command;

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "doctor",
    summary: "say which needed tools are here and how to get the others",
    help: "cargo xtask doctor\n\n\
           Lists every program and file that the recipes use, with its version or the package that brings it.\n\
           Ends with an error when one that `cargo xtask test` needs is missing.",
    run,
};

fn run(_: &Workspace, parser: &mut lexopt::Parser) -> Result<()> {
    match cli::next_option(&RECIPE, parser)? {
        Next::Help => return Ok(()),
        Next::Arg(arg) => return Err(Error::usage(RECIPE.name, arg.unexpected().to_string())),
        Next::End => {}
    }
    println!("needed:");
    for (program, purpose) in [("rustc", "builds everything"), ("cargo", "builds everything")] {
        report(program, purpose, version(program, "--version").as_deref());
    }
    for component in ["clippy", "rustfmt"] {
        let program = if component == "clippy" { "cargo-clippy" } else { "cargo-fmt" };
        report(component, "checks of `cargo xtask test`", version(program, "--version").as_deref());
    }
    for tool in TOOLS {
        report(tool.name, tool.purpose, tool.version().as_deref());
    }
    println!("optional:");
    let limine = limine::find().map(|files| files.folder.display().to_string());
    report("Limine", "target/velocity-limine.iso; set LIMINE_DIR", limine.as_deref());
    report("cargo-fuzz", "`cargo xtask fuzz` installs it", version("cargo-fuzz", "--version").as_deref());
    report("cargo-deny", "`cargo deny check` against deny.toml", version("cargo-deny", "--version").as_deref());
    verdict()
}

fn verdict() -> Result<()> {
    let missing = tools::missing(Need::Machines);
    if missing.is_empty() {
        println!("everything that `cargo xtask test` needs is here");
        return Ok(());
    }
    let names = missing.iter().map(|tool| tool.name.to_owned()).collect();
    let managers = [Manager::Apt, Manager::Dnf, Manager::Pacman, Manager::Brew];
    let install = match Manager::here() {
        Some(manager) => manager.line(&missing),
        None => managers.map(|manager| manager.line(&missing)).join("\n  or: "),
    };
    Err(Error::Needs { missing: names, install })
}

fn report(name: &str, purpose: &str, version: Option<&str>) {
    match version {
        Some(version) => println!("  found    {name:<22} {version}"),
        None => println!("  MISSING  {name:<22} {purpose}"),
    }
}

fn version(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(find_program(program)?).arg(argument).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().next().unwrap_or("present").to_owned())
}
