//! Names with a value beside them: `password = "..."` in the spellings of many languages and formats.
//!
//! Each word of the text is read as a name; where it says that a secret follows ([`Name`]), what stands right of it is
//! followed: closing quotes, a type, one of `= : := => , (` or a blank, then the value, quoted or not.
//!
//! Invariant: right of a name at most some hundred bytes and one value are read, so a scan stays linear.

use super::kind::Kind;
use super::names::{Meaning, Name};
use super::values::{self, LONGEST};
use super::{Leak, names};

/// Longest value without quotes.
const BARE: usize = 192;

/// A position in the text that only moves forward.
#[derive(Clone, Copy)]
struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    fn peek(self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or(&[])
    }

    fn eat(&mut self, word: &[u8]) -> bool {
        let found = self.rest().starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(word.as_bytes()))
    }

    fn skip(&mut self, of: &[u8], most: usize) -> usize {
        let count = self.rest().iter().take(most).take_while(|byte| of.contains(byte)).count();
        self.at += count;
        count
    }
}

/// How the value may stand, as far as what lies before it tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    /// With quotes or without.
    Any,
    /// Only in quotes.
    Quoted,
    /// As the text of an XML element.
    Element,
}

/// The secret beside the name `text[start..end]`, if there is one.
pub(super) fn find(text: &[u8], start: usize, end: usize) -> Option<Leak> {
    let word = &text[start..end];
    let name = Name::read(word)?;
    let mut cursor = Cursor { text, at: end };
    let want = step_over(&mut cursor, word)?;
    let (from, to) = value(&mut cursor, want)?;
    let value = &text[from..to];
    let kind = match name.meaning {
        Meaning::Signature => signature(text, start, value)?,
        Meaning::Password if is_connection(text, start, to) => {
            values::judge(&name, value).map(|_| Kind::ConnectionString)?
        }
        _ => values::judge(&name, value)?,
    };
    Some(Leak { kind, start: from, end: to, certain: true })
}

/// Moves over what stands between a name and its value.
fn step_over(cursor: &mut Cursor<'_>, word: &[u8]) -> Option<Want> {
    let quoted = cursor.skip(b"\"'`\\", 2) > 0;
    cursor.skip(b"])", 2);
    if quoted && attribute(cursor) {
        return Some(Want::Quoted);
    }
    let blanks = cursor.skip(b" \t", 40);
    match cursor.peek()? {
        b'=' => {
            cursor.skip(b"=>", 3);
            Some(Want::Any)
        }
        b':' => {
            cursor.at += 1;
            annotation(cursor);
            cursor.skip(b"=-", 1);
            Some(Want::Any)
        }
        b'|' if cursor.eat(b"|| ") => Some(Want::Quoted),
        b'?' if cursor.eat(b"?? ") => Some(Want::Quoted),
        b',' if quoted => {
            cursor.at += 1;
            Some(Want::Quoted)
        }
        b'(' | b'{' => {
            cursor.at += 1;
            Some(Want::Quoted)
        }
        b'>' => {
            cursor.at += 1;
            Some(Want::Element)
        }
        b'<' if cursor.eat(b"</key>") => {
            cursor.skip(b" \t\r\n", 40);
            cursor.eat(b"<string>").then_some(Want::Element)
        }
        b'"' | b'\'' if blanks > 0 => Some(Want::Quoted),
        _ if blanks > 0 && takes_blank(cursor.text, cursor.at, word) => Some(Want::Any),
        _ => None,
    }
}

/// `key="NAME" value="..."`, `"name": "NAME", "value": "..."`: moves behind the second operator.
fn attribute(cursor: &mut Cursor<'_>) -> bool {
    let mut ahead = *cursor;
    ahead.skip(b" \t\r\n,", 60);
    ahead.skip(b"\"'", 1);
    if !ahead.eat_any(&["value", "content", "Value", "VALUE"]) {
        return false;
    }
    ahead.skip(b"\"'", 1);
    ahead.skip(b" ", 2);
    let found = ahead.eat_any(&["=", ":"]);
    if found {
        *cursor = ahead;
    }
    found
}

/// `: &str =`, `: [u8; 40] =`: moves to the `=` if only a type lies between.
fn annotation(cursor: &mut Cursor<'_>) {
    let of_type = |byte: &u8| byte.is_ascii_alphanumeric() || b" _&'<>[];*?|.".contains(byte);
    let len = cursor.rest().iter().take(60).take_while(|byte| of_type(byte)).count();
    if cursor.rest().get(len) == Some(&b'=') && cursor.rest().get(len + 1) != Some(&b'=') && !cursor.eat(b"=") {
        cursor.at += len;
    }
}

/// Whether a value may follow this name after a blank alone: an option, an upper-case name, a header's scheme, netrc.
fn takes_blank(text: &[u8], at: usize, word: &[u8]) -> bool {
    let upper = word.contains(&b'_') && !word.iter().any(u8::is_ascii_lowercase);
    let netrc = word == b"password" && {
        let from = at.saturating_sub(100);
        text[from..at].windows(6).any(|part| part == b"login ")
    };
    word.starts_with(b"-") || upper || word.eq_ignore_ascii_case(b"bearer") || netrc
}

/// The range of the value.
fn value(cursor: &mut Cursor<'_>, want: Want) -> Option<(usize, usize)> {
    if want == Want::Element {
        let end = cursor.at + cursor.rest().iter().take(LONGEST).position(|byte| b"<\r\n".contains(byte))?;
        return (cursor.text[end] == b'<').then_some((cursor.at, end));
    }
    cursor.skip(b" \t", 40);
    let mut ahead = *cursor;
    ahead.skip(b"\r\n \t", 60);
    if ahead.peek().is_some_and(|byte| b"\"'`".contains(&byte)) {
        *cursor = ahead;
    }
    let mut quote = *cursor;
    quote.skip(b"bBrRfFuUL@$#\\", 2);
    match quote.peek()? {
        mark @ (b'"' | b'\'' | b'`') => quoted(quote, mark),
        _ if want == Want::Any => bare(*cursor),
        _ => None,
    }
}

fn quoted(mut cursor: Cursor<'_>, mark: u8) -> Option<(usize, usize)> {
    cursor.skip(&[mark], 3);
    let from = cursor.at;
    let len = cursor.rest().iter().take(LONGEST + 1).position(|&byte| byte == mark || byte == b'\n')?;
    let to = from + len;
    // `"Server=...;Password=..."` and `"Bearer ..."` are read by the words inside.
    (cursor.text[to] == mark).then(|| (from, to - usize::from(cursor.text[from..to].ends_with(b"\\"))))
}

fn bare(cursor: Cursor<'_>) -> Option<(usize, usize)> {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`;,&)<>}\\|".contains(byte);
    let len = cursor
        .rest()
        .iter()
        .take(BARE)
        .position(ends)
        .or_else(|| (cursor.rest().len() < BARE).then_some(cursor.rest().len()))?;
    let (from, to) = (cursor.at, cursor.at + len);
    let value = &cursor.text[from..to];
    (!values::is_code(value) && cursor.text.get(to) != Some(&b'<')).then_some((from, to))
}

/// Whether a password stands among the settings of a connection: an address and a user, divided by `;` or blanks.
fn is_connection(text: &[u8], start: usize, end: usize) -> bool {
    let from = start.saturating_sub(200);
    let before = &text[from..start];
    let line = before.rsplit(|&byte| byte == b'\n').next().unwrap_or(before);
    let has = |piece: &str| line.windows(piece.len()).any(|part| part.eq_ignore_ascii_case(piece.as_bytes()));
    let address = ["server=", "host=", "data source=", "endpoint=", "jdbc:"].iter().any(|piece| has(piece));
    address && text.get(end).is_none_or(|byte| b";\"' '\n\r".contains(byte))
}

/// `sig=` of a signed link: 32 bytes in base64, and an expiry date or permissions beside it.
fn signature(text: &[u8], start: usize, value: &[u8]) -> Option<Kind> {
    let from = start.saturating_sub(300);
    let query = text[from..start].rsplit(|byte| b"\n\"' ".contains(byte)).next().unwrap_or(&[]);
    let has = |piece: &[u8]| query.windows(piece.len()).any(|part| part == piece);
    let padded = value.ends_with(b"%3D") || value.ends_with(b"=");
    (padded && (40..100).contains(&value.len()) && (has(b"se=") || has(b"sp=")) && has(b"sv="))
        .then_some(Kind::AzureSas)
}

/// Whether a byte may be part of a name.
pub(super) const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

const _: () = assert!(names::LONGEST < LONGEST, "names are shorter than values");
