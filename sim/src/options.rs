//! The command line.
//!
//! One table of options makes both the parser's error messages and `--help`. Errors are typed, name the value and the
//! next step, and lead to exit code 2.

use lexopt::{Arg, Parser, ValueExt};
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use velocity_models::nvme::{FaultError, FaultPlan};

/// Most cores a machine may have; each is a host thread.
pub const MAX_CORES: u32 = 64;

/// Least and most memory of a machine, in MiB.
pub const MEMORY_MIB: std::ops::RangeInclusive<u32> = 16..=65_536;

/// How a simulated machine is made and used.
#[derive(Clone, Debug)]
pub struct Options {
    /// No window, even where there is a display.
    pub headless: bool,
    /// Disk image; `None` is the embedded one.
    pub disk: Option<PathBuf>,
    /// Commands to type, then end.
    pub script: Option<PathBuf>,
    /// Where the transcript goes.
    pub transcript: Option<PathBuf>,
    /// Where the last screen goes, as PNG.
    pub screenshot: Option<PathBuf>,
    /// Number of cores.
    pub cores: u32,
    /// Memory of the machine, in MiB.
    pub memory_mib: u32,
    /// Seeds the schedule of agents, and the machine's time is its own.
    pub seed: Option<u64>,
    /// How the disk misbehaves.
    pub faults: FaultPlan,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            headless: false,
            disk: None,
            script: None,
            transcript: None,
            screenshot: None,
            cores: 4,
            memory_mib: 256,
            seed: None,
            faults: FaultPlan::default(),
        }
    }
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Invocation {
    /// Run a machine.
    Run(Options),
    /// Measure the start of this many fresh machines.
    BenchBoot(Options, u32),
    /// Measure how late so many frames are, beside each kind of neighbours.
    BenchFrames(Options, u32),
    /// Print the help text.
    Help,
    /// Print the version.
    Version,
}

/// A command line that cannot be followed.
#[derive(Debug)]
pub enum OptionError {
    /// An option that does not exist, a value that is missing or one too many.
    Syntax(lexopt::Error),
    /// A fault that cannot be read.
    Faults(FaultError),
    /// A value that the option does not take.
    Value {
        /// The option with its dashes.
        option: &'static str,
        /// What was given.
        given: String,
        /// What it takes.
        expected: String,
    },
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => write!(f, "{error}; `sim --help` lists the options"),
            Self::Faults(error) => write!(f, "--faults: {error}"),
            Self::Value { option, given, expected } => write!(f, "{option} does not take `{given}`: give {expected}"),
        }
    }
}

impl std::error::Error for OptionError {}

impl From<lexopt::Error> for OptionError {
    fn from(error: lexopt::Error) -> Self {
        Self::Syntax(error)
    }
}

/// What is measured in place of a run.
enum Bench {
    Boot(u32),
    Frames(u32),
}

/// Reads the words of a command line after the program's name.
///
/// # Errors
/// [`OptionError`] at the first word that cannot be followed.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Invocation, OptionError> {
    let mut options = Options::default();
    let mut bench = None;
    let mut parser = Parser::from_args(words);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("headless") => options.headless = true,
            Arg::Long("disk") => options.disk = Some(parser.value()?.into()),
            Arg::Long("script") => options.script = Some(parser.value()?.into()),
            Arg::Long("transcript") => options.transcript = Some(parser.value()?.into()),
            Arg::Long("screenshot") => options.screenshot = Some(parser.value()?.into()),
            Arg::Long("cores") => options.cores = number(&mut parser, "--cores", 1..=MAX_CORES)?,
            Arg::Long("memory") => options.memory_mib = number(&mut parser, "--memory", MEMORY_MIB)?,
            Arg::Long("seed") => options.seed = Some(number(&mut parser, "--seed", 0..=u64::MAX)?),
            Arg::Long("faults") => options.faults = faults(parser.value()?)?,
            Arg::Long("bench-boot") => bench = Some(Bench::Boot(number(&mut parser, "--bench-boot", 1..=100_000)?)),
            Arg::Long("bench-frames") => {
                bench = Some(Bench::Frames(number(&mut parser, "--bench-frames", 1..=1_000_000)?));
            }
            Arg::Short('h') | Arg::Long("help") => return Ok(Invocation::Help),
            Arg::Short('V') | Arg::Long("version") => return Ok(Invocation::Version),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(match bench {
        Some(Bench::Boot(machines)) => Invocation::BenchBoot(options, machines),
        Some(Bench::Frames(frames)) => Invocation::BenchFrames(options, frames),
        None => Invocation::Run(options),
    })
}

/// The next value as a number within `range`.
fn number<N>(parser: &mut Parser, option: &'static str, range: std::ops::RangeInclusive<N>) -> Result<N, OptionError>
where
    N: FromStr + PartialOrd + fmt::Display,
{
    let given = parser.value()?.to_string_lossy().into_owned();
    match given.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            Err(OptionError::Value { option, given, expected })
        }
    }
}

fn faults(value: OsString) -> Result<FaultPlan, OptionError> {
    value.string()?.parse().map_err(OptionError::Faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(words: &[&str]) -> Result<Invocation, OptionError> {
        parse(words.iter().map(OsString::from))
    }

    #[test]
    fn every_option_lands_where_it_belongs() {
        let words =
            "--headless --disk d.img --script s --transcript=t --screenshot p.png --cores 2 --memory 64 --seed 7";
        let words: Vec<&str> = words.split(' ').collect();
        let Invocation::Run(options) = parse_words(&words).unwrap() else { panic!("not a run") };
        assert!(options.headless);
        assert_eq!((options.cores, options.memory_mib, options.seed), (2, 64, Some(7)));
        let files = [&options.disk, &options.script, &options.transcript, &options.screenshot];
        let files: Vec<_> = files.into_iter().flatten().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(files, ["d.img", "s", "t", "p.png"]);
        assert!(matches!(parse_words(&["--bench-boot", "3"]), Ok(Invocation::BenchBoot(_, 3))));
        assert!(matches!(parse_words(&["--bench-frames", "60"]), Ok(Invocation::BenchFrames(_, 60))));
        assert!(matches!(parse_words(&["--cores", "2", "-h"]), Ok(Invocation::Help)));
        assert!(matches!(parse_words(&["--version"]), Ok(Invocation::Version)));
    }

    #[test]
    fn a_bad_value_is_named_with_what_to_give() {
        let cases: [(&[&str], &str); 6] = [
            (&["--cores", "0"], "--cores does not take `0`: give a whole number from 1 to 64"),
            (&["--memory", "lots"], "--memory does not take `lots`: give a whole number from 16 to 65536"),
            (&["--seed", "-1"], "--seed does not take `-1`"),
            (&["--faults", "meteor"], "--faults: fault `meteor`: unknown kind; valid forms: "),
            (&["--disc", "x"], "`sim --help` lists the options"),
            (&["stray"], "`sim --help` lists the options"),
        ];
        for (words, expected) in cases {
            let message = parse_words(words).unwrap_err().to_string();
            assert!(message.contains(expected), "{words:?}: {message}");
        }
        assert!(parse_words(&["--disk"]).is_err());
    }
}
