//! The nearest symbol to an address.
//!
//! `cargo xtask build` writes the table into the linked image, into the space reserved here. Layout, little-endian:
//! `VSYM`, number of entries (32 bits); then per entry how far the function begins above the one before (the first: above
//! the image's start) in 24 bits, and the length of its name in 8; then the names. It is read from the front, once before
//! the end of the world, and costs half of what positions would in the packed image.
//! `xtask/src/image/symbols.rs` writes it.

use crate::memory::layout;
use core::fmt::{self, Write};

/// Space for the table in the image, in bytes; xtask stops the build when it is too small.
pub const RESERVED: usize = 176 * 1024;

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
    entries: &'a [[u8; 4]],
    names: &'a [u8],
}

impl<'a> Symbols<'a> {
    /// A view of `bytes`, if they start with a table.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_at_checked(4)?;
        let (count, rest) = rest.split_first_chunk()?;
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        let (entries, names) = rest.split_at_checked(count.checked_mul(4)?)?;
        (magic == b"VSYM").then_some(Self { entries: entries.as_chunks().0, names })
    }

    /// The last symbol at or below `offset`, and how far above it `offset` is.
    #[must_use]
    pub fn nearest(&self, offset: u32) -> Option<(&'a str, u32)> {
        let (mut start, mut end, mut found) = (0_u32, 0_usize, None);
        for &[low, middle, high, len] in self.entries {
            start = start.saturating_add(u32::from_le_bytes([low, middle, high, 0]));
            if start > offset {
                break;
            }
            let begin = end;
            end += usize::from(len);
            found = Some((begin..end, start));
        }
        let (name, start) = found?;
        Some((core::str::from_utf8(self.names.get(name)?).ok()?, offset - start))
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
        [&b"VSYM"[..], &2_u32.to_le_bytes(), &[0, 1, 0, 5], &[0x80, 0, 0, 4], b"firstnext"].concat()
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
        let cut = Symbols::new(&bytes[..18]).expect("the entries are whole");
        assert_eq!(cut.nearest(0x200), None);
    }
}
