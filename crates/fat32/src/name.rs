//! Names: from the disk to text, and when two of them are the same (fatgen103, "Name Limits and Character Sets").

use crate::{codepage, layout::entry};

/// A name as the disk has it.
#[derive(Clone, Copy)]
pub enum Name<'a> {
    /// UTF-16 units of a long name, 1 to 255.
    Long(&'a [u16]),
    /// The 11 bytes of a short name, and its lower-case flags.
    Short(&'a [u8; entry::NAME_BYTES], u8),
}

const LOWER_CASE_BASE: u8 = 0x08;
const LOWER_CASE_EXTENSION: u8 = 0x10;

impl Name<'_> {
    /// Its characters, such as a terminal and a path can take: what is no character, a control character or `/` is
    /// U+FFFD.
    pub fn chars(&self) -> impl Iterator<Item = char> {
        let (long, short): (&[u16], _) = match *self {
            Self::Long(units) => (units, None),
            Self::Short(bytes, flags) => (&[], Some(short_chars(bytes, flags))),
        };
        let long = char::decode_utf16(long.iter().copied()).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER));
        long.chain(short.into_iter().flatten()).map(|char| match char {
            '/' => char::REPLACEMENT_CHARACTER,
            char if char.is_control() => char::REPLACEMENT_CHARACTER,
            char => char,
        })
    }

    /// True if `text` names the same thing: case does not count.
    pub fn is(&self, text: &str) -> bool {
        self.chars().map(fold).eq(text.chars().map(fold))
    }
}

/// The characters of a label: trailing spaces don't count, and `NO NAME` means that there is none.
pub fn label_chars(bytes: &[u8; entry::NAME_BYTES]) -> impl Iterator<Item = char> {
    let bytes: &[u8] = if bytes == b"NO NAME    " { &[] } else { bytes.trim_ascii_end() };
    bytes
        .iter()
        .map(|byte| Some(codepage::decode(*byte)).filter(|char| !char.is_control()))
        .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// `BASE.EXT`, padding removed. The first byte 0x05 stands for 0xE5, which marks a deleted entry.
fn short_chars(bytes: &[u8; entry::NAME_BYTES], flags: u8) -> impl Iterator<Item = char> {
    let (base, extension) = bytes.split_at(8);
    let (base, extension) = (trim(base), trim(extension));
    let dot = (!extension.is_empty()).then_some('.');
    let first = base.first().map(|first| if *first == 0x05 { 0xE5 } else { *first });
    let base = first.into_iter().chain(base.iter().skip(1).copied());
    let base = base.map(move |byte| short_char(byte, flags & LOWER_CASE_BASE != 0));
    let extension = extension.iter().map(move |byte| short_char(*byte, flags & LOWER_CASE_EXTENSION != 0));
    base.chain(dot).chain(extension)
}

fn trim(bytes: &[u8]) -> &[u8] {
    let len = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    &bytes[..len]
}

fn short_char(byte: u8, lower: bool) -> char {
    codepage::decode(if lower { codepage::to_lower(byte) } else { byte })
}

/// The character that stands for all cases of `char`: its upper case where that is one character, as in the tables
/// that Windows compares names with.
fn fold(char: char) -> char {
    let mut upper = char.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(bytes: &[u8; 11], flags: u8) -> String {
        Name::Short(bytes, flags).chars().collect()
    }

    fn long(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn short_names_lose_their_padding_and_gain_a_dot() {
        assert_eq!(short(b"README  TXT", 0), "README.TXT");
        assert_eq!(short(b"MAKEFILE   ", 0), "MAKEFILE");
        assert_eq!(short(b"A B     C  ", 0), "A B.C");
        assert_eq!(short(b"\x05TE     \x8E  ", 0), "σTE.Ä");
    }

    #[test]
    fn windows_nt_flags_lower_each_half() {
        assert_eq!(short(b"README  TXT", 0x18), "readme.txt");
        assert_eq!(short(b"README  TXT", 0x08), "readme.TXT");
        assert_eq!(short(b"\x9ABER    TXT", 0x10), "ÜBER.txt");
        assert_eq!(short(b"\x9ABER    TXT", 0x08), "über.TXT");
    }

    #[test]
    fn what_would_disturb_a_terminal_or_a_path_is_replaced() {
        assert_eq!(short(b"A/\x1B\x7F\0   TXT", 0), "A\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}.TXT");
        assert_eq!(Name::Long(&[0x41, 0x0A, 0xD83D, 0x42]).chars().collect::<String>(), "A\u{FFFD}\u{FFFD}B");
    }

    #[test]
    fn case_does_not_count_in_any_script() {
        for (name, text) in
            [("Readme.TXT", "rEADME.txt"), ("Ελλάς", "ΕΛΛΆΣ"), ("ПРИВЕТ", "привет"), ("ǆ", "Ǆ"), ("😀", "😀")]
        {
            assert!(Name::Long(&long(name)).is(text), "{name} {text}");
        }
        for (name, text) in [("a", "b"), ("a", "aa"), ("aa", "a"), ("ß", "SS"), ("é", "e")] {
            assert!(!Name::Long(&long(name)).is(text), "{name} {text}");
        }
        assert!(Name::Short(b"README  TXT", 0x18).is("ReadMe.txt"));
    }

    #[test]
    fn labels_lose_padding_only() {
        let label = |bytes: &[u8; 11]| label_chars(bytes).collect::<String>();
        assert_eq!(label(b"VELOCITY   "), "VELOCITY");
        assert_eq!(label(b"MY DISK\x8E   "), "MY DISKÄ");
        assert_eq!(label(b"NO NAME    "), "");
        assert_eq!(label(b"A\x1B         "), "A\u{FFFD}");
    }
}
