//! Where what must not be lost goes: the ledger, and the board on which changes are announced.

use alloc::string::String;
use core::fmt;

/// Kinds of records in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Kind {
    /// A package was accepted: all of it. Counters, epoch and root are in it, and verified again whenever it is read.
    Accepted = 0x0100,
    /// The release of the last package is kept: its counter, and what was measured.
    Kept = 0x0101,
    /// The release of the last package was taken back: its counter, and why.
    TakenBack = 0x0102,
    /// An entry went back to the version before: its name, and the number of the version that it has then.
    WentBack = 0x0103,
}

impl Kind {
    /// The kind of a number.
    #[must_use]
    pub const fn of(number: u16) -> Option<Self> {
        Some(match number {
            0x0100 => Self::Accepted,
            0x0101 => Self::Kept,
            0x0102 => Self::TakenBack,
            0x0103 => Self::WentBack,
            _ => return None,
        })
    }
}

/// Why something could not be kept, or announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalError(
    /// What is wrong, and the next step.
    pub String,
);

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for JournalError {}

/// Keeps records in their order, and speaks to the board.
pub trait Journal {
    /// Adds a record. It is durable when this returns.
    ///
    /// # Errors
    /// [`JournalError`]: it is not there then, or it will be there after a restart; both are as good.
    fn append(&mut self, kind: Kind, body: &[u8]) -> Result<(), JournalError>;

    /// Announces on the board that entries are to be changed, each from a version on; the number of the announcement.
    ///
    /// # Errors
    /// [`JournalError`]: somebody else has changed one of them, or there is no room.
    fn announce(&mut self, why: &str, entries: &[(&'static str, u32)]) -> Result<u64, JournalError>;

    /// Says what became of an announcement: the change was made, with what was measured, or not.
    ///
    /// # Errors
    /// [`JournalError`].
    fn settle(&mut self, announcement: u64, made: bool, measured: &str) -> Result<(), JournalError>;
}
