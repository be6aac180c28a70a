//! Tests of the parser, the decoder and the width rule.

use super::*;
use proptest::prelude::*;

/// Writes down what the parser says, in a form that reads well in a failure.
#[derive(Default, PartialEq, Debug)]
struct Script(Vec<String>);

impl Actor for Script {
    fn print(&mut self, character: char) {
        self.0.push(character.to_string());
    }
    fn control(&mut self, byte: u8) {
        self.0.push(format!("^{byte:02x}"));
    }
    fn sequence(&mut self, s: &Sequence) {
        let prefix = if s.prefix == 0 { String::new() } else { char::from(s.prefix).to_string() };
        let kind = if s.is_csi { "CSI" } else { "ESC" };
        self.0.push(format!("{kind}{prefix}{:?}{}", s.parameters(), char::from(s.function)));
    }
}

fn parse(bytes: &[u8]) -> String {
    let mut script = Script::default();
    Parser::new().feed(bytes, &mut script);
    script.0.join(" ")
}

#[test]
fn text_controls_and_sequences_come_apart() {
    assert_eq!(parse(b"a\x1b[1;31mb\r\n"), "a CSI[1, 31]m b ^0d ^0a");
    assert_eq!(parse(b"\x1b[?25l\x1b[K\x1b[;5H"), "CSI?[25]l CSI[]K CSI[0, 5]H");
    assert_eq!(parse(b"\x1bc\x1b(B\x1b7x"), "ESC[]c ESC([]B ESC[]7 x");
}

#[test]
fn strings_are_swallowed_to_either_terminator() {
    assert_eq!(parse(b"\x1b]0;title\x07a"), "a");
    assert_eq!(parse(b"\x1b]0;title\x1b\\a"), "ESC[]\\ a");
    assert_eq!(parse(b"\x1bPq#0\r\nb"), "^0d ^0a b");
}

#[test]
fn an_unfinished_string_hides_a_bounded_amount_of_text() {
    let mut bytes = b"\x1b]".to_vec();
    bytes.extend(vec![b'x'; MAX_STRING_BYTES as usize]);
    bytes.extend(b"seen");
    assert_eq!(parse(&bytes), "s e e n");
}

#[test]
fn hostile_sequences_are_cut_short() {
    assert_eq!(parse(b"\x1b[99999999999A"), "CSI[65535]A");
    assert_eq!(parse(b"\x1b[1\x18m"), "m");
    assert_eq!(parse(b"\x1b[1\x1b[2m"), "CSI[2]m");
    assert_eq!(parse(b"\x1b[3\n1m"), "^0a CSI[31]m");
    assert_eq!(parse("\x1b[1é".as_bytes()), "é");
    let many = format!("\x1b[{}7m", "1;".repeat(40));
    assert_eq!(parse(many.as_bytes()), format!("CSI{:?}m", [1; MAX_PARAMETERS]));
}

#[test]
fn a_missing_or_zero_parameter_takes_its_default() {
    let mut last = Sequence::default();
    struct Keep<'a>(&'a mut Sequence);
    impl Actor for Keep<'_> {
        fn print(&mut self, _: char) {}
        fn control(&mut self, _: u8) {}
        fn sequence(&mut self, s: &Sequence) {
            *self.0 = s.clone();
        }
    }
    Parser::new().feed(b"\x1b[0;7H", &mut Keep(&mut last));
    assert_eq!((last.parameter(0, 1), last.parameter(1, 1), last.parameter(2, 9)), (1, 7, 9));
}

#[test]
fn widths() {
    assert_eq!(['a', 'é', '─', '日', '한', '😀', '\u{301}', '\u{fe0f}'].map(width), [1, 1, 1, 2, 2, 2, 0, 0]);
}

proptest! {
    #[test]
    fn decodes_as_the_standard_library_does(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let mut decoder = Utf8Decoder::new();
        let mut text = String::new();
        for &byte in &bytes {
            let decoded = decoder.push(byte);
            if decoded.broken {
                text.push(char::REPLACEMENT_CHARACTER);
            }
            text.extend(decoded.character);
        }
        if decoder.finish() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        prop_assert_eq!(text, String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn valid_text_survives(text in "[ -~à-ÿ日本😀]{0,40}") {
        let mut script = Script::default();
        Parser::new().feed(text.as_bytes(), &mut script);
        prop_assert_eq!(script.0.concat(), text);
    }

    #[test]
    fn any_bytes_end_in_a_state_that_prints_again(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut parser = Parser::new();
        parser.feed(&bytes, &mut Script::default());
        let mut script = Script::default();
        parser.feed(b"\x18ok", &mut script);
        prop_assert!(script.0.ends_with(&["o".to_string(), "k".to_string()]));
    }
}
