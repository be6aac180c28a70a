//! `cargo xtask tidy`: the project's conventions as a program.
//!
//! Rules are pure functions from text to [`Finding`]s, tested with bad samples that must be caught: [`manifests`] has
//! the tier edges and lints, [`unsafety`] the unsafe policy, [`text`] headers, forbidden words, machine paths and
//! length; [`tools`] asks rustfmt and cargo. Invariant: a rule has no list of exceptions by file name.

pub mod manifests;
pub mod mask;
pub mod text;
pub mod tools;
pub mod unsafety;

use crate::{
    Error, Result,
    cli::{self, Next, Recipe},
    process,
    workspace::Workspace,
};
use std::{fmt, fs, path::Path, process::Command};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "tidy",
    summary: "check layers, unsafe policy, headers, lock file, format",
    help: "cargo xtask tidy\n\n\
           Checks every file that git tracks or would track. Each finding is one line: FILE:LINE: rule: what and why.",
    run,
};

/// One thing that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// File, relative to the checkout.
    pub path: String,
    /// Line, from 1; 0 for the whole file.
    pub line: usize,
    /// The rule's name.
    pub rule: &'static str,
    /// What is wrong and what to do.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}: {}", self.path, self.rule, self.what),
            line => write!(f, "{}:{line}: {}: {}", self.path, self.rule, self.what),
        }
    }
}

/// A file with its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path relative to the checkout, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

fn run(workspace: &Workspace, parser: &mut lexopt::Parser) -> Result<()> {
    match cli::next_option(&RECIPE, parser)? {
        Next::Help => return Ok(()),
        Next::Arg(arg) => return Err(Error::usage(RECIPE.name, arg.unexpected().to_string())),
        Next::End => {}
    }
    match check(workspace)?.as_slice() {
        [] => {
            println!("tidy");
            Ok(())
        }
        findings => {
            findings.iter().for_each(|finding| println!("{finding}"));
            Err(Error::Checks { recipe: RECIPE.name, failed: findings.len() })
        }
    }
}

/// Everything that breaks a rule.
///
/// # Errors
/// When files cannot be read or git cannot list them.
pub fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let files = tracked(workspace)?;
    let (members, mut findings) = manifests::read_all(&files);
    findings.extend(manifests::edges(&members));
    findings.extend(unsafety::check(&members, &files));
    files.iter().for_each(|file| findings.extend(text::check(file)));
    findings.extend(tools::format(workspace)?);
    findings.extend(tools::lock_in_step(workspace)?);
    Ok(findings)
}

/// All text files that git tracks or would track; binary files are left out.
fn tracked(workspace: &Workspace) -> Result<Vec<SourceFile>> {
    let mut git = Command::new("git");
    git.current_dir(&workspace.root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = process::capture(&mut git, "install git and run this inside a clone")?;
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let paths = names.split('\0').filter(|name| !name.is_empty());
    Ok(paths.filter_map(|path| read(&workspace.root, path)).collect())
}

fn read(root: &Path, path: &str) -> Option<SourceFile> {
    let text = String::from_utf8(fs::read(root.join(path)).ok()?).ok()?;
    Some(SourceFile { path: path.to_owned(), text })
}
