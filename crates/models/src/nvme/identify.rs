//! Identify data structures (section 5.15.2).

use super::registers::VERSION;

/// Bytes of every structure.
pub(super) const IDENTIFY_BYTES: usize = 4096;

/// Identify Controller (figure 247). `mdts`: base-2 logarithm of the largest transfer in pages, 0 without a limit.
pub(super) fn controller(mdts: u8) -> [u8; IDENTIFY_BYTES] {
    let mut data = [0; IDENTIFY_BYTES];
    data[0..2].copy_from_slice(&0x1b36u16.to_le_bytes());
    data[2..4].copy_from_slice(&0x1b36u16.to_le_bytes());
    put_text(&mut data[4..24], "VELOCITY0001");
    put_text(&mut data[24..64], "VELOCITY NVMe model");
    put_text(&mut data[64..72], "1.0");
    data[77] = mdts;
    data[78..80].copy_from_slice(&1u16.to_le_bytes());
    data[80..84].copy_from_slice(&VERSION.to_le_bytes());
    // ACL: four aborts at a time (zero-based). SQES and CQES: 64 and 16 bytes. NN: 1. VWC: there is a cache.
    data[258] = 3;
    data[512] = 0x66;
    data[513] = 0x44;
    data[516..520].copy_from_slice(&1u32.to_le_bytes());
    data[525] = 1;
    data
}

/// Identify Namespace (figure 245): `blocks` blocks of 2^`log2` bytes in the only format.
pub(super) fn namespace(blocks: u64, log2: u8) -> [u8; IDENTIFY_BYTES] {
    let mut data = [0; IDENTIFY_BYTES];
    for field in [0, 8, 16] {
        data[field..field + 8].copy_from_slice(&blocks.to_le_bytes());
    }
    data[130] = log2;
    data
}

/// Active Namespace ID list (figure 246): what is above `above`.
pub(super) fn active_namespaces(above: u32) -> [u8; IDENTIFY_BYTES] {
    let mut data = [0; IDENTIFY_BYTES];
    data[0] = u8::from(above < 1);
    data
}

/// An ASCII field, padded with spaces.
fn put_text(field: &mut [u8], text: &str) {
    field.fill(b' ');
    field[..text.len()].copy_from_slice(text.as_bytes());
}
