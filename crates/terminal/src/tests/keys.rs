//! Tests of the key decoder.

use crate::{ESCAPE_TIMEOUT, KeyDecoder};
use proptest::prelude::*;
use velocity_base::Instant;
use velocity_hal::{Key, KeyEvent, Modifiers};

const NONE: Modifiers = Modifiers { shift: false, control: false, alt: false };
const SHIFT: Modifiers = Modifiers { shift: true, ..NONE };
const CONTROL: Modifiers = Modifiers { control: true, ..NONE };
const ALT: Modifiers = Modifiers { alt: true, ..NONE };

fn key(key: Key) -> KeyEvent {
    KeyEvent { key, modifiers: NONE }
}

fn decode(bytes: &[u8]) -> Vec<KeyEvent> {
    let mut decoder = KeyDecoder::new();
    let mut keys: Vec<_> = bytes.iter().flat_map(|&byte| decoder.feed(byte, Instant::ZERO)).collect();
    keys.extend(decoder.poll(Instant::ZERO.after(ESCAPE_TIMEOUT)));
    keys
}

#[test]
fn each_kind_of_line_end_is_one_enter() {
    for end in ["\r", "\n", "\r\n"] {
        assert_eq!(decode(end.repeat(3).as_bytes()), vec![key(Key::Enter); 3], "{end:?}");
    }
    assert_eq!(decode(b"\n\r\n"), vec![key(Key::Enter); 2]);
    assert_eq!(decode(b"\ra\n"), [key(Key::Enter), key(Key::Char('a')), key(Key::Enter)]);
}

#[test]
fn characters_of_every_length() {
    let keys: Vec<_> = "aé日😀".chars().map(|c| key(Key::Char(c))).collect();
    assert_eq!(decode("aé日😀".as_bytes()), keys);
    assert_eq!(decode(b"\xe6\x97a"), [key(Key::Char('\u{fffd}')), key(Key::Char('a'))]);
    assert_eq!(decode(b"\xe6\x1b[A"), [key(Key::Char('\u{fffd}')), key(Key::Up)]);
    assert_eq!(decode(b"\xff\xc2\x85"), [key(Key::Char('\u{fffd}'))]);
}

#[test]
fn controls_and_editing_keys() {
    assert_eq!(decode(b"\x03"), [KeyEvent { key: Key::Char('c'), modifiers: CONTROL }]);
    assert_eq!(decode(b"\x1f"), [KeyEvent { key: Key::Char('_'), modifiers: CONTROL }]);
    assert_eq!(decode(b"\x08\x7f\t\0"), [key(Key::Backspace), key(Key::Backspace), key(Key::Tab)]);
}

#[test]
fn cursor_keys_of_all_common_terminals() {
    for (bytes, expected) in [
        ("\x1b[A", Key::Up),
        ("\x1bOB", Key::Down),
        ("\x1b[C", Key::Right),
        ("\x1bOD", Key::Left),
        ("\x1b[H", Key::Home),
        ("\x1b[1~", Key::Home),
        ("\x1b[7~", Key::Home),
        ("\x1bOF", Key::End),
        ("\x1b[4~", Key::End),
        ("\x1b[3~", Key::Delete),
        ("\x1b[5~", Key::PageUp),
        ("\x1b[6~", Key::PageDown),
        ("\x1bOP", Key::Function(1)),
        ("\x1b[[E", Key::Function(5)),
        ("\x1b[15~", Key::Function(5)),
        ("\x1b[17~", Key::Function(6)),
        ("\x1b[21~", Key::Function(10)),
        ("\x1b[24~", Key::Function(12)),
        ("\x1bOM", Key::Enter),
    ] {
        assert_eq!(decode(bytes.as_bytes()), [key(expected)], "{bytes:?}");
    }
}

#[test]
fn modifiers_of_cursor_keys() {
    assert_eq!(decode(b"\x1b[1;5D"), [KeyEvent { key: Key::Left, modifiers: CONTROL }]);
    assert_eq!(decode(b"\x1b[1;3C"), [KeyEvent { key: Key::Right, modifiers: ALT }]);
    assert_eq!(decode(b"\x1b[3;5~"), [KeyEvent { key: Key::Delete, modifiers: CONTROL }]);
    assert_eq!(decode(b"\x1b[Z"), [KeyEvent { key: Key::Tab, modifiers: SHIFT }]);
    assert_eq!(decode(b"\x1bb\x1b\x7f"), [Key::Char('b'), Key::Backspace].map(|key| KeyEvent { key, modifiers: ALT }));
}

#[test]
fn a_lone_escape_is_known_by_silence() {
    let mut decoder = KeyDecoder::new();
    assert_eq!(decoder.feed(0x1b, Instant::from_nanos(7)).count(), 0);
    let due = Instant::from_nanos(7).after(ESCAPE_TIMEOUT);
    assert_eq!(decoder.deadline(), Some(due));
    assert_eq!(decoder.poll(Instant::from_nanos(due.nanos - 1)), None);
    assert_eq!(decoder.poll(due), Some(key(Key::Escape)));
    assert_eq!((decoder.poll(due), decoder.deadline()), (None, None));
    assert_eq!(decode(b"\x1b\x1b[A"), [key(Key::Escape), key(Key::Up)]);
}

#[test]
fn a_late_reader_still_sees_the_arrow_key() {
    let mut decoder = KeyDecoder::new();
    let late = Instant::ZERO.after(ESCAPE_TIMEOUT * 100);
    assert_eq!(decoder.feed(0x1b, Instant::ZERO).count(), 0);
    assert_eq!(decoder.feed(b'[', late).count(), 0);
    assert_eq!(decoder.feed(b'A', late).collect::<Vec<_>>(), [key(Key::Up)]);
}

#[test]
fn an_unfinished_sequence_is_dropped_after_silence() {
    let mut decoder = KeyDecoder::new();
    for byte in *b"\x1b[1;" {
        assert_eq!(decoder.feed(byte, Instant::ZERO).count(), 0);
    }
    assert_eq!(decoder.poll(Instant::ZERO.after(ESCAPE_TIMEOUT)), None);
    assert_eq!(decoder.feed(b'A', Instant::ZERO).collect::<Vec<_>>(), [key(Key::Char('A'))]);
}

#[test]
fn pasted_text_is_typed_text_and_unknown_sequences_are_nothing() {
    let keys: Vec<_> = "ls".chars().map(|c| key(Key::Char(c))).collect();
    assert_eq!(decode(b"\x1b[200~ls\x1b[201~"), keys);
    assert_eq!(decode(b"\x1b[?1;2c\x1b[99999999999~\x1b[24;80R\x1b[<0;1;1M"), []);
}

#[test]
fn a_byte_that_no_sequence_holds_ends_it() {
    assert_eq!(decode(b"\x1b[1\ra"), [key(Key::Enter), key(Key::Char('a'))]);
    assert_eq!(decode("\x1b[1é".as_bytes()), [key(Key::Char('é'))]);
}

proptest! {
    #[test]
    fn any_bytes_give_at_most_a_key_each_and_then_plain_text_again(
        bytes in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut decoder = KeyDecoder::new();
        let mut count = 0;
        for &byte in &bytes {
            count += decoder.feed(byte, Instant::ZERO).count();
        }
        let end = Instant::ZERO.after(ESCAPE_TIMEOUT);
        count += usize::from(decoder.poll(end).is_some());
        prop_assert!(count <= bytes.len());
        prop_assert_eq!(decoder.feed(b'x', end).last(), Some(key(Key::Char('x'))));
    }
}
