//! Keeps secrets out of messages: no report may repeat what it reports.
//!
//! Invariant: what [`Redactor::clean`] returns holds no [`WINDOW`] bytes in a row of any secret, and none of the shorter
//! secrets.

use super::{Leak, scan};
use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

/// So many bytes of a secret in a row are taken for a piece of it.
const WINDOW: usize = 8;

/// Knows secrets, and removes them from texts.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    /// Each piece of [`WINDOW`] bytes of a secret.
    windows: BTreeSet<[u8; WINDOW]>,
    /// Secrets shorter than that.
    short: BTreeSet<Vec<u8>>,
}

impl Redactor {
    /// Knows the secrets of one text.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let mut redactor = Self::default();
        redactor.learn(text, &scan(text));
        redactor
    }

    /// Also knows these secrets of `text`.
    pub(crate) fn learn(&mut self, text: &[u8], leaks: &[Leak]) {
        for secret in leaks.iter().filter_map(|leak| text.get(leak.start..leak.end)) {
            self.windows.extend(secret.array_windows::<WINDOW>());
            if secret.len() < WINDOW && !secret.is_empty() {
                self.short.insert(secret.to_vec());
            }
        }
    }

    /// Whether it knows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty() && self.short.is_empty()
    }

    /// Whether it knows a value as a whole.
    pub(crate) fn knows(&self, value: &[u8]) -> bool {
        if value.len() < WINDOW {
            self.short.contains(value)
        } else {
            value.array_windows::<WINDOW>().all(|window| self.windows.contains(window))
        }
    }

    /// The text, every piece of a secret replaced by stars.
    #[must_use]
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let bytes = text.as_bytes();
        let pieces = bytes.array_windows::<WINDOW>().enumerate().filter(|(_, piece)| self.windows.contains(*piece));
        let mut ranges: Vec<(usize, usize)> = pieces.map(|(at, _)| (at, at + WINDOW)).collect();
        for len in (1..WINDOW).filter(|_| !self.short.is_empty()) {
            let found = bytes.windows(len).enumerate().filter(|(_, piece)| self.short.contains(*piece));
            ranges.extend(found.map(|(at, _)| (at, at + len)));
        }
        ranges.sort_unstable();
        mask(text, &ranges)
    }
}

/// `text` with every secret in it replaced by stars: as long as before, lines kept, so that spans still fit.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    let ranges: Vec<_> = scan(text.as_bytes()).iter().map(|leak| (leak.start, leak.end)).collect();
    mask(text, &ranges)
}

/// The text with stars in the ranges, which are sorted by their start; line ends stay.
fn mask<'t>(text: &'t str, ranges: &[(usize, usize)]) -> Cow<'t, str> {
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut next, mut hidden_to) = (String::with_capacity(text.len()), 0, 0);
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        while ranges.get(next).is_some_and(|&(start, _)| start < end) {
            hidden_to = hidden_to.max(ranges[next].1);
            next += 1;
        }
        match letter {
            '\n' | '\r' => out.push(letter),
            _ if at < hidden_to => (0..letter.len_utf8()).for_each(|_| out.push('*')),
            _ => out.push(letter),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line with a secret, which is put together here so that no scanner finds it in this file.
    fn sample() -> (String, String) {
        let secret = ["Harbour", "77!blue"].concat();
        (alloc::format!("let db_password = \"{secret}\"; // \u{fc}\n"), secret)
    }

    #[test]
    fn stars_take_the_place_of_the_secret() {
        let (line, secret) = sample();
        let clean = redact(&line);
        assert_eq!(clean, line.replace(&secret, &"*".repeat(secret.len())));
        assert!(matches!(redact("nothing here"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_redactor_knows_pieces() {
        let (line, secret) = sample();
        let redactor = Redactor::of(line.as_bytes());
        let message = alloc::format!("unexpected `{}...`", &secret[2..12]);
        assert_eq!(redactor.clean(&message), "unexpected `**********...`");
        assert_eq!(redactor.clean("harmless"), "harmless");
    }
}
