//! The driver's side: one load to find out what answers.

use crate::entry::{ENTRIES, EntryId};
use crate::sandbox::Sandbox;
use crate::version::{Kept, Version};
use crate::watch::{Watch, is_right};
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use velocity_base::Instant;
use velocity_hal::Clock;
use velocity_nda::module::Value;
use velocity_sync::rcu::{Core, Table};

/// How many may call at a time: drivers, each for itself.
pub const READERS: usize = 64;

pub(crate) type Versions = Table<Version, { ENTRIES.len() }, READERS>;
pub(crate) type Reader = Core<Arc<Versions>, Version, { ENTRIES.len() }, READERS>;

/// The table of all entries.
#[derive(Clone)]
pub struct Dispatch {
    pub(crate) versions: Arc<Versions>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Dispatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a dispatch table")
    }
}

impl Dispatch {
    /// With the originals. Calls of versions that are watched are timed by this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { versions: Arc::new(Table::new(|_| Box::new(Version::new(Kept::original())))), clock }
    }

    /// For one driver's calls of one entry; `None` if there are [`READERS`] already.
    #[must_use]
    pub fn caller(&self, entry: EntryId) -> Option<Caller> {
        let reader = self.versions.join_shared()?;
        Some(Caller { reader, clock: Arc::clone(&self.clock), entry })
    }
}

/// Calls an entry.
pub struct Caller {
    reader: Reader,
    clock: Arc<dyn Clock>,
    entry: EntryId,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a caller of {}", self.entry.entry().name)
    }
}

/// What a driver asks.
struct Question<'q, U> {
    input: &'q [u8],
    arguments: &'q [Value],
    usable: U,
}

impl Caller {
    /// The answer of whatever stands for the entry; that of `original` if nothing does, or it fails, or its answer is not `usable`.
    #[inline]
    pub fn call(
        &self,
        input: &[u8],
        arguments: &[Value],
        usable: impl Fn(i64) -> bool,
        original: impl Fn() -> i64,
    ) -> i64 {
        let section = self.reader.read();
        match section.get(self.entry.0) {
            Some(version) if version.kept.program.is_some() => {
                let question = Question { input, arguments, usable };
                self.ask(version, &question, &original)
            }
            _ => original(),
        }
    }

    /// The driver found later that the last answer was wrong.
    pub fn refused(&self) {
        if let Some(version) = self.reader.read().get(self.entry.0) {
            match &version.watched {
                Some((watch, _)) => watch.note(Ok(false), Default::default()),
                None => version.note_fault(),
            }
        }
    }

    /// Says that nothing is being called: what was replaced may go.
    pub fn quiesce(&mut self) {
        self.reader.quiesce();
    }

    #[inline(never)]
    fn ask<U: Fn(i64) -> bool>(
        &self,
        version: &Version,
        question: &Question<'_, U>,
        original: &dyn Fn() -> i64,
    ) -> i64 {
        let Some(program) = &version.kept.program else { return original() };
        match &version.watched {
            None if version.fails() => original(),
            None => self.answer(program, question).unwrap_or_else(|()| {
                version.note_fault();
                original()
            }),
            Some((watch, before)) => self.watch(program, question, (watch, before), original),
        }
    }

    /// Asks both versions; the old one's answer counts where they have to agree.
    fn watch<U: Fn(i64) -> bool>(
        &self,
        program: &Sandbox,
        question: &Question<'_, U>,
        (watch, before): (&Watch, &Kept),
        original: &dyn Fn() -> i64,
    ) -> i64 {
        let start = self.clock.now();
        let new = if watch.goes_on() {
            Some(program.call(self.reader.number(), question.input, question.arguments))
        } else {
            None
        };
        let middle = self.clock.now();
        let old = before.program.as_ref().and_then(|program| self.answer(program, question).ok());
        let old = old.unwrap_or_else(original);
        let Some(new) = new else { return old };
        self.judge(new.map_err(drop), old, question, watch, (start, middle))
    }

    fn judge<U: Fn(i64) -> bool>(
        &self,
        new: Result<i64, ()>,
        old: i64,
        question: &Question<'_, U>,
        watch: &Watch,
        (start, middle): (Instant, Instant),
    ) -> i64 {
        let judge = self.entry.entry().judge;
        let right = new.map(|new| is_right(judge, (question.usable)(new), new, old));
        watch.note(right, (middle.since(start), self.clock.now().since(middle)));
        // Where they have to agree they do, or the old one's counts.
        if right == Ok(true) { new.unwrap_or(old) } else { old }
    }

    /// A program's answer, if it gives one that can be used.
    fn answer<U: Fn(i64) -> bool>(&self, program: &Sandbox, question: &Question<'_, U>) -> Result<i64, ()> {
        let answer = program.call(self.reader.number(), question.input, question.arguments);
        answer.ok().filter(|answer| (question.usable)(*answer)).ok_or(())
    }
}
