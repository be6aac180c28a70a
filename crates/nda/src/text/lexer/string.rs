//! The bytes of a text token: UTF-8 as it stands, and escapes.

use crate::span::Span;
use alloc::vec::Vec;

/// What is wrong inside a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StringError {
    /// A backslash before something that is not escaped.
    Escape,
    /// `\x` without two hexadecimal digits.
    Byte,
    /// `\u` without one to six hexadecimal digits in braces.
    Unicode,
    /// `\u{...}` with a number that is no character.
    Character,
}

/// Appends the bytes of the text token at `span`, or says what is wrong where.
pub(crate) fn string_bytes(source: &str, span: Span, bytes: &mut Vec<u8>) -> Result<(), (Span, StringError)> {
    let inner = Span::new(span.start + 1, span.end.saturating_sub(1));
    let mut rest = inner.text(source);
    while let Some(plain) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..plain]);
        rest = &rest[plain..];
        let at = inner.end - rest.len() as u32;
        let taken = escape(rest, bytes).map_err(|(error, length)| (Span::new(at, at + length as u32), error))?;
        rest = &rest[taken..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(())
}

/// Appends the bytes of the escape at the start of `text` and gives its length; on an error, the length at fault.
fn escape(text: &str, bytes: &mut Vec<u8>) -> Result<usize, (StringError, usize)> {
    let mut letters = text.chars().skip(1);
    let byte = match letters.next() {
        Some('n') => b'\n',
        Some('t') => b'\t',
        Some('r') => b'\r',
        Some('0') => 0,
        Some('\\') => b'\\',
        Some('"') => b'"',
        Some('x') => return byte(text, bytes),
        Some('u') => return unicode(text, bytes),
        other => return Err((StringError::Escape, 1 + other.map_or(0, char::len_utf8))),
    };
    bytes.push(byte);
    Ok(2)
}

/// `\xNN`
fn byte(text: &str, bytes: &mut Vec<u8>) -> Result<usize, (StringError, usize)> {
    let digits = text.get(2..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
    bytes.push(value.ok_or((StringError::Byte, 2))?);
    Ok(4)
}

/// `\u{N}`, one to six digits
fn unicode(text: &str, bytes: &mut Vec<u8>) -> Result<usize, (StringError, usize)> {
    let inside = text[2..].strip_prefix('{').ok_or((StringError::Unicode, 2))?;
    let close = inside.bytes().take(7).position(|byte| byte == b'}').ok_or((StringError::Unicode, 3))?;
    let length = 4 + close;
    let digits = &inside[..close];
    if close == 0 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err((StringError::Unicode, length));
    }
    let value = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    let letter = value.ok_or((StringError::Character, length))?;
    bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(length)
}
