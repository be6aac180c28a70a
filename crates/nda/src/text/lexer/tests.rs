//! Tests of the lexer.

use super::*;
use proptest::prelude::*;

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
fn quoted_text_is_one_unknown_token_and_ends_with_its_line() {
    assert_eq!(kinds("\"a b\" x"), [Kind::Unknown, Kind::Name]);
    assert_eq!(kinds("\"\" x \"open\ny"), [Kind::Unknown, Kind::Name, Kind::Unknown, Kind::Name]);
}

#[test]
fn words_are_keywords_only_when_whole() {
    assert_eq!(kinds("if iffy _if for"), [Kind::If, Kind::Name, Kind::Name, Kind::Reserved]);
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
    assert_eq!(parse_number("1.5"), Err(NumberError::Fraction));
}

#[test]
fn a_fraction_is_one_token_but_a_trailing_dot_is_not() {
    assert_eq!(kinds("1.5"), [Kind::Number]);
    assert_eq!(kinds("1."), [Kind::Number, Kind::Unknown]);
}

proptest! {
    /// Tokens come in order, never overlap, lie on character borders, and the lexer always reaches the end.
    #[test]
    fn tokens_tile_any_text(source in "\\PC*") {
        let mut lexer = Lexer::new(&source);
        let mut end = 0;
        loop {
            let token = lexer.next();
            prop_assert!(token.span.start >= end);
            if token.kind == Kind::End { break; }
            prop_assert!(token.span.end > token.span.start);
            prop_assert!(!token.span.text(&source).is_empty(), "not on a border: {:?}", token);
            end = token.span.end;
        }
        prop_assert!(lexer.at == source.len());
    }
}
