//! The grammar for editors knows every word of the lexer.

use super::{ITEM_WORDS, KEYWORDS, PLACE_WORDS, RESERVED};
use std::vec::Vec;

const GRAMMAR: &str = include_str!("../../../../../editors/nda.tmLanguage.json");

/// Whether a pattern of the grammar has this word between what is no letter of it.
fn has(word: &str) -> bool {
    let mut patterns = GRAMMAR.lines().filter_map(|line| line.trim().strip_prefix("\"match\": \""));
    patterns.any(|pattern| {
        pattern.match_indices(word).any(|(at, _)| {
            let (before, after) = (&pattern[..at], &pattern[at + word.len()..]);
            let begins = before.ends_with("\\b") || !before.ends_with(|letter: char| letter.is_ascii_alphanumeric());
            begins && !after.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        })
    })
}

#[test]
fn every_word_of_the_lexer_is_in_the_grammar() {
    let keywords = KEYWORDS.iter().map(|&(word, _)| word);
    let words = keywords.chain(ITEM_WORDS).chain(PLACE_WORDS).chain(RESERVED);
    let missing: Vec<&str> = words.filter(|word| !has(word)).collect();
    assert!(missing.is_empty(), "editors/nda.tmLanguage.json lacks {missing:?}");
}
