//! Tests of the terminal's state machine, by the text it shows.

use super::{console, shown};
use crate::{Console, MAX_PIXELS};
use proptest::prelude::*;

#[test]
fn text_wraps_and_scrolls() {
    assert_eq!(shown(5, 3, "abcdefg"), "abcde\nfg");
    assert_eq!(shown(5, 3, "abcde\r\nf"), "abcde\nf");
    assert_eq!(shown(5, 3, "1\r\n2\r\n3\r\n4"), "2\n3\n4");
    assert_eq!(shown(5, 2, "abcdefghijklm"), "fghij\nklm");
    assert_eq!(shown(5, 3, "a\nb"), "a\nb");
}

#[test]
fn cursor_movement_and_erasing() {
    assert_eq!(shown(9, 3, "abc\x08\x08X"), "aXc");
    assert_eq!(shown(9, 3, "abc\rX"), "Xbc");
    assert_eq!(shown(9, 3, "abcdef\x1b[3D\x1b[K"), "abc");
    assert_eq!(shown(9, 3, "abcdef\x1b[3D\x1b[1K"), "    ef");
    assert_eq!(shown(9, 3, "abcdef\x1b[2Kx"), "      x");
    assert_eq!(shown(9, 3, "1\r\n2\r\n3\x1b[2;1H\x1b[J"), "1");
    assert_eq!(shown(9, 3, "1\r\n2\r\n3\x1b[2;1H\x1b[1J"), "\n\n3");
    assert_eq!(shown(9, 3, "1\r\n2\x1b[2J\x1b[Hx"), "x");
    assert_eq!(shown(9, 3, "\x1b[2;3Ha\x1b[Ab\x1b[2B\x1b[2Gc"), "   b\n  a\n c");
    assert_eq!(shown(9, 3, "\x1b[99;99Hx\x1b[99A\x1b[99Dy"), "y\n\n        x");
    assert_eq!(shown(20, 1, "a\tb\t\t\tc"), "a       b          c");
}

#[test]
fn a_wrapped_line_is_edited_as_one() {
    assert_eq!(shown(5, 4, "abcdefg\x08\x08\x08X"), "abcdX\nfg");
    assert_eq!(shown(5, 4, "abcdefghijk\r\x08\x08\x08\x1b[K"), "abcde\nfg");
    assert_eq!(shown(5, 4, "abcde\x08\x1b[K"), "abcd");
    assert_eq!(shown(5, 4, "abcd日\x08\x08\x1b[KX"), "abcdX");
    assert_eq!(shown(5, 4, "abcd日\x08\x08\x08\x1b[KX"), "abcX");
    assert_eq!(shown(5, 4, "abcd日\x08\x08X日"), "abcdX\n日");
    assert_eq!(shown(5, 4, "abcdX日\x08\x08\x08日"), "abcd\n日");
    assert_eq!(shown(5, 4, "abcde\r\nx\r\x08\x08y"), "abcde\ny");
}

#[test]
fn wide_characters_lose_both_halves_together() {
    assert_eq!(shown(9, 1, "日本\rx"), "x 本");
    assert_eq!(shown(9, 1, "日本\x1b[2Gx"), " x本");
    assert_eq!(shown(9, 1, "日本\x1b[2G語"), " 語");
    assert_eq!(shown(9, 1, "日本\x1b[2G\x1b[K"), "");
    assert_eq!(shown(3, 2, "ab日"), "ab\n日");
    assert_eq!(shown(1, 2, "日"), "日");
    assert_eq!(shown(9, 1, "e\u{301}x"), "ex");
}

#[test]
fn unknown_sequences_and_bad_bytes_do_not_show() {
    assert_eq!(shown(20, 2, "a\x1b]0;title\x07b\x1b[?1049hc\x1b[5nd\x1b(Be\x07f"), "abcdef");
    let mut console = console(5, 2);
    console.write(b"a\xff\xc3");
    console.write(b"\xa9");
    assert_eq!(console.text(), "a\u{fffd}é");
}

#[test]
fn every_size_is_safe() {
    for (width, height) in [(0, 0), (1, 1), (15, 23), (14, 24), (15, 24), (u32::MAX, u32::MAX), (u32::MAX, 1), (0, 900)]
    {
        let mut console = Console::new(width, height);
        console.write("ab日\r\n\t\x08\x1b[5;5Hx\x1b[J\x1b[1K\x1b[2J\x1b[A\n\n\n".as_bytes());
        console.set_cursor_visible(true);
        let damage = console.take_damage();
        assert_eq!(damage.is_some(), console.size() != (0, 0), "{width}×{height}");
        assert!(console.pixels().len() <= MAX_PIXELS);
    }
    let refused = Console::new(u32::MAX, u32::MAX);
    assert_eq!((refused.pixels().len(), refused.size(), refused.buffer_bytes()), (0, (0, 0), 0));
}

proptest! {
    #[test]
    fn does_not_depend_on_how_the_bytes_are_cut(bytes in super::damage::output(), size in 1usize..9) {
        let (mut whole, mut cut) = (console(7, 4), console(7, 4));
        whole.write(&bytes);
        for piece in bytes.chunks(size) {
            cut.write(piece);
        }
        whole.take_damage();
        cut.take_damage();
        prop_assert_eq!(whole.pixels(), cut.pixels());
    }
}
