//! The keyboard: scan codes of set 1, as the i8042 translates them, to keys of the US layout.

use pc_keyboard::layouts::Us104Key;
use pc_keyboard::{DecodedKey, HandleControl, KeyCode, PS2Keyboard, ScancodeSet1};
use velocity_hal::{Key, KeyEvent, Modifiers};

/// Decodes a byte at a time; what it cannot decode it skips.
pub struct Keyboard(PS2Keyboard<Us104Key, ScancodeSet1>);

impl Keyboard {
    /// A keyboard with no key held and Num Lock on.
    #[must_use]
    pub const fn new() -> Self {
        Self(PS2Keyboard::new(ScancodeSet1::new(), Us104Key, HandleControl::Ignore))
    }

    /// Takes the next byte; returns the key that it completes, if that went down.
    pub fn feed(&mut self, byte: u8) -> Option<KeyEvent> {
        let event = self.0.add_byte(byte).ok()??;
        let key = match self.0.process_keyevent(event)? {
            DecodedKey::Unicode(character) => of_character(character),
            DecodedKey::RawKey(code) => of_code(code)?,
        };
        let held = self.0.get_modifiers();
        let modifiers = Modifiers { shift: held.is_shifted(), control: held.is_ctrl(), alt: held.is_alt() };
        Some(KeyEvent { key, modifiers })
    }
}

impl Default for Keyboard {
    fn default() -> Self {
        Self::new()
    }
}

/// The layout names editing keys by their ASCII characters.
const fn of_character(character: char) -> Key {
    match character {
        '\n' => Key::Enter,
        '\t' => Key::Tab,
        '\u{8}' => Key::Backspace,
        '\u{7f}' => Key::Delete,
        '\u{1b}' => Key::Escape,
        character => Key::Char(character),
    }
}

const fn of_code(code: KeyCode) -> Option<Key> {
    Some(match code {
        KeyCode::ArrowUp => Key::Up,
        KeyCode::ArrowDown => Key::Down,
        KeyCode::ArrowLeft => Key::Left,
        KeyCode::ArrowRight => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F1 => Key::Function(1),
        KeyCode::F2 => Key::Function(2),
        KeyCode::F3 => Key::Function(3),
        KeyCode::F4 => Key::Function(4),
        KeyCode::F5 => Key::Function(5),
        KeyCode::F6 => Key::Function(6),
        KeyCode::F7 => Key::Function(7),
        KeyCode::F8 => Key::Function(8),
        KeyCode::F9 => Key::Function(9),
        KeyCode::F10 => Key::Function(10),
        KeyCode::F11 => Key::Function(11),
        KeyCode::F12 => Key::Function(12),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Keys that `bytes` yield, held modifiers as letters in front.
    fn keys(bytes: &[u8]) -> Vec<(String, Key)> {
        let mut keyboard = Keyboard::new();
        let name = |event: KeyEvent| {
            let held = event.modifiers;
            let letters = [(held.shift, 'S'), (held.control, 'C'), (held.alt, 'A')];
            (letters.iter().filter(|(on, _)| *on).map(|(_, letter)| letter).collect(), event.key)
        };
        bytes.iter().filter_map(|byte| keyboard.feed(*byte)).map(name).collect()
    }

    fn plain(key: Key) -> (String, Key) {
        (String::new(), key)
    }

    #[test]
    fn presses_are_reported_and_releases_are_not() {
        assert_eq!(keys(&[0x1e, 0x9e, 0x30, 0xb0]), [plain(Key::Char('a')), plain(Key::Char('b'))]);
    }

    #[test]
    fn modifiers_hold_until_released() {
        let held = |letters: &str, key| (letters.to_string(), key);
        assert_eq!(keys(&[0x2a, 0x1e, 0xaa, 0x1e]), [held("S", Key::Char('A')), plain(Key::Char('a'))]);
        assert_eq!(keys(&[0x1d, 0x2e, 0x9d, 0x2e]), [held("C", Key::Char('c')), plain(Key::Char('c'))]);
        assert_eq!(keys(&[0xe0, 0x1d, 0x26]), [held("C", Key::Char('l'))], "right control");
        assert_eq!(keys(&[0x38, 0x21]), [held("A", Key::Char('f'))]);
        assert_eq!(keys(&[0x3a, 0xba, 0x1e, 0x02]), [plain(Key::Char('A')), plain(Key::Char('1'))], "caps lock");
        assert_eq!(keys(&[0x2a, 0x03]), [held("S", Key::Char('@'))]);
    }

    #[test]
    fn editing_and_cursor_keys_have_names() {
        let bytes =
            [0x1c, 0x0e, 0x0f, 0x01, 0xe0, 0x53, 0xe0, 0x48, 0xe0, 0x4b, 0xe0, 0x47, 0xe0, 0x51, 0x57, 0xe0, 0x1c];
        let expected = [
            Key::Enter,
            Key::Backspace,
            Key::Tab,
            Key::Escape,
            Key::Delete,
            Key::Up,
            Key::Left,
            Key::Home,
            Key::PageDown,
            Key::Function(11),
            Key::Enter,
        ];
        assert_eq!(keys(&bytes), expected.map(plain));
    }

    #[test]
    fn pause_and_unknown_codes_are_skipped() {
        assert_eq!(keys(&[0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5, 0xfa, 0xff, 0x00, 0x1e]), [plain(Key::Char('a'))]);
        assert_eq!(keys(&[0xe0, 0x2a, 0xe0, 0x4d]), [plain(Key::Right)], "the fake shift before a cursor key");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(keys(&bytes).len() <= bytes.len());
        }
    }
}
