//! Where the fields of a record are. It begins on a block; zeros fill its last one.

use velocity_base::le::{u16_at, u32_at, u64_at};
use velocity_base::{ContentHash, Hasher};

/// What every record begins with; the digit is the format's number.
const MAGIC: &[u8; 8] = b"VLEDGER1";

const KIND: usize = 8;
const RESERVED: usize = 10;
const BODY_BYTES: usize = 12;
const SEQUENCE: usize = 16;
const BEFORE: usize = 24;
const HASH: usize = 56;

/// Bytes in front of the body.
pub const HEADER_BYTES: usize = 88;

/// The fields of a record without its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub kind: u16,
    pub body_bytes: u32,
    pub sequence: u64,
    /// The hash of the record before it; zeros in the first one.
    pub before: ContentHash,
    /// That of this one.
    pub hash: ContentHash,
}

impl Header {
    /// For a body, with its hash.
    pub fn new(kind: u16, sequence: u64, before: ContentHash, body: &[u8]) -> Self {
        let body_bytes = body.len() as u32;
        let mut header = Self { kind, body_bytes, sequence, before, hash: ContentHash([0; 32]) };
        header.hash = header.hash_with(body);
        header
    }

    /// The hash of all other fields and a body.
    pub fn hash_with(&self, body: &[u8]) -> ContentHash {
        let mut hasher = Hasher::new();
        hasher.update(&self.encode()[..HASH]);
        hasher.update(body);
        hasher.finish()
    }

    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..KIND].copy_from_slice(MAGIC);
        bytes[KIND..RESERVED].copy_from_slice(&self.kind.to_le_bytes());
        bytes[BODY_BYTES..SEQUENCE].copy_from_slice(&self.body_bytes.to_le_bytes());
        bytes[SEQUENCE..BEFORE].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[BEFORE..HASH].copy_from_slice(&self.before.0);
        bytes[HASH..].copy_from_slice(&self.hash.0);
        bytes
    }

    /// The fields of a block that begins as records do.
    pub fn decode(block: &[u8]) -> Option<Self> {
        let bytes = block.first_chunk::<HEADER_BYTES>()?;
        let hash = |at: usize| bytes[at..].first_chunk().copied().map(ContentHash);
        (starts(block) && u16_at(bytes, RESERVED) == 0).then_some(())?;
        Some(Self {
            kind: u16_at(bytes, KIND),
            body_bytes: u32_at(bytes, BODY_BYTES),
            sequence: u64_at(bytes, SEQUENCE),
            before: hash(BEFORE)?,
            hash: hash(HASH)?,
        })
    }
}

/// Whether a block begins as records do.
pub fn starts(block: &[u8]) -> bool {
    block.starts_with(MAGIC)
}
