//! What happens on the board, as records of the ledger: little endian, texts behind their length.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What can be changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// What sort of thing it is.
    pub kind: Kind,
    /// Its name: an entry's, a definition's hash in digits, or a path.
    pub name: String,
}

/// Sorts of things that can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An entry of the dispatch table.
    Entry,
    /// A definition of the language.
    Definition,
    /// A file.
    File,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Entry, Self::Definition, Self::File];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Definition => "definition",
            Self::File => "file",
        }
    }
}

impl Item {
    /// An entry of the dispatch table.
    #[must_use]
    pub fn entry(name: &str) -> Self {
        Self { kind: Kind::Entry, name: name.into() }
    }

    /// The item of a text such as `entry:fat32.walk`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once(':')?;
        let kind = Kind::ALL.into_iter().find(|known| known.name() == kind)?;
        (!name.is_empty()).then(|| Self { kind, name: name.into() })
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.name)
    }
}

/// Something that happened on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A change was announced.
    Announced {
        /// The announcement's number.
        number: u64,
        /// By whom.
        who: String,
        /// What for.
        why: String,
        /// What is to be changed, each from a revision on.
        items: Vec<(Item, u64)>,
    },
    /// Somebody agrees.
    Agreed {
        /// With this announcement.
        number: u64,
        /// Who.
        who: String,
    },
    /// It was done.
    Committed {
        /// The announcement's number.
        number: u64,
        /// What was measured.
        measured: String,
    },
    /// It will not be done.
    Withdrawn {
        /// The announcement's number.
        number: u64,
        /// Why not.
        why: String,
    },
}

/// Bytes of a record that are not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordError;

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record of the board makes no sense")
    }
}

impl core::error::Error for RecordError {}

const ANNOUNCED: u16 = 1;
const AGREED: u16 = 2;
const COMMITTED: u16 = 3;
const WITHDRAWN: u16 = 4;

impl Event {
    /// Whether records of this kind are the board's.
    #[must_use]
    pub const fn is_kind(kind: u16) -> bool {
        matches!(kind, ANNOUNCED..=WITHDRAWN)
    }

    /// Its kind and bytes.
    #[must_use]
    pub fn encode(&self) -> (u16, Vec<u8>) {
        let mut out = Vec::new();
        let (kind, number) = match self {
            Self::Announced { number, .. } => (ANNOUNCED, number),
            Self::Agreed { number, .. } => (AGREED, number),
            Self::Committed { number, .. } => (COMMITTED, number),
            Self::Withdrawn { number, .. } => (WITHDRAWN, number),
        };
        out.extend(number.to_le_bytes());
        match self {
            Self::Announced { who, why, items, .. } => {
                [who, why].into_iter().for_each(|text| put(&mut out, text));
                out.extend((items.len() as u16).to_le_bytes());
                for (item, revision) in items {
                    out.push(item.kind as u8);
                    put(&mut out, &item.name);
                    out.extend(revision.to_le_bytes());
                }
            }
            Self::Agreed { who: text, .. }
            | Self::Committed { measured: text, .. }
            | Self::Withdrawn { why: text, .. } => put(&mut out, text),
        }
        (kind, out)
    }

    /// The way back.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn decode(kind: u16, bytes: &[u8]) -> Result<Self, RecordError> {
        let mut reader = Reader(bytes);
        let number = reader.u64()?;
        let event = match kind {
            ANNOUNCED => {
                let (who, why) = (reader.text()?, reader.text()?);
                let count = u16::from_le_bytes(reader.array()?);
                let items = (0..count).map(|_| reader.item()).collect::<Result<_, _>>()?;
                Self::Announced { number, who, why, items }
            }
            AGREED => Self::Agreed { number, who: reader.text()? },
            COMMITTED => Self::Committed { number, measured: reader.text()? },
            WITHDRAWN => Self::Withdrawn { number, why: reader.text()? },
            _ => return Err(RecordError),
        };
        if reader.0.is_empty() { Ok(event) } else { Err(RecordError) }
    }
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u16).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        let (now, rest) = self.0.split_first_chunk().ok_or(RecordError)?;
        self.0 = rest;
        Ok(*now)
    }

    fn u64(&mut self) -> Result<u64, RecordError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Result<String, RecordError> {
        let len = usize::from(u16::from_le_bytes(self.array()?));
        let (now, rest) = self.0.split_at_checked(len).ok_or(RecordError)?;
        self.0 = rest;
        core::str::from_utf8(now).map(String::from).map_err(|_| RecordError)
    }

    fn item(&mut self) -> Result<(Item, u64), RecordError> {
        let [kind] = self.array()?;
        let kind = *Kind::ALL.get(usize::from(kind)).ok_or(RecordError)?;
        Ok((Item { kind, name: self.text()? }, self.u64()?))
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Announced { number, who, why, items } => {
                write!(f, "announcement {number} by {who}:")?;
                items.iter().try_for_each(|(item, revision)| write!(f, " {item} from revision {revision},"))?;
                write!(f, " {why}")
            }
            Self::Agreed { number, who } => write!(f, "announcement {number}: {who} agrees"),
            Self::Committed { number, measured } => write!(f, "announcement {number} is done: {measured}"),
            Self::Withdrawn { number, why } => write!(f, "announcement {number} is withdrawn: {why}"),
        }
    }
}
