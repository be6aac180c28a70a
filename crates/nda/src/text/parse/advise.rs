//! What to write instead: the advice under the parser's complaints.

use super::expr::operator as binary;
use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::Quoted;
use crate::diagnostics::suggest::nearest;
use crate::span::Span;
use crate::text::lexer::{ITEM_WORDS, KEYWORDS, Kind, StringError};
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

/// What stands at the top of a file.
pub(super) const ITEM: &str = "items are `use`, `fn`, `static`, `const`, `global`, `memory`, `table` and the like; \
    statements belong into a function, such as `fn main() { ... }`";

/// The types of values.
const TYPES: [&str; 6] = ["i32", "i64", "u32", "u64", "f32", "f64"];

/// The types in memory.
const CELLS: [&str; 10] = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64"];

/// About a word that is reserved for the language to come.
pub(super) fn reserved(word: &str) -> &'static str {
    match word {
        "mut" => "every variable can be assigned to; leave `mut` out",
        "true" => "conditions are of type `i32`: write `1`",
        "false" => "conditions are of type `i32`: write `0`",
        "match" => "this word is reserved; write `if ... else if ...`, or `branch` to labels",
        "pub" => "every function can be called; leave `pub` out, or write `export \"name\" = item;`",
        "struct" => "this word is reserved; memory is laid out with `static` and read through pointers",
        _ => "this word is reserved for later",
    }
}

/// About something that is no token: the message, and the advice.
pub(super) fn unknown_token(text: &str) -> (String, Option<&'static str>) {
    let (message, help) = match text.as_bytes() {
        [b'/', b'*', ..] => ("block comments are not part of the language", "start each line with `//`"),
        [b'"', ..] => ("the text is not closed on its line", "end it with `\"`; a new line is written `\\n`"),
        [b'\'', .., b'\''] => ("there is no type of letters", "write the number of the letter, such as 65"),
        [b'\'', ..] => ("a label is a name behind the quote", "write `'name`"),
        [b'~', ..] => ("there is no `~` operator", "write `x ^ -1`"),
        [b'.', ..] => ("`.` is not part of the language", "functions are called as `f(x)`, memory is read as `p[i]`"),
        [b'?', ..] => ("`?` is not part of the language", "write `if c { a } else { b }`"),
        [b'#', ..] => ("`#` is not part of the language", "a comment starts with `//`"),
        _ => return (format!("{} is not part of the language", Quoted(text)), None),
    };
    (message.into(), Some(help))
}

/// About a type that does not exist.
pub(super) fn ty(text: &str) -> Cow<'static, str> {
    let known = match text {
        "bool" | "boolean" => "i32",
        "int" | "isize" | "char" => "i32",
        "uint" | "usize" | "size_t" | "byte" => "u32",
        "long" | "i128" => "i64",
        "u128" => "u64",
        "float" => "f32",
        "double" => "f64",
        "str" | "String" | "string" => return "text lies in a `static`; a pointer to its bytes is `*u8`".into(),
        "void" => return "leave the type out: a function without `->` gives no value back".into(),
        _ => match nearest(text, &mut TYPES.into_iter()) {
            Some(near) => return format!("did you mean `{near}`?").into(),
            None => return "the types are `i32 i64 u32 u64 f32 f64`, and pointers such as `*u8`".into(),
        },
    };
    format!("write `{known}`").into()
}

/// About a type in memory that does not exist.
pub(super) fn cell(text: &str) -> Cow<'static, str> {
    match nearest(text, &mut CELLS.into_iter()) {
        Some(near) if text.len() > 1 => format!("did you mean `{near}`?").into(),
        _ => "the types in memory are `i8 i16 i32 i64 u8 u16 u32 u64 f32 f64`".into(),
    }
}

/// About a word that may be a misspelt keyword.
pub(super) fn keyword(text: &str) -> Option<Cow<'static, str>> {
    let near = match text {
        "var" | "mut" | "auto" => "let",
        "elif" | "elsif" | "elseif" => "else if",
        "until" => "while",
        _ => nearest(text, &mut KEYWORDS.iter().map(|&(word, _)| word).filter(|word| word.len() > 2))?,
    };
    Some(format!("did you mean `{near}`?").into())
}

/// About a name where an item should stand.
pub(super) fn item(text: &str) -> Cow<'static, str> {
    let known = match text {
        "func" | "function" | "def" | "fun" | "proc" => "fn",
        "var" | "let" => "global",
        _ => {
            let words = ["use", "import", "extern", "const", "static"].into_iter().chain(ITEM_WORDS);
            match nearest(text, &mut { words }) {
                Some(near) => near,
                None => return ITEM.into(),
            }
        }
    };
    format!("did you mean `{known}`?").into()
}

/// About a token that begins no expression, behind another.
pub(super) fn no_expression(kind: Kind, previous: &str) -> Option<&'static str> {
    if previous == "}" && binary(kind).is_some() {
        return Some("a statement that begins with a block ends with it; put the block in parentheses");
    }
    Some(match kind {
        Kind::Text => "a text is placed with `static s: [u8; 5] = \"...\";`, and `s` is then a pointer to it",
        Kind::Star => "memory is read through a pointer as `p[0]`",
        Kind::And => "the name of a `static` is already a pointer to it",
        Kind::OpenBracket => "a list is placed with `static a: [i32; 3] = [1, 2, 3];`",
        Kind::Plus if previous == "+" => "there is no `++`; write `x = x + 1`",
        Kind::DotDot => "`..` stands in `for i in 0..10`",
        Kind::Let => "`let` is a statement; it ends with `;` and stands in a block of its own",
        Kind::Else => "`else` stands right behind the `}` of an `if`",
        _ => return None,
    })
}

/// About an escape that is none.
pub(super) fn bad_escape(place: Span, error: StringError, source: &str) -> Diagnostic {
    let text = place.text(source);
    let (message, help) = match error {
        StringError::Escape => {
            (format!("there is no escape {}", Quoted(text)), "the escapes are `\\n \\t \\r \\0 \\\\ \\\" \\xNN \\u{N}`")
        }
        StringError::Byte => ("`\\x` wants two hexadecimal digits".into(), "write `\\x0a`"),
        StringError::Unicode => ("`\\u` wants one to six hexadecimal digits in braces".into(), "write `\\u{1f600}`"),
        StringError::Character => (
            format!("{} is no character", Quoted(text)),
            "characters go up to `\\u{10ffff}`, without `\\u{d800}` to `\\u{dfff}`",
        ),
    };
    Diagnostic::new(place, message).with_help(help)
}
