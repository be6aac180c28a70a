//! Why a command failed, said to the person who typed it: each message names the thing and the next step.

use crate::storage::StorageError;
use alloc::{string::String, vec::Vec};
use core::fmt;
use velocity_board::{BoardError, LedgerError};
use velocity_hotpatch::ApplyError;
use velocity_nexus::SpawnError;
use velocity_terminal::SyntaxError;

/// A failed command.
#[derive(Debug)]
pub(crate) enum ShellError {
    /// The line is not words.
    Syntax(SyntaxError),
    /// No command has this name; `nearest` is one that looks like it.
    UnknownCommand { name: String, nearest: Option<&'static str> },
    /// The command has no such option.
    UnknownOption { option: String, command: &'static str },
    /// Too few or too many arguments.
    Usage { usage: &'static str },
    /// A file or folder could not be used.
    Storage(StorageError),
    /// No engine of this machine has this name.
    NoSuchEngine { name: String, known: Vec<&'static str> },
    /// No program that ran has a function of this name.
    NoSuchFunction { name: String },
    /// This machine runs no machine code.
    NoMachineCode,
    /// A program has no function of this name.
    NotInProgram { name: String },
    /// A function could not be compiled.
    NotCompiled { name: String, why: String },
    /// A program is larger than the shell loads.
    ProgramTooLarge { path: String, bytes: u64, limit: usize },
    /// There is no agent of this number.
    NoSuchAgent { number: String },
    /// No agent was made.
    NotSpawned { name: String, error: SpawnError },
    /// No agents run on this core.
    NoAgentsThere { core: u32 },
    /// A package changes nothing.
    NotApplied(ApplyError),
    /// No updates are taken.
    NoUpdates { why: String },
    /// So many packages wait already.
    TooManyUpdates { most: usize },
    /// There is no entry of this name.
    NoSuchEntry { name: String },
    /// The board does not do that.
    Board(BoardError),
    /// The ledger cannot be read.
    Ledger(LedgerError),
    /// There is no ledger.
    NoLedger { why: String },
    /// A program is not UTF-8 text.
    ProgramNotText { name: String, offset: usize },
}

impl fmt::Display for ShellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => write!(f, "{error}"),
            Self::UnknownCommand { name, nearest: Some(nearest) } => {
                write!(f, "{name}: no such command; did you mean `{nearest}`? `help` lists all")
            }
            Self::UnknownCommand { name, nearest: None } => write!(f, "{name}: no such command; `help` lists all"),
            Self::UnknownOption { option, command } => {
                write!(f, "{option}: no such option; `help {command}` shows what it takes")
            }
            Self::Usage { usage } => write!(f, "usage: {usage}"),
            Self::Storage(error) => write!(f, "{error}"),
            Self::NoSuchEngine { name, known } => {
                write!(f, "{name}: no such engine on this machine; it has {}", known.join(", "))
            }
            Self::NoSuchFunction { name } => {
                write!(f, "{name}: no function of this name has run; `jit` lists those that have")
            }
            Self::NoMachineCode => f.write_str("this machine runs no machine code; `run` has other engines"),
            Self::NotInProgram { name } => {
                write!(f, "{name}: the program has no function of this name; `hash` lists all")
            }
            Self::NotCompiled { name, why } => {
                write!(f, "{name}: is not compiled to machine code: {why}; closures run it")
            }
            Self::ProgramTooLarge { path, bytes, limit } => {
                write!(f, "{path}: {bytes} bytes are too many for a program (limit {limit}); split it")
            }
            Self::NoSuchAgent { number } => write!(f, "{number}: no such agent; `ps` lists them"),
            Self::NotSpawned { name, error } => write!(f, "{name}: {error}"),
            Self::NoAgentsThere { core } => write!(f, "core {core} gives no agents turns; `cores` shows those that do"),
            Self::NotApplied(error) => write!(f, "{error}"),
            Self::NoUpdates { why } => write!(f, "no updates are taken: {why}"),
            Self::TooManyUpdates { most } => {
                write!(f, "{most} packages wait already; apply this one when one of them is decided")
            }
            Self::NoSuchEntry { name } => write!(f, "{name}: no such entry; `ota status` lists them"),
            Self::Board(error) => write!(f, "{error}"),
            Self::Ledger(error) => write!(f, "{error}"),
            Self::NoLedger { why } => write!(f, "there is no ledger: {why}"),
            Self::ProgramNotText { name, offset } => {
                write!(f, "{name}: not a program: byte {offset} is not UTF-8 text; `run` takes NDA source")
            }
        }
    }
}

impl core::error::Error for ShellError {}

impl From<StorageError> for ShellError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<SyntaxError> for ShellError {
    fn from(error: SyntaxError) -> Self {
        Self::Syntax(error)
    }
}

impl From<ApplyError> for ShellError {
    fn from(error: ApplyError) -> Self {
        Self::NotApplied(error)
    }
}

impl From<BoardError> for ShellError {
    fn from(error: BoardError) -> Self {
        Self::Board(error)
    }
}

impl From<LedgerError> for ShellError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}
