//! `cargo xtask ota`: the tool for signed updates, in crates/ota-tool.

use crate::{Error, Result, build, cli::Recipe, process, workspace::Workspace};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "ota",
    summary: "keys, packages and roots of signed updates",
    help: "cargo xtask ota keygen|sign|rotate|inspect|hash ...\n\ndocs/ota.md is its manual; `cargo xtask ota` without more lists the verbs.",
    run,
};

fn run(workspace: &Workspace, parser: &mut lexopt::Parser) -> Result<()> {
    let words = parser.raw_args().map_err(|error| Error::usage("ota", error.to_string()))?;
    let mut cargo = build::cargo();
    cargo.args(["run", "--quiet", "--locked", "--manifest-path"]).arg(workspace.root.join("Cargo.toml"));
    cargo.args(["--package", "ota", "--"]);
    let before = words.as_slice().len();
    cargo.args(words);
    if before == 0 {
        cargo.arg("--help");
    }
    process::run(&mut cargo, "read the message above")
}
