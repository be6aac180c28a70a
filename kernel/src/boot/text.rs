//! Text in a fixed buffer, for use before there is a heap.

use core::fmt;

/// At most `N` bytes of UTF-8; what does not fit is cut between characters.
#[derive(Clone, Copy)]
pub struct FixedText<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Default for FixedText<N> {
    fn default() -> Self {
        Self { bytes: [0; N], len: 0 }
    }
}

impl<const N: usize> FixedText<N> {
    /// A copy of `text`, cut to fit.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut fixed = Self::default();
        fixed.push(text);
        fixed
    }

    /// Appends `text`, cut to fit.
    pub fn push(&mut self, text: &str) {
        for character in text.chars() {
            let end = self.len + character.len_utf8();
            let Some(room) = self.bytes.get_mut(self.len..end) else { return };
            character.encode_utf8(room);
            self.len = end;
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }
}

impl<const N: usize> fmt::Write for FixedText<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_between_characters() {
        assert_eq!(FixedText::<5>::of("aéé!").as_str(), "aéé");
        assert_eq!(FixedText::<4>::of("aéé!").as_str(), "aé");
        assert_eq!(FixedText::<0>::of("x").as_str(), "");
    }
}
