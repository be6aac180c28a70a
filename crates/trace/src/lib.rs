//! The bounded event log behind `dmesg`.
//!
//! A [`Log`] keeps the newest records in a ring of fixed capacity, so a chatty driver costs the oldest lines and never
//! memory without bound. Tier 0. Invariant: `record` never blocks on anything but its own short spin lock, and a record
//! longer than [`MAX_MESSAGE_BYTES`] is cut at a character boundary.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::{collections::VecDeque, string::String, vec::Vec};
use core::fmt;
use spin::Mutex;
use velocity_base::Instant;

/// Longest message kept, in bytes; the rest is cut.
pub const MAX_MESSAGE_BYTES: usize = 240;

/// How much a record matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The system goes on without something it wanted.
    Error,
    /// Unusual, and handled.
    Warn,
    /// What a person reading the boot log expects to see.
    Info,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When it was recorded.
    pub at: Instant,
    /// How much it matters.
    pub level: Level,
    /// The subsystem that speaks, for example `nvme`.
    pub source: &'static str,
    /// What it says; at most [`MAX_MESSAGE_BYTES`] bytes.
    pub message: String,
}

impl fmt::Display for Record {
    /// `[    0.001234] nvme: message`, with the time in seconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.at.nanos / 1_000;
        write!(f, "[{:5}.{:06}] ", micros / 1_000_000, micros % 1_000_000)?;
        match self.level {
            Level::Error => f.write_str("ERROR ")?,
            Level::Warn => f.write_str("warn ")?,
            Level::Info => {}
        }
        write!(f, "{}: {}", self.source, self.message)
    }
}

/// A ring of the newest records, shared by reference.
pub struct Log {
    capacity: usize,
    ring: Mutex<Ring>,
}

struct Ring {
    records: VecDeque<Record>,
    dropped: u64,
}

impl Log {
    /// A log that keeps the newest `capacity` records (at least one).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let ring = Ring { records: VecDeque::new(), dropped: 0 };
        Self { capacity: capacity.max(1), ring: Mutex::new(ring) }
    }

    /// Adds a record, dropping the oldest when full.
    pub fn record(&self, at: Instant, level: Level, source: &'static str, message: fmt::Arguments<'_>) {
        let mut text = Bounded(String::new());
        let _cut = fmt::write(&mut text, message);
        let mut ring = self.ring.lock();
        if ring.records.len() == self.capacity {
            ring.records.pop_front();
            ring.dropped += 1;
        }
        ring.records.push_back(Record { at, level, source, message: text.0 });
    }

    /// Shorthand for [`Level::Info`].
    pub fn info(&self, at: Instant, source: &'static str, message: fmt::Arguments<'_>) {
        self.record(at, Level::Info, source, message);
    }

    /// Shorthand for [`Level::Warn`].
    pub fn warn(&self, at: Instant, source: &'static str, message: fmt::Arguments<'_>) {
        self.record(at, Level::Warn, source, message);
    }

    /// Shorthand for [`Level::Error`].
    pub fn error(&self, at: Instant, source: &'static str, message: fmt::Arguments<'_>) {
        self.record(at, Level::Error, source, message);
    }

    /// A copy of all records, oldest first, and how many older ones were dropped.
    #[must_use]
    pub fn snapshot(&self) -> (Vec<Record>, u64) {
        let ring = self.ring.lock();
        (ring.records.iter().cloned().collect(), ring.dropped)
    }
}

/// Takes text until [`MAX_MESSAGE_BYTES`], then refuses the rest.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.0.len() + character.len_utf8() > MAX_MESSAGE_BYTES {
                return Err(fmt::Error);
            }
            self.0.push(character);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_and_the_loss_is_counted() {
        let log = Log::new(2);
        for n in 0..5 {
            log.info(Instant::from_nanos(n * 1_000), "test", format_args!("line {n}"));
        }
        let (records, dropped) = log.snapshot();
        assert_eq!(dropped, 3);
        let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["[    0.000003] test: line 3", "[    0.000004] test: line 4"]);
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let log = Log::new(1);
        log.error(Instant::ZERO, "test", format_args!("{}", "é".repeat(1_000)));
        let (records, _) = log.snapshot();
        assert_eq!(records[0].message.len(), MAX_MESSAGE_BYTES);
        assert!(records[0].to_string().starts_with("[    0.000000] ERROR test: éé"));
    }
}
