//! Private keys in their armour: `-----BEGIN ... PRIVATE KEY-----`.

use super::Leak;
use super::kind::Kind;

/// Where a key's first line of base64 must have come, counted from the end of its head.
const HEADERS: usize = 400;
/// Shortest line of base64 that is a key's.
const SHORTEST: usize = 32;
/// Longest key that is read.
const LONGEST: usize = 1 << 16;

/// The private key whose dashes begin at `at`.
pub(super) fn find(text: &[u8], at: usize) -> Option<Leak> {
    let rest = text.get(at..)?.strip_prefix(b"-----BEGIN ")?;
    let len = rest.iter().take(40).position(|&byte| byte == b'-')?;
    let name = &rest[..len];
    let body = rest[len..].strip_prefix(b"-----")?;
    let kind = match name {
        b"OPENSSH PRIVATE KEY" => Kind::PrivateKeyOpenSsh,
        b"PGP PRIVATE KEY BLOCK" => Kind::PrivateKeyPgp,
        _ if name.ends_with(b"PRIVATE KEY") => Kind::PrivateKeyPem,
        _ => return None,
    };
    let body = &body[..body.len().min(LONGEST)];
    let body = &body[..body.windows(5).position(|dashes| dashes == b"-----").unwrap_or(body.len())];
    let head = text.len() - at - (rest.len() - len - 5);
    has_base64(&body[..body.len().min(HEADERS)]).then(|| Leak {
        kind,
        start: at,
        end: at + head + end_of(body),
        certain: true,
    })
}

/// Whether a line of base64 is there that is long and not all of one letter.
fn has_base64(body: &[u8]) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    body.split(|&byte| !is_part(byte)).any(|line| line.len() >= SHORTEST && super::checks::looks_random(line))
}

/// Where the last base64 character of the body ends.
fn end_of(body: &[u8]) -> usize {
    body.iter().rposition(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)).map_or(0, |at| at + 1)
}
