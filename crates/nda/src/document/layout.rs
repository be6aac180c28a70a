//! Where things lie in a document.
//!
//! ```text
//! 0    magic "NDA1"
//! 4    version, sections: two 16-bit numbers
//! 8    length of the document: 64 bits
//! 16   seal: SHA-256 over "NDA-doc-v1", bytes 0 to 16 and bytes 48 to the end
//! 48   root of the program: 32 bytes
//! 80   for each section its offset and length: two 64-bit numbers
//! 224  the sections, each aligned to 8 bytes, zeros between
//! ```

use core::ops::Range;
use velocity_base::{ContentHash, Hasher};

pub(super) const MAGIC: [u8; 4] = *b"NDA1";
pub(super) const VERSION: u16 = 1;
pub(super) const SECTIONS: usize = 9;
pub(super) const SEAL: Range<usize> = 16..48;
pub(super) const ROOT: Range<usize> = 48..80;
pub(super) const TABLE: usize = 80;
pub(super) const HEADER: usize = TABLE + SECTIONS * 16;

/// Numbers in the section about the program as a whole: six counts, the start function plus one, zero.
pub(super) const PROGRAM_BYTES: usize = 32;
pub(super) const PROGRAM_START: usize = 24;

/// A definition's record.
pub(super) const DEFINITION_BYTES: usize = 96;

/// Fields of a definition's record.
pub(super) mod field {
    use core::ops::Range;

    pub(crate) const HASH: Range<usize> = 0..32;
    /// Kind as in the canonical form.
    pub(crate) const KIND: usize = 32;
    pub(crate) const FLAGS: usize = 33;
    /// How text writes data: 0 not at all, 1 text, 2 an array, 3 one element; then the cell.
    pub(crate) const SHAPE: usize = 34;
    pub(crate) const CELL: usize = 35;
    /// How many elements an array has.
    pub(crate) const COUNT: usize = 36;
    /// Numbers of texts, plus one; 0 for none.
    pub(crate) const NAME: usize = 40;
    pub(crate) const DOC: usize = 44;
    /// Where its references begin, and how many there are.
    pub(crate) const REFERENCES: usize = 48;
    pub(crate) const REFERENCE_COUNT: usize = 52;
    /// Where the names of its locals begin, and how many there are.
    pub(crate) const NAMES: usize = 56;
    pub(crate) const NAME_COUNT: usize = 60;
    /// Where its form begins; how long head and body are.
    pub(crate) const FORM: usize = 64;
    pub(crate) const HEAD_LEN: usize = 72;
    pub(crate) const BODY_LEN: usize = 80;
    /// The number among equal objects; zeros.
    pub(crate) const ORDINAL: usize = 88;
    pub(crate) const ZERO: usize = 92;

    /// It is imported: only its head is here.
    pub(crate) const IMPORTED: u8 = 1;
}

/// The seal of a document: everything but the seal itself.
pub(super) fn seal(bytes: &[u8]) -> ContentHash {
    let mut hasher = Hasher::new();
    hasher.update(b"NDA-doc-v1\0\0\0\0\0\0");
    hasher.update(&bytes[..SEAL.start]);
    hasher.update(&bytes[SEAL.end..]);
    hasher.finish()
}
