//! How many columns a character takes.
//!
//! A cheap subset of Unicode Standard Annex 11: the blocks below cover East Asian scripts, emoji and the usual
//! combining marks; everything else is one column. A wrong guess misplaces a cursor, never memory.

/// Ranges of characters that take two columns, in order.
const WIDE: [(u32, u32); 12] = [
    (0x1100, 0x115f),
    (0x231a, 0x231b),
    (0x23e9, 0x23ec),
    (0x2e80, 0x303e),
    (0x3041, 0xa4cf),
    (0xa960, 0xa97c),
    (0xac00, 0xd7a3),
    (0xf900, 0xfaff),
    (0xfe30, 0xfe6f),
    (0xff01, 0xff60),
    (0x1f300, 0x1faff),
    (0x20000, 0x3fffd),
];

/// Ranges of characters that take no column of their own, in order.
const ZERO: [(u32, u32); 7] = [
    (0x0300, 0x036f),
    (0x200b, 0x200f),
    (0x202a, 0x202e),
    (0x2060, 0x2064),
    (0x20d0, 0x20f0),
    (0xfe00, 0xfe0f),
    (0xfe20, 0xfe2f),
];

/// Columns that `character` takes: 0, 1 or 2. Controls count as one; they are not for printing.
#[must_use]
pub fn width(character: char) -> usize {
    let code = u32::from(character);
    if code < ZERO[0].0 {
        1
    } else if contains(&ZERO, code) {
        0
    } else if contains(&WIDE, code) {
        2
    } else {
        1
    }
}

fn contains(ranges: &[(u32, u32)], code: u32) -> bool {
    ranges.iter().any(|&(first, last)| (first..=last).contains(&code))
}
