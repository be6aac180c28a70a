//! What the engines found out about the programs that ran last.

use alloc::collections::VecDeque;
use alloc::{string::String, vec::Vec};
use core::cmp::Reverse;
use spin::Mutex;
use velocity_interp::Profile;

/// How many programs are remembered.
const PROGRAMS: usize = 8;

/// How many functions of each: those that took the most cycles.
const FUNCTIONS: usize = 64;

/// A program that ran.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    /// The file's name.
    pub program: String,
    /// The engine that it was given to.
    pub engine: &'static str,
    /// Its functions that ran, the most expensive first.
    pub functions: Vec<Profile>,
    /// How many there are beside.
    pub more: usize,
}

/// The programs that ran last, the latest last. It takes a bounded amount of memory.
#[derive(Debug, Default)]
pub(crate) struct Profiles(Mutex<VecDeque<Ran>>);

impl Profiles {
    /// Remembers a program, if its engine knows anything of it.
    pub(crate) fn add(&self, program: &str, engine: &'static str, mut functions: Vec<Profile>) {
        functions.retain(|one| one.function.calls > 0);
        if functions.is_empty() {
            return;
        }
        functions.sort_by_key(|one| Reverse(cost(one)));
        let more = functions.len().saturating_sub(FUNCTIONS);
        functions.truncate(FUNCTIONS);
        functions.shrink_to_fit();
        let mut programs = self.0.lock();
        if programs.len() == PROGRAMS {
            programs.pop_front();
        }
        programs.push_back(Ran { program: program.into(), engine, functions, more });
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Ran> {
        self.0.lock().iter().cloned().collect()
    }
}

/// About how many cycles all calls of a function took, with what they called.
fn cost(profile: &Profile) -> u128 {
    u128::from(profile.function.calls) * u128::from(profile.function.time.mean().unwrap_or(0))
}
