//! Where things lie in a document.
//!
//! ```text
//! 0    magic "NDA1"
//! 4    version, sections: two 16-bit numbers
//! 8    length of the document: 64 bits
//! 16   seal: BLAKE3, keyed by the context [`CONTEXT`], over bytes 0 to 16 and bytes 48 to the end
//! 48   root of the program: 32 bytes
//! 80   for each section its length in bytes, and how many bytes each of its numbers has: two 32-bit numbers
//! 256  the sections, each aligned to 8 bytes, zeros between
//! ```

use core::ops::Range;

pub(super) const MAGIC: [u8; 4] = *b"NDA1";
pub(super) const VERSION: u16 = 3;
pub(super) const SECTIONS: usize = 22;
pub(super) const SEAL: Range<usize> = 16..48;
pub(super) const ROOT: Range<usize> = 48..80;
pub(super) const TABLE: usize = 80;
pub(super) const TABLE_ENTRY: usize = 8;
pub(super) const HEADER: usize = TABLE + SECTIONS * TABLE_ENTRY;

/// Numbers in the section about the program as a whole: six counts, the start function plus one, zero.
pub(super) const PROGRAM_BYTES: usize = 32;
pub(super) const PROGRAM_START: usize = 24;

/// Of a definition's kind: it is imported, and has no form here.
pub(super) const IMPORTED: u8 = 0x80;
/// Of a global's type: it can be set.
pub(super) const MUTABLE: u8 = 0x10;

/// The most types that a signature has which stands here once for all its uses. A wider one stands here once for each
/// use, so that few bytes cannot ask for much.
pub(super) const NARROW_SIGNATURE: usize = 16;

/// Keeps seals apart from all other uses of BLAKE3 (its mode `derive_key`).
const CONTEXT: &str = "VELOCITY-OS 2026-11 NDA document seal";

/// The seal of a document: everything but the seal itself.
pub(super) fn seal(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(&bytes[..SEAL.start]);
    hasher.update(&bytes[SEAL.end..]);
    *hasher.finalize().as_bytes()
}

/// Seals a document that was made, or changed by whoever tests a reader. Too few bytes for a seal stay as they are.
pub fn reseal(bytes: &mut [u8]) {
    if bytes.len() >= SEAL.end {
        let seal = seal(bytes);
        bytes[SEAL].copy_from_slice(&seal);
    }
}
