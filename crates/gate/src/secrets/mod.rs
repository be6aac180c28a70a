//! Finds secrets that should not be in a program: in its text, its data, its names and comments.
//!
//! Four matchers share one pass over the bytes: [`tokens`] (values with a form of their own), [`assign`] (a telling name
//! with a value beside it), [`urls`] (a password beside its user) and [`armour`] (private keys). [`values`] tells secrets
//! from placeholders, [`redact`] keeps what was found out of every message, [`allow`] reads the comments that allow one.
//!
//! Invariants: a scan takes linear time, whatever the bytes, and allocates only for what it finds. Leaks come in the order
//! of the text and do not overlap.

mod allow;
mod armour;
mod assign;
mod checks;
mod kind;
mod names;
mod redact;
mod tokens;
mod urls;
mod values;

#[cfg(test)]
mod tests;

pub(crate) use allow::Allowed;
pub use kind::Kind;
pub use redact::{Redactor, redact};

use alloc::vec::Vec;

/// A secret in some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leak {
    /// What it looks like.
    pub kind: Kind,
    /// Offset of its first byte.
    pub start: usize,
    /// Offset behind its last byte.
    pub end: usize,
    /// False if a checksum that such values have is wrong.
    pub certain: bool,
}

/// Every secret in `text`.
#[must_use]
pub fn scan(text: &[u8]) -> Vec<Leak> {
    let (mut leaks, mut at) = (Vec::new(), 0);
    while at < text.len() {
        at = match leak_at(text, at) {
            Some(leak) => {
                leaks.push(leak);
                leak.end.max(at + 1)
            }
            None => at + 1,
        };
    }
    leaks
}

/// The secret that what stands at `at` gives away: its own first byte, or the name before it.
fn leak_at(text: &[u8], at: usize) -> Option<Leak> {
    match text[at] {
        b':' if text[at..].starts_with(b"://") => return urls::find(text, at),
        b'-' if text[at..].starts_with(b"-----BEGIN ") => return armour::find(text, at),
        _ => {}
    }
    if !begins_word(text, at) {
        return None;
    }
    tokens::find(text, at).or_else(|| named(text, at))
}

/// Whether a name or token may begin here: behind no other, or behind an escape such as `\n`.
fn begins_word(text: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|at| text[at]);
    let escape = before(2) == Some(b'\\') && before(1).is_some_and(|byte| b"nrt0".contains(&byte));
    assign::is_name(text[at]) && (escape || !before(1).is_some_and(assign::is_name))
}

/// The secret that the name at `at` announces.
fn named(text: &[u8], at: usize) -> Option<Leak> {
    let end = at + text[at..].iter().take_while(|&&byte| assign::is_name(byte)).count();
    let word = &text[at..end];
    match word {
        b"Basic" | b"basic" if text.get(end) == Some(&b' ') => urls::find_basic(text, end + 1),
        b"-u" | b"--user" if text.get(end).is_some_and(|byte| b" =".contains(byte)) && is_request(text, at) => {
            urls::find_pair(text, end + 1)
        }
        _ => {
            let leak = assign::find(text, at, end)?;
            // A token's own form says more than the name of what holds it.
            Some(tokens::find(text, leak.start).filter(|token| token.end <= leak.end).unwrap_or(leak))
        }
    }
}

/// Whether the command before `at` is one that takes `-u user:password`.
fn is_request(text: &[u8], at: usize) -> bool {
    let from = at.saturating_sub(120);
    let before = &text[from..at];
    let line = before.rsplit(|&byte| byte == b'\n').next().unwrap_or(before);
    [b"curl".as_slice(), b"wget", b"http"].iter().any(|word| line.windows(4).any(|part| part == *word))
}
