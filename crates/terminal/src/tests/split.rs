//! Tests of the command line syntax.

use crate::{MAX_LINE_BYTES, Problem, SyntaxError, quote, split, word_at};
use proptest::prelude::*;

#[test]
fn words_quotes_and_backslashes() {
    for (line, words) in [
        ("", &[][..]),
        (" \t ", &[]),
        ("ls", &["ls"]),
        ("  cat  a.txt\tb ", &["cat", "a.txt", "b"]),
        ("cat 'a b' \"c d\"", &["cat", "a b", "c d"]),
        (r#"a'b c'd"e"f"#, &["ab cdef"]),
        (r"a\ b \'c\' \\", &["a b", "'c'", r"\"]),
        (r#""a\"b\\c" 'a\'"#, &[r#"a"b\c"#, r"a\"]),
        ("'' \"\"", &["", ""]),
        ("cat Größe\u{3000}日本", &["cat", "Größe", "日本"]),
    ] {
        assert_eq!(split(line).unwrap(), words, "{line:?}");
    }
}

#[test]
fn errors_name_the_column_and_the_way_out() {
    let error = split("cat é 'a b").unwrap_err();
    assert_eq!(error, SyntaxError { column: 7, problem: Problem::OpenQuote('\'') });
    assert_eq!(error.to_string(), r"column 7: this ' is never closed; add a ', or write \' for the character");
    assert_eq!(split(r"ls \").unwrap_err(), SyntaxError { column: 4, problem: Problem::TrailingBackslash });
    assert_eq!(split(r#"x "a\"#).unwrap_err(), SyntaxError { column: 5, problem: Problem::TrailingBackslash });
    let long = "x".repeat(MAX_LINE_BYTES + 1);
    let error = split(&long).unwrap_err();
    assert_eq!(error, SyntaxError { column: MAX_LINE_BYTES + 1, problem: Problem::TooLong(MAX_LINE_BYTES + 1) });
    assert_eq!(split(&long[1..]).unwrap().len(), 1);
}

#[test]
fn the_word_under_the_cursor() {
    let word = |line: &str| {
        let word = word_at(line, line.len());
        (word.start, word.text, word.is_first)
    };
    assert_eq!(word(""), (0, "".into(), true));
    assert_eq!(word("ca"), (0, "ca".into(), true));
    assert_eq!(word("  ca"), (2, "ca".into(), true));
    assert_eq!(word("cat "), (4, "".into(), false));
    assert_eq!(word("cat a x/yé"), (6, "x/yé".into(), false));
    assert_eq!(word(r"cat a\ b"), (4, "a b".into(), false));
    assert_eq!(word("cat 'a b"), (4, "a b".into(), false));
    assert_eq!(word_at("cat abc", 5), word_at("cat a", 5));
}

proptest! {
    #[test]
    fn a_quoted_word_reads_back(words in proptest::collection::vec("\\PC{0,12}", 0..5)) {
        let line = words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
        prop_assert_eq!(split(&line), Ok(words));
    }

    #[test]
    fn any_line_splits_or_says_where_it_does_not(line in "[ a'\"\\\\é]{0,20}") {
        match split(&line) {
            Ok(words) => prop_assert!(words.iter().map(String::len).sum::<usize>() <= line.len()),
            Err(error) => prop_assert!("'\"\\".contains(line.chars().nth(error.column - 1).unwrap())),
        }
    }
}
