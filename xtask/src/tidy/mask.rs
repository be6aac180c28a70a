//! Rust source with comments and literals blanked out, so that rules look at code only.
//!
//! A small lexer: line and nested block comments, strings, raw strings, byte strings, character literals (told from
//! lifetimes). Line structure is kept: line N of the result is line N of the source.

/// The source with every comment and literal replaced by spaces.
#[must_use]
pub fn code(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_or_comment(&chars, at);
        if end > at {
            out.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// Where the comment or literal that starts at `at` ends; `at` itself when none starts there.
fn literal_or_comment(chars: &[char], at: usize) -> usize {
    let rest = &chars[at..];
    let in_word = at > 0 && is_word(chars[at - 1]);
    match rest {
        ['/', '/', ..] => at + rest.iter().position(|&c| c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => at + block_comment(rest),
        ['"', ..] => at + string(rest, 0),
        ['b' | 'c', '"', ..] if !in_word => at + string(rest, 1),
        ['b', '\'', ..] if !in_word => at + 1 + character(&rest[1..]),
        ['r', '"' | '#', ..] if !in_word => at + raw_string(rest, 1),
        ['b' | 'c', 'r', '"' | '#', ..] if !in_word => at + raw_string(rest, 2),
        ['\'', ..] => at + character(rest),
        _ => at,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match &rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn string(rest: &[char], prefix: usize) -> usize {
    let mut at = prefix + 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw_string(rest: &[char], prefix: usize) -> usize {
    let hashes = rest[prefix..].iter().take_while(|&&c| c == '#').count();
    if rest.get(prefix + hashes) != Some(&'"') {
        return 0; // a raw identifier such as r#type
    }
    let body = prefix + hashes + 1;
    let is_end =
        |&at: &usize| rest[at] == '"' && rest[at + 1..].iter().take(hashes).filter(|&&c| c == '#').count() == hashes;
    (body..rest.len()).find(is_end).map_or(rest.len(), |at| at + 1 + hashes)
}

/// A character literal; 0 for a lifetime or label.
fn character(rest: &[char]) -> usize {
    match rest {
        ['\'', '\\', _, tail @ ..] => tail.iter().position(|&c| c == '\'').map_or(rest.len(), |at| at + 4),
        ['\'', _, '\'', ..] => 3,
        _ => 0,
    }
}

/// Byte offsets at which `word` stands as a whole word in `code`.
#[must_use]
pub fn words(code: &str, word: &str) -> Vec<usize> {
    let is_whole = |at: usize| {
        let before = code[..at].chars().next_back().is_some_and(is_word);
        let after = code[at + word.len()..].chars().next().is_some_and(is_word);
        !before && !after
    };
    code.match_indices(word).map(|(at, _)| at).filter(|&at| is_whole(at)).collect()
}

/// The line, from 1, of byte `offset`.
#[must_use]
pub fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(source: &str) -> bool {
        !words(&code(source), "unsafe").is_empty()
    }

    #[test]
    fn comments_and_literals_are_no_code() {
        for source in [
            "// unsafe",
            "/* a /* unsafe */ unsafe */",
            r#"let a = "unsafe \" unsafe";"#,
            r##"let a = r#"unsafe " unsafe"#;"##,
            r#"let a = b"unsafe";"#,
            r#"let a = br"unsafe";"#,
            "let unsafe_code = 1;",
            "let c = '\"'; // unsafe \"",
            r"let c = '\''; // unsafe",
        ] {
            assert!(!has(source), "{source}");
        }
    }

    #[test]
    fn code_after_a_literal_is_seen() {
        for source in [
            "let c = '\"'; unsafe {}",
            r"let c = '\''; unsafe {}",
            r"let c = b'\\'; unsafe {}",
            "fn f<'a>(x: &'a u8) { unsafe {} }",
            "let s = \"a\\\\\"; unsafe {}",
            "r#\"a\"#; unsafe {}",
            "let r#type = 1; unsafe {}",
            "/* a */ unsafe {}",
            "'\\u{41}'; unsafe {}",
        ] {
            assert!(has(source), "{source}");
        }
    }

    #[test]
    fn lines_keep_their_numbers() {
        let source = "a\n/* b\nc */ \"d\ne\"\nunsafe";
        let masked = code(source);
        assert_eq!(line_of(&masked, words(&masked, "unsafe")[0]), 5);
    }

    #[test]
    fn unterminated_literals_end_with_the_file() {
        for source in ["\"abc", "r#\"abc", "/* abc", "'\\", "b'", "'", "\"\\"] {
            assert_eq!(code(source).chars().count(), source.chars().count(), "{source}");
        }
    }
}
