//! Little-endian numbers at an offset, for views that have checked their length once.
//!
//! Disk structures, packets and binary documents are read through these. A view makes sure when it is made that its
//! fields lie inside; the getters may then index without a second check of their own.

/// The 16-bit number at `at`.
///
/// # Panics
/// When `bytes` is shorter than `at + 2`: the caller's view did not check its length.
#[must_use]
#[inline]
#[track_caller]
pub fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array_at(bytes, at))
}

/// The 32-bit number at `at`.
///
/// # Panics
/// When `bytes` is shorter than `at + 4`: the caller's view did not check its length.
#[must_use]
#[inline]
#[track_caller]
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

/// The 64-bit number at `at`.
///
/// # Panics
/// When `bytes` is shorter than `at + 8`: the caller's view did not check its length.
#[must_use]
#[inline]
#[track_caller]
pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, at))
}

#[inline]
#[track_caller]
fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..][..N]);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

    #[test]
    fn the_lowest_byte_comes_first() {
        assert_eq!(u16_at(&BYTES, 1), 0x0201);
        assert_eq!(u32_at(&BYTES, 2), 0x0504_0302);
        assert_eq!(u64_at(&BYTES, 2), 0x0908_0706_0504_0302);
    }

    #[test]
    #[should_panic(expected = "out of range")]
    fn a_field_outside_its_view_is_a_bug_of_ours() {
        let _ = u32_at(&BYTES, 7);
    }
}
