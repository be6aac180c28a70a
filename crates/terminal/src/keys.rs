//! Keys out of the bytes that a serial line or host terminal sends.
//!
//! Understands UTF-8, the control characters, `ESC [` and `ESC O` keys of xterm, the Linux console and VT220, and
//! `ESC` + key for Alt. A lone ESC is only known by what does not follow: ask [`KeyDecoder::poll`] when no byte waits.

use velocity_base::{Duration, Instant};
use velocity_hal::{Key, KeyEvent, Modifiers};
use velocity_vt::Utf8Decoder;

/// How long ESC may wait for the rest of a key before it is the Escape key.
pub const ESCAPE_TIMEOUT: Duration = Duration::from_millis(50);

const ESC: u8 = 0x1b;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum State {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// After `ESC O`: one byte names the key.
    Single,
    /// After `ESC [`: the first two parameters, and which one is being read.
    Sequence { parameters: [u16; 2], at: usize },
    /// After `ESC [ [`: one byte names a function key of the Linux console.
    LinuxFunction,
}

/// Turns bytes into keys, one byte at a time.
#[derive(Clone, Debug, Default)]
pub struct KeyDecoder {
    state: State,
    utf8: Utf8Decoder,
    /// Whether the last byte was CR, so that an LF now is the rest of the same line end.
    after_cr: bool,
    /// When the unfinished sequence began.
    since: Instant,
}

/// The keys that one byte completed: at most two.
#[derive(Clone, Debug, Default)]
pub struct Keys([Option<KeyEvent>; 2]);

impl Iterator for Keys {
    type Item = KeyEvent;

    fn next(&mut self) -> Option<KeyEvent> {
        self.0[0].take().or_else(|| self.0[1].take())
    }
}

impl From<Option<KeyEvent>> for Keys {
    fn from(key: Option<KeyEvent>) -> Self {
        Self([key, None])
    }
}

impl KeyDecoder {
    /// A decoder that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one byte that arrived by `now`.
    pub fn feed(&mut self, byte: u8, now: Instant) -> Keys {
        let after_cr = core::mem::replace(&mut self.after_cr, byte == b'\r');
        if byte == b'\n' && after_cr {
            return Keys::default();
        }
        if byte == ESC {
            return self.escape_byte(now);
        }
        match core::mem::take(&mut self.state) {
            State::Ground => self.plain(byte),
            State::Escape => self.after_escape(byte),
            State::Single => single(byte).into(),
            State::Sequence { parameters, at } => self.in_sequence(byte, parameters, at).into(),
            State::LinuxFunction => match byte {
                b'A'..=b'E' => Some(plain_key(Key::Function(byte - b'A' + 1))).into(),
                _ => Keys::default(),
            },
        }
    }

    /// Resolves what waited longer than [`ESCAPE_TIMEOUT`]: a lone ESC is a key, a longer fragment is dropped.
    ///
    /// To be called when no byte waits; otherwise a late reader would take the ESC of an arrow key for a lone one.
    pub fn poll(&mut self, now: Instant) -> Option<KeyEvent> {
        if now < self.deadline()? {
            return None;
        }
        let was = core::mem::take(&mut self.state);
        (was == State::Escape).then(|| plain_key(Key::Escape))
    }

    /// When [`KeyDecoder::poll`] is due, if it is.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        (self.state != State::Ground).then(|| self.since.after(ESCAPE_TIMEOUT))
    }

    fn escape_byte(&mut self, now: Instant) -> Keys {
        self.since = now;
        let was = core::mem::replace(&mut self.state, State::Escape);
        let broken = self.utf8.finish().then(|| plain_key(Key::Char(char::REPLACEMENT_CHARACTER)));
        let lone = (was == State::Escape).then(|| plain_key(Key::Escape));
        Keys([broken, lone])
    }

    fn plain(&mut self, byte: u8) -> Keys {
        let decoded = self.utf8.push(byte);
        let broken = decoded.broken.then(|| plain_key(Key::Char(char::REPLACEMENT_CHARACTER)));
        Keys([broken, decoded.character.and_then(key_of)])
    }

    fn after_escape(&mut self, byte: u8) -> Keys {
        match byte {
            b'[' => self.state = State::Sequence { parameters: [0; 2], at: 0 },
            b'O' => self.state = State::Single,
            // A character of several bytes after ESC comes without Alt: no layout here types one.
            0x80.. => return self.plain(byte),
            _ => return key_of(char::from(byte)).map(with_alt).into(),
        }
        Keys::default()
    }

    fn in_sequence(&mut self, byte: u8, mut parameters: [u16; 2], mut at: usize) -> Option<KeyEvent> {
        match byte {
            b'0'..=b'9' => {
                if let Some(value) = parameters.get_mut(at) {
                    *value = value.saturating_mul(10).saturating_add(u16::from(byte - b'0'));
                }
            }
            b';' => at = (at + 1).min(parameters.len()),
            b'[' if parameters == [0; 2] && at == 0 => {
                self.state = State::LinuxFunction;
                return None;
            }
            0x40..=0x7e => return sequence_key(byte, parameters),
            0x20..=0x3f => {}
            // No sequence holds this byte: what came before it is dropped, it is read for itself.
            _ => return self.plain(byte).last(),
        }
        self.state = State::Sequence { parameters, at };
        None
    }
}

fn plain_key(key: Key) -> KeyEvent {
    KeyEvent { key, modifiers: Modifiers::default() }
}

fn with_alt(event: KeyEvent) -> KeyEvent {
    KeyEvent { modifiers: Modifiers { alt: true, ..event.modifiers }, ..event }
}

fn control_key(character: char) -> KeyEvent {
    KeyEvent { key: Key::Char(character), modifiers: Modifiers { control: true, ..Modifiers::default() } }
}

/// The key that sends `character`; the C1 controls and NUL have none.
fn key_of(character: char) -> Option<KeyEvent> {
    let code = u32::from(character);
    Some(match character {
        '\r' | '\n' => plain_key(Key::Enter),
        '\t' => plain_key(Key::Tab),
        '\x08' | '\x7f' => plain_key(Key::Backspace),
        '\x01'..='\x1a' => control_key(char::from_u32(code + 0x60)?),
        '\x1c'..='\x1f' => control_key(char::from_u32(code + 0x40)?),
        '\0' | '\x1b' | '\u{80}'..='\u{9f}' => return None,
        _ => plain_key(Key::Char(character)),
    })
}

/// Keys of `ESC O` (application mode) and of `ESC [` without a tilde.
fn lettered(byte: u8) -> Option<Key> {
    Some(match byte {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        _ => return None,
    })
}

fn single(byte: u8) -> Option<KeyEvent> {
    let key = match byte {
        b'M' => Key::Enter,
        b'P'..=b'S' => Key::Function(byte - b'P' + 1),
        _ => lettered(byte)?,
    };
    Some(plain_key(key))
}

fn sequence_key(byte: u8, [number, modifier]: [u16; 2]) -> Option<KeyEvent> {
    let mut modifiers = modifiers_of(modifier);
    let key = match byte {
        b'~' => numbered(number)?,
        b'Z' => {
            modifiers.shift = true;
            Key::Tab
        }
        _ => lettered(byte)?,
    };
    Some(KeyEvent { key, modifiers })
}

/// Keys of `ESC [ number ~`. The marks of a bracketed paste (200, 201) are no keys: pasted text is typed text.
fn numbered(number: u16) -> Option<Key> {
    Some(match number {
        1 | 7 => Key::Home,
        3 => Key::Delete,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        11..=15 => Key::Function((number - 10) as u8),
        17..=21 => Key::Function((number - 11) as u8),
        23 | 24 => Key::Function((number - 12) as u8),
        _ => return None,
    })
}

/// xterm's modifier parameter: 1 + a bit each for shift, alt and control.
fn modifiers_of(parameter: u16) -> Modifiers {
    let bits = parameter.saturating_sub(1);
    Modifiers { shift: bits & 1 != 0, alt: bits & 2 != 0, control: bits & 4 != 0 }
}
