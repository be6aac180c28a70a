//! Comments that allow a secret where it stands: `// gate: allow secret`.

use super::Leak;
use alloc::vec::Vec;

/// What the comment says.
const MARK: &[u8] = b"gate: allow secret";

/// The ranges of a text in which secrets are allowed.
#[derive(Debug, Default)]
pub(crate) struct Allowed(Vec<(usize, usize)>);

impl Allowed {
    /// Reads the comments: one behind code allows its own line, one alone on its line the next line as well.
    pub(crate) fn read(text: &[u8]) -> Self {
        let mut ranges = Vec::new();
        let (mut start, mut goes_on) = (0, false);
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            let comment = comment_of(line);
            let allows = comment.is_some_and(|at| line[at..].windows(MARK.len()).any(|part| part == MARK));
            if allows || goes_on {
                ranges.push((start, start + line.len()));
            }
            goes_on = allows && comment.is_some_and(|at| line[..at].iter().all(u8::is_ascii_whitespace));
            start += line.len();
        }
        Self(ranges)
    }

    /// Whether a secret begins in one of the ranges.
    pub(crate) fn has(&self, leak: &Leak) -> bool {
        let next = self.0.partition_point(|&(start, _)| start <= leak.start);
        next.checked_sub(1).is_some_and(|at| leak.start < self.0[at].1)
    }
}

/// Where the comment of a line begins.
fn comment_of(line: &[u8]) -> Option<usize> {
    line.windows(2).position(|pair| pair == b"//")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Kind;

    #[test]
    fn a_comment_allows_its_line_and_alone_the_next() {
        let text = b"a // gate: allow secret\nb\n  // gate: allow secret: a test key\nc\nd\n\"gate: allow secret\"\n";
        let allowed = Allowed::read(text);
        let at = |letter: u8| {
            let start = text.iter().position(|&byte| byte == letter).unwrap();
            allowed.has(&Leak { kind: Kind::Jwt, start, end: start + 1, certain: true })
        };
        let after = |needle: &[u8]| {
            let start = text.windows(needle.len()).position(|part| part == needle).unwrap() + 1;
            allowed.has(&Leak { kind: Kind::Jwt, start, end: start + 1, certain: true })
        };
        assert!(at(b'a') && after(b"\nc") && !after(b"\nb") && !after(b"\nd") && !after(b"\n\"gate"));
    }
}
