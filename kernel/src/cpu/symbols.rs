//! The nearest symbol to an address.
//!
//! `cargo xtask build` writes the table into the linked image, into the space reserved here. Layout, little-endian:
//! `VSYM`, number of entries; then per entry the offset of the function from the image's start and the end of its name
//! in the text behind the table, both 32 bits; then the names. Entries are sorted by offset.
//! `xtask/src/image/symbols.rs` writes it.

use crate::memory::layout;
use core::fmt::{self, Write};

/// Space for the table in the image, in bytes; xtask stops the build when it is too small.
pub const RESERVED: usize = 192 * 1024;

#[cfg(velocity_bare)]
#[used]
#[unsafe(link_section = ".velocity.symbols")]
static TABLE: [u8; RESERVED] = [0; RESERVED];

/// The table in this image.
fn table() -> &'static [u8] {
    #[cfg(velocity_bare)]
    // The bytes change after compilation, so the compiler must not look at them.
    return core::hint::black_box(&TABLE);
    #[cfg(not(velocity_bare))]
    &[]
}

/// A view of a symbol table.
pub struct Symbols<'a> {
    entries: &'a [u8],
    names: &'a [u8],
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

impl<'a> Symbols<'a> {
    /// A view of `bytes`, if they start with a table.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_at_checked(4)?;
        let count = usize::try_from(word(rest, 0)?).ok()?;
        let (entries, names) = rest.get(4..)?.split_at_checked(count.checked_mul(8)?)?;
        (magic == b"VSYM").then_some(Self { entries, names })
    }

    fn entry(&self, index: usize) -> Option<(u32, u32)> {
        Some((word(self.entries, index * 8)?, word(self.entries, index * 8 + 4)?))
    }

    /// The last symbol at or below `offset`, and how far above it `offset` is.
    #[must_use]
    pub fn nearest(&self, offset: u32) -> Option<(&'a str, u32)> {
        let (mut low, mut high) = (0, self.entries.len() / 8);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entry(middle)?.0 <= offset { low = middle + 1 } else { high = middle }
        }
        let index = low.checked_sub(1)?;
        let (start, end) = self.entry(index)?;
        let begin = if index == 0 { 0 } else { self.entry(index - 1)?.1 };
        let name = self.names.get(begin as usize..end as usize)?;
        Some((core::str::from_utf8(name).ok()?, offset - start))
    }
}

/// Writes `address` with the nearest symbol, if it lies in the image's code.
///
/// # Errors
/// Only those of `out`.
pub fn write(out: &mut impl Write, address: u64) -> fmt::Result {
    write!(out, "{address:#018x}")?;
    if !layout::text().contains(address) {
        return Ok(());
    }
    let offset = (address - layout::image().start.as_u64()) as u32;
    match Symbols::new(table()).and_then(|symbols| symbols.nearest(offset)) {
        Some((name, above)) => write!(out, " {name}+{above:#x}"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut bytes = b"VSYM".to_vec();
        for value in [2_u32, 0x100, 5, 0x180, 9] {
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(b"firstnext");
        bytes
    }

    #[test]
    fn finds_the_last_symbol_below() {
        let bytes = sample();
        let symbols = Symbols::new(&bytes).expect("a table");
        assert_eq!(symbols.nearest(0xff), None);
        assert_eq!(symbols.nearest(0x100), Some(("first", 0)));
        assert_eq!(symbols.nearest(0x17f), Some(("first", 0x7f)));
        assert_eq!(symbols.nearest(u32::MAX), Some(("next", u32::MAX - 0x180)));
    }

    #[test]
    fn a_cut_or_foreign_table_gives_nothing() {
        let bytes = sample();
        assert!(Symbols::new(&[0; 64]).is_none());
        assert!(Symbols::new(&bytes[..12]).is_none());
        let cut = Symbols::new(&bytes[..26]).expect("the entries are whole");
        assert_eq!(cut.nearest(0x200), None);
    }
}
