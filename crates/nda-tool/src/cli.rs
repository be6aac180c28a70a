//! The command line: a verb, options, words; and the exit codes.

use crate::verbs::{VERBS, Verb};
use std::ffi::OsString;
use velocity_gate::Origin;
use velocity_jit::EngineKind;

/// As wanted.
pub const DONE: u8 = 0;
/// The program is refused, what was asked for is not there, or what was compared differs.
pub const REFUSED: u8 = 1;
/// The command line makes no sense.
pub const USAGE: u8 = 2;
/// A file could not be read or written.
pub const IO: u8 = 3;
/// The program was run and stopped by a trap.
pub const TRAP: u8 = 4;

/// Why a verb could not even begin, or not end.
#[derive(Debug)]
pub struct Failure {
    pub code: u8,
    pub message: String,
}

impl Failure {
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, message: message.into() }
    }

    pub fn io(doing: &str, file: &str, error: &std::io::Error) -> Self {
        Self { code: IO, message: format!("cannot {doing} {file}: {error}") }
    }
}

/// What the command line asks for.
pub enum Asked {
    Help(String),
    Verb(&'static Verb, Options),
}

/// Everything behind the verb. Which of it a verb takes is in its [`Verb`].
#[derive(Debug, Default)]
pub struct Options {
    pub json: bool,
    /// `fmt --check`
    pub check: bool,
    /// `fmt --write`
    pub write: bool,
    /// `export --wasm`
    pub wasm: bool,
    /// `-o FILE`
    pub out: Option<OsString>,
    /// `--fuel N`
    pub fuel: Option<u64>,
    /// `--engine NAME`
    pub engine: EngineKind,
    /// `--origin WORD`
    pub origin: Option<Origin>,
    /// `--allow CAPABILITY`
    pub allow: Vec<String>,
    /// Names and files, in order.
    pub words: Vec<OsString>,
}

/// Reads a command line.
pub fn parse(mut parser: lexopt::Parser) -> Result<Asked, Failure> {
    use lexopt::Arg::{Long, Short, Value};
    let usage = |error: lexopt::Error| Failure::usage(format!("{error}; `nda --help` lists the verbs"));
    let word = match parser.next().map_err(usage)? {
        None => return Err(Failure::usage(format!("name a verb\n\n{}", list().trim_end()))),
        Some(Short('h') | Long("help")) => return Ok(Asked::Help(list())),
        Some(Value(word)) => word,
        Some(other) => return Err(usage(other.unexpected())),
    };
    let word = word.to_string_lossy();
    if word == "help" {
        return Ok(Asked::Help(list()));
    }
    let verb = VERBS.iter().find(|verb| verb.name == word);
    let verb = verb.ok_or_else(|| Failure::usage(format!("there is no verb `{word}`; `nda --help` lists them")))?;
    let mut options = Options::default();
    let usage = |error: lexopt::Error| Failure::usage(format!("{error}; see `nda {} --help`", verb.name));
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Short('h') | Long("help") => return Ok(Asked::Help(verb.help())),
            Long("json") => options.json = true,
            Value(word) => options.words.push(word),
            other => {
                let flag = match other {
                    Long(name) => name.to_owned(),
                    Short(letter) => letter.to_string(),
                    Value(_) => String::new(),
                };
                if !verb.options.contains(&flag.as_str()) {
                    return Err(Failure::usage(format!(
                        "`{flag}` is no option of `nda {0}`; see `nda {0} --help`",
                        verb.name
                    )));
                }
                option(&flag, &mut parser, &mut options).map_err(|error| match error.code {
                    USAGE => Failure::usage(format!("{}; see `nda {} --help`", error.message, verb.name)),
                    _ => error,
                })?;
            }
        }
    }
    let count = options.words.len();
    if count < verb.words.0 || count > verb.words.1 {
        return Err(Failure::usage(format!("`nda {0}` takes {1}; see `nda {0} --help`", verb.name, verb.takes)));
    }
    Ok(Asked::Verb(verb, options))
}

fn option(flag: &str, parser: &mut lexopt::Parser, options: &mut Options) -> Result<(), Failure> {
    let mut value = || parser.value().map_err(|error| Failure::usage(error.to_string()));
    match flag {
        "check" => options.check = true,
        "write" | "w" => options.write = true,
        "wasm" => options.wasm = true,
        "o" | "out" => options.out = Some(value()?),
        "fuel" => {
            let word = value()?;
            let fuel = word.to_string_lossy().replace('_', "").parse();
            options.fuel = Some(fuel.map_err(|_| Failure::usage("`--fuel` takes a whole number"))?);
        }
        "engine" => {
            let word = value()?.to_string_lossy().into_owned();
            let names = EngineKind::ALL.map(EngineKind::name);
            options.engine = EngineKind::named(&word)
                .ok_or_else(|| Failure::usage(format!("`--engine` is one of {}", names.join(", "))))?;
        }
        "origin" => {
            let word = value()?.to_string_lossy().into_owned();
            let origin = Origin::ALL.into_iter().find(|origin| origin.to_string() == word);
            let names = Origin::ALL.map(|origin| origin.to_string());
            options.origin =
                Some(origin.ok_or_else(|| Failure::usage(format!("`--origin` is one of {}", names.join(", "))))?);
        }
        _ => options.allow.push(value()?.to_string_lossy().into_owned()),
    }
    Ok(())
}

/// The list of verbs.
pub fn list() -> String {
    let mut text = String::from("nda VERB [options] [FILE]    (each verb has --help)\n\n");
    for verb in VERBS {
        text += &format!("  {:<10}{}\n", verb.name, verb.summary);
    }
    text + "\nFILE is NDA text, a binary document or a WebAssembly module, told apart by its first bytes; `-` or none is\n\
            standard input. Every verb takes --json. Exit codes: 0 done, 1 refused, not found or different, 2 usage,\n\
            3 file, 4 trap.\n"
}
