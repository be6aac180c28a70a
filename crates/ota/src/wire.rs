//! Bytes to values and back: little endian, every list behind its length.

use crate::{Doubt, What};
use alloc::string::String;
use alloc::vec::Vec;
use velocity_base::ContentHash;

/// Reads a part of a package from its first byte to its last.
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
    what: What,
}

type Read<T> = Result<T, Doubt>;

impl<'b> Reader<'b> {
    pub(crate) const fn new(what: What, bytes: &'b [u8]) -> Self {
        Self { rest: bytes, what }
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Read<&'b [u8]> {
        let (now, rest) = self.rest.split_at_checked(count).ok_or(Doubt::Truncated(self.what))?;
        self.rest = rest;
        Ok(now)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (now, rest) = self.rest.split_first_chunk().ok_or(Doubt::Truncated(self.what))?;
        self.rest = rest;
        Ok(*now)
    }

    pub(crate) fn u8(&mut self) -> Read<u8> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(crate) fn u16(&mut self) -> Read<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Read<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Read<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(crate) fn hash(&mut self) -> Read<ContentHash> {
        Ok(ContentHash(self.array()?))
    }

    /// Text behind its length, at most so long and without control characters: it is shown to people.
    pub(crate) fn text(&mut self, most: usize) -> Read<String> {
        let len = usize::from(self.u8()?);
        let text =
            core::str::from_utf8(self.bytes(len)?).map_err(|_| Doubt::Malformed(self.what, "text is not UTF-8"))?;
        if len > most || text.chars().any(char::is_control) {
            return Err(Doubt::Malformed(self.what, "a text is too long, or has control characters"));
        }
        Ok(text.into())
    }

    /// As many items as a count says, at most so many.
    pub(crate) fn list<T>(&mut self, most: usize, mut item: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count = usize::from(self.u8()?);
        if count > most {
            return Err(Doubt::Malformed(self.what, "a list has too many items"));
        }
        (0..count).map(|_| item(self)).collect()
    }

    /// Nothing may be left.
    pub(crate) const fn end(self) -> Read<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(Doubt::Trailing(self.what)) }
    }
}

/// Text behind its length.
///
/// # Panics
/// When it is longer than 255 bytes: whoever makes metadata bounds it.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_count(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// A count of items.
///
/// # Panics
/// When it is above 255.
pub(crate) fn put_count(out: &mut Vec<u8>, count: usize) {
    out.push(u8::try_from(count).expect("lists of metadata have at most 255 items"));
}
