//! The comments between two tokens, which the lexer skips.

use crate::span::Span;
use alloc::vec::Vec;

/// A comment, without the blanks behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comment {
    pub(super) span: Span,
    /// It stands behind something on the same line.
    pub(super) trailing: bool,
    /// A blank line stands before it.
    pub(super) blank: bool,
}

/// Appends the comments of the gap between two tokens. Says whether a blank line stands behind the last of them.
pub(super) fn comments_in(source: &str, gap: Span, comments: &mut Vec<Comment>) -> bool {
    let mut at = gap.start;
    let mut lines = 0;
    for (index, line) in gap.text(source).split('\n').enumerate() {
        let text = line.trim();
        if index > 0 {
            lines += 1;
        }
        if !text.is_empty() {
            let start = at + (line.len() - line.trim_start().len()) as u32;
            let span = Span::new(start, start + text.len() as u32);
            comments.push(Comment { span, trailing: index == 0 && gap.start > 0, blank: lines > 1 });
            lines = 0;
        }
        at += line.len() as u32 + 1;
    }
    lines > 1
}
