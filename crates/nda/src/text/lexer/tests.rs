//! Tests of the lexer.

use super::*;
use proptest::prelude::*;
use std::string::ToString;
use std::vec::Vec;

fn kinds(source: &str) -> Vec<Kind> {
    let mut lexer = Lexer::new(source);
    core::iter::from_fn(|| Some(lexer.next().kind)).take_while(|&kind| kind != Kind::End).collect()
}

#[test]
fn longest_operator_wins() {
    use Kind::*;
    assert_eq!(
        kinds("< <= << <<= -> - -= = == ! != & && | ||"),
        [
            Less,
            LessEqual,
            ShiftLeft,
            CompoundAssign,
            Arrow,
            Minus,
            CompoundAssign,
            Assign,
            Equal,
            Not,
            NotEqual,
            And,
            AndAnd,
            Or,
            OrOr,
        ]
    );
    assert_eq!(kinds("a>>b::c:"), [Name, ShiftRight, Name, Path, Name, Colon]);
}

#[test]
fn comments_vanish_and_doc_comments_stay() {
    assert_eq!(kinds("// a\nfn //b"), [Kind::Fn]);
    assert_eq!(kinds("/// doc\nfn"), [Kind::Doc, Kind::Fn]);
    assert_eq!(kinds("//// ornament\nfn"), [Kind::Fn]);
}

#[test]
fn a_block_comment_is_one_unknown_token() {
    assert_eq!(kinds("/* a b */ x"), [Kind::Unknown, Kind::Name]);
    assert_eq!(kinds("/*/ x"), [Kind::Unknown]);
    assert_eq!(kinds("/* never closed"), [Kind::Unknown]);
}

#[test]
fn a_text_ends_with_its_line_and_escapes_hide_its_quotes() {
    assert_eq!(kinds("\"a b\" x"), [Kind::Text, Kind::Name]);
    assert_eq!(kinds("\"\" x \"open\ny"), [Kind::Text, Kind::Name, Kind::Unknown, Kind::Name]);
    assert_eq!(kinds(r#""a\"b" x "\\" y"#), [Kind::Text, Kind::Name, Kind::Text, Kind::Name]);
    assert_eq!(kinds("\"\\\n1"), [Kind::Unknown, Kind::Number]);
    assert_eq!(kinds("\"\u{fc}\" 1"), [Kind::Text, Kind::Number]);
    assert_eq!(kinds("\"\\\u{fc}"), [Kind::Unknown]);
    assert_eq!(kinds("\"\\"), [Kind::Unknown]);
}

#[test]
fn labels_are_no_letters() {
    assert_eq!(kinds("'a: 'b_1 'a' '0' '' '\u{fc}' x"), {
        use Kind::*;
        [Label, Colon, Label, Unknown, Unknown, Unknown, Unknown, Name]
    });
    assert_eq!(kinds("'"), [Kind::Unknown]);
    assert_eq!(kinds("' x"), [Kind::Unknown, Kind::Name]);
}

#[test]
fn words_are_keywords_only_when_whole() {
    assert_eq!(kinds("if iffy _if mut"), [Kind::If, Kind::Name, Kind::Name, Kind::Reserved]);
    for (word, kind) in KEYWORDS {
        assert_eq!(kinds(word), [kind], "{word}");
    }
    for word in RESERVED {
        assert_eq!(kinds(word), [Kind::Reserved], "{word}");
    }
    for word in ITEM_WORDS.iter().chain(&PLACE_WORDS) {
        assert_eq!(kinds(word), [Kind::Name], "{word}");
    }
}

#[test]
fn foreign_characters_are_taken_together() {
    let mut lexer = Lexer::new("\u{fc}\u{1F600} @@ x");
    assert_eq!(lexer.next(), Token { kind: Kind::Unknown, span: Span::new(0, 6) });
    assert_eq!(lexer.next(), Token { kind: Kind::Unknown, span: Span::new(7, 9) });
    assert_eq!(lexer.next().kind, Kind::Name);
}

#[test]
fn numbers_have_their_value_or_a_reason() {
    assert_eq!(parse_number("1_000"), Ok(1000));
    assert_eq!(parse_number("0xff_FF"), Ok(0xffff));
    assert_eq!(parse_number("0b101"), Ok(5));
    assert_eq!(parse_number("18446744073709551615"), Ok(u64::MAX));
    assert_eq!(parse_number("18446744073709551616"), Err(NumberError::TooLarge));
    assert_eq!(parse_number("12ab"), Err(NumberError::Digit('a')));
    assert_eq!(parse_number("0b12"), Err(NumberError::Digit('2')));
    assert_eq!(parse_number("0x"), Err(NumberError::Empty));
}

#[test]
fn fractions_and_exponents_make_a_float() {
    use Kind::*;
    assert_eq!(kinds("1.5 1e3 1E-3 1.5e+3 1_0.0_1 0e0"), [Float; 6]);
    assert_eq!(kinds("0x1e3 1e 1_ 0b1e1"), [Number; 4]);
    assert_eq!(kinds("1."), [Number, Unknown]);
    assert_eq!(
        kinds("0..n 1...2 1.5..x"),
        [Number, DotDot, Name, Number, DotDot, Unknown, Number, Float, DotDot, Name]
    );
    assert_eq!(kinds("1e-x 1.5f32"), [Number, Minus, Name, Float]);
}

#[test]
fn floats_are_judged_and_rounded_to_the_nearest() {
    assert_eq!(parse_float("1_0.5e-1_0"), Ok(()));
    assert_eq!(parse_float("1.5f32"), Err(NumberError::Digit('f')));
    assert_eq!(parse_float("1e5e5"), Err(NumberError::Digit('e')));
    assert_eq!(parse_f32("0.1").to_bits(), 0.1_f32.to_bits());
    assert_eq!(parse_f64("1_0.5e-1_0").to_bits(), 10.5e-10_f64.to_bits());
    // Half way between two numbers, and one digit more.
    assert_eq!(parse_f32("16777217.0").to_bits(), 16_777_216_f32.to_bits());
    assert_eq!(parse_f32("16777217.000000000000000000000000000001").to_bits(), 16_777_218_f32.to_bits());
    assert_eq!(parse_f64("9007199254740993.0").to_bits(), 9_007_199_254_740_992_f64.to_bits());
    assert!(parse_f32("1e39").is_infinite() && parse_f64("1e39").is_finite());
    assert!(parse_f64(&format!("1{}.0e-100000", "0".repeat(100_000))).to_bits() == 1_f64.to_bits());
}

/// The bytes of a whole text token.
fn text(source: &str) -> Result<Vec<u8>, (Span, StringError)> {
    let mut bytes = Vec::new();
    string_bytes(source, Span::new(0, source.len() as u32), &mut bytes).map(|()| bytes)
}

#[test]
fn texts_have_bytes_or_a_place_at_fault() {
    assert_eq!(text(r#""a\n\t\r\0\\\"\xff\u{e4}\u{1F600}z""#).unwrap(), b"a\n\t\r\0\\\"\xff\xc3\xa4\xf0\x9f\x98\x80z");
    assert_eq!(text("\"\u{e4}\"").unwrap(), "\u{e4}".as_bytes());
    let faults = [
        (r#""ab\qc""#, 3, 5, StringError::Escape),
        (r#""\x4g""#, 1, 3, StringError::Byte),
        (r#""\x4""#, 1, 3, StringError::Byte),
        (r#""\x\u{e4}""#, 1, 3, StringError::Byte),
        (r#""\u12""#, 1, 3, StringError::Unicode),
        (r#""\u{}""#, 1, 5, StringError::Unicode),
        (r#""\u{12g}""#, 1, 8, StringError::Unicode),
        (r#""\u{1234567}""#, 1, 4, StringError::Unicode),
        (r#""\u{d800}""#, 1, 9, StringError::Character),
        (r#""\u{110000}""#, 1, 11, StringError::Character),
    ];
    for (source, start, end, error) in faults {
        assert_eq!(text(source), Err((Span::new(start, end), error)), "{source}");
    }
    assert_eq!(text("\"\\\u{e4}\""), Err((Span::new(1, 4), StringError::Escape)));
    assert_eq!(text("\"\\x\u{e4}\""), Err((Span::new(1, 3), StringError::Byte)));
}

proptest! {
    /// Tokens come in order, never overlap, lie on character borders, and the lexer always reaches the end.
    #[test]
    fn tokens_tile_any_text(source in "(\\PC|\"|\\\\|'|\\\\x|\\\\u\\{|\n)*") {
        let mut lexer = Lexer::new(&source);
        let mut end = 0;
        loop {
            let token = lexer.next();
            prop_assert!(token.span.start >= end);
            if token.kind == Kind::End { break; }
            if token.kind == Kind::Text { let _ = string_bytes(&source, token.span, &mut Vec::new()); }
            prop_assert!(token.span.end > token.span.start);
            prop_assert!(!token.span.text(&source).is_empty(), "not on a border: {:?}", token);
            end = token.span.end;
        }
        prop_assert!(lexer.at == source.len());
    }
}

#[test]
fn eight_bytes_at_once_are_judged_like_one() {
    for byte in 0..=u8::MAX {
        for place in 0..8 {
            for around in [*b"aZ_09zA5", [b'a'; 8], [0xFF; 8], [b' '; 8]] {
                let mut eight = around;
                eight[place] = byte;
                let one_by_one = eight.iter().take_while(|&&byte| is_word(byte)).count();
                assert_eq!(leading_word_bytes(u64::from_le_bytes(eight)) as usize, one_by_one, "{eight:?}");
            }
        }
    }
}

#[test]
fn words_are_what_their_table_says() {
    for (word, kind) in token::KEYWORDS {
        for text in [word.to_string(), std::format!("{word} = 1234567")] {
            assert_eq!(kinds(&text)[0], kind);
        }
        for text in [std::format!("{word}s"), std::format!("{word}s + 1234567"), std::format!("{word}_123456789")] {
            assert_eq!(kinds(&text)[0], Kind::Name);
        }
    }
    RESERVED.iter().for_each(|word| assert_eq!(kinds(word), [Kind::Reserved]));
}
