//! Announcements, and who was first.

#[cfg(test)]
mod tests;

use crate::record::{Event, Item};
use crate::{Ledger, LedgerError};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Most announcements that a member has open, and all members together.
pub const MAX_OF_MEMBER: usize = 64;
/// See [`MAX_OF_MEMBER`].
pub const MAX_OPEN: usize = 1024;

/// Most bytes of a text.
pub const MAX_TEXT: usize = 240;

/// Most things that one announcement changes, and that the board knows.
const MAX_ITEMS: usize = 16;
const MAX_KNOWN: usize = 1 << 16;

/// Most members that agree with one announcement.
const MAX_AGREE: usize = 32;

/// A change that was announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// By whom.
    pub who: String,
    /// What for.
    pub why: String,
    /// What is to be changed, each from a revision on.
    pub items: Vec<(Item, u64)>,
    /// Who agrees.
    pub agreed: Vec<String>,
}

/// A thing's revision, and who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Revision {
    number: u64,
    by: String,
}

/// Why something does not happen on the board. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BoardError {
    /// Something was changed since it was announced.
    Conflict {
        /// What.
        item: Item,
        /// The revision that the announcement is about.
        expected: u64,
        /// The one that is there.
        found: u64,
        /// Who made that.
        by: String,
    },
    /// There is no such announcement, or it is settled.
    NoSuch {
        /// Its number.
        number: u64,
    },
    /// There are too many announcements: of one member, or of all.
    TooMany {
        /// Most.
        limit: usize,
    },
    /// A text is too long, or nothing or too much is to be changed.
    Malformed,
    /// It cannot be recorded.
    Ledger(LedgerError),
}

impl fmt::Display for BoardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { item, expected, found, by } => write!(
                f,
                "{item} was at revision {expected} when this was announced, and {by} has made revision {found}; announce it again"
            ),
            Self::NoSuch { number } => write!(f, "there is no open announcement {number}; `board` lists them"),
            Self::TooMany { limit } => write!(f, "there are {limit} open announcements; settle some first"),
            Self::Malformed => write!(
                f,
                "an announcement changes 1 to {MAX_ITEMS} things, each once, and its texts have at most {MAX_TEXT} bytes"
            ),
            Self::Ledger(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for BoardError {}

impl From<LedgerError> for BoardError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// The board. Without a ledger it forgets everything when the machine is switched off.
#[derive(Debug, Default)]
pub struct Board {
    ledger: Option<Ledger>,
    known: BTreeMap<Item, Revision>,
    open: BTreeMap<u64, Intent>,
    last: u64,
}

impl Board {
    /// An empty one, that remembers nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With what a ledger remembers. Records of other kinds are shown to `others`; of the board's own, those that make no sense are passed over.
    ///
    /// # Errors
    /// [`LedgerError`], with what could be read so far.
    pub fn with_ledger(ledger: Ledger, others: &mut dyn FnMut(u16, &[u8])) -> (Self, Result<(), LedgerError>) {
        let mut board = Self::new();
        let mut ledger = ledger;
        let read = ledger.replay(&mut |record| {
            match Event::decode(record.kind, record.body) {
                Ok(event) => drop(board.happens(event)),
                Err(_) => others(record.kind, record.body),
            }
            core::ops::ControlFlow::Continue(())
        });
        // Nobody who announced something then is there any more.
        board.open.clear();
        board.ledger = Some(ledger);
        (board, read)
    }

    /// What remembers it.
    pub const fn ledger(&mut self) -> Option<&mut Ledger> {
        self.ledger.as_mut()
    }

    /// Open announcements, by number.
    pub fn open(&self) -> impl Iterator<Item = (u64, &Intent)> {
        self.open.iter().map(|(number, intent)| (*number, intent))
    }

    /// Everything that was ever changed: its revision, and who made that.
    pub fn known(&self) -> impl Iterator<Item = (&Item, u64, &str)> {
        self.known.iter().map(|(item, revision)| (item, revision.number, revision.by.as_str()))
    }

    /// The revision of a thing: how often it was changed.
    #[must_use]
    pub fn revision(&self, item: &Item) -> u64 {
        self.known.get(item).map_or(0, |revision| revision.number)
    }

    /// Announces a change; its number.
    ///
    /// # Errors
    /// [`BoardError`].
    pub fn announce(&mut self, who: &str, why: &str, items: &[(Item, u64)]) -> Result<u64, BoardError> {
        let is_twice = |at: usize| items[..at].iter().any(|(item, _)| *item == items[at].0);
        let too_long = |text: &str| text.len() > MAX_TEXT || text.chars().any(char::is_control);
        let malformed = items.is_empty() || items.len() > MAX_ITEMS || (0..items.len()).any(is_twice);
        if malformed || too_long(who) || too_long(why) || items.iter().any(|(item, _)| too_long(&item.name)) {
            return Err(BoardError::Malformed);
        }
        let of_member = self.open.values().filter(|intent| intent.who == who).count();
        for (count, limit) in [(of_member, MAX_OF_MEMBER), (self.open.len(), MAX_OPEN), (self.known.len(), MAX_KNOWN)] {
            if count >= limit {
                return Err(BoardError::TooMany { limit });
            }
        }
        self.unmoved(items)?;
        let number = self.last + 1;
        self.record(Event::Announced { number, who: who.into(), why: why.into(), items: items.to_vec() })?;
        Ok(number)
    }

    /// Notes that a member agrees.
    ///
    /// # Errors
    /// [`BoardError`].
    pub fn agree(&mut self, number: u64, who: &str) -> Result<(), BoardError> {
        let intent = self.open.get(&number).ok_or(BoardError::NoSuch { number })?;
        if intent.agreed.iter().any(|known| known == who) {
            return Ok(());
        }
        if intent.agreed.len() >= MAX_AGREE || who.len() > MAX_TEXT {
            return Err(BoardError::TooMany { limit: MAX_AGREE });
        }
        self.record(Event::Agreed { number, who: who.into() })
    }

    /// The change was made: everything in it has a new revision.
    ///
    /// # Errors
    /// [`BoardError::Conflict`] if any of it was changed by somebody else since; the announcement stays open.
    pub fn commit(&mut self, number: u64, measured: &str) -> Result<(), BoardError> {
        let intent = self.open.get(&number).ok_or(BoardError::NoSuch { number })?;
        self.unmoved(&intent.items)?;
        self.record(Event::Committed { number, measured: shortened(measured).into() })
    }

    /// Commits several that come at the same time, the one that was announced first before the others; what became of each, in their order.
    pub fn settle(&mut self, numbers: &[u64], measured: &str) -> Vec<(u64, Result<(), BoardError>)> {
        let mut sorted = numbers.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        sorted.into_iter().map(|number| (number, self.commit(number, measured))).collect()
    }

    /// The change will not be made.
    ///
    /// # Errors
    /// [`BoardError`].
    pub fn withdraw(&mut self, number: u64, why: &str) -> Result<(), BoardError> {
        if !self.open.contains_key(&number) {
            return Err(BoardError::NoSuch { number });
        }
        self.record(Event::Withdrawn { number, why: shortened(why).into() })
    }

    /// Nothing of it was changed since.
    fn unmoved(&self, items: &[(Item, u64)]) -> Result<(), BoardError> {
        for (item, expected) in items {
            let found = self.revision(item);
            if found != *expected {
                let by = self.known.get(item).map_or_else(|| "nobody".into(), |revision| revision.by.clone());
                return Err(BoardError::Conflict { item: item.clone(), expected: *expected, found, by });
            }
        }
        Ok(())
    }

    fn record(&mut self, event: Event) -> Result<(), BoardError> {
        if let Some(ledger) = &mut self.ledger {
            let (kind, body) = event.encode();
            ledger.append(kind, &body)?;
        }
        self.happens(event)
    }

    fn happens(&mut self, event: Event) -> Result<(), BoardError> {
        match event {
            Event::Announced { number, who, why, items } => {
                if self.open.len() >= MAX_OPEN {
                    // Only a ledger of another system has more: the oldest were never settled.
                    self.open.pop_first();
                }
                self.last = self.last.max(number);
                self.open.insert(number, Intent { who, why, items, agreed: Vec::new() });
            }
            Event::Agreed { number, who } => {
                let intent = self.open.get_mut(&number).ok_or(BoardError::NoSuch { number })?;
                intent.agreed.push(who);
            }
            Event::Committed { number, .. } => {
                let intent = self.open.remove(&number).ok_or(BoardError::NoSuch { number })?;
                for (item, before) in intent.items {
                    self.known.insert(item, Revision { number: before + 1, by: intent.who.clone() });
                }
            }
            Event::Withdrawn { number, .. } => drop(self.open.remove(&number)),
        }
        Ok(())
    }
}

/// As much of a text as is kept.
fn shortened(text: &str) -> &str {
    let mut len = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(len) {
        len -= 1;
    }
    &text[..len]
}
