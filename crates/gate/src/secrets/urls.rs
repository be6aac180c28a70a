//! Passwords beside their user: `scheme://user:password@host`, `-u user:password`, `Authorization: Basic`.

use super::checks::base64_bytes;
use super::kind::Kind;
use super::{Leak, values};

/// Longest user or password that is read.
const LONGEST: usize = 256;

/// The password of the address whose `://` begins at `at`.
pub(super) fn find(text: &[u8], at: usize) -> Option<Leak> {
    let from = at + 3;
    let rest = &text[from..text.len().min(from + 2 * LONGEST)];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/\"'`<>\\,()".contains(byte);
    let authority = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let host = authority.iter().rposition(|&byte| byte == b'@')?;
    let colon = authority[..host].iter().position(|&byte| byte == b':')?;
    leak(&authority[..colon], &authority[colon + 1..host], from + colon + 1)
}

/// The password of `user:password` at `at`, which an option such as `-u` introduced.
pub(super) fn find_pair(text: &[u8], at: usize) -> Option<Leak> {
    let quote = text.get(at).is_some_and(|byte| b"\"'".contains(byte));
    let from = at + usize::from(quote);
    let rest = text.get(from..text.len().min(from + LONGEST))?;
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'".contains(byte);
    let pair = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    let colon = pair.iter().position(|&byte| byte == b':')?;
    leak(&pair[..colon], &pair[colon + 1..], from + colon + 1)
}

/// The credentials at `at` behind `Basic `: base64 of `user:password`.
pub(super) fn find_basic(text: &[u8], at: usize) -> Option<Leak> {
    let rest = text.get(at..text.len().min(at + LONGEST))?;
    let len = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)).count();
    let (mut colons, mut printable) = (0, true);
    let whole = len >= 12
        && base64_bytes(&rest[..len], |byte| {
            colons += usize::from(byte == b':');
            printable &= byte.is_ascii_graphic();
            printable
        });
    (whole && colons > 0).then_some(Leak { kind: Kind::BasicAuthUrl, start: at, end: at + len, certain: true })
}

fn leak(user: &[u8], password: &[u8], start: usize) -> Option<Leak> {
    let templated = |text: &[u8]| text.iter().any(|byte| b"{}$%<>*".contains(byte)) && !is_encoded(text);
    let real = password.len() >= 4
        && password != user
        && !templated(user)
        && (password.iter().any(u8::is_ascii_digit) || !templated(password))
        && !values::is_placeholder(password)
        && !password.iter().any(|byte| b"{}<>".contains(byte))
        && !password.starts_with(b"$");
    real.then_some(Leak { kind: Kind::BasicAuthUrl, start, end: start + password.len(), certain: true })
}

/// Whether every `%` begins an encoded byte.
fn is_encoded(text: &[u8]) -> bool {
    !text.iter().any(|byte| b"{}$<>*".contains(byte))
        && text
            .split(|&byte| byte == b'%')
            .skip(1)
            .all(|part| part.iter().take(2).filter(|b| b.is_ascii_hexdigit()).count() == 2)
}
