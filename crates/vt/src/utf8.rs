//! UTF-8, one byte at a time.
//!
//! Bad input becomes U+FFFD once per maximal subpart (The Unicode Standard, section 3.9), the same as
//! `String::from_utf8_lossy`, so a stream decodes alike however it is cut.

/// Decodes UTF-8 from single bytes.
#[derive(Clone, Debug, Default)]
pub struct Utf8Decoder {
    /// Bits of the character so far.
    bits: u32,
    /// Continuation bytes still missing; 0 outside a character.
    missing: u8,
    /// Lowest continuation byte allowed next.
    low: u8,
    /// Highest continuation byte allowed next.
    high: u8,
}

/// What one byte completed: none, one or two characters (a replacement and the character that revealed it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Characters {
    /// Whether an unfinished character was cut short: U+FFFD comes first.
    pub broken: bool,
    /// The character this byte ends.
    pub character: Option<char>,
}

impl Utf8Decoder {
    /// A decoder at the start of a character.
    #[must_use]
    pub const fn new() -> Self {
        Self { bits: 0, missing: 0, low: 0, high: 0 }
    }

    /// Whether the next byte continues a character.
    #[must_use]
    pub const fn is_inside(&self) -> bool {
        self.missing > 0
    }

    /// Takes in one byte.
    pub fn push(&mut self, byte: u8) -> Characters {
        if self.missing == 0 {
            return Characters { broken: false, character: self.start(byte) };
        }
        if byte < self.low || byte > self.high {
            self.missing = 0;
            return Characters { broken: true, character: self.start(byte) };
        }
        self.bits = self.bits << 6 | u32::from(byte & 0x3f);
        self.missing -= 1;
        (self.low, self.high) = (0x80, 0xbf);
        let character = (self.missing == 0).then(|| char::from_u32(self.bits).unwrap_or(char::REPLACEMENT_CHARACTER));
        Characters { broken: false, character }
    }

    /// Ends the stream here; answers whether a character was cut short, which stands for one U+FFFD.
    pub fn finish(&mut self) -> bool {
        core::mem::take(&mut self.missing) > 0
    }

    /// The first byte of a character. The ranges rule out overlong forms, surrogates and values past U+10FFFF.
    fn start(&mut self, byte: u8) -> Option<char> {
        let (missing, low, high) = match byte {
            0x00..=0x7f => return Some(char::from(byte)),
            0xc2..=0xdf => (1, 0x80, 0xbf),
            0xe0 => (2, 0xa0, 0xbf),
            0xed => (2, 0x80, 0x9f),
            0xe1..=0xef => (2, 0x80, 0xbf),
            0xf0 => (3, 0x90, 0xbf),
            0xf1..=0xf3 => (3, 0x80, 0xbf),
            0xf4 => (3, 0x80, 0x8f),
            _ => return Some(char::REPLACEMENT_CHARACTER),
        };
        self.bits = u32::from(byte) & (0x3f >> missing);
        (self.missing, self.low, self.high) = (missing, low, high);
        None
    }
}
