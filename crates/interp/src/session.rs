//! An admitted program from its first node to its last: its start function, then the function it starts with.
//!
//! Shells and tools differ in how they show what a program prints and how it ended; how it begins, goes on and what it may
//! use is the same for all of them, and is here.

use crate::{Console, FunctionAddress, Host, InstantiateError, Invocation, Profile, Progress, Store};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use velocity_gate::Program;
use velocity_nda::line;
use velocity_nda::module::{ExportItem, FuncId, Module};

/// The function a program starts with.
const ENTRY: &str = "main";

/// What modules from elsewhere export instead of it.
const EXPORTED: [&str; 2] = [ENTRY, "_start"];

/// Why an admitted program cannot start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// The module has no function to start with.
    NoSuchFunction,
    /// The function needs arguments, and there is nobody to give them.
    HasParameters,
    /// There is no instance of it.
    Instantiate(InstantiateError),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchFunction => {
                write!(f, "the program has no function `{ENTRY}` to start with; add `fn {ENTRY}() {{ ... }}`")
            }
            Self::HasParameters => {
                write!(f, "the program starts with `{ENTRY}`, which must have no parameters; write `fn {ENTRY}()`")
            }
            Self::Instantiate(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for StartError {}

impl StartError {
    /// The error as text for a person; of a segment that does not fit the place.
    #[must_use]
    pub fn render(&self, file_name: &str, source: &str) -> String {
        if let Self::Instantiate(InstantiateError::Trap(trap)) = self {
            return trap.render(file_name, source);
        }
        let mut out = String::new();
        line(&mut out, format_args!("error: {self}"));
        out
    }
}

/// A program on its way.
#[derive(Debug)]
pub struct Session {
    store: Store,
    /// What runs now.
    invocation: Invocation,
    /// What runs next: the entry function, while the start function runs.
    next: Option<FunctionAddress>,
    /// Fuel that the start function used, once it has ended.
    spent: u64,
    /// Whether the output stands at the beginning of a line.
    fresh_line: bool,
}

impl Session {
    /// Prepares a program in a store of its own, which defines nothing yet, with the console as its host. Nothing runs yet.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn new(program: &Program, mut store: Store) -> Result<Self, StartError> {
        Console::define(&mut store);
        Self::in_store(program, store)
    }

    /// The same in a store that defines whatever the program's host has.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn in_store(program: &Program, mut store: Store) -> Result<Self, StartError> {
        let entry = entry(program.module())?;
        let instance = store.prepare(program).map_err(StartError::Instantiate)?;
        let entry = entry.and_then(|id| store.function(instance, id));
        let (first, next) = match store.start_of(instance) {
            Some(start) => (start, entry),
            None => (entry.ok_or(StartError::NoSuchFunction)?, None),
        };
        let invocation = Invocation::new(&store, first, &[]).map_err(|_| StartError::HasParameters)?;
        Ok(Self { store, invocation, next, spent: 0, fresh_line: true })
    }

    /// Runs for at most `slice` units of fuel and appends what the program shows to `out`, as much as [`Console::new`]
    /// says; what it shows in all ends with a line end. Once it is over, the outcome is given again.
    pub fn resume(&mut self, slice: u64, out: &mut String) -> Progress {
        let before = out.len();
        let progress = self.resume_with(slice, &mut Console::new(out));
        if out.len() > before {
            self.fresh_line = out.ends_with('\n');
        }
        if progress != Progress::Suspended && !self.fresh_line {
            out.push('\n');
            self.fresh_line = true;
        }
        progress
    }

    /// The same with another host, which sees to what the program shows.
    pub fn resume_with(&mut self, slice: u64, host: &mut dyn Host) -> Progress {
        let progress = self.invocation.resume(&mut self.store, host, slice);
        if self.goes_on(&progress) { Progress::Suspended } else { progress }
    }

    /// Why the engine leaves this program to a slower one; `None` if it does not, or has not begun.
    #[must_use]
    pub fn fallback_reason(&self) -> Option<&'static str> {
        self.store.fallback_reason()
    }

    /// What the engine knows of the functions that ran.
    #[must_use]
    pub fn profile(&self) -> Vec<Profile> {
        self.store.profile()
    }

    /// Pages of 64 KiB of linear memory that its store has.
    #[must_use]
    pub const fn pages(&self) -> u32 {
        self.store.pages()
    }

    /// Fuel used so far.
    #[must_use]
    pub const fn fuel_used(&self) -> u64 {
        self.spent + self.invocation.fuel_used()
    }

    /// Goes on to the entry function, with the fuel that is left, if the start function has ended well.
    fn goes_on(&mut self, progress: &Progress) -> bool {
        let Some(next) = self.next.filter(|_| matches!(progress, Progress::Finished(_))) else { return false };
        self.next = None;
        // The entry function has no parameters: `entry` saw to that.
        let Ok(invocation) = Invocation::new(&self.store, next, &[]) else { return false };
        self.spent = self.invocation.fuel_used();
        self.invocation = invocation.with_fuel(self.store.limits().fuel - self.spent);
        true
    }
}

/// The function a program starts with, which has no parameters; none if its start function is all there is to run.
fn entry(module: &Module) -> Result<Option<FuncId>, StartError> {
    let exported = |name: &&str| {
        module.exports.iter().find_map(|export| match export.item {
            ExportItem::Function(id) if module.text(export.name) == *name => Some(id),
            _ => None,
        })
    };
    let mut all = module.function_named(ENTRY).into_iter().chain(EXPORTED.iter().filter_map(exported)).peekable();
    let some = all.peek().is_some();
    match all.find(|&id| module.parameters(module.functions[id].signature).len() == 0) {
        Some(id) => Ok(Some(id)),
        None if some => Err(StartError::HasParameters),
        None if module.start.is_some() => Ok(None),
        None => Err(StartError::NoSuchFunction),
    }
}
