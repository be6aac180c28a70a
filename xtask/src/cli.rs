//! `cargo xtask RECIPE [options]`: finds the recipe and turns its error into an exit status.

use crate::{Error, Result, bench, build, doctor, fuzz, iso, ota, qemu, test, tidy, workspace::Workspace};
use std::process::ExitCode;

/// A recipe that can be called by name.
pub struct Recipe {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line for the list.
    pub summary: &'static str,
    /// What `--help` prints.
    pub help: &'static str,
    /// Reads its options from the parser and runs.
    pub run: fn(&Workspace, &mut lexopt::Parser) -> Result<()>,
}

/// All recipes, in the order of the list.
pub const RECIPES: &[Recipe] = &[
    build::RECIPE,
    iso::RECIPE,
    qemu::RECIPE,
    test::RECIPE,
    bench::RECIPE,
    tidy::RECIPE,
    doctor::RECIPE,
    fuzz::RECIPE,
    ota::RECIPE,
];

/// Runs the recipe that the process's arguments name.
#[must_use]
pub fn main() -> ExitCode {
    match dispatch(lexopt::Parser::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the recipe that `parser` names.
///
/// # Errors
/// The recipe's, or [`Error::Usage`] when there is no such recipe.
pub fn dispatch(mut parser: lexopt::Parser) -> Result<()> {
    let name = match parser.next().map_err(|error| Error::usage("", error.to_string()))? {
        None | Some(lexopt::Arg::Short('h') | lexopt::Arg::Long("help")) => "help".to_owned(),
        Some(lexopt::Arg::Value(name)) => name.to_string_lossy().into_owned(),
        Some(other) => return Err(Error::usage("", other.unexpected().to_string())),
    };
    if name == "help" {
        print!("{}", list());
        return Ok(());
    }
    let recipe = RECIPES.iter().find(|recipe| recipe.name == name);
    let recipe = recipe.ok_or_else(|| Error::usage("", format!("there is no recipe `{name}`")))?;
    (recipe.run)(&Workspace::locate()?, &mut parser)
}

fn list() -> String {
    let mut text = String::from("cargo xtask RECIPE [options]    (each recipe has --help)\n\n");
    for recipe in RECIPES {
        text += &format!("  {:<8}{}\n", recipe.name, recipe.summary);
    }
    text
}

/// The next option of `recipe`; prints its help and answers `None` at the end or at `--help`.
///
/// # Errors
/// [`Error::Usage`] when the command line cannot be split.
pub fn next_option<'a>(recipe: &Recipe, parser: &'a mut lexopt::Parser) -> Result<Next<'a>> {
    match parser.next().map_err(|error| Error::usage(recipe.name, error.to_string()))? {
        None => Ok(Next::End),
        Some(lexopt::Arg::Short('h') | lexopt::Arg::Long("help")) => {
            println!("{}", recipe.help);
            Ok(Next::Help)
        }
        Some(arg) => Ok(Next::Arg(arg)),
    }
}

/// What [`next_option`] found.
pub enum Next<'a> {
    /// No more options: run.
    End,
    /// Help was asked for and printed: stop.
    Help,
    /// An option or a word.
    Arg(lexopt::Arg<'a>),
}

/// The value of the option just read, parsed.
///
/// # Errors
/// [`Error::Usage`] when it is missing or does not parse.
pub fn value<T>(recipe: &'static str, option: &str, parser: &mut lexopt::Parser) -> Result<T>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let word = parser.value().map_err(|error| Error::usage(recipe, error.to_string()))?;
    let word = word.to_string_lossy();
    word.parse().map_err(|error| Error::usage(recipe, format!("--{option} {word}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_is_listed_and_explains_itself() {
        let text = list();
        for recipe in RECIPES {
            assert!(text.contains(recipe.name) && text.contains(recipe.summary));
            assert!(recipe.help.contains(&format!("cargo xtask {}", recipe.name)), "{} shows no usage", recipe.name);
        }
    }

    #[test]
    fn an_unknown_recipe_points_to_the_list() {
        let error = dispatch(lexopt::Parser::from_args(["polish"])).unwrap_err();
        assert!(error.to_string().contains("cargo xtask help"), "{error}");
    }
}
